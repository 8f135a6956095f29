// SPDX-License-Identifier: GPL-2.0-only
/*
 * KMEMLAB_IOC_MAPPINGS: list which frames the kernel maps outside of the direct map. The
 * kernel's tables are walked from leaf to leaf; an empty entry is skipped as a whole.
 */
#include <linux/kmemlab.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "clock.h"
#include "compat/compat.h"
#include "internal.h"
#include "pfn_set.h"
#include "translate/walk.h"
#include "user_copy.h"

#define MAPPINGS_PER_COPY	128
#define STEPS_PER_CHECK		1024	/* between two checks for signals */

/* Words of a struct pcpu_chunk to search: the base address is one of the first members. */
#define CHUNK_WORDS		(256 / sizeof(unsigned long))

/**
 * struct percpu_chunks - how to recognize pages of the per-CPU allocator
 * @lowest: offset of the CPU whose variables are at the lowest address
 * @span: maximum bytes of one CPU's unit in a chunk
 * @chunk: address of the last chunk, or 0
 * @base: address of the chunk's lowest unit, or 0 if @chunk is not a chunk
 */
struct percpu_chunks {
	unsigned long lowest;
	unsigned long span;
	unsigned long chunk;
	unsigned long base;
};

/**
 * struct mapping_iter - state of one call
 * @args: arguments of the ioctl
 * @walker: walker of the kernel's tables
 * @percpu: for pages of the per-CPU allocator
 * @open: mapping that the next leaf may extend; pages is 0 if there is none
 * @count: number of elements in @mappings
 * @mappings: complete mappings that are not copied to user space yet
 */
struct mapping_iter {
	struct kmemlab_mappings args;
	struct kmemlab_walker walker;
	struct percpu_chunks percpu;
	struct kmemlab_mapping open;
	unsigned int count;
	struct kmemlab_mapping mappings[MAPPINGS_PER_COPY];
};

static void percpu_chunks_init(struct percpu_chunks *chunks)
{
	unsigned int cpu, other;

	*chunks = (struct percpu_chunks) { .lowest = ULONG_MAX, .span = SZ_2M };
	for_each_possible_cpu(cpu) {
		chunks->lowest = min_t(unsigned long, chunks->lowest, per_cpu_offset(cpu));
		for_each_possible_cpu(other) {
			unsigned long distance = per_cpu_offset(other) - per_cpu_offset(cpu);

			if (distance)
				chunks->span = min(chunks->span, distance);
		}
	}
}

/* Return true if the address is in a unit of the chunk whose lowest unit is at @base. */
static bool percpu_chunk_contains(const struct percpu_chunks *chunks, unsigned long base,
				  unsigned long address)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		unsigned long unit = base + (per_cpu_offset(cpu) - chunks->lowest);

		if (address - unit < chunks->span)
			return true;
	}
	return false;
}

/* Return the first word of the chunk that can be its base address, given the address. */
static unsigned long percpu_chunk_base(const struct percpu_chunks *chunks, unsigned long chunk,
				       unsigned long address)
{
	unsigned long words[CHUNK_WORDS];
	unsigned int i;

	if (chunk < TASK_SIZE || !IS_ALIGNED(chunk, sizeof(*words)) ||
	    copy_from_kernel_nofault(words, (void *)chunk, sizeof(words)))
		return 0;
	for (i = 0; i < CHUNK_WORDS; i++) {
		if (PAGE_ALIGNED(words[i]) && is_vmalloc_addr((void *)words[i]) &&
		    percpu_chunk_contains(chunks, words[i], address))
			return words[i];
	}
	return 0;
}

/*
 * Return true if a page in the vmalloc region belongs to the per-CPU allocator, which
 * stores the chunk in each of its struct pages. Neither that nor struct pcpu_chunk is
 * exported, so the chunk counts only if its base address matches that of the page.
 */
static bool percpu_chunks_have_page(struct percpu_chunks *chunks, unsigned long address,
				    unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	unsigned long chunk = page ? compat_page_chunk(page) : 0;

	if (!chunk)
		return false;
	if (chunk == chunks->chunk && chunks->base &&
	    percpu_chunk_contains(chunks, chunks->base, address))
		return true;
	chunks->chunk = chunk;
	chunks->base = percpu_chunk_base(chunks, chunk, address);
	return chunks->base;
}

