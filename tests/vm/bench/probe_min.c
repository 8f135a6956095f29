// SPDX-License-Identifier: GPL-2.0-only
/* A benchmark as others write them: the minimum of kmem_cache_alloc() and _free(), each timed. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timex.h>

#define LOOPS	1000

static void probe_min_run(struct kmem_cache *cache)
{
	cycles_t empty = -1, alloc = -1, release = -1, start;
	void *object;
	int i;

	for (i = 0; i < LOOPS; i++) {
		start = get_cycles();
		empty = min(empty, get_cycles() - start);
		start = get_cycles();
		object = kmem_cache_alloc(cache, GFP_KERNEL);
		alloc = min(alloc, get_cycles() - start);
		if (!object)
			return;
		start = get_cycles();
		kmem_cache_free(cache, object);
		release = min(release, get_cycles() - start);
	}
	pr_info("empty %llu, alloc %llu, free %llu\n", (unsigned long long)empty,
		(unsigned long long)alloc, (unsigned long long)release);
}

static int __init probe_min_init(void)
{
	struct kmem_cache *cache = kmem_cache_create("probe_min", 64, 0, 0, NULL);

	if (!cache)
		return -ENOMEM;
	probe_min_run(cache);
	kmem_cache_destroy(cache);
	return 0;
}
module_init(probe_min_init);

static void __exit probe_min_exit(void)
{
}
module_exit(probe_min_exit);
MODULE_DESCRIPTION("Benchmark for a test, the minimum of single calls");
MODULE_LICENSE("GPL");
