// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/check_pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array_size.h"
#include "lib/hash.h"

#define ORDER_MAX	16
#define TABLE_START	1024

enum block_state { BLOCK_NONE, BLOCK_LIVE, BLOCK_FREED, BLOCK_GONE };

/*
 * Memory that was allocated on behalf of the module. With kind TRACE_FREE_CALL: the page whose
 * struct page was passed to __free_pages().
 */
struct pairs_block {
	enum block_state state;
	enum trace_kind kind;	/* of the allocation */
	bool own;
	char api[TRACE_NAME_MAX];
	uint64_t address;	/* or PFN; of a page's struct page */
	uint64_t size;		/* bytes, or order; of a page, the PFN */
	uint64_t site, free_site;
	uint64_t free_order;
	uint64_t freed_pages;
	uint64_t sequence;	/* position in the order of allocation */
};

struct pairs_event {
	struct kernel_event event;
	bool set;
};

static bool in_module(const struct pairs *pairs, uint64_t address)
{
	const struct pairs_module *module = &pairs->module;

	return (address >= module->core && address < module->core_end) ||
	       (address >= module->init && address < module->init_end);
}

/* Return the index of the innermost frame of the module, or -1. */
static int module_frame(const struct pairs *pairs, const struct kernel_event *event)
{
	for (unsigned int i = 0; i < event->frame_count; i++)
		if (in_module(pairs, event->frames[i].address))
			return i;
	return -1;
}

static uint64_t module_site(const struct pairs *pairs, const struct kernel_event *event)
{
	int frame = module_frame(pairs, event);

	return frame < 0 ? 0 : event->frames[frame].address;
}

/* Compare names without the suffix of Linux 6.10 ("__kmalloc_noprof") and of compilers (".part.0"). */
static bool is_named(const char *name, const char *known)
{
	size_t length = strlen(known);

	return !strncmp(name, known, length) &&
	       (!name[length] || name[length] == '.' || !strncmp(name + length, "_noprof", 7));
}

/* Functions that do nothing but allocate what their caller asks for */
static const char *const page_functions[] = {
	"__alloc_pages", "alloc_pages", "__alloc_pages_nodemask", "__alloc_frozen_pages",
	"alloc_pages_current", "alloc_pages_mpol", "alloc_frozen_pages", "__get_free_pages",
	"get_zeroed_page", "alloc_pages_exact", "__folio_alloc", "folio_alloc", "alloc_pages_node",
	"__alloc_pages_node", "get_free_pages", "__alloc_pages_bulk", "alloc_pages_bulk",
	"alloc_pages_bulk_array_mempolicy", "__alloc_pages_internal",
};

static const char *const object_functions[] = {
	"__kmalloc", "kmalloc_trace", "__kmalloc_cache", "__kmalloc_node", "kmalloc_node_trace",
	"__kmalloc_cache_node", "kmem_cache_alloc", "kmem_cache_alloc_node", "kmem_cache_alloc_lru",
	"kmem_cache_alloc_trace", "kmem_cache_alloc_node_trace", "__kmalloc_track_caller",
	"__kmalloc_node_track_caller", "kmalloc_large", "kmalloc_large_node", "__kmalloc_large",
	"kmalloc_order", "kmalloc_order_trace", "kvmalloc_node", "__kvmalloc_node", "kstrdup",
	"kstrndup", "kmemdup", "kmemdup_nul", "kasprintf", "kvasprintf", "krealloc",
	"__do_kmalloc_node", "__kmalloc_large_node", "krealloc_node_align",
};

static const char *const percpu_functions[] = { "__alloc_percpu", "__alloc_percpu_gfp", "pcpu_alloc" };

/* Return whether the frame has one of the names. */
static bool any_named(const struct kernel_event *event, int frame, const char *const *known,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_named(event->frames[frame].name, known[i]))
			return true;
	return false;
}

static bool all_named(const struct kernel_event *event, int frames, const char *const *known,
		      size_t count)
{
	for (int i = 0; i < frames; i++)
		if (!any_named(event, i, known, count))
			return false;
	return true;
}

