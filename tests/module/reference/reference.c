// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simplest possible loop for each facility: clock, call, clock. Writing the name of a
 * loop to the parameter "loop" runs it; reading the parameter returns the medians of its
 * two calls. The costs measured by kmemlab must agree with these.
 */
#define pr_fmt(fmt) "reference: " fmt

#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/genalloc.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include <net/page_pool.h>

#include "counters.h"

#define OPERATIONS	2000
#define SIZE		32
#define FLAGS		(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

#define BLOCK_ORDER	3	/* 1000 objects of 32 bytes, packed */
#define RUN_PAGES	1
#define RUNS		100
#define RUN_FLAGS	(GFP_KERNEL | __GFP_NOWARN)

static u32 allocs[OPERATIONS], frees[OPERATIONS];
static unsigned int operations;
static u32 median_alloc, median_free;

#define READ_FIRST(low, high)							\
	asm volatile("lfence\n\trdtsc\n\tmovl %%eax, %0\n\tmovl %%edx, %1\n\tlfence"	\
		     : "=m" (low), "=m" (high) : : "eax", "edx", "memory")
#define READ_LAST(low, high)							\
	asm volatile("lfence\n\trdtsc" : "=a" (low), "=d" (high) : : "memory")

static int reference_compare(const void *a, const void *b)
{
	return *(const u32 *)a < *(const u32 *)b ? -1 : *(const u32 *)a > *(const u32 *)b;
}

static u32 median(u32 *values)
{
	sort(values, operations, sizeof(*values), reference_compare, NULL);
	return values[operations / 2 - 1];
}

/* alloc and free are statements between the clock reads; size is not a constant. */
#define LOOP(name, alloc, free)							\
static noinline void loop_##name(size_t size, void *pool, struct device *dev)	\
{										\
	u32 low, high, end, unused;						\
	dma_addr_t dma __maybe_unused = 0;					\
	void *p = NULL;								\
	unsigned int i;								\
	u64 repeats;								\
										\
	for (i = 0; i < operations; i++) {					\
		repeats = counters_repeats();					\
		READ_FIRST(low, high);						\
		alloc;								\
		READ_LAST(end, unused);						\
		if (!p)								\
			return;							\
		allocs[i] = end - low - (counters_repeats() - repeats);		\
		repeats = counters_repeats();					\
		READ_FIRST(low, high);						\
		free;								\
		READ_LAST(end, unused);						\
		frees[i] = end - low - (counters_repeats() - repeats);		\
	}									\
	median_alloc = median(allocs);						\
	median_free = median(frees);						\
}

static struct page *own_page;
static unsigned long own_frame;	/* first frame of the range */
static struct kmem_cache *cache, *typesafe;
static struct page_pool *page_pool;
static mempool_t *mempool;
static struct page_frag_cache frags;
static struct dma_pool *dma_pool;
static struct gen_pool *gen_pool;
static unsigned long gen_pool_block;
static struct platform_device *device;

LOOP(null, p = (void *)1, (void)dma)
LOOP(page, p = alloc_pages(FLAGS, get_order(size)), __free_pages(p, 0))
LOOP(page_exact, p = alloc_pages_exact(size, FLAGS), free_pages_exact(p, size))
LOOP(get_free_pages, p = (void *)__get_free_pages(FLAGS, get_order(size)), free_pages((long)p, 0))
LOOP(pool_pages, p = page_pool_alloc_pages(pool, FLAGS & ~__GFP_DIRECT_RECLAIM),
     page_pool_recycle_direct(pool, p))
LOOP(folio, p = folio_alloc(FLAGS, 0), folio_put(p))
LOOP(kmalloc, p = kmalloc(size, FLAGS), kfree(p))
LOOP(kmalloc_const, p = kmalloc(SIZE, FLAGS), kfree(p))
LOOP(kmem_cache, p = kmem_cache_alloc(pool, FLAGS), kmem_cache_free(pool, p))
LOOP(kvmalloc, p = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN), kvfree(p))
LOOP(vmalloc, p = __vmalloc(size, GFP_KERNEL | __GFP_NOWARN), vfree(p))
LOOP(vmap, p = vmap(&own_page, 1, VM_MAP, PAGE_KERNEL), vunmap(p))
LOOP(vmalloc_huge, p = vmalloc_huge(size, GFP_KERNEL | __GFP_NOWARN), vfree(p))
LOOP(percpu, p = (__force void *)__alloc_percpu_gfp(size, __alignof__(long), FLAGS),
     free_percpu((__force void __percpu *)p))
LOOP(mempool, p = mempool_alloc(pool, FLAGS), mempool_free(p, pool))
LOOP(page_frag, p = page_frag_alloc(pool, size, FLAGS), page_frag_free(p))
LOOP(dma_coherent, p = dma_alloc_coherent(dev, size, &dma, FLAGS),
     dma_free_coherent(dev, size, p, dma))
LOOP(page_packed, p = alloc_pages(FLAGS, size), __free_pages(p, size))
LOOP(contig, p = alloc_contig_range(own_frame, own_frame + size, MIGRATE_MOVABLE, RUN_FLAGS) ?
		 NULL : pfn_to_page(own_frame), free_contig_range(own_frame, size))
LOOP(dma_pool, p = dma_pool_alloc(pool, FLAGS, &dma), dma_pool_free(pool, p, dma))
LOOP(gen_pool, p = (void *)gen_pool_alloc(pool, size), gen_pool_free(pool, (long)p, size))

