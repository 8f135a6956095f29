// SPDX-License-Identifier: GPL-2.0-only
#include "gfp.h"

#include <linux/cgroup.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "budget.h"

/* These zones are optional. Without the zone, the flag has no effect. */
static const char *gfp_dma_unavailable(void)
{
	return IS_ENABLED(CONFIG_ZONE_DMA) ? NULL : "this kernel does not have the zone";
}

static const char *gfp_dma32_unavailable(void)
{
	return IS_ENABLED(CONFIG_ZONE_DMA32) ? NULL : "this kernel does not have the zone";
}

/* Charges to the root cgroup are not accounted. */
static const char *gfp_accounted_unavailable(void)
{
#ifdef CONFIG_MEMCG
	const struct cgroup_subsys_state *parent;

	rcu_read_lock();
	parent = task_css(current, memory_cgrp_id)->parent;
	rcu_read_unlock();
	return parent ? NULL : "the caller is in the root memory cgroup, which is not charged";
#else
	return "this kernel has no memory cgroups";
#endif
}

/* Unmovable objects in movable page blocks obstruct compaction permanently. */
static const char *gfp_movable_unavailable(void)
{
	return kmemlab_throwaway_machine() ? NULL : "it would fragment this machine's memory";
}

/* Without __GFP_NORETRY, the kernel may kill processes of the machine before it fails. */
static const char *gfp_plain_unavailable(void)
{
	return kmemlab_throwaway_machine() ? NULL : "it would retry at the expense of this machine";
}

#define PROFILE_kernel		.flags = GFP_KERNEL
#define PROFILE_plain		.flags = GFP_KERNEL, .plain = true,			\
				.unavailable = gfp_plain_unavailable
#define PROFILE_zeroed		.flags = GFP_KERNEL | __GFP_ZERO
#define PROFILE_nowait		.flags = GFP_NOWAIT, .atomic = true
#define PROFILE_atomic		.flags = GFP_ATOMIC, .atomic = true
#define PROFILE_accounted	.flags = GFP_KERNEL_ACCOUNT,				\
				.unavailable = gfp_accounted_unavailable
#define PROFILE_dma		.flags = GFP_KERNEL | GFP_DMA, .unavailable = gfp_dma_unavailable
#define PROFILE_dma32		.flags = GFP_KERNEL | GFP_DMA32,			\
				.unavailable = gfp_dma32_unavailable
#define PROFILE_movable		.flags = GFP_USER | __GFP_MOVABLE,			\
				.unavailable = gfp_movable_unavailable
/* GFP_TRANSHUGE_LIGHT without __GFP_HIGHMEM and __GFP_MOVABLE */
#define PROFILE_huge_fallback	.flags = (GFP_USER | __GFP_COMP | __GFP_NOMEMALLOC) &	\
					 ~__GFP_RECLAIM

static const struct kmemlab_gfp_profile gfp_profiles[] = {
#define GFP_PROFILE(profile, description) { .name = #profile, PROFILE_##profile },
#include "gfp_list.h"
#undef GFP_PROFILE
};

/**
 * kmemlab_gfp_count() - count the GFP profiles
 *
 * Return: number of profiles.
 */
unsigned int kmemlab_gfp_count(void)
{
	return ARRAY_SIZE(gfp_profiles);
}

/**
 * kmemlab_gfp_at() - get a GFP profile by index
 * @index: index of the profile
 *
 * Return: the profile, or NULL past the last one.
 */
const struct kmemlab_gfp_profile *kmemlab_gfp_at(unsigned int index)
{
	return index < ARRAY_SIZE(gfp_profiles) ? &gfp_profiles[index] : NULL;
}

/**
 * kmemlab_gfp_find() - get a GFP profile by name
 * @name: name of the profile
 *
 * Return: the profile, or NULL if the name is unknown.
 */
const struct kmemlab_gfp_profile *kmemlab_gfp_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gfp_profiles); i++) {
		if (!strcmp(gfp_profiles[i].name, name))
			return &gfp_profiles[i];
	}
	return NULL;
}

/**
 * kmemlab_gfp_unavailable() - check if the caller can use a GFP profile
 * @profile: profile to check
 *
 * Return: NULL, or the reason why the profile is unavailable.
 */
const char *kmemlab_gfp_unavailable(const struct kmemlab_gfp_profile *profile)
{
	return profile->unavailable ? profile->unavailable() : NULL;
}
