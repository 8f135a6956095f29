/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256, in hexadecimal. */
#ifndef KMEMLAB_VM_DIGEST_H
#define KMEMLAB_VM_DIGEST_H

#include <stddef.h>

#include "base/failure.h"

#define DIGEST_HEX_SIZE 65

void digest_bytes(const void *data, size_t size, char hex[DIGEST_HEX_SIZE]);

/* Of a file; in the cache it is remembered beside it as long as that is the same file. */
int digest_file(const char *path, char hex[DIGEST_HEX_SIZE], struct failure *failure);

#endif