/* Return whether one of the innermost frames has a name that contains the text. */
static bool any_contains(const struct kernel_event *event, int frames, const char *text)
{
	for (int i = 0; i < frames; i++)
		if (strstr(event->frames[i].name, text))
			return true;
	return false;
}

/*
 * Return whether the object describes an area of vmalloc(), whose pages are allocated in bulk, which
 * no tracepoint tells. It lives as long as the area.
 */
static bool is_vmalloc_area(const struct kernel_event *event, int frames)
{
	return event->kind == TRACE_OBJECT_ALLOC && any_contains(event, frames, "vmalloc") &&
	       any_contains(event, frames, "__get_vm_area_node") &&
	       !any_contains(event, frames, "vmap_area");
}

/*
 * Return whether the memory is a part of the kernel's own bookkeeping, which may keep it: pages of
 * slabs and of page tables, chunks of per-CPU memory, areas of vmalloc.
 */
static bool is_internal(const struct kernel_event *event, int frames)
{
	static const char *const names[] = {
		"allocate_slab", "new_slab", "___slab_alloc", "kmalloc_large", "kmalloc_order",
		"pte_alloc", "pmd_alloc", "pud_alloc", "p4d_alloc", "pcpu_", "vmap_", "printk",
		"__d_alloc", "alloc_inode", "kernfs", "idr_", "ida_", "radix_tree", "xas_",
		"refill_obj_stock", "memcg", "sysfs", "kobject", "debug_objects", "stack_depot",
	};

	if (is_vmalloc_area(event, frames))
		return false;
	if (event->kind == TRACE_OBJECT_ALLOC && (any_contains(event, frames, "vmap_area") ||
						  (any_contains(event, frames, "vmalloc") &&
						   !any_contains(event, frames, "kvmalloc"))))
		return true;
	if (event->kind == TRACE_OBJECT_ALLOC &&
	    all_named(event, frames, object_functions, ARRAY_SIZE(object_functions)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (any_contains(event, frames, names[i]) && event->kind != TRACE_PERCPU_ALLOC)
			return true;
	return false;
}

static bool is_own(const struct kernel_event *event, int frames)
{
	switch (event->kind) {
	case TRACE_PAGE_ALLOC:
		return all_named(event, frames, page_functions, ARRAY_SIZE(page_functions)) ||
		       any_contains(event, frames, "vmalloc");
	case TRACE_OBJECT_ALLOC:
		return is_vmalloc_area(event, frames) ||
		       all_named(event, frames, object_functions, ARRAY_SIZE(object_functions));
	default:
		return all_named(event, frames, percpu_functions, ARRAY_SIZE(percpu_functions));
	}
}

/* Return the slot of a block, or the first free one. */
static struct pairs_block *find_slot(const struct pairs *pairs, uint64_t address,
				     enum trace_kind kind)
{
	size_t i = hash_add(kind, address) >> 20 & (pairs->capacity - 1);

	while (pairs->blocks[i].state != BLOCK_NONE &&
	       (pairs->blocks[i].address != address || pairs->blocks[i].kind != kind))
		i = (i + 1) & (pairs->capacity - 1);
	return &pairs->blocks[i];
}

static struct pairs_block *find_block(const struct pairs *pairs, uint64_t address,
				      enum trace_kind kind)
{
	struct pairs_block *block = pairs->capacity ? find_slot(pairs, address, kind) : NULL;

	return block && (block->state == BLOCK_LIVE || block->state == BLOCK_FREED) ? block : NULL;
}

static bool grow(struct pairs *pairs)
{
	struct pairs old = *pairs;
	size_t capacity = old.capacity ? old.capacity * 2 : TABLE_START;
	struct pairs_block *blocks = calloc(capacity, sizeof(*blocks));

	if (!blocks)
		return false;
	pairs->blocks = blocks;
	pairs->capacity = capacity;
	pairs->used = 0;
	for (size_t i = 0; i < old.capacity; i++) {
		if (old.blocks[i].state != BLOCK_LIVE && old.blocks[i].state != BLOCK_FREED)
			continue;
		*find_slot(pairs, old.blocks[i].address, old.blocks[i].kind) = old.blocks[i];
		pairs->used++;
	}
	free(old.blocks);
	return true;
}

/* Note that the module has left too little memory to follow it. */
static void lose_memory(struct pairs *pairs)
{
	pairs->lost = true;
	pairs->no_memory = true;
}

/* Return a new block, or NULL without memory for it. */
static struct pairs_block *new_block(struct pairs *pairs, uint64_t address, enum trace_kind kind)
{
	struct pairs_block *block;

	if (pairs->used * 2 >= pairs->capacity && !grow(pairs)) {
		lose_memory(pairs);
		return NULL;
	}
	block = find_slot(pairs, address, kind);
	pairs->used += block->state == BLOCK_NONE;
	*block = (struct pairs_block) { .address = address, .kind = kind, .state = BLOCK_LIVE };
	return block;
}

/* Return the live block that contains a page, or NULL. */
static struct pairs_block *find_pages(const struct pairs *pairs, uint64_t pfn)
{
	for (unsigned int order = 0; order <= ORDER_MAX; order++) {
		uint64_t first = pfn & ~((UINT64_C(1) << order) - 1);
		struct pairs_block *block = find_block(pairs, first, TRACE_PAGE_ALLOC);

		if (block && block->state == BLOCK_LIVE && first + (1ULL << block->size) > pfn)
			return block;
	}
	return NULL;
}

/* Return the finding, or NULL without memory for it. */
static struct pairs_finding *add_finding(struct pairs *pairs, enum pairs_fault fault,
					 const struct pairs_block *block)
{
	struct pairs_finding *finding, *findings;

	for (size_t i = 0; i < pairs->finding_count; i++) {
		finding = &pairs->findings[i];
		if (finding->fault == fault && finding->site == block->site &&
		    finding->free_site == block->free_site && finding->kind == block->kind &&
		    !strcmp(finding->api, block->api)) {
			finding->count++;
			return finding;
		}
	}
	findings = realloc(pairs->findings, (pairs->finding_count + 1) * sizeof(*findings));
	if (!findings) {
		lose_memory(pairs);
		return NULL;
	}
	pairs->findings = findings;
	finding = &pairs->findings[pairs->finding_count++];
	*finding = (struct pairs_finding) {
		.fault = fault, .kind = block->kind, .own = block->own, .site = block->site,
		.free_site = block->free_site, .size = block->size,
		.free_order = block->free_order, .count = 1,
	};
	snprintf(finding->api, sizeof(finding->api), "%s", block->api);
	return finding;
}

static void handle_alloc(struct pairs *pairs, const struct kernel_event *event)
{
	struct pairs_block *old = find_block(pairs, event->address, event->kind);
	int frame = module_frame(pairs, event);
	struct pairs_block *block;

	/* The memory is another's now. */
	if (old)
		old->state = BLOCK_GONE;
	if (frame < 0 || !event->address || is_internal(event, frame))
		return;
	block = new_block(pairs, event->address, event->kind);
	if (!block)
		return;
	block->size = event->size;
	block->site = event->frames[frame].address;
	block->own = is_own(event, frame);
	block->sequence = pairs->sequence++;
	if (frame)
		snprintf(block->api, sizeof(block->api), "%s", event->frames[frame - 1].name);
	if (event->atomic && event->may_sleep)
		add_finding(pairs, FAULT_ATOMIC, block);
}

/*
 * Return whether the free was the last call of a function of the module, which the compiler makes a
 * jump: then the function is not in the stack, and its caller in the kernel is.
 */
static bool is_tail_call(const struct kernel_event *event)
{
	static const char *const frees[] = {
		"kfree", "__free_pages", "kmem_cache_free", "free_pages", "vfree", "free_percpu", "",
	};
	static const char *const callers[] = {
		"__do_sys_delete_module", "__se_sys_delete_module", "__arm64_sys_delete_module",
		"sys_delete_module", "do_one_initcall", "kthread",
	};

	for (unsigned int i = 0; i < event->frame_count; i++)
		if (!any_named(event, i, frees, ARRAY_SIZE(frees)))
			return any_named(event, i, callers, ARRAY_SIZE(callers));
	return false;
}

/* Handle the free of an object, or of per-CPU memory. */
static void handle_object_free(struct pairs *pairs, const struct kernel_event *event,
			       enum trace_kind kind)
{
	struct pairs_block *block = find_block(pairs, event->address, kind);
	uint64_t site = module_site(pairs, event);

	if (!block)
		return;
	if (block->state == BLOCK_FREED && (site || is_tail_call(event))) {
		struct pairs_block again = *block;

		again.free_site = site;
		add_finding(pairs, FAULT_TWICE, &again);
	}
	block->free_site = site;
	block->state = BLOCK_FREED;
}

/* The call before this event freed nothing: the page was free already, or others use it. */
static void check_call(struct pairs *pairs)
{
	struct pairs_event *call = pairs->pending;
	struct pairs_block *page, *block, again;

	if (!call || !call->set)
		return;
	call->set = false;
	page = find_block(pairs, call->event.address, TRACE_FREE_CALL);
	block = page ? find_block(pairs, page->size, TRACE_PAGE_ALLOC) : NULL;
	if (!block || block->state != BLOCK_FREED)
		return;
	again = *block;
	again.free_site = module_site(pairs, &call->event);
	again.free_order = call->event.size;
	add_finding(pairs, FAULT_TWICE, &again);
}

/* Remember the page that a call of __free_pages() has freed. */
static void resolve_call(struct pairs *pairs, const struct kernel_event *event)
{
	struct pairs_event *call = pairs->pending;
	struct pairs_block *page, *block = find_pages(pairs, event->address);

	if (!call || !call->set || call->event.pid != event->pid)
		return;
	page = find_block(pairs, call->event.address, TRACE_FREE_CALL);
	if (call->event.size != event->size || (page && page->size != event->address)) {
		check_call(pairs);
		return;
	}
	call->set = false;
	if (page || !block || block->address != event->address)
		return;
	page = new_block(pairs, call->event.address, TRACE_FREE_CALL);
	if (page) {
		page->size = event->address;
		page->state = BLOCK_FREED;
	}
}

static void handle_page_free(struct pairs *pairs, const struct kernel_event *event)
{
	struct pairs_block *block;
	uint64_t pages = 1ULL << event->size;

	resolve_call(pairs, event);
	block = find_pages(pairs, event->address);
	if (!block)
		return;
	block->free_site = module_site(pairs, event) ?: block->free_site;
	block->freed_pages += pages;
	block->free_order = event->size;
	if (pages > 1ULL << block->size && block->own) {
		struct pairs_finding *finding = add_finding(pairs, FAULT_ORDER, block);

		if (finding)
			finding->lost_pages = pages - (1ULL << block->size);
	}
	if (block->freed_pages >= 1ULL << block->size)
		block->state = BLOCK_FREED;
}

static void handle_free_call(struct pairs *pairs, const struct kernel_event *event)
{
	check_call(pairs);
	if (module_frame(pairs, event) < 0 && !is_tail_call(event))
		return;
	if (!pairs->pending)
		pairs->pending = calloc(1, sizeof(*pairs->pending));
	if (pairs->pending)
		*pairs->pending = (struct pairs_event) { .event = *event, .set = true };
}

/* Forget all blocks: what was lost may have freed them, and allocated their memory again. */
static void handle_lost(struct pairs *pairs)
{
	pairs->lost = true;
	if (pairs->pending)
		pairs->pending->set = false;
	for (size_t i = 0; i < pairs->capacity; i++)
		if (pairs->blocks[i].state != BLOCK_NONE)
			pairs->blocks[i].state = BLOCK_GONE;
}

void pairs_event(struct pairs *pairs, const struct kernel_event *event)
{
	if (pairs->pending && pairs->pending->set && pairs->pending->event.pid == event->pid &&
	    event->kind != TRACE_PAGE_FREE && event->kind != TRACE_LOST)
		check_call(pairs);
	switch (event->kind) {
	case TRACE_PAGE_ALLOC:
	case TRACE_OBJECT_ALLOC:
	case TRACE_PERCPU_ALLOC:
		handle_alloc(pairs, event);
		break;
	case TRACE_OBJECT_FREE:
		handle_object_free(pairs, event, TRACE_OBJECT_ALLOC);
		break;
	case TRACE_PERCPU_FREE:
		handle_object_free(pairs, event, TRACE_PERCPU_ALLOC);
		break;
	case TRACE_PAGE_FREE:
		handle_page_free(pairs, event);
		break;
	case TRACE_FREE_CALL:
		handle_free_call(pairs, event);
		break;
	case TRACE_LOST:
		handle_lost(pairs);
		break;
	case TRACE_OBJECTS_LOST:
		pairs->objects_lost = true;
		break;
	default:
		break;
	}
}

size_t pairs_live(const struct pairs *pairs)
{
	size_t count = 0;

	for (size_t i = 0; i < pairs->capacity; i++)
		count += pairs->blocks[i].state == BLOCK_LIVE;
	return count;
}

static int compare_sequence(const void *a, const void *b)
{
	const struct pairs_block *const *first = a, *const *second = b;

	return (*first)->sequence < (*second)->sequence ? -1 : 1;
}

/* Return the live blocks in the order of allocation; the caller frees the array. */
static struct pairs_block **live_blocks(struct pairs *pairs, size_t *count)
{
	struct pairs_block **blocks = calloc(pairs->used + 1, sizeof(*blocks));

	if (!blocks)
		lose_memory(pairs);

	*count = 0;
	for (size_t i = 0; blocks && i < pairs->capacity; i++)
		if (pairs->blocks[i].state == BLOCK_LIVE)
			blocks[(*count)++] = &pairs->blocks[i];
	if (*count)
		qsort(blocks, *count, sizeof(*blocks), compare_sequence);
	return blocks;
}

void pairs_end(struct pairs *pairs)
{
	size_t count;
	struct pairs_block **blocks = live_blocks(pairs, &count);

	check_call(pairs);
	for (size_t i = 0; i < count && !pairs->lost; i++) {
		const struct pairs_block *block = blocks[i];
		bool pages = block->kind == TRACE_PAGE_ALLOC;
		struct pairs_finding *finding;

		if (block->kind == TRACE_OBJECT_ALLOC && pairs->objects_lost)
			continue;
		finding = add_finding(pairs, block->freed_pages ? FAULT_ORDER : FAULT_LEAK, block);
		if (pages && finding)
			finding->lost_pages += (1ULL << block->size) - block->freed_pages;
	}
	free(blocks);
	free(pairs->blocks);
	pairs->blocks = NULL;
	pairs->capacity = 0;
	pairs->used = 0;
}

size_t pairs_visit_pages(struct pairs *pairs,
			 void (*fn)(void *context, uint64_t pfn, unsigned int order, uint64_t site),
			 void *context)
{
	size_t count, visited = 0;
	struct pairs_block **blocks = live_blocks(pairs, &count);

	for (size_t i = 0; i < count; i++)
		if (blocks[i]->kind == TRACE_PAGE_ALLOC && blocks[i]->own &&
		    !strstr(blocks[i]->api, "vmalloc")) {
			fn(context, blocks[i]->address, blocks[i]->size, blocks[i]->site);
			visited++;
		}
	free(blocks);
	return visited;
}

void pairs_release(struct pairs *pairs)
{
	free(pairs->blocks);
	free(pairs->findings);
	free(pairs->pending);
	*pairs = (struct pairs) { 0 };
}
