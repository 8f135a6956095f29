/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of distributions and their suites, which provide the kernels. */
#ifndef KMEMLAB_VM_DISTRO_H
#define KMEMLAB_VM_DISTRO_H

#include "arch.h"

struct distro {
	const char *name;		/* "Origin:" of its package lists */
	const char *keyring;
	const char *keyring_package;
	const char *flavour;		/* suffix of kernel packages; NULL: by architecture */
};

#define POCKETS 3

struct suite {
	const char *name;
	const char *series;		/* kernel version, or NULL if it changes */
	const struct distro *distro;
	const char *pockets[POCKETS];	/* archives: "" is the main one, then "-security" ... */
};

/* Return a suite by name ("bookworm", "latest") or kernel series ("6.1"), or NULL. */
const struct suite *suite_find(const char *name);

/* Return the suite at an index, or NULL after the last. */
const struct suite *suite_at(unsigned int index);

/* Return this host's suite, or NULL if it is not in the table. */
const struct suite *suite_of_host(void);

/* Return this host's suite, or bookworm if that is unknown. */
const struct suite *suite_default(void);

/* Return the suffix of the suite's kernel packages ("amd64"). suite may be NULL. */
const char *suite_flavour(const struct suite *suite, const struct arch *arch);

#endif
