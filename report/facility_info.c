// SPDX-License-Identifier: GPL-2.0-or-later
#include "facility_info.h"

#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "format.h"

static const struct facility_info facility_info[] = {
	{
		.name = "page",
		.alloc = "page = alloc_pages({gfp}, {order});",
		.dma32 = "gfp",
		.free = "__free_pages(page, {order});",
		.may_be_atomic = true,
	}, {
		.name = "page_packed",
		.alloc = "page = alloc_pages({gfp}, {block_order});{per_call}",
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
		.name = "get_free_pages",
		.alloc = "address = __get_free_pages({gfp}, {order});",
		.dma32 = "gfp",
		.free = "free_pages(address, {order});",
		.may_be_atomic = true,
	}, {
		.name = "page_nolock",
		.special = "for code that cannot wait for a lock",
		.alloc = "page = alloc_pages_nolock(0, NUMA_NO_NODE, {order});",
		.zeroed = "page = alloc_pages_nolock(0, NUMA_NO_NODE, {order}); "
			  "/* always zeroed */",
		.free = "__free_pages(page, {order}); /* free_pages_nolock() is not exported */",
		.caveat = "fails if a lock is taken",
		.may_be_atomic = true,
	}, {
		.name = "page_pool",
		.special = "for network buffers",
		.setup = "pool = page_pool_create(&(struct page_pool_params){ .order = {order},\n"
			 "\t.pool_size = 1024, .nid = NUMA_NO_NODE }); /* one per queue */",
		.alloc = "page = page_pool_dev_alloc_pages(pool);",
		.zeroed = "page = page_pool_dev_alloc_pages(pool);\n"
			  "memset(page_address(page), 0, {size});",
		.dma32 = "page = page_pool_alloc_pages(pool, GFP_ATOMIC | GFP_DMA32);",
		.free = "page_pool_recycle_direct(pool, page);",
		.caveat = "only in softirq context; keeps freed pages until the pool is destroyed",
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
		.name = "kmalloc_nolock",
		.special = "for code that cannot wait for a lock",
		.alloc = "p = kmalloc_nolock({size}, 0, NUMA_NO_NODE);",
		.zeroed = "p = kmalloc_nolock({size}, __GFP_ZERO, NUMA_NO_NODE);",
		.free = "kfree_nolock(p);",
		.caveat = "fails if a lock is taken; kfree_nolock() may leave the work to an interrupt, "
			  "whose cost is not included",
		.may_be_atomic = true,
	}, {
		.name = "kmem_cache",
		.setup = "cache = kmem_cache_create(\"mine\", {size}, 0, {slab_flags}, NULL);",
		.alloc = "p = kmem_cache_alloc(cache, {gfp});",
		.zeroed = "p = kmem_cache_zalloc(cache, {gfp});",
		.dma32 = "p = kmem_cache_alloc(cache, {gfp});",
		.free = "kmem_cache_free(cache, p);",
		.may_be_atomic = true,
	}, {
		.name = "kmem_cache_typesafe",
		.special = "for objects that are found under RCU and then checked",
		.setup = "cache = kmem_cache_create(\"mine\", {size}, 0,\n"
			 "\tSLAB_TYPESAFE_BY_RCU{more_slab_flags}, NULL);",
		.alloc = "p = kmem_cache_alloc(cache, {gfp});",
		.zeroed = "p = kmem_cache_alloc(cache, {gfp});",
		.dma32 = "p = kmem_cache_alloc(cache, {gfp});",
		.free = "kmem_cache_free(cache, p);",
		.caveat = "an object can be reused while readers still see it: a constructor sets its "
			  "lock or reference count up, and clearing the whole object would break them",
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
		.setup = "for (i = 0; i < {pages}; i++)\n"
			  "\tpages[i] = alloc_page({gfp});",
		.alloc = "p = vmap(pages, {pages}, VM_MAP, PAGE_KERNEL);",
		.dma32 = "gfp",
		.free = "vunmap(p); /* then __free_page(pages[i]) for each page */",
		.unmeasured = "allocating its pages",
	}, {
		.name = "vmalloc_huge",
		.alloc = "p = vmalloc_huge({size}, {gfp});",
		.free = "vfree(p);",
	}, {
		.name = "percpu",
		.special = "every CPU has its own copy",
		.alloc = "p = __alloc_percpu_gfp({size}, 8, {gfp});",
		.zeroed = "p = __alloc_percpu_gfp({size}, 8, {gfp}); /* always zeroed */",
		.free = "free_percpu(p);",
		.may_be_atomic = true,
	}, {
		.name = "mempool",
		.setup = "pool = mempool_create_kmalloc_pool(reserve, {size});",
		.alloc = "p = mempool_alloc(pool, {gfp});",
		.zeroed = "p = mempool_alloc(pool, {gfp});\nmemset(p, 0, {size});",
		.free = "mempool_free(p, pool);",
		.caveat = "also keeps a reserve (of 16 objects in this measurement)",
		.may_be_atomic = true,
	}, {
		.name = "page_frag",
		.special = "for network buffers",
		.setup = "static struct page_frag_cache cache; /* one per CPU */",
		.alloc = "p = page_frag_alloc(&cache, {size}, {gfp});",
		.zeroed = "p = page_frag_alloc(&cache, {size}, {gfp});\nmemset(p, 0, {size});",
		.dma32 = "gfp",
		.free = "page_frag_free(p);",
		.caveat = "a block is freed only after all of its objects; "
			  "the cache has no lock and does not align",
		.may_be_atomic = true,
	}, {
		.name = "dma_coherent",
		.special = "for memory shared with a device",
		.device = true,
		.setup = "dma_set_mask_and_coherent(dev, {dma_mask});",
		.alloc = "p = dma_alloc_coherent(dev, {size}, &address, {gfp});",
		.zeroed = "p = dma_alloc_coherent(dev, {size}, &address, {gfp}); "
			  "/* always zeroed */",
		.dma32 = "p = dma_alloc_coherent(dev, {size}, &address, {gfp});",
		.free = "dma_free_coherent(dev, {size}, p, address);",
		.caveat = "needs a device",
		.may_be_atomic = true,
	}, {
		.name = "dma_pool",
		.special = "for memory shared with a device",
		.device = true,
		.setup = "dma_set_mask_and_coherent(dev, {dma_mask});\n"
			  "pool = dma_pool_create(\"mine\", dev, {size}, 0, 0);",
		.alloc = "p = dma_pool_alloc(pool, {gfp}, &address);",
		.zeroed = "p = dma_pool_zalloc(pool, {gfp}, &address);",
		.dma32 = "p = dma_pool_alloc(pool, {gfp}, &address);",
		.free = "dma_pool_free(pool, p, address);",
		.caveat = "needs a device; keeps its pages until the pool is destroyed",
		.may_be_atomic = true,
	}, {
		.name = "gen_pool",
		.special = "for memory of devices",
		.setup = "pool = gen_pool_create(ilog2({granule}), NUMA_NO_NODE);\n"
			  "gen_pool_add(pool, memory, memory_bytes, NUMA_NO_NODE);",
		.alloc = "address = gen_pool_alloc(pool, {size});",
		.zeroed = "address = gen_pool_alloc(pool, {size});\n"
			  "memset((void *)address, 0, {size});",
		.free = "gen_pool_free(pool, address, {size});",
		.unmeasured = "allocating the pool's memory",
		.may_be_atomic = true,
	}, {
		.name = "contig",
		.special = "for large physically contiguous ranges",
		.device = true,
		.alloc = "page = alloc_contig_pages({block_pages}, {gfp}, numa_node_id(), NULL);"
			 "{per_call}",
		.zeroed = "page = alloc_contig_pages({block_pages}, {gfp}, numa_node_id(), NULL);"
			  "{per_call}\nmemset(page_address(page), 0, {block_size});",
		.free = "free_contig_range(page_to_pfn(page), {block_pages});",
	}, {
		.name = "user",
		.not_in_kernel = "process memory, which kernel code does not allocate",
	},
};

