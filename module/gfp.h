/* SPDX-License-Identifier: GPL-2.0 */
/* GFP profiles: allocation flags by name; gfp_list.h has the names. */
#ifndef KMEMLAB_GFP_H
#define KMEMLAB_GFP_H

#include <linux/gfp.h>

/**
 * struct kmemlab_gfp_profile - allocation flags under a name
 * @name: what users call it
 * @flags: the flags
 * @atomic: never sleeps: needs a facility with KMEMLAB_CAP_ATOMIC
 * @unavailable: not required. Why the caller cannot have it here, or NULL.
 */
struct kmemlab_gfp_profile {
	const char *name;
	gfp_t flags;
	bool atomic;
	const char *(*unavailable)(void);
};

unsigned int kmemlab_gfp_count(void);
const struct kmemlab_gfp_profile *kmemlab_gfp_at(unsigned int index);
const struct kmemlab_gfp_profile *kmemlab_gfp_find(const char *name);

/* Why the caller cannot have @profile on this machine, or NULL. */
const char *kmemlab_gfp_unavailable(const struct kmemlab_gfp_profile *profile);

#endif
