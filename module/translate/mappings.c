// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own tables, but for the direct map, from leaf to leaf: where nothing is
 * mapped, a whole entry is stepped over, however much it stands for.
 */
#include "translate/mappings.h"

#include <linux/kmemlab.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/slab.h>

#include "clock.h"
#include "frame_set.h"
#include "translate/percpu_pages.h"
#include "translate/walk.h"
#include "user_copy.h"

#define MAPPINGS_A_COPY	128
#define STEPS_A_LOOK	1024	/* at the signals */

/**
 * struct sweep - one call on its way
 * @asked: what the caller wants
 * @walker: through the tables
 * @percpu: tells pages of the per-CPU allocator
 * @open: the mapping that the next leaf may belong to; pages 0: none
 * @count: mappings in @mappings
 * @mappings: complete ones, not copied yet
 */
struct sweep {
	struct kmemlab_mappings asked;
	struct kmemlab_walker walker;
	struct kmemlab_percpu_pages percpu;
	struct kmemlab_mapping open;
	unsigned int count;
	struct kmemlab_mapping mappings[MAPPINGS_A_COPY];
};

static int copy_mappings(struct sweep *sweep)
{
	void __user *to = u64_to_user_ptr(sweep->asked.mappings +
					  sweep->asked.count * sizeof(*sweep->mappings));

	if (copy_to_user(to, sweep->mappings, sweep->count * sizeof(*sweep->mappings)))
		return -EFAULT;
	sweep->asked.count += sweep->count;
	sweep->count = 0;
	return 0;
}

static bool has_room(const struct sweep *sweep)
{
	return sweep->asked.count + sweep->count < sweep->asked.capacity;
}

static int close_mapping(struct sweep *sweep)
{
	if (!sweep->open.pages)
		return 0;
	sweep->mappings[sweep->count++] = sweep->open;
	sweep->open.pages = 0;
	return sweep->count == MAPPINGS_A_COPY ? copy_mappings(sweep) : 0;
}

static unsigned int kind_of(struct sweep *sweep, const struct kmemlab_region *region,
			    unsigned long address)
{
	const struct kmemlab_walk *walk = &sweep->walker.way->walk;

	if (kmemlab_arch_is_image(address, walk->pfn))
		return KMEMLAB_REGION_IMAGE;
	if (region->kind == KMEMLAB_REGION_VMALLOC && walk->leaf_shift == PAGE_SHIFT &&
	    kmemlab_percpu_page(&sweep->percpu, address, walk->pfn))
		return KMEMLAB_REGION_PERCPU;
	return region->kind;
}

/* The leaf at @address maps @bytes from there on. Return: 0, -ENOSPC with nothing done, -EFAULT. */
static int add_leaf(struct sweep *sweep, const struct kmemlab_region *region,
		    unsigned long address, unsigned long bytes)
{
	const unsigned long pfn = sweep->walker.way->walk.pfn;
	const unsigned int kind = kind_of(sweep, region, address);
	struct kmemlab_mapping *open = &sweep->open;
	int error;

	if (!open->pages || open->region != kind || open->pfn + open->pages != pfn ||
	    open->address + (open->pages << PAGE_SHIFT) != address) {
		error = close_mapping(sweep);
		if (error)
			return error;
		if (!has_room(sweep))
			return -ENOSPC;
		*open = (struct kmemlab_mapping) {
			.address = address, .pfn = pfn, .region = kind,
		};
	}
	open->pages += bytes >> PAGE_SHIFT;
	return 0;
}

/* How far what the walk ended with speaks of addresses; at most behind @last. */
static unsigned long bytes_to_end(struct kmemlab_walker *walker, int error,
				  unsigned long address, unsigned long last)
{
	const struct kmemlab_walk *walk = &walker->way->walk;
	unsigned int shift = walker->tables.levels->shift, entries = 1;
	unsigned long mask, rest;

	if (!error)
		shift = walk->leaf_shift;
	else if (walk->count)
		shift = walk->steps[walk->count - 1].shift;
	if (error == -ENXIO)
		entries = kmemlab_walk_empty_entries(walker);
	mask = (1UL << shift) - 1;
	rest = mask - (address & mask);
	if (check_add_overflow(rest, (unsigned long)(entries - 1) << shift, &rest))
		rest = ULONG_MAX;
	return min(rest, last - address) + 1;
}

