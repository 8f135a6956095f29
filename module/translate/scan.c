// SPDX-License-Identifier: GPL-2.0
/*
 * The scan goes by stretches of memory that are there all or not at all, asks once for
 * each whether it is, and steps over whole free blocks and compound pages.
 */
#include "translate/scan.h"

#include <linux/kmemlab.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/slab.h>

#include "clock.h"
#include "frame_set.h"
#include "translate/page_kind.h"
#include "user_copy.h"

#define RUNS_A_COPY	1024

/* Frames whose struct pages lie side by side, and are all there or all not. */
#ifdef CONFIG_SPARSEMEM_VMEMMAP
#define STRIDE	PAGES_PER_SUBSECTION
#else
#define STRIDE	pageblock_nr_pages
#endif
#define STRIDES_A_LOOK	64	/* at the signals */

/* The bits of a page's flags that say its zone, and its node where they have room. */
#define PLACE_MASK	(((unsigned long)ZONES_MASK << ZONES_PGSHIFT) |		\
			 ((unsigned long)NODES_MASK << NODES_PGSHIFT))

/**
 * struct scan - one call on its way
 * @asked: what the caller wants
 * @open: the run that the next frame may belong to; count 0: none
 * @place: of @open, as in the flags of its pages
 * @count: runs in @runs
 * @runs: complete ones, not copied yet
 */
struct scan {
	struct kmemlab_map asked;
	struct kmemlab_frames open;
	unsigned long place;
	unsigned int count;
	struct kmemlab_frames runs[RUNS_A_COPY];
};

static int copy_runs(struct scan *scan)
{
	void __user *to = u64_to_user_ptr(scan->asked.runs +
					  scan->asked.count * sizeof(*scan->runs));

	if (copy_to_user(to, scan->runs, scan->count * sizeof(*scan->runs)))
		return -EFAULT;
	scan->asked.count += scan->count;
	scan->count = 0;
	return 0;
}

/* Is there room for one run more, beside the open one? */
static bool has_room(const struct scan *scan)
{
	return scan->asked.count + scan->count + 1 < scan->asked.capacity;
}

static int close_run(struct scan *scan)
{
	if (!scan->open.count)
		return 0;
	scan->runs[scan->count++] = scan->open;
	scan->open.count = 0;
	return scan->count == RUNS_A_COPY ? copy_runs(scan) : 0;
}

static int open_run(struct scan *scan, struct page *page, unsigned long pfn, unsigned int kind,
		    unsigned int order)
{
	int error = close_run(scan);

	scan->open = (struct kmemlab_frames) {
		.pfn = pfn, .kind = kind, .order = order,
		.zone = page_zonenum(page), .node = page_to_nid(page),
	};
	scan->place = compat_page_flags(page) & PLACE_MASK;
	return error;
}

/*
 * Looks at the frames from @at to @end, whose struct pages begin with @page;
 * @at becomes where it stopped: behind @end where a large page ends there,
 * before it where there is no room for another run. What counts is kept out of
 * memory: nothing here is called for a page like the one before.
 */
static int scan_pages(struct scan *scan, struct page *page, unsigned long *at, unsigned long end)
{
	unsigned int open_kind = KMEMLAB_PAGE_KINDS, open_order = 0;
	unsigned long pfn = *at, first = *at, place = 0;
	int error = 0;

	if (scan->open.pfn + scan->open.count == pfn && scan->open.count) {
		open_kind = scan->open.kind;
		open_order = scan->open.order;
		place = scan->place;
	}
	while (pfn < end) {
		const unsigned long flags = compat_page_flags(page);
		unsigned int order, run_order;
		unsigned long step;
		unsigned int kind;

		kind = kmemlab_page_kind(page, flags, &order);
		/* The rest of a CPU's block: who has pages has a reference to the first one. */
		if (kind == KMEMLAB_PAGE_KERNEL && open_kind == KMEMLAB_PAGE_FREE_CPU && !order &&
		    !page_ref_count(page))
			kind = KMEMLAB_PAGE_FREE_CPU;
		run_order = kind == KMEMLAB_PAGE_FREE ? order : 0;
		if (kind != open_kind || run_order != open_order ||
		    unlikely((flags & PLACE_MASK) != place)) {
			scan->open.count += pfn - first;
			first = pfn;
			if (!has_room(scan) && scan->open.count)
				break;
			error = open_run(scan, page, pfn, kind, run_order);
			if (error)
				break;
			open_kind = kind;
			open_order = run_order;
			place = scan->place;
		}
		step = 1UL << order;
		/* A large page that we are in the middle of, or that is no longer one. */
		if (unlikely(pfn & (step - 1)))
			step = 1;
		pfn += step;
		page += step;
	}
	scan->open.count += pfn - first;
	*at = pfn;
	return error;
}

static int scan_all(struct scan *scan)
{
	const unsigned long end = kmemlab_frames_end();
	unsigned long pfn = scan->asked.start;
	unsigned int strides = 0;
	int error = 0;

	while (pfn < end && !error) {
		unsigned long stop = min(ALIGN(pfn + 1, STRIDE), end);
		unsigned long first = pfn;
		struct page *page = pfn_to_online_page(pfn);

		if (page)
			error = scan_pages(scan, page, &pfn, stop);
		scan->asked.pages += pfn - first;
		if (page && pfn < stop)
			break;
		pfn = max(pfn, stop);
		if (++strides % STRIDES_A_LOOK)
			continue;
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	scan->asked.next = pfn < end ? pfn : 0;
	return error ?: close_run(scan) ?: copy_runs(scan);
}

static int scan_timed(struct scan *scan)
{
	struct kmemlab_start start;
	int error;

	if (scan->asked.flags || scan->asked.pad || !scan->asked.capacity ||
	    scan->asked.start > ULONG_MAX)
		return -EINVAL;
	scan->asked.count = 0;
	scan->asked.pages = 0;
	scan->asked.order_max = KMEMLAB_MAX_ORDER;
	kmemlab_clock_begin(&start);
	error = scan_all(scan);
	scan->asked.ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
	return error;
}

int kmemlab_ioctl_map(void __user *arg)
{
	struct scan *scan;
	u32 user_size;
	int error;

	/* What struct pages say are contents of the kernel's memory. */
	if (security_locked_down(LOCKDOWN_KCORE))
		return -EACCES;
	scan = kvzalloc(sizeof(*scan), GFP_KERNEL);
	if (!scan)
		return -ENOMEM;
	error = kmemlab_copy_in(&scan->asked, sizeof(scan->asked), KMEMLAB_MAP_SIZE_1, arg,
				&user_size) ?:
		scan_timed(scan) ?:
		kmemlab_copy_out(arg, user_size, &scan->asked, sizeof(scan->asked));
	kvfree(scan);
	return error;
}