const char *requirements_gfp(const struct requirements *requirements)
{
	return requirements->atomic ? "atomic" : requirements->zeroed ? "zeroed" : "kernel";
}

bool facility_is_special(const struct facility_info *info, const struct requirements *requirements)
{
	return info->special &&
	       !(info->device && (requirements->contiguous || requirements->dma32));
}

/* A facility of a user's file, or of another version of kmemlab */
static const struct facility_info other_facility = {
	.name = "",
	.alloc = "/* as in the facility's own file */",
};

const struct facility_info *facility_info_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(facility_info); i++)
		if (!strcmp(facility_info[i].name, name))
			return &facility_info[i];
	return &other_facility;
}

/* Values of a call's placeholders. */
struct call_context {
	const struct facility_info *info;
	const struct requirements *requirements;
	long long per_call, page_size;
};

static long long pages_of(long long bytes, long long page_size)
{
	return bytes / page_size + (bytes % page_size != 0);
}

static int order_of(long long bytes, long long page_size)
{
	int order = 0;

	while ((page_size << order) < bytes && order < 40)
		order++;
	return order;
}

static bool has_zeroing_call(const struct facility_info *info,
			     const struct requirements *requirements)
{
	return requirements->zeroed && info->zeroed;
}

static bool has_dma32_call(const struct facility_info *info,
			   const struct requirements *requirements)
{
	return requirements->dma32 && info->dma32 && strcmp(info->dma32, "gfp");
}

