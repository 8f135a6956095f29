// SPDX-License-Identifier: GPL-2.0-only
/*
 * Areas of memory in the trace of a marked experiment: the objects of each operation, and data
 * of the kernel that has no symbol. A tracer sees the addresses that instructions access, not
 * the values, so each byte of a value is an index into a table that is read.
 */
#include "trace_areas.h"

#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>

#include "object_set.h"

static const u8 trace_digits[256] __aligned(256);

static void trace_value(u64 value)
{
	unsigned int i;

	for (i = 0; i < sizeof(value); i++)
		(void)READ_ONCE(trace_digits[(u8)(value >> (8 * i))]);
}

/* Interrupts would add their own accesses. */
static void trace_area(bool frees, u64 kind, const void *start, size_t bytes, const char *name)
{
	char text[sizeof(u64)] = "";
	unsigned long flags;
	u64 word;

	strscpy(text, name, sizeof(text));
	memcpy(&word, text, sizeof(word));
	local_irq_save(flags);
	if (frees)
		kmemlab_trace_mark(KMEMLAB_MARK_FREE);
	else
		kmemlab_trace_mark(KMEMLAB_MARK_ALLOC);
	trace_value(kind);
	trace_value((unsigned long)start);
	trace_value(bytes);
	trace_value(word);
	kmemlab_trace_mark(KMEMLAB_MARK_DONE);
	local_irq_restore(flags);
}

/* Only one direction is traced. */
static void trace_kernel_area(u64 kind, const void *start, size_t bytes, const char *name)
{
	trace_area(false, kind, start, bytes, name);
	trace_area(true, kind, start, bytes, name);
}

static void trace_zone(const struct zone *zone)
{
	trace_kernel_area(KMEMLAB_AREA_ZONE_LOCK, &zone->lock, sizeof(zone->lock), zone->name);
	trace_kernel_area(KMEMLAB_AREA_ZONE_FREE, zone->free_area, sizeof(zone->free_area),
			  zone->name);
	trace_kernel_area(KMEMLAB_AREA_ZONE, zone, sizeof(*zone), zone->name);
	trace_kernel_area(KMEMLAB_AREA_PAGES, pfn_to_page(zone->zone_start_pfn),
			  zone->spanned_pages * sizeof(struct page), "");
}

/**
 * kmemlab_trace_kernel_areas() - add areas of the calling task and of zones to the trace
 *
 * An area that contains another one follows it.
 */
void kmemlab_trace_kernel_areas(void)
{
	int id, i;

	trace_kernel_area(KMEMLAB_AREA_TASK, current_thread_info(), sizeof(struct thread_info),
			  "");
	trace_kernel_area(KMEMLAB_AREA_TASK, current, sizeof(*current), "");
	trace_kernel_area(KMEMLAB_AREA_STACK, task_stack_page(current), THREAD_SIZE, "");
	for_each_online_node(id) {
		struct pglist_data *node = NODE_DATA(id);

		for (i = 0; i < MAX_NR_ZONES; i++) {
			if (zone_managed_pages(&node->node_zones[i]))
				trace_zone(&node->node_zones[i]);
		}
		trace_kernel_area(KMEMLAB_AREA_NODE, node, sizeof(*node), "");
	}
}

static void trace_pages(bool frees, struct page *page, size_t count, bool mapped_elsewhere)
{
	trace_area(frees, KMEMLAB_AREA_OBJECT, page, count * sizeof(*page), "");
	if (mapped_elsewhere && !PageHighMem(page))
		trace_area(frees, KMEMLAB_AREA_OBJECT, page_address(page), count * PAGE_SIZE, "");
}

/*
 * Return the first page of the slab that contains the address, or NULL. The struct page belongs
 * to all objects of the slab; its other objects are written only while the slab is new.
 */
static struct page *trace_slab(const void *start)
{
	struct page *head;

	if (!virt_addr_valid(start))
		return NULL;
	head = compound_head(virt_to_page(start));
	return PageSlab(head) ? head : NULL;
}

static void trace_object_pages(bool frees, const void *start, size_t bytes)
{
	const bool mapped = is_vmalloc_addr(start);
	struct page *first = NULL, *page;
	size_t count = 0, offset;

	for (offset = 0; offset < bytes; offset += PAGE_SIZE, count++) {
		page = mapped ? vmalloc_to_page(start + offset) : virt_to_page(start + offset);
		if (!page)
			break;
		if (count && page == first + count)
			continue;
		if (count)
			trace_pages(frees, first, count, mapped);
		first = page;
		count = 0;
	}
	if (count)
		trace_pages(frees, first, count, mapped);
}

/**
 * kmemlab_trace_object() - add the memory of an operation to the trace
 * @ctx: context of the experiment
 * @handle: live handle
 * @frees: the operation that follows frees it; else the previous one has allocated it
 */
void kmemlab_trace_object(const struct kmemlab_facility_ctx *ctx, unsigned long handle,
			  bool frees)
{
	const struct kmemlab_object_set *set = container_of(ctx, struct kmemlab_object_set, ctx);
	const struct kmemlab_facility_ops *facility = set->facility;
	const unsigned int copies = facility->copies ? facility->copies() : 1;
	const void *start = kmemlab_object_set_base(set, handle);
	struct page *slab;
	unsigned int i;
	size_t bytes;

	if (!start || facility->capabilities & (KMEMLAB_CAP_CALIBRATION | KMEMLAB_CAP_OPERATION))
		return;
	bytes = facility->usable(ctx, handle);
	if (facility->taken)
		bytes = max(bytes, facility->taken(ctx, handle));
	for (i = 0; i < copies; i++) {
		if (i)
			start = facility->copy(ctx, handle, i);
		trace_area(frees, KMEMLAB_AREA_OBJECT, start, bytes, "");
	}
	slab = trace_slab(start);
	if (slab)
		trace_area(frees, KMEMLAB_AREA_OBJECT, page_address(slab),
			   PAGE_SIZE << compound_order(slab), "");
	else if (copies == 1 && PAGE_ALIGNED(start) && bytes >= PAGE_SIZE &&
		 (is_vmalloc_addr(start) || virt_addr_valid(start)))
		trace_object_pages(frees, start, bytes);
}