/* From @at to the end of the region; @at becomes where it stopped, or 0 behind the end. */
static int sweep_region(struct sweep *sweep, const struct kmemlab_region *region,
			unsigned long *at)
{
	unsigned int steps = 0;
	unsigned long bytes;
	int error;

	for (;;) {
		error = kmemlab_walk_to(&sweep->walker, *at);
		bytes = bytes_to_end(&sweep->walker, error, *at, region->last);
		if (!error)
			error = add_leaf(sweep, region, *at, bytes);
		else if (error == -ENXIO || error == -EFAULT || error == -EAGAIN)
			error = 0;	/* nothing there, or nothing that stays */
		if (error || bytes > region->last - *at)
			break;
		*at += bytes;
		if (++steps % STEPS_A_LOOK)
			continue;
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	if (!error)
		*at = 0;
	return error;
}

static unsigned int all_regions(struct kmemlab_region *regions)
{
	unsigned int count = kmemlab_arch_regions(regions);

#ifdef CONFIG_SPARSEMEM_VMEMMAP
	regions[count++] = (struct kmemlab_region) {
		(unsigned long)pfn_to_page(0),
		(unsigned long)pfn_to_page(kmemlab_frames_end()) - 1,
		KMEMLAB_REGION_MEMMAP,
	};
#endif
	return count;
}

static int sweep_all(struct sweep *sweep)
{
	struct kmemlab_region regions[KMEMLAB_ARCH_REGIONS_MAX + 1];
	const unsigned int count = all_regions(regions);
	unsigned long at = sweep->asked.start;
	unsigned int i = 0;
	int error = 0;

	while (at && i < count && (at < regions[i].first || at > regions[i].last))
		i++;
	if (i == count)
		return -EINVAL;
	for (; i < count && !error; i++) {
		if (regions[i].first > regions[i].last)
			continue;
		if (!at)
			at = regions[i].first & PAGE_MASK;
		error = sweep_region(sweep, &regions[i], &at);
	}
	if (error && error != -ENOSPC)
		return error;
	sweep->asked.next = error ? at : 0;
	return close_mapping(sweep) ?: copy_mappings(sweep);
}

static int sweep_timed(struct sweep *sweep)
{
	struct kmemlab_start start;
	int error;

	if (sweep->asked.flags || !sweep->asked.capacity || sweep->asked.start > ULONG_MAX ||
	    !IS_ALIGNED(sweep->asked.start, PAGE_SIZE))
		return -EINVAL;
	sweep->asked.count = 0;
	kmemlab_arch_kernel_tables(&sweep->walker.tables);
	kmemlab_percpu_pages_init(&sweep->percpu);
	kmemlab_clock_begin(&start);
	error = sweep_all(sweep);
	sweep->asked.ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
	return error;
}

int kmemlab_ioctl_mappings(void __user *arg)
{
	struct sweep *sweep;
	u32 user_size;
	int error;

	/* Where things lie are contents of the kernel's tables. */
	if (security_locked_down(LOCKDOWN_KCORE))
		return -EACCES;
	sweep = kvzalloc(sizeof(*sweep), GFP_KERNEL);
	if (!sweep)
		return -ENOMEM;
	error = kmemlab_copy_in(&sweep->asked, sizeof(sweep->asked), KMEMLAB_MAPPINGS_SIZE_1, arg,
				&user_size) ?:
		sweep_timed(sweep) ?:
		kmemlab_copy_out(arg, user_size, &sweep->asked, sizeof(sweep->asked));
	kvfree(sweep);
	return error;
}

int kmemlab_cpu_offset(struct kmemlab_cpu_offset *to)
{
	unsigned int cpu, index = 0;

	if (security_locked_down(LOCKDOWN_KCORE))
		return -EACCES;
	for_each_possible_cpu(cpu) {
		if (index++ != to->index)
			continue;
		to->cpu = cpu;
		to->offset = (long)per_cpu_offset(cpu);	/* with its sign, whatever its width */
		return 0;
	}
	return -ENOENT;
}
