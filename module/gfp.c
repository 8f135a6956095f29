// SPDX-License-Identifier: GPL-2.0
#include "gfp.h"

#include <linux/kernel.h>
#include <linux/string.h>

static const struct kmemlab_gfp_profile profiles[] = {
	{ .name = "kernel", .flags = GFP_KERNEL },
	{ .name = "zeroed", .flags = GFP_KERNEL | __GFP_ZERO },
	{ .name = "nowait", .flags = GFP_NOWAIT, .atomic = true },
	{ .name = "atomic", .flags = GFP_ATOMIC, .atomic = true },
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
