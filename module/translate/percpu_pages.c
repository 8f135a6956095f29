// SPDX-License-Identifier: GPL-2.0
/*
 * The per-CPU allocator notes in each of its pages which chunk it belongs to, and the
 * chunk has the address that its lowest part begins at. Neither is exported, so what
 * is found is believed only where both fit the page's own address.
 */
#include "translate/percpu_pages.h"

#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat/compat.h"

#define CHUNK_WORDS	(256 / sizeof(unsigned long))	/* the address is among the first ones */

void kmemlab_percpu_pages_init(struct kmemlab_percpu_pages *pages)
{
	unsigned int cpu, other;

	*pages = (struct kmemlab_percpu_pages) { .lowest = ULONG_MAX, .span = SZ_2M };
	for_each_possible_cpu(cpu) {
		pages->lowest = min_t(unsigned long, pages->lowest, per_cpu_offset(cpu));
		for_each_possible_cpu(other) {
			unsigned long apart = per_cpu_offset(other) - per_cpu_offset(cpu);

			if (apart)
				pages->span = min(pages->span, apart);
		}
	}
}

/* Does @address lie in a CPU's part of a chunk whose lowest part begins at @base? */
static bool in_chunk(const struct kmemlab_percpu_pages *pages, unsigned long address,
		     unsigned long base)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		unsigned long part = base + (per_cpu_offset(cpu) - pages->lowest);

		if (address - part < pages->span)
			return true;
	}
	return false;
}

/* What in the chunk could be its address: it must put @address into the chunk. */
static unsigned long find_base(const struct kmemlab_percpu_pages *pages, unsigned long chunk,
			       unsigned long address)
{
	unsigned long words[CHUNK_WORDS];
	unsigned int i;

	if (chunk < TASK_SIZE || !IS_ALIGNED(chunk, sizeof(*words)) ||
	    copy_from_kernel_nofault(words, (void *)chunk, sizeof(words)))
		return 0;
	for (i = 0; i < CHUNK_WORDS; i++) {
		if (PAGE_ALIGNED(words[i]) && is_vmalloc_addr((void *)words[i]) &&
		    in_chunk(pages, address, words[i]))
			return words[i];
	}
	return 0;
}

bool kmemlab_percpu_page(struct kmemlab_percpu_pages *pages, unsigned long address,
			 unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	unsigned long chunk = page ? compat_page_chunk(page) : 0;

	if (!chunk)
		return false;
	if (chunk == pages->chunk && pages->base && in_chunk(pages, address, pages->base))
		return true;
	pages->chunk = chunk;
	pages->base = find_base(pages, chunk, address);
	return pages->base;
}
