/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A suite's compiler where this host has another: its packages unpacked into a
 * folder of the cache, entered by namespaces (no root needed) or, as root where
 * those are forbidden, by plain chroot.
 */
#ifndef KMEMLAB_VM_BUILD_ROOT_H
#define KMEMLAB_VM_BUILD_ROOT_H

#include "base/failure.h"
#include "suites.h"

/* *root: a root of suite with compiler (its package's name) in it, for the caller to free. */
int build_root_find(const struct suite *suite, const char *compiler, char **root,
		    struct failure *failure);

/* Whether this machine lets any be entered, before anything is downloaded. */
int build_root_allowed(const struct suite *suite, struct failure *failure);

/*
 * Runs a shell script in it, with the folder kernel as /kernel and build as /build.
 * Returns its status or a negative errno; *output, to be freed, has all it said.
 */
int build_root_run(const char *root, const char *kernel, const char *build, const char *script,
		   char **output);

#endif
