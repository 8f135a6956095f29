// SPDX-License-Identifier: GPL-2.0-or-later
#include "facility_call.h"

#include <string.h>

#include "base/memory.h"
#include "format.h"

/* What the blanks of a call are filled from. */
struct blanks {
	const struct facility_facts *facts;
	const struct need *need;
	long long covers, page_size;
};

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

/* Of how many objects one block is, where that is more than one. */
static char *covers_words(const struct need *need, long long covers)
{
	if (covers <= 1)
		return xstrdup("");
	return xasprintf(" /* for %s %s objects */", covers < need->objects ? "each" : "all",
			 format_count(covers).text);
}

static char *flags_of(const struct facility_facts *facts, const struct need *need)
{
	bool own_dma32 = facts->dma32 && strcmp(facts->dma32, "gfp");

	return xasprintf("%s%s%s", need->atomic ? "GFP_ATOMIC" : "GFP_KERNEL",
			 need->dma32 && !own_dma32 ? " | __GFP_DMA32" : "",
			 need->zeroed && !clears_itself(facts, need) ? " | __GFP_ZERO" : "");
}

static char *value_of(const char *name, size_t length, const struct blanks *blanks)
{
	const struct need *need = blanks->need;
	long long size = need->object_size, block = size * blanks->covers;
	long long page_size = blanks->page_size;

	if (!strncmp(name, "size", length))
		return xasprintf("%lld", size);
	if (!strncmp(name, "granule", length))
		return xasprintf("%lld", size < page_size ? size : page_size);
	if (!strncmp(name, "pages", length))
		return xasprintf("%lld", (size + page_size - 1) / page_size);
	if (!strncmp(name, "order", length))
		return xasprintf("%d", order_of(size, page_size));
	if (!strncmp(name, "block_size", length))
		return xasprintf("%lld", block);
	if (!strncmp(name, "block_pages", length))
		return xasprintf("%lld", (block + page_size - 1) / page_size);
	if (!strncmp(name, "block_order", length))
		return xasprintf("%d", order_of(block, page_size));
	if (!strncmp(name, "covers", length))
		return covers_words(need, blanks->covers);
	if (!strncmp(name, "slab_flags", length))
		return xstrdup(need->dma32 ? "SLAB_CACHE_DMA32" : "0");
	if (!strncmp(name, "dma_mask", length))
		return xstrdup(need->dma32 ? "DMA_BIT_MASK(32)" : "DMA_BIT_MASK(64)");
	return flags_of(blanks->facts, need);
}

static void print_filled(const char *call, const struct blanks *blanks, FILE *out)
{
	const char *open;

	while ((open = strchr(call, '{'))) {
		const char *close = strchr(open, '}');
		cleanup_free char *value = value_of(open + 1, close - open - 1, blanks);

		fprintf(out, "%.*s%s", (int)(open - call), call, value);
		call = close + 1;
	}
	fprintf(out, "%s", call);
}

char *facility_call(const struct facility_facts *facts, const struct need *need,
		    long long covers, long long page_size)
{
	const struct blanks blanks = { facts, need, covers, page_size };
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
		print_filled(facts->set_up, &blanks, out);
		fputc('\n', out);
	}
	print_filled(alloc, &blanks, out);
	fputc('\n', out);
	print_filled(facts->free, &blanks, out);
	fclose(out);
	return text;
}
