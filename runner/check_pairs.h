/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pairs each allocation of a module with its free. An allocation is the module's own if the module
 * called the allocator, else it belongs to the kernel function that the module called.
 */
#ifndef KMEMLAB_RUNNER_CHECK_PAIRS_H
#define KMEMLAB_RUNNER_CHECK_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/check_trace.h"

/* The module's memory; the text of init is freed once it has run. */
struct pairs_module {
	uint64_t core, core_end;
	uint64_t init, init_end;
};

enum pairs_fault {
	FAULT_LEAK,
	FAULT_ORDER,		/* freed with another order than allocated */
	FAULT_TWICE,		/* freed again */
	FAULT_ATOMIC,		/* an allocation that may sleep, where the task must not */
};

/* Allocations of one call site that have one fault */
struct pairs_finding {
	enum pairs_fault fault;
	enum trace_kind kind;	/* of the allocation */
	bool own;		/* the module called the allocator */
	char api[TRACE_NAME_MAX];	/* the function that it called, if it is known */
	uint64_t site;		/* return address in the module */
	uint64_t free_site;	/* of the free, or 0 */
	uint64_t size;		/* bytes, or order, of one of them */
	uint64_t free_order;	/* if some pages were freed */
	uint64_t count;
	uint64_t lost_pages;	/* pages that were not freed, or freed without being allocated */
};

struct pairs_block;

struct pairs {
	struct pairs_module module;
	struct pairs_block *blocks;	/* hash table */
	size_t capacity, used;
	struct pairs_finding *findings;
	size_t finding_count;
	struct pairs_event *pending;	/* call of __free_pages() that may have freed nothing */
	bool lost;			/* events were lost: what the module holds is not known */
	bool no_memory;			/* the reason: the module has left too little */
	bool objects_lost;		/* frees of objects were: only leaks of others are known */
	uint64_t sequence;
};

void pairs_event(struct pairs *pairs, const struct kernel_event *event);

/* Return the number of blocks that are still allocated. */
size_t pairs_live(const struct pairs *pairs);

/* Add a finding for each block that is still allocated, and forget all blocks. */
void pairs_end(struct pairs *pairs);

/*
 * Call fn for each block of pages that the module has allocated itself, in the order of allocation.
 * Return the number of blocks, 0 and set lost if there is no memory to sort them.
 */
size_t pairs_visit_pages(struct pairs *pairs,
			 void (*fn)(void *context, uint64_t pfn, unsigned int order, uint64_t site),
			 void *context);

void pairs_release(struct pairs *pairs);

#endif
