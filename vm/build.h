/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module, built for one kernel: once for the same sources and compiler. */
#ifndef KMEMLAB_VM_BUILD_H
#define KMEMLAB_VM_BUILD_H

#include "base/failure.h"
#include "kernels.h"

/* *module: the path of kernel_memory.ko in the cache, for the caller to free. */
int module_build(const struct kernel *kernel, char **module, struct failure *failure);

#endif
