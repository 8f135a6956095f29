/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings a kernel into the cache: image and headers of one version, unpacked. */
#ifndef KMEMLAB_VM_FETCH_H
#define KMEMLAB_VM_FETCH_H

#include "base/failure.h"
#include "kernels.h"

/*
 * Resolves wanted in the suite's package lists and unpacks it under
 * kernels/RELEASE. Call with the cache's lock held. *release is for the caller
 * to free.
 */
int kernel_fetch(const char *wanted, const struct suite *suite, const struct arch *arch,
		 char **release, struct failure *failure);

#endif
