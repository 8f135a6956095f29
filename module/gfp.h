/* SPDX-License-Identifier: GPL-2.0-only */
/* GFP profiles: named allocation flags, see gfp_list.h. */
#ifndef KMEMLAB_GFP_H
#define KMEMLAB_GFP_H

#include <linux/gfp.h>

/**
 * struct kmemlab_gfp_profile - named allocation flags
 * @name: name of the profile
 * @flags: allocation flags
 * @plain: do not add KMEMLAB_GFP_ALWAYS
 * @atomic: true if the profile never sleeps and requires KMEMLAB_CAP_ATOMIC
 * @unavailable: optional; returns why the caller cannot use the profile, or NULL
 */
struct kmemlab_gfp_profile {
	const char *name;
	gfp_t flags;
	bool plain;
	bool atomic;
	const char *(*unavailable)(void);
};

unsigned int kmemlab_gfp_count(void);
const struct kmemlab_gfp_profile *kmemlab_gfp_at(unsigned int index);
const struct kmemlab_gfp_profile *kmemlab_gfp_find(const char *name);
const char *kmemlab_gfp_unavailable(const struct kmemlab_gfp_profile *profile);

#endif