static int mapping_copy(struct mapping_iter *iter)
{
	void __user *to = u64_to_user_ptr(iter->args.mappings +
					  iter->args.count * sizeof(*iter->mappings));

	if (copy_to_user(to, iter->mappings, iter->count * sizeof(*iter->mappings)))
		return -EFAULT;
	iter->args.count += iter->count;
	iter->count = 0;
	return 0;
}

static bool mapping_has_room(const struct mapping_iter *iter)
{
	return iter->args.count + iter->count < iter->args.capacity;
}

static int mapping_close(struct mapping_iter *iter)
{
	if (!iter->open.pages)
		return 0;
	iter->mappings[iter->count++] = iter->open;
	iter->open.pages = 0;
	return iter->count == MAPPINGS_PER_COPY ? mapping_copy(iter) : 0;
}

static unsigned int mapping_kind(struct mapping_iter *iter, const struct kmemlab_region *region,
				 unsigned long address)
{
	const struct kmemlab_walk *walk = &iter->walker.path->walk;

	if (kmemlab_arch_is_image(address, walk->pfn))
		return KMEMLAB_REGION_IMAGE;
	if (region->kind == KMEMLAB_REGION_VMALLOC && walk->leaf_shift == PAGE_SHIFT &&
	    percpu_chunks_have_page(&iter->percpu, address, walk->pfn))
		return KMEMLAB_REGION_PERCPU;
	return region->kind;
}

/* Add @bytes of a leaf. Return: 0, -ENOSPC without adding it, or -EFAULT. */
static int mapping_add_leaf(struct mapping_iter *iter, const struct kmemlab_region *region,
			    unsigned long address, unsigned long bytes)
{
	const unsigned long pfn = iter->walker.path->walk.pfn;
	const unsigned int kind = mapping_kind(iter, region, address);
	struct kmemlab_mapping *open = &iter->open;
	int ret;

	if (!open->pages || open->region != kind || open->pfn + open->pages != pfn ||
	    open->address + (open->pages << PAGE_SHIFT) != address) {
		ret = mapping_close(iter);
		if (ret)
			return ret;
		if (!mapping_has_room(iter))
			return -ENOSPC;
		*open = (struct kmemlab_mapping) {
			.address = address, .pfn = pfn, .region = kind,
		};
	}
	open->pages += bytes >> PAGE_SHIFT;
	return 0;
}

/* Return the number of bytes, up to @last, for which the result of the walk holds. */
static unsigned long mapping_bytes(struct kmemlab_walker *walker, int err,
				   unsigned long address, unsigned long last)
{
	const struct kmemlab_walk *walk = &walker->path->walk;
	unsigned int shift = walker->tables.levels->shift, entries = 1;
	unsigned long mask, rest;

	if (!err)
		shift = walk->leaf_shift;
	else if (walk->count)
		shift = walk->steps[walk->count - 1].shift;
	if (err == -ENXIO)
		entries = kmemlab_walk_empty_entries(walker);
	mask = (1UL << shift) - 1;
	rest = mask - (address & mask);
	if (check_add_overflow(rest, (unsigned long)(entries - 1) << shift, &rest))
		rest = ULONG_MAX;
	return min(rest, last - address) + 1;
}

