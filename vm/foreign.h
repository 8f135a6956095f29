/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs for a guest of another architecture than this host's, from its packages. */
#ifndef KMEMLAB_VM_FOREIGN_H
#define KMEMLAB_VM_FOREIGN_H

#include "base/failure.h"
#include "kernels.h"

/* A statically linked busybox for the kernel's architecture, to be freed; NULL on failure. */
char *foreign_busybox(const struct kernel *kernel, struct failure *failure);

#endif
