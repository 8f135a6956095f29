// SPDX-License-Identifier: GPL-2.0
/*
 * The plainest loop that one can write by hand for each facility: clock, call,
 * clock. It prints the median of each call into the log, and refuses to stay.
 * kmemlab's figures must agree with these.
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

#define OPERATIONS	2000
#define SIZE		32
#define FLAGS		(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

static u32 allocs[OPERATIONS], frees[OPERATIONS];

#define READ_FIRST(low, high)							\
	asm volatile("lfence\n\trdtsc\n\tmovl %%eax, %0\n\tmovl %%edx, %1\n\tlfence"	\
		     : "=m" (low), "=m" (high) : : "eax", "edx", "memory")
#define READ_LAST(low, high)							\
	asm volatile("lfence\n\trdtsc" : "=a" (low), "=d" (high) : : "memory")

static int compare(const void *a, const void *b)
{
	return *(const u32 *)a < *(const u32 *)b ? -1 : *(const u32 *)a > *(const u32 *)b;
}

static u32 median(u32 *values)
{
	sort(values, OPERATIONS, sizeof(*values), compare, NULL);
	return values[OPERATIONS / 2 - 1];
}

static void say(const char *name)
{
	u32 alloc = median(allocs), free = median(frees);

	pr_info("%s %u %u\n", name, alloc, free);
}

/* @alloc and @free are statements between the clock reads; size is unknown to the compiler. */
#define LOOP(name, alloc, free)							\
static noinline void loop_##name(size_t size, void *pool, struct device *device)	\
{										\
	u32 low, high, end, unused;						\
	dma_addr_t dma __maybe_unused = 0;					\
	void *p = NULL;								\
	int i;									\
										\
	for (i = 0; i < OPERATIONS; i++) {					\
		READ_FIRST(low, high);						\
		alloc;								\
		READ_LAST(end, unused);						\
		if (!p)								\
			return;							\
		allocs[i] = end - low;						\
		READ_FIRST(low, high);						\
		free;								\
		READ_LAST(end, unused);						\
		frees[i] = end - low;						\
	}									\
	say(#name);								\
}

static struct page *own_page;

LOOP(null, p = (void *)1, (void)dma)
LOOP(page, p = alloc_pages(FLAGS, get_order(size)), __free_pages(p, 0))
LOOP(page_exact, p = alloc_pages_exact(size, FLAGS), free_pages_exact(p, size))
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
LOOP(dma_coherent, p = dma_alloc_coherent(device, size, &dma, FLAGS),
     dma_free_coherent(device, size, p, dma))
LOOP(dma_pool, p = dma_pool_alloc(pool, FLAGS, &dma), dma_pool_free(pool, p, dma))
LOOP(gen_pool, p = (void *)gen_pool_alloc(pool, size), gen_pool_free(pool, (long)p, size))

static size_t size = SIZE;
module_param(size, ulong, 0);

static void loops_with_pools(struct device *device)
{
	struct kmem_cache *cache = kmem_cache_create_usercopy("reference", size, 0, 0, 0, size,
							      NULL);
	mempool_t *mempool = mempool_create_kmalloc_pool(16, size);
	struct dma_pool *dma_pool = dma_pool_create("reference", device, size, 0, 0);
	struct gen_pool *gen_pool = gen_pool_create(ilog2(SIZE), NUMA_NO_NODE);
	unsigned long block = __get_free_pages(GFP_KERNEL, 4);
	static struct page_frag_cache frags;

	gen_pool_add(gen_pool, block, PAGE_SIZE << 4, NUMA_NO_NODE);
	loop_kmem_cache(size, cache, device);
	loop_mempool(size, mempool, device);
	loop_page_frag(size, &frags, device);
	loop_dma_pool(size, dma_pool, device);
	loop_gen_pool(size, gen_pool, device);
	__page_frag_cache_drain(virt_to_page(frags.va), frags.pagecnt_bias);
	gen_pool_destroy(gen_pool);
	free_pages(block, 4);
	dma_pool_destroy(dma_pool);
	mempool_destroy(mempool);
	kmem_cache_destroy(cache);
}

static int __init reference_init(void)
{
	struct platform_device *device =
		platform_device_register_simple("reference", PLATFORM_DEVID_AUTO, NULL, 0);

	own_page = alloc_page(GFP_KERNEL);
	loop_null(size, NULL, NULL);
	loop_page(size, NULL, NULL);
	loop_page_exact(size, NULL, NULL);
	loop_folio(size, NULL, NULL);
	loop_kmalloc(size, NULL, NULL);
	loop_kmalloc_const(size, NULL, NULL);
	loop_kvmalloc(size, NULL, NULL);
	vm_unmap_aliases();
	loop_vmalloc(size, NULL, NULL);
	vm_unmap_aliases();
	loop_vmap(size, NULL, NULL);
	vm_unmap_aliases();
	loop_vmalloc_huge(size, NULL, NULL);
	loop_percpu(size, NULL, NULL);
	loop_dma_coherent(size, NULL, &device->dev);
	loops_with_pools(&device->dev);
	__free_page(own_page);
	platform_device_unregister(device);
	return -ECANCELED;	/* nothing is left to unload */
}
module_init(reference_init);

MODULE_DESCRIPTION("Hand-written loops that kmemlab's figures are compared with");
MODULE_LICENSE("GPL");
