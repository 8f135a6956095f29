/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compiler for a kernel: that of the kernel's suite. If the host runs another
 * suite, the suite's packages are unpacked in the cache and entered with namespaces,
 * which need no root rights, or as root with plain chroot.
 */
#ifndef KMEMLAB_VM_TOOLCHAIN_H
#define KMEMLAB_VM_TOOLCHAIN_H

#include "base/error.h"
#include "kernel.h"

struct toolchain {
	char *prefix;		/* of the binutils' names: "arm-linux-gnueabihf-", or "" */
	char *compiler;		/* "arm-linux-gnueabihf-gcc-12" */
	char *version;		/* output of the compiler's --version */
	char *root;		/* chroot that contains it, or NULL: the host */
};

/* Check, before any download, that a compiler of the suite can run here. Return: 0 or -1. */
int toolchain_allowed(const struct suite *suite, struct error *error);

/* Find the compiler or create its chroot, without the cache's lock. Return: 0 or -1. */
int toolchain_find(const struct kernel *kernel, struct toolchain *toolchain, struct error *error);
void toolchain_release(struct toolchain *toolchain);

/*
 * Return the command that builds the modules in "$BUILD/subdirectory" for toolchain_run(); flags
 * are the compiler's. The user's own arguments for make ($KMEMLAB_MAKE) are the last. Modules have
 * no BTF type descriptions, which would need one more program (pahole). The caller frees it.
 */
char *toolchain_make(const struct toolchain *toolchain, const struct kernel *kernel,
		     const char *subdirectory, const char *flags);

/* Return the user's additional arguments for make. */
const char *make_arguments(void);

/*
 * Run a shell script where the compiler is. $KERNEL and $BUILD are the kernel's and the
 * build directory; in a chroot these are constant. Return: the exit status or a negative
 * errno, with the script's output, which the caller frees.
 */
int toolchain_run(const struct toolchain *toolchain, const struct kernel *kernel,
		  const char *build, const char *script, char **output);

/*
 * Run a script that builds, as toolchain_run() does; place names the disk of the build directory in
 * messages. Return: 0, the status if the sources do not build, or -1 if the host or a signal is
 * the cause.
 */
int toolchain_build(const struct toolchain *toolchain, const struct kernel *kernel,
		    const char *build, const char *script, const char *place, char **output,
		    struct error *error);

#endif
