// SPDX-License-Identifier: GPL-2.0
/* percpu: alloc_percpu, a copy of each object for every possible CPU. */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "facilities/facility.h"

/* How often a worker of the kernel's is waited for, at most. */
#define WAITS 50

/* What alloc_percpu() asks for, for a structure of machine words. */
#define ALIGNMENT	__alignof__(unsigned long)

/* By way of an integer: a compiler that knows the CPU's own address space wants that. */
static __always_inline void *percpu_alloc(struct kmemlab_run *run)
{
	return (void *)(__force unsigned long)__alloc_percpu_gfp(run->object_size, run->align,
								 run->gfp);
}

static __always_inline void percpu_free(struct kmemlab_run *run, void *raw)
{
	free_percpu((__force void __percpu *)(unsigned long)raw);
}

KMEMLAB_FACILITY_PLAIN_HANDLES(percpu)
KMEMLAB_FACILITY_LOOPS(percpu)

/*
 * A chunk's end may be too short for another object, and is not populated then; its notes
 * cover all of it: for each of the smallest parts, whom it is charged to, and whose code
 * took it. Chunks may be larger than the least, and waste less then. Some pages are kept
 * populated.
 */
static u64 percpu_footprint_pages(const struct kmemlab_run *run)
{
	unsigned int notes = IS_ENABLED(CONFIG_MEMCG) + IS_ENABLED(CONFIG_MEM_ALLOC_PROFILING);
	const size_t size = ALIGN(run->object_size, run->align);
	u64 chunks = DIV_ROUND_UP_ULL(run->objects, max_t(size_t, PCPU_MIN_UNIT_SIZE / size, 1));
	u64 pages = chunks * (PCPU_MIN_UNIT_SIZE >> PAGE_SHIFT);
	u64 note_pages = notes * sizeof(void *) / PCPU_MIN_ALLOC_SIZE * pages;

	pages = min(pages, kmemlab_pages_for(run->objects, size) + chunks);
	return num_possible_cpus() * (pages + 16) + note_pages;
}

static void __percpu *pointer_of(unsigned long handle)
{
	return (__force void __percpu *)handle;
}

static void *percpu_address(const struct kmemlab_run *run, unsigned long handle)
{
	return raw_cpu_ptr(pointer_of(handle));
}

static size_t percpu_usable(const struct kmemlab_run *run, unsigned long handle)
{
	return run->object_size;
}

static unsigned int percpu_copies(void)
{
	return num_possible_cpus();
}

static void *percpu_copy(const struct kmemlab_run *run, unsigned long handle, unsigned int copy)
{
	unsigned int cpu = cpumask_first(cpu_possible_mask);

	while (copy--)
		cpu = cpumask_next(cpu, cpu_possible_mask);
	if (cpu == raw_smp_processor_id())
		return percpu_address(run, handle);
	return per_cpu_ptr(pointer_of(handle), cpu);
}

/* Empty chunks are given back by a worker that nobody can flush: until no more comes. */
static void percpu_quiesce(void)
{
	unsigned long before, now = global_zone_page_state(NR_FREE_PAGES);
	unsigned int waits = 0;

	do {
		before = now;
		schedule_timeout_interruptible(max(HZ / 50, 1));
		now = global_zone_page_state(NR_FREE_PAGES);
	} while (now > before && ++waits < WAITS);
}

static size_t percpu_aligns_to(const struct kmemlab_run *run)
{
	return PAGE_SIZE;
}

const struct kmemlab_facility_ops kmemlab_percpu = {
	.name = "percpu",
	KMEMLAB_FACILITY_LOOP_HOOKS(percpu),
	/* Where it must not sleep it serves what is populated, and refuses after that. */
	.capabilities = KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = ALIGNMENT,
	.aligns_to = percpu_aligns_to,
	.object_size_min = 1,
	.object_size_max = PCPU_MIN_UNIT_SIZE,
	.grows_by = "pages",
	.idle = "a few populated pages for each possible CPU, kept by the kernel in any case",
	.gfp_refused = GFP_ZONEMASK | __GFP_COMP,
	.footprint_pages = percpu_footprint_pages,
	.address = percpu_address,
	.usable = percpu_usable,
	.quiesce = percpu_quiesce,
	.copies = percpu_copies,
	.copy = percpu_copy,
};
