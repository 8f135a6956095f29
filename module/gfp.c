// SPDX-License-Identifier: GPL-2.0
#include "gfp.h"

#include <linux/cgroup.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "budget.h"

/* Zones that a kernel need not have: without, the flag says nothing. */
static const char *dma_unavailable(void)
{
	return IS_ENABLED(CONFIG_ZONE_DMA) ? NULL : "this kernel has no zone of its own for it";
}

static const char *dma32_unavailable(void)
{
	return IS_ENABLED(CONFIG_ZONE_DMA32) ? NULL : "this kernel has no zone of its own for it";
}

/* What is charged to the root is charged to nobody. */
static const char *accounted_unavailable(void)
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

/* Kernel objects among movable pages stand in the way of compaction for good. */
static const char *movable_unavailable(void)
{
	return kmemlab_throwaway_machine() ? NULL : "it would harm this machine's memory";
}

#define PROFILE_kernel		.flags = GFP_KERNEL
#define PROFILE_zeroed		.flags = GFP_KERNEL | __GFP_ZERO
#define PROFILE_nowait		.flags = GFP_NOWAIT, .atomic = true
#define PROFILE_atomic		.flags = GFP_ATOMIC, .atomic = true
#define PROFILE_accounted	.flags = GFP_KERNEL_ACCOUNT, .unavailable = accounted_unavailable
#define PROFILE_dma		.flags = GFP_KERNEL | GFP_DMA, .unavailable = dma_unavailable
#define PROFILE_dma32		.flags = GFP_KERNEL | GFP_DMA32, .unavailable = dma32_unavailable
#define PROFILE_movable		.flags = GFP_USER | __GFP_MOVABLE,			\
				.unavailable = movable_unavailable
/* GFP_TRANSHUGE_LIGHT, but from where the kernel itself can reach all memory. */
#define PROFILE_huge_fallback	.flags = (GFP_USER | __GFP_COMP | __GFP_NOMEMALLOC) &	\
					 ~__GFP_RECLAIM

static const struct kmemlab_gfp_profile profiles[] = {
#define GFP_PROFILE(profile, description) { .name = #profile, PROFILE_##profile },
#include "gfp_list.h"
#undef GFP_PROFILE
};

unsigned int kmemlab_gfp_count(void)
{
	return ARRAY_SIZE(profiles);
}

const struct kmemlab_gfp_profile *kmemlab_gfp_at(unsigned int index)
{
	return index < ARRAY_SIZE(profiles) ? &profiles[index] : NULL;
}

const struct kmemlab_gfp_profile *kmemlab_gfp_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		if (!strcmp(profiles[i].name, name))
			return &profiles[i];
	}
	return NULL;
}

const char *kmemlab_gfp_unavailable(const struct kmemlab_gfp_profile *profile)
{
	return profile->unavailable ? profile->unavailable() : NULL;
}
