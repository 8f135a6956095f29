// SPDX-License-Identifier: GPL-2.0-only
/* A benchmark as others write them: kmalloc() and kfree() in a loop, timed with get_cycles(). */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timex.h>

static unsigned int loops = 1000;
module_param(loops, uint, 0444);

static unsigned int size = 64;
module_param(size, uint, 0444);

static int __init probe_cycles_init(void)
{
	cycles_t start, empty, pairs;
	unsigned int i;

	for (i = 0; i < 10; i++)
		kfree(kmalloc(READ_ONCE(size), GFP_KERNEL));
	start = get_cycles();
	for (i = 0; i < loops; i++)
		READ_ONCE(size);
	empty = get_cycles() - start;
	start = get_cycles();
	for (i = 0; i < loops; i++)
		kfree(kmalloc(READ_ONCE(size), GFP_KERNEL));
	pairs = get_cycles() - start;
	pr_info("%u loops: empty %llu, kmalloc and kfree %llu\n", loops,
		(unsigned long long)empty, (unsigned long long)pairs);
	return -EAGAIN;
}
module_init(probe_cycles_init);
MODULE_DESCRIPTION("Benchmark for a test, timed with get_cycles()");
MODULE_LICENSE("GPL");
