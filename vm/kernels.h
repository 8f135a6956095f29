/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stock kernels: which there are, and the one that is asked for, in the cache. */
#ifndef KMEMLAB_VM_KERNELS_H
#define KMEMLAB_VM_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "suites.h"

struct kernel {
	const struct arch *arch;
	const struct suite *suite;	/* NULL: it is the user's own */
	char *release;			/* "6.1.0-56-amd64" */
	char *package_version;		/* "6.1.192-2" */
	char *directory;		/* where it is unpacked, in the cache */
	char *image;			/* the kernel file */
	char *headers;			/* for Kbuild */
	bool boots_whole;		/* its image boots only as it is */
};

/*
 * The kernel that wanted names ("default", "6.1", "bookworm", "6.1.0-56",
 * "6.1.0-56-amd64"). One that is cached is taken without asking any mirror,
 * unless refresh says to look for a newer one. A path is a kernel of the user's
 * own, with its headers where it is an image (own_kernel.h).
 */
int kernel_find(const char *wanted, const char *headers, const char *arch, bool refresh,
		struct kernel *kernel, struct failure *failure);
void kernel_release(struct kernel *kernel);

/* All cached ones, newest first; free with kernels_release(). */
size_t kernels_cached(struct kernel **kernels);
void kernels_release(struct kernel *kernels, size_t count);

/* Removes one from the cache, and what was made for it. */
int kernel_remove(const struct kernel *kernel, struct failure *failure);

/* Pure: does release ("6.1.0-56-amd64") answer to wanted ("6.1.0-56", "6.1", full name)? */
bool kernel_matches(const char *release, const struct suite *suite, const char *wanted,
		    const struct arch *arch);

/* Pure: the package among "Depends:" that begins with prefix and ends with suffix, or NULL. */
char *kernel_dependency(const char *show, const char *prefix, const char *suffix);

/* Pure: the newest of the package names (one a line) whose release answers to wanted, or NULL. */
char *kernel_newest(const char *names, const char *wanted, const struct suite *suite,
		    const struct arch *arch);

/*
 * Pure: "6.1.0-55-amd64, 6.1.0-57-amd64": what comes next below and above wanted, of
 * the package names (one a line) and the suites' series. To be freed.
 */
char *kernel_neighbours(const char *names, const char *wanted, const struct suite *suite,
			const struct arch *arch);

#endif
