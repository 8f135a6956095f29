/* SPDX-License-Identifier: GPL-2.0 */
/* GFP profiles: allocation flags by name. */
#ifndef KMEMLAB_GFP_H
#define KMEMLAB_GFP_H

#include <linux/gfp.h>

/**
 * struct kmemlab_gfp_profile - allocation flags under a name
 * @name: what users call it
 * @flags: the flags
 * @atomic: never sleeps: needs a facility with KMEMLAB_CAP_ATOMIC
 */
struct kmemlab_gfp_profile {
	const char *name;
	gfp_t flags;
	bool atomic;
};

unsigned int kmemlab_gfp_count(void);
const struct kmemlab_gfp_profile *kmemlab_gfp_at(unsigned int index);
const struct kmemlab_gfp_profile *kmemlab_gfp_find(const char *name);

#endif