/* List a region from @pos on; sets @pos to where it stopped, or to 0 at the end. */
static int mapping_list_region(struct mapping_iter *iter, const struct kmemlab_region *region,
			       unsigned long *pos)
{
	unsigned int steps = 0;
	unsigned long bytes;
	int ret;

	for (;;) {
		ret = kmemlab_walk_to(&iter->walker, *pos);
		bytes = mapping_bytes(&iter->walker, ret, *pos, region->last);
		if (!ret)
			ret = mapping_add_leaf(iter, region, *pos, bytes);
		else if (ret == -ENXIO || ret == -EFAULT || ret == -EAGAIN)
			ret = 0;	/* not mapped, or being unmapped */
		if (ret || bytes > region->last - *pos)
			break;
		*pos += bytes;
		if (++steps % STEPS_PER_CHECK)
			continue;
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	if (!ret)
		*pos = 0;
	return ret;
}

static unsigned int mapping_regions(struct kmemlab_region *regions)
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

static int mapping_list_all(struct mapping_iter *iter)
{
	struct kmemlab_region regions[KMEMLAB_ARCH_REGIONS_MAX + 1];
	const unsigned int count = mapping_regions(regions);
	unsigned long pos = iter->args.start;
	unsigned int i = 0;
	int ret = 0;

	while (pos && i < count && (pos < regions[i].first || pos > regions[i].last))
		i++;
	if (i == count)
		return -EINVAL;
	for (; i < count && !ret; i++) {
		if (regions[i].first > regions[i].last)
			continue;
		if (!pos)
			pos = regions[i].first & PAGE_MASK;
		ret = mapping_list_region(iter, &regions[i], &pos);
	}
	if (ret && ret != -ENOSPC)
		return ret;
	iter->args.next = ret ? pos : 0;
	return mapping_close(iter) ?: mapping_copy(iter);
}

static int mapping_list_timed(struct mapping_iter *iter)
{
	struct kmemlab_start start;
	int ret;

	if (iter->args.flags || !iter->args.capacity || iter->args.start > ULONG_MAX ||
	    !IS_ALIGNED(iter->args.start, PAGE_SIZE))
		return -EINVAL;
	iter->args.count = 0;
	kmemlab_arch_kernel_tables(&iter->walker.tables);
	percpu_chunks_init(&iter->percpu);
	if (kmemlab_page_read_begin())
		return -EINTR;
	kmemlab_clock_begin(&start);
	ret = mapping_list_all(iter);
	iter->args.ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
	kmemlab_page_read_end();
	return ret;
}

/**
 * kmemlab_ioctl_mappings() - Handle KMEMLAB_IOC_MAPPINGS.
 * @arg: struct kmemlab_mappings in user space
 *
 * Return: 0 or a negative errno.
 */
int kmemlab_ioctl_mappings(void __user *arg)
{
	struct mapping_iter *iter;
	u32 user_size;
	int ret;

	/* Kernel addresses are contents of kernel memory. */
	if (security_locked_down(LOCKDOWN_KCORE))
		return -EACCES;
	iter = kvzalloc(sizeof(*iter), GFP_KERNEL);
	if (!iter)
		return -ENOMEM;
	ret = kmemlab_copy_in(&iter->args, sizeof(iter->args), KMEMLAB_MAPPINGS_SIZE_1, arg,
			      &user_size) ?:
	      mapping_list_timed(iter) ?:
	      kmemlab_copy_out(arg, user_size, &iter->args, sizeof(iter->args));
	kvfree(iter);
	return ret;
}

/**
 * kmemlab_vmalloc_gap() - Find the longest run of vmalloc addresses that is not mapped.
 * @gap_bytes: set to its length; a free range cannot be longer
 *
 * Allocates nothing: the caller may be out of memory.
 *
 * Return: 0 or -EINTR.
 */
int kmemlab_vmalloc_gap(u64 *gap_bytes)
{
	static DEFINE_MUTEX(lock);	/* protects walker */
	static struct kmemlab_walker walker;
	unsigned long pos = VMALLOC_START, bytes, gap = 0;
	unsigned int steps = 0;
	int ret = 0;

	*gap_bytes = 0;
	mutex_lock(&lock);
	memset(&walker, 0, sizeof(walker));
	kmemlab_arch_kernel_tables(&walker.tables);
	do {
		const int err = kmemlab_walk_to(&walker, pos);

		bytes = mapping_bytes(&walker, err, pos, VMALLOC_END - 1);
		gap = err ? gap + bytes : 0;
		*gap_bytes = max_t(u64, *gap_bytes, gap);
		pos += bytes;
		if (++steps % STEPS_PER_CHECK)
			continue;
		cond_resched();
		ret = signal_pending(current) ? -EINTR : 0;
	} while (pos && pos < VMALLOC_END && !ret);
	mutex_unlock(&lock);
	return ret;
}

/**
 * kmemlab_cpu_offset() - Return the per-CPU offset of a possible CPU.
 * @to: index selects the CPU among the possible ones; cpu and offset are set
 *
 * Return: 0, -ENOENT past the last CPU, or -EACCES.
 */
int kmemlab_cpu_offset(struct kmemlab_cpu_offset *to)
{
	unsigned int cpu, index = 0;

	if (security_locked_down(LOCKDOWN_KCORE))
		return -EACCES;
	for_each_possible_cpu(cpu) {
		if (index++ != to->index)
			continue;
		to->cpu = cpu;
		to->offset = (long)per_cpu_offset(cpu);	/* sign-extended */
		return 0;
	}
	return -ENOENT;
}
