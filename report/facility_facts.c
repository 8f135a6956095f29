// SPDX-License-Identifier: GPL-2.0-or-later
#include "facility_facts.h"

#include <string.h>

const struct facility_facts facility_facts[] = {
	{
		.name = "page",
		.alloc = "page = alloc_pages({gfp}, {order});",
		.dma32 = "gfp",
		.free = "__free_pages(page, {order});",
		.may_be_atomic = true,
	}, {
		.name = "page_packed",
		.alloc = "page = alloc_pages({gfp}, {block_order});{covers}",
		.dma32 = "gfp",
		.free = "__free_pages(page, {block_order});",
		.may_be_atomic = true,
	}, {
		.name = "page_exact",
		.alloc = "p = alloc_pages_exact({size}, {gfp});",
		.dma32 = "gfp",
		.free = "free_pages_exact(p, {size});",
		.may_be_atomic = true,
	}, {
		.name = "folio",
		.alloc = "folio = folio_alloc({gfp}, {order});",
		.dma32 = "gfp",
		.free = "folio_put(folio);",
		.may_be_atomic = true,
	}, {
		.name = "kmalloc",
		.alloc = "p = kmalloc({size}, {gfp});",
		.zeroed = "p = kzalloc({size}, {gfp});",
		.free = "kfree(p);",
		.may_be_atomic = true,
	}, {
		.name = "kmalloc_const",
		.alloc = "p = kmalloc({size}, {gfp});",
		.zeroed = "p = kzalloc({size}, {gfp});",
		.free = "kfree(p);",
		.may_be_atomic = true,
	}, {
		.name = "kmem_cache",
		.set_up = "cache = kmem_cache_create(\"mine\", {size}, 0, {slab_flags}, NULL);",
		.alloc = "p = kmem_cache_alloc(cache, {gfp});",
		.zeroed = "p = kmem_cache_zalloc(cache, {gfp});",
		.dma32 = "p = kmem_cache_alloc(cache, {gfp});",
		.free = "kmem_cache_free(cache, p);",
		.may_be_atomic = true,
	}, {
		.name = "kvmalloc",
		.alloc = "p = kvmalloc({size}, {gfp});",
		.zeroed = "p = kvzalloc({size}, {gfp});",
		.free = "kvfree(p);",
	}, {
		.name = "vmalloc",
		.alloc = "p = vmalloc({size});",
		.zeroed = "p = vzalloc({size});",
		.dma32 = "p = vmalloc_32({size});",
		.free = "vfree(p);",
	}, {
		.name = "vmap",
		.set_up = "for (i = 0; i < {pages}; i++)\n"
			  "\tpages[i] = alloc_page({gfp});",
		.alloc = "p = vmap(pages, {pages}, VM_MAP, PAGE_KERNEL);",
		.dma32 = "gfp",
		.free = "vunmap(p); /* and __free_page(pages[i]) for each */",
		.not_in_figures = "getting its pages",
	}, {
		.name = "vmalloc_huge",
		.alloc = "p = vmalloc_huge({size}, {gfp});",
		.free = "vfree(p);",
	}, {
		.name = "percpu",
		.alloc = "p = __alloc_percpu_gfp({size}, 8, {gfp});",
		.zeroed = "p = __alloc_percpu_gfp({size}, 8, {gfp}); /* zeroed always */",
		.free = "free_percpu(p);",
		.may_be_atomic = true,
	}, {
		.name = "mempool",
		.set_up = "pool = mempool_create_kmalloc_pool(reserve, {size});",
		.alloc = "p = mempool_alloc(pool, {gfp});",
		.zeroed = "p = mempool_alloc(pool, {gfp});\nmemset(p, 0, {size});",
		.free = "mempool_free(p, pool);",
		.beware = "holds a reserve as well, of 16 objects where it was measured",
		.may_be_atomic = true,
	}, {
		.name = "page_frag",
		.set_up = "static struct page_frag_cache cache; /* one for each CPU */",
		.alloc = "p = page_frag_alloc(&cache, {size}, {gfp});",
		.zeroed = "p = page_frag_alloc(&cache, {size}, {gfp});\nmemset(p, 0, {size});",
		.dma32 = "gfp",
		.free = "page_frag_free(p);",
		.beware = "a block comes back when all its objects are freed; "
			  "the cache has no lock, and aligns nothing",
		.may_be_atomic = true,
	}, {
		.name = "dma_coherent",
		.set_up = "dma_set_mask_and_coherent(dev, {dma_mask});",
		.alloc = "p = dma_alloc_coherent(dev, {size}, &address, {gfp});",
		.zeroed = "p = dma_alloc_coherent(dev, {size}, &address, {gfp}); /* zeroed */",
		.dma32 = "p = dma_alloc_coherent(dev, {size}, &address, {gfp});",
		.free = "dma_free_coherent(dev, {size}, p, address);",
		.beware = "needs a device",
		.may_be_atomic = true,
	}, {
		.name = "dma_pool",
		.set_up = "dma_set_mask_and_coherent(dev, {dma_mask});\n"
			  "pool = dma_pool_create(\"mine\", dev, {size}, 0, 0);",
		.alloc = "p = dma_pool_alloc(pool, {gfp}, &address);",
		.zeroed = "p = dma_pool_zalloc(pool, {gfp}, &address);",
		.dma32 = "p = dma_pool_alloc(pool, {gfp}, &address);",
		.free = "dma_pool_free(pool, p, address);",
		.beware = "needs a device; keeps its pages until it is destroyed",
		.may_be_atomic = true,
	}, {
		.name = "gen_pool",
		.set_up = "pool = gen_pool_create(ilog2({granule}), NUMA_NO_NODE);\n"
			  "gen_pool_add(pool, memory_of_your_own, its_bytes, NUMA_NO_NODE);",
		.alloc = "address = gen_pool_alloc(pool, {size});",
		.zeroed = "address = gen_pool_alloc(pool, {size});\n"
			  "memset((void *)address, 0, {size});",
		.free = "gen_pool_free(pool, address, {size});",
		.not_in_figures = "getting the pool's own memory",
		.may_be_atomic = true,
	}, {
		.name = "contig",
		.alloc = "page = alloc_contig_pages({block_pages}, {gfp}, numa_node_id(), NULL);"
			 "{covers}",
		.zeroed = "page = alloc_contig_pages({block_pages}, {gfp}, numa_node_id(), NULL);"
			  "{covers}\nmemset(page_address(page), 0, {block_size});",
		.free = "free_contig_range(page_to_pfn(page), {block_pages});",
	}, {
		.name = "user",
		.not_in_kernel = "it is a process's memory: the kernel has no call that gives it",
	},
};

const size_t facility_facts_count = sizeof(facility_facts) / sizeof(*facility_facts);

const struct facility_facts *facility_facts_of(const char *name)
{
	for (size_t i = 0; i < facility_facts_count; i++)
		if (!strcmp(facility_facts[i].name, name))
			return &facility_facts[i];
	return NULL;
}
