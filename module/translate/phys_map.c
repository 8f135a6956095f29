// SPDX-License-Identifier: GPL-2.0-only
/*
 * KMEMLAB_IOC_MAP: list the use of physical memory, as runs of equal page frames. The
 * scan checks memory for being online once per stride, and skips whole free blocks and
 * compound pages.
 */
#include <linux/kmemlab.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/slab.h>

#include "clock.h"
#include "internal.h"
#include "pfn_set.h"
#include "translate/page_info.h"
#include "user_copy.h"

#define RUNS_PER_COPY		1024
#define STRIDES_PER_CHECK	64	/* between two checks for signals */

/* Frames with consecutive struct pages, online or offline together, of one page block. */
#ifdef CONFIG_SPARSEMEM_VMEMMAP
#define STRIDE	min_t(unsigned long, PAGES_PER_SUBSECTION, pageblock_nr_pages)
#else
#define STRIDE	pageblock_nr_pages
#endif

/* Bits of the page flags with the zone, and with the node if it fits in there. */
#define PLACE_MASK	(((unsigned long)ZONES_MASK << ZONES_PGSHIFT) |		\
			 ((unsigned long)NODES_MASK << NODES_PGSHIFT))

/**
 * struct phys_scan - state of one call
 * @args: arguments of the ioctl
 * @open: run that the next frame may extend; count is 0 if there is none
 * @place: PLACE_MASK bits of the pages of @open
 * @migrate_type: migrate type of the stride that is being scanned
 * @count: number of elements in @runs
 * @runs: complete runs that are not copied to user space yet
 */
struct phys_scan {
	struct kmemlab_map args;
	struct kmemlab_frames open;
	unsigned long place;
	unsigned int migrate_type;
	unsigned int count;
	struct kmemlab_frames runs[RUNS_PER_COPY];
};

static int phys_scan_copy(struct phys_scan *scan)
{
	void __user *to = u64_to_user_ptr(scan->args.runs +
					  scan->args.count * sizeof(*scan->runs));

	if (copy_to_user(to, scan->runs, scan->count * sizeof(*scan->runs)))
		return -EFAULT;
	scan->args.count += scan->count;
	scan->count = 0;
	return 0;
}

/* Return true if there is room for a run in addition to the open one. */
static bool phys_scan_has_room(const struct phys_scan *scan)
{
	return scan->args.count + scan->count + 1 < scan->args.capacity;
}

static int phys_scan_close(struct phys_scan *scan)
{
	if (!scan->open.count)
		return 0;
	scan->runs[scan->count++] = scan->open;
	scan->open.count = 0;
	return scan->count == RUNS_PER_COPY ? phys_scan_copy(scan) : 0;
}

static int phys_scan_open(struct phys_scan *scan, struct page *page, unsigned long pfn,
			  unsigned int kind, unsigned int order)
{
	int ret = phys_scan_close(scan);

	scan->open = (struct kmemlab_frames) {
		.pfn = pfn, .kind = kind, .order = order, .migrate_type = scan->migrate_type,
		.zone = page_zonenum(page), .node = page_to_nid(page),
	};
	scan->place = compat_page_flags(page) & PLACE_MASK;
	return ret;
}

/*
 * Scan the frames from @pos to @end, whose struct pages start at @page. Sets @pos to
 * where it stopped: past @end if a large page ends there, before it if there is no
 * room for another run. The state is in local variables, and a page of the same kind
 * as the previous one needs no function call.
 */
static int phys_scan_pages(struct phys_scan *scan, struct page *page, unsigned long *pos,
			   unsigned long end)
{
	unsigned int open_kind = KMEMLAB_PAGE_KINDS, open_order = 0;
	unsigned long pfn = *pos, first = *pos, place = 0;
	int ret = 0;

	if (scan->open.pfn + scan->open.count == pfn && scan->open.count &&
	    scan->open.migrate_type == scan->migrate_type) {
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
		/* Rest of a block in a per-CPU list: an allocated first page has a reference. */
		if (kind == KMEMLAB_PAGE_KERNEL && open_kind == KMEMLAB_PAGE_FREE_CPU && !order &&
		    !page_ref_count(page))
			kind = KMEMLAB_PAGE_FREE_CPU;
		run_order = kind == KMEMLAB_PAGE_FREE ? order : 0;
		if (kind != open_kind || run_order != open_order ||
		    unlikely((flags & PLACE_MASK) != place)) {
			scan->open.count += pfn - first;
			first = pfn;
			if (!phys_scan_has_room(scan) && scan->open.count)
				break;
			ret = phys_scan_open(scan, page, pfn, kind, run_order);
			if (ret)
				break;
			open_kind = kind;
			open_order = run_order;
			place = scan->place;
		}
		step = 1UL << order;
		/* The scan started inside of a large page, or the page was split meanwhile. */
		if (unlikely(pfn & (step - 1)))
			step = 1;
		pfn += step;
		page += step;
	}
	scan->open.count += pfn - first;
	*pos = pfn;
	return ret;
}

static int phys_scan_all(struct phys_scan *scan)
{
	const unsigned long end = kmemlab_frames_end();
	unsigned long pfn = scan->args.start;
	unsigned int strides = 0;
	int ret = 0;

	while (pfn < end && !ret) {
		unsigned long stop = min(ALIGN(pfn + 1, STRIDE), end);
		unsigned long first = pfn;
		struct page *page = pfn_to_online_page(pfn);

		if (page && (scan->args.flags & KMEMLAB_MAP_MIGRATE_TYPES))
			scan->migrate_type = kmemlab_page_migrate_type(page, pfn);
		if (page)
			ret = phys_scan_pages(scan, page, &pfn, stop);
		scan->args.pages += pfn - first;
		if (page && pfn < stop)
			break;
		pfn = max(pfn, stop);
		if (++strides % STRIDES_PER_CHECK)
			continue;
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	scan->args.next = pfn < end ? pfn : 0;
	return ret ?: phys_scan_close(scan) ?: phys_scan_copy(scan);
}

static int phys_scan_timed(struct phys_scan *scan)
{
	struct kmemlab_start start;
	int ret;

	if (scan->args.flags & ~KMEMLAB_MAP_MIGRATE_TYPES || scan->args.pad ||
	    !scan->args.capacity || scan->args.start > ULONG_MAX)
		return -EINVAL;
	scan->args.count = 0;
	scan->args.pages = 0;
	scan->args.order_max = KMEMLAB_MAX_ORDER;
	if (kmemlab_page_read_begin())
		return -EINTR;
	kmemlab_clock_begin(&start);
	ret = phys_scan_all(scan);
	scan->args.ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
	kmemlab_page_read_end();
	return ret;
}

/**
 * kmemlab_ioctl_map() - Handle KMEMLAB_IOC_MAP.
 * @arg: struct kmemlab_map in user space
 *
 * Return: 0 or a negative errno.
 */
int kmemlab_ioctl_map(void __user *arg)
{
	struct phys_scan *scan;
	u32 user_size;
	int ret;

	/* The contents of struct page are contents of kernel memory. */
	if (security_locked_down(LOCKDOWN_KCORE))
		return -EACCES;
	scan = kvzalloc(sizeof(*scan), GFP_KERNEL);
	if (!scan)
		return -ENOMEM;
	ret = kmemlab_copy_in(&scan->args, sizeof(scan->args), KMEMLAB_MAP_SIZE_1, arg,
			      &user_size) ?:
	      phys_scan_timed(scan) ?:
	      kmemlab_copy_out(arg, user_size, &scan->args, sizeof(scan->args));
	kvfree(scan);
	return ret;
}
