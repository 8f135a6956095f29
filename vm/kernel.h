/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel to boot, and the rules for kernel releases and package names. */
#ifndef KMEMLAB_VM_KERNEL_H
#define KMEMLAB_VM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "arch.h"
#include "base/error.h"
#include "distro.h"

struct kernel {
	const struct arch *arch;
	const struct suite *suite;	/* NULL: a local kernel */
	char *release;			/* "6.1.0-56-amd64" */
	char *package_version;		/* "6.1.192-2" */
	char *directory;		/* unpacked packages, or the build tree */
	char *image;
	char *headers;			/* for Kbuild */
	bool boots_compressed;		/* the image must not be unpacked */
};

void kernel_release(struct kernel *kernel);

/* Return whether a release ("6.1.0-56-amd64") matches a spec ("6.1.0-56", "6.1", a suite). */
bool kernel_matches(const char *release, const struct suite *suite, const char *spec,
		    const struct arch *arch);

/*
 * Return the package of a "Depends:" line in the output of "apt-cache show" that has
 * this prefix and suffix, or NULL.
 */
char *kernel_dependency(const char *show, const char *prefix, const char *suffix);

/* Return the newest release matching spec among package names, one per line, or NULL. */
char *kernel_newest(const char *names, const char *spec, const struct suite *suite,
		    const struct arch *arch);

/*
 * Return the releases and series next to spec, "6.1.0-55-amd64, 6.1.0-57-amd64", among
 * package names, one per line, and the suites' series.
 */
char *kernel_neighbours(const char *names, const char *spec, const struct suite *suite,
			const struct arch *arch);

/* Return whether spec is the path of a local kernel. */
bool kernel_is_local(const char *spec);

/* Return whether a recorded package version is that of a local kernel. */
bool kernel_was_local(const char *package_version);

/*
 * Open a build tree, or an image and the headers of the same build. The exit code is
 * EXIT_SKIP if the kernel does not support modules. Return: 0 or -1.
 */
int local_kernel_open(const char *path, const char *headers, const struct arch *arch,
		      struct kernel *kernel, struct error *error);

/* Return the release in a kernel image, which the caller frees, or NULL. */
char *local_kernel_release(const void *image, size_t size);

#endif