static char *gfp_flags(const struct facility_info *info, const struct requirements *requirements)
{
	return xasprintf("%s%s%s", requirements->atomic ? "GFP_ATOMIC" : "GFP_KERNEL",
			 requirements->dma32 && !has_dma32_call(info, requirements) ?
			 " | __GFP_DMA32" : "",
			 requirements->zeroed && !has_zeroing_call(info, requirements) ?
			 " | __GFP_ZERO" : "");
}

/* Return a comment on the number of objects per block, or "". */
static char *per_call_comment(const struct requirements *requirements, long long per_call)
{
	if (per_call <= 1)
		return xstrdup("");
	return xasprintf(" /* for %s %s objects */",
			 per_call < requirements->objects ? "each" : "all",
			 format_count(per_call).text);
}

/* Return the bytes of a call. A damaged document can have any number of objects per call. */
static long long block_bytes(const struct call_context *context)
{
	long long bytes;

	return __builtin_mul_overflow(context->requirements->object_size, context->per_call,
				      &bytes) ? LLONG_MAX : bytes;
}

static char *placeholder_value(const struct call_context *context, const char *name, size_t length)
{
	const struct requirements *requirements = context->requirements;
	const long long size = requirements->object_size, page_size = context->page_size;
	const long long block = block_bytes(context);
	const struct {
		const char *name;
		long long value;
	} numbers[] = {
		{ "size", size },
		{ "granule", size < page_size ? size : page_size },
		{ "pages", pages_of(size, page_size) },
		{ "order", order_of(size, page_size) },
		{ "block_size", block },
		{ "block_pages", pages_of(block, page_size) },
		{ "block_order", order_of(block, page_size) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (strlen(numbers[i].name) == length && !strncmp(name, numbers[i].name, length))
			return xasprintf("%lld", numbers[i].value);
	if (!strncmp(name, "per_call", length))
		return per_call_comment(requirements, context->per_call);
	if (!strncmp(name, "slab_flags", length))
		return xstrdup(requirements->dma32 ? "SLAB_CACHE_DMA32" : "0");
	if (!strncmp(name, "more_slab_flags", length))
		return xstrdup(requirements->dma32 ? " | SLAB_CACHE_DMA32" : "");
	if (!strncmp(name, "dma_mask", length))
		return xstrdup(requirements->dma32 ? "DMA_BIT_MASK(32)" : "DMA_BIT_MASK(64)");
	return gfp_flags(context->info, requirements);
}

static void add_statement(struct strbuf *code, const char *call, const struct call_context *context)
{
	const char *open;

	strbuf_separate(code, "\n");
	while ((open = strchr(call, '{'))) {
		const char *close = strchr(open, '}');
		cleanup_free char *value = placeholder_value(context, open + 1, close - open - 1);

		strbuf_add(code, call, open - call);
		strbuf_addstr(code, value);
		call = close + 1;
	}
	strbuf_addstr(code, call);
}

char *facility_call(const struct facility_info *info, const struct requirements *requirements,
		    long long per_call, long long page_size)
{
	const struct call_context context = { info, requirements, per_call, page_size };
	struct strbuf code = STRBUF_INIT;
	const char *alloc = info->alloc;

	if (has_dma32_call(info, requirements))
		alloc = info->dma32;
	if (has_zeroing_call(info, requirements))
		alloc = info->zeroed;
	/* vzalloc() cannot select a zone, so use the call that can and clear separately. */
	if (requirements->dma32 && requirements->zeroed && !strcmp(info->name, "vmalloc"))
		alloc = "p = vmalloc_32({size});\nmemset(p, 0, {size});";
	if (info->setup)
		add_statement(&code, info->setup, &context);
	add_statement(&code, alloc, &context);
	if (info->free)
		add_statement(&code, info->free, &context);
	return strbuf_detach(&code);
}
