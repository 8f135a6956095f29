// SPDX-License-Identifier: GPL-2.0-only
/* A module that needs a parameter. */
#include <linux/module.h>

static unsigned int loops;
module_param(loops, uint, 0444);

static int __init probe_wanting_init(void)
{
	return loops ? -EAGAIN : -EINVAL;
}
module_init(probe_wanting_init);
MODULE_DESCRIPTION("Module for tests that needs a parameter");
MODULE_LICENSE("GPL");
