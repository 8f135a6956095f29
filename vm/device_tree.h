/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device tree of a board that QEMU makes none for: the kernel package's own. */
#ifndef KMEMLAB_VM_DEVICE_TREE_H
#define KMEMLAB_VM_DEVICE_TREE_H

#include <stddef.h>

#include "base/failure.h"
#include "digest.h"
#include "kernels.h"

/* Writes it to QEMU_DEVICE_TREE in directory; hex: its digest. */
int device_tree_write(const struct kernel *kernel, const struct board *board,
		      const char *directory, char hex[DIGEST_HEX_SIZE], struct failure *failure);

/*
 * Pure: switches on all nodes that are compatible with a name. The number of
 * those that are on then, or -1 where this is no device tree.
 */
int device_tree_enable(void *tree, size_t size, const char *compatible);

#endif