/* Reference for verification: memset and memcmp. */
static void loop_bytes(size_t size, void *pool, struct device *dev)
{
	void *a = kvmalloc(size, GFP_KERNEL), *b = kvmalloc(size, GFP_KERNEL);
	u32 low, high, end, unused;

	if (a && b) {
		memset(b, 1, size);
		READ_FIRST(low, high);
		memset(a, 1, size);
		READ_LAST(end, unused);
		median_alloc = end - low;
		READ_FIRST(low, high);
		WARN_ON(memcmp(a, b, size));
		READ_LAST(end, unused);
		median_free = end - low;
	}
	kvfree(a);
	kvfree(b);
}

/* Use the range of a free block of movable type. */
static void loop_runs(size_t size, void *pool, struct device *dev)
{
	struct page *block = alloc_pages(FLAGS | __GFP_MOVABLE, MAX_ORDER - 1);

	if (!block)
		return;
	own_frame = page_to_pfn(block);
	__free_pages(block, MAX_ORDER - 1);
	operations = RUNS;
	loop_contig(size, pool, dev);
}

/* The pool must only be used while softirqs are disabled. */
static void loop_page_pool(size_t size, void *pool, struct device *dev)
{
	local_bh_disable();
	loop_pool_pages(size, pool, dev);
	local_bh_enable();
}

static const struct loop {
	const char *name;
	void (*run)(size_t size, void *pool, struct device *dev);
	size_t size;
	void *pool;
} loops[] = {
	{ "null", loop_null, SIZE },
	{ "page", loop_page, SIZE },
	{ "page_packed", loop_page_packed, BLOCK_ORDER },
	{ "page_exact", loop_page_exact, SIZE },
	{ "get_free_pages", loop_get_free_pages, SIZE },
	{ "page_pool", loop_page_pool, SIZE, &page_pool },
	{ "folio", loop_folio, SIZE },
	{ "kmalloc", loop_kmalloc, SIZE },
	{ "kmalloc_const", loop_kmalloc_const, SIZE },
	{ "kmem_cache", loop_kmem_cache, SIZE, &cache },
	{ "kmem_cache_typesafe", loop_kmem_cache, SIZE, &typesafe },
	{ "kvmalloc", loop_kvmalloc, SIZE },
	{ "vmalloc", loop_vmalloc, SIZE },
	{ "vmap", loop_vmap, SIZE },
	{ "vmalloc_huge", loop_vmalloc_huge, SIZE },
	{ "percpu", loop_percpu, SIZE },
	{ "mempool", loop_mempool, SIZE, &mempool },
	{ "page_frag", loop_page_frag, SIZE },
	{ "dma_coherent", loop_dma_coherent, SIZE },
	{ "dma_pool", loop_dma_pool, SIZE, &dma_pool },
	{ "gen_pool", loop_gen_pool, SIZE, &gen_pool },
	{ "contig", loop_runs, RUN_PAGES },
	{ "bytes4096", loop_bytes, 4096 },
	{ "bytes65536", loop_bytes, 65536 },
};

static int set_loop(const char *name, const struct kernel_param *parameter)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(loops); i++) {
		if (!sysfs_streq(name, loops[i].name))
			continue;
		median_alloc = 0;
		median_free = 0;
		operations = OPERATIONS;
		vm_unmap_aliases();
		loops[i].run(loops[i].size, loops[i].pool ? *(void **)loops[i].pool : &frags,
			     &device->dev);
		return 0;
	}
	return -ENOENT;
}

static int get_medians(char *buffer, const struct kernel_param *parameter)
{
	return sprintf(buffer, "%u %u\n", median_alloc, median_free);
}

static const struct kernel_param_ops loop_ops = {
	.set = set_loop,
	.get = get_medians,
};

static void reference_exit(void)
{
	if (frags.va)
		__page_frag_cache_drain(virt_to_page(frags.va), frags.pagecnt_bias);
	if (gen_pool)
		gen_pool_destroy(gen_pool);
	free_pages(gen_pool_block, BLOCK_ORDER);
	dma_pool_destroy(dma_pool);
	mempool_destroy(mempool);
	kmem_cache_destroy(typesafe);
	kmem_cache_destroy(cache);
	if (!IS_ERR_OR_NULL(page_pool))
		page_pool_destroy(page_pool);
	if (own_page)
		__free_page(own_page);
	platform_device_unregister(device);
	counters_unmap();
}

static int __init reference_init(void)
{
	const struct page_pool_params pages = { .pool_size = 1024, .nid = NUMA_NO_NODE };
	int err = counters_map();

	if (err)
		return err;
	device = platform_device_register_simple("reference", PLATFORM_DEVID_AUTO, NULL, 0);
	if (IS_ERR(device)) {
		counters_unmap();
		return PTR_ERR(device);
	}
	own_page = alloc_page(GFP_KERNEL);
	cache = kmem_cache_create_usercopy("reference", SIZE, 0, 0, 0, SIZE, NULL);
	typesafe = kmem_cache_create("typesafe", SIZE, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	page_pool = page_pool_create(&pages);
	mempool = mempool_create_kmalloc_pool(16, SIZE);
	dma_pool = dma_pool_create("reference", &device->dev, SIZE, 0, 0);
	gen_pool = gen_pool_create(ilog2(SIZE), NUMA_NO_NODE);
	gen_pool_block = __get_free_pages(GFP_KERNEL, BLOCK_ORDER);
	if (own_page && cache && typesafe && !IS_ERR(page_pool) && mempool && dma_pool &&
	    gen_pool && gen_pool_block &&
	    !gen_pool_add(gen_pool, gen_pool_block, PAGE_SIZE << BLOCK_ORDER, NUMA_NO_NODE))
		return 0;
	reference_exit();
	return -ENOMEM;
}
module_init(reference_init);
module_exit(reference_exit);
module_param_cb(loop, &loop_ops, NULL, 0600);

MODULE_DESCRIPTION("Hand-written loops to check the costs measured by kmemlab");
MODULE_LICENSE("GPL");
