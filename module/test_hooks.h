/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults made on purpose, so that tests see each of them caught. They are built
 * in where KMEMLAB_TEST_HOOKS is defined ("make TEST_HOOKS=1"), nowhere else.
 */
#ifndef KMEMLAB_TEST_HOOKS_H
#define KMEMLAB_TEST_HOOKS_H

#include <linux/types.h>

#define KMEMLAB_CORRUPT_TRANSLATION	"translation"	/* the module's own walk is off by one */
#define KMEMLAB_CORRUPT_OBJECT		"object"	/* a byte changes behind its owner's back */
#define KMEMLAB_CORRUPT_FRAME		"frame"		/* a facility names another frame */
#define KMEMLAB_CORRUPT_MEMORY		"memory"	/* a page is never given back */

#ifdef KMEMLAB_TEST_HOOKS
/* Once for what the module's parameter names, then never again. */
bool kmemlab_corrupts(const char *what);
#else
static inline bool kmemlab_corrupts(const char *what)
{
	return false;
}
#endif

#endif
