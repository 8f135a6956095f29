/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compiler that fits a kernel: its suite's own. Where this host is another
 * suite, it is run in a build root: the suite's packages, unpacked in the cache.
 */
#ifndef KMEMLAB_VM_TOOLCHAIN_H
#define KMEMLAB_VM_TOOLCHAIN_H

#include "base/failure.h"
#include "kernels.h"

struct toolchain {
	char *prefix;		/* before the names of binutils: "arm-linux-gnueabihf-", or "" */
	char *compiler;		/* "arm-linux-gnueabihf-gcc-12" */
	char *version;		/* what it says of itself */
	char *root;		/* to run it in, or NULL */
};

/* Whether a kernel of the suite can have one here, before the kernel is downloaded. */
int toolchain_allowed(const struct suite *suite, struct failure *failure);

/* Finds it, or makes the build root; call without the cache's lock. */
int toolchain_find(const struct kernel *kernel, struct toolchain *toolchain,
		   struct failure *failure);
void toolchain_release(struct toolchain *toolchain);

/*
 * Runs a shell script in it. $KERNEL and $BUILD are the kernel's folder and build,
 * under names that are the same everywhere where there is a root.
 * Returns its status; *output, to be freed, has all it said.
 */
int toolchain_run(const struct toolchain *toolchain, const struct kernel *kernel,
		  const char *build, const char *script, char **output);

#endif
