// SPDX-License-Identifier: GPL-2.0-or-later
#include "facility_call.h"

#include <string.h>

#include "base/memory.h"

static int order_of(long long bytes, long long page_size)
{
	int order = 0;

	while ((page_size << order) < bytes && order < 40)
		order++;
	return order;
}

/* Whether the call itself says "zeroed", so that the flags needn't. */
static bool clears_itself(const struct facility_facts *facts, const struct need *need)
{
	return need->zeroed && facts->zeroed;
}

static char *value_of(const char *name, size_t length, const struct facility_facts *facts,
		      const struct need *need, long long page_size)
{
	long long pages = (need->object_size + page_size - 1) / page_size;
	bool own_dma32 = facts->dma32 && strcmp(facts->dma32, "gfp");

	if (!strncmp(name, "size", length))
		return xasprintf("%lld", need->object_size);
	if (!strncmp(name, "granule", length))
		return xasprintf("%lld", need->object_size < page_size ? need->object_size :
									 page_size);
	if (!strncmp(name, "pages", length))
		return xasprintf("%lld", pages);
	if (!strncmp(name, "order", length))
		return xasprintf("%d", order_of(need->object_size, page_size));
	if (!strncmp(name, "block_order", length))
		return xasprintf("%d", order_of(need->object_size * need->objects, page_size));
	if (!strncmp(name, "slab_flags", length))
		return xstrdup(need->dma32 ? "SLAB_CACHE_DMA32" : "0");
	if (!strncmp(name, "dma_mask", length))
		return xstrdup(need->dma32 ? "DMA_BIT_MASK(32)" : "DMA_BIT_MASK(64)");
	return xasprintf("%s%s%s", need->atomic ? "GFP_ATOMIC" : "GFP_KERNEL",
			 need->dma32 && !own_dma32 ? " | __GFP_DMA32" : "",
			 need->zeroed && !clears_itself(facts, need) ? " | __GFP_ZERO" : "");
}

static void print_filled(const char *call, const struct facility_facts *facts,
			 const struct need *need, long long page_size, FILE *out)
{
	const char *open;

	while ((open = strchr(call, '{'))) {
		const char *close = strchr(open, '}');
		cleanup_free char *value = value_of(open + 1, close - open - 1, facts, need,
						    page_size);

		fprintf(out, "%.*s%s", (int)(open - call), call, value);
		call = close + 1;
	}
	fprintf(out, "%s", call);
}

char *facility_call(const struct facility_facts *facts, const struct need *need,
		    long long page_size)
{
	const char *alloc = facts->alloc;
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (need->dma32 && facts->dma32 && strcmp(facts->dma32, "gfp"))
		alloc = facts->dma32;
	if (clears_itself(facts, need))
		alloc = facts->zeroed;
	/* vzalloc() knows no zone: where both are needed, the zone's call and a memset. */
	if (need->dma32 && need->zeroed && !strcmp(facts->name, "vmalloc"))
		alloc = "p = vmalloc_32({size});\nmemset(p, 0, {size});";
	if (facts->set_up) {
		print_filled(facts->set_up, facts, need, page_size, out);
		fputc('\n', out);
	}
	print_filled(alloc, facts, need, page_size, out);
	fputc('\n', out);
	print_filled(facts->free, facts, need, page_size, out);
	fclose(out);
	return text;
}
