// SPDX-License-Identifier: GPL-2.0-only
/* percpu: alloc_percpu, a copy of each object for every possible CPU. */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "facilities/bench_loops.h"

/* Maximum number of waits for the worker that frees empty chunks. */
#define WAITS_MAX	50

/* Alignment that alloc_percpu() requests for a structure of machine words. */
#define ALIGNMENT	__alignof__(unsigned long)

/* Convert through an integer: compilers with named address spaces reject a direct cast. */
static __always_inline void *percpu_alloc(struct kmemlab_facility_ctx *ctx)
{
	return (void *)(__force unsigned long)__alloc_percpu_gfp(ctx->object_size, ctx->align,
								 ctx->gfp);
}

static __always_inline void percpu_free(struct kmemlab_facility_ctx *ctx,
					struct kmemlab_free_args args)
{
	free_percpu((__force void __percpu *)(unsigned long)args.object);
}

KMEMLAB_FACILITY_LOOPS(percpu, percpu_alloc, percpu_free, kmemlab_plain_pack, kmemlab_plain_unpack)

/*
 * The end of a chunk may be too small for an object and is then not populated.
 * The chunk's metadata covers it anyway: for each minimal allocation a pointer to
 * the memory cgroup and one to the allocation tag. Chunks may be larger than the
 * minimum, and waste less then. The allocator keeps some pages populated.
 */
static u64 percpu_footprint_pages(const struct kmemlab_facility_ctx *ctx)
{
	unsigned int pointers = IS_ENABLED(CONFIG_MEMCG) + IS_ENABLED(CONFIG_MEM_ALLOC_PROFILING);
	const size_t size = ALIGN(ctx->object_size, ctx->align);
	u64 chunks = DIV_ROUND_UP_ULL(ctx->objects, max_t(size_t, PCPU_MIN_UNIT_SIZE / size, 1));
	u64 pages = chunks * (PCPU_MIN_UNIT_SIZE >> PAGE_SHIFT);
	u64 metadata_pages = pointers * sizeof(void *) / PCPU_MIN_ALLOC_SIZE * pages;

	pages = min(pages, kmemlab_pages_for(ctx->objects, size) + chunks);
	return num_possible_cpus() * (pages + 16) + metadata_pages;
}

static void __percpu *percpu_pointer(unsigned long handle)
{
	return (__force void __percpu *)handle;
}

static void *percpu_address(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return raw_cpu_ptr(percpu_pointer(handle));
}

static size_t percpu_usable(const struct kmemlab_facility_ctx *ctx, unsigned long handle)
{
	return ctx->object_size;
}

static unsigned int percpu_copies(void)
{
	return num_possible_cpus();
}

static void *percpu_copy(const struct kmemlab_facility_ctx *ctx, unsigned long handle,
			 unsigned int copy)
{
	unsigned int cpu = cpumask_first(cpu_possible_mask);

	while (copy--)
		cpu = cpumask_next(cpu, cpu_possible_mask);
	if (cpu == raw_smp_processor_id())
		return percpu_address(ctx, handle);
	return per_cpu_ptr(percpu_pointer(handle), cpu);
}

/* Empty chunks are freed by a worker that cannot be flushed: wait until free memory is stable. */
static void percpu_quiesce(void)
{
	unsigned long before, now = global_zone_page_state(NR_FREE_PAGES);
	unsigned int waits = 0;

	do {
		before = now;
		schedule_timeout_interruptible(max(HZ / 50, 1));
		now = global_zone_page_state(NR_FREE_PAGES);
	} while (now > before && ++waits < WAITS_MAX);
}

const struct kmemlab_facility_ops kmemlab_percpu = {
	.name = "percpu",
	KMEMLAB_FACILITY_LOOP_HOOKS(percpu),
	/* If it must not sleep, it serves from populated pages only. */
	.capabilities = KMEMLAB_CAP_ATOMIC | KMEMLAB_CAP_SHARED_FRAMES,
	.alignment = ALIGNMENT,
	.aligns_to = kmemlab_aligned_to_page,
	.object_size_min = 1,
	.object_size_max = PCPU_MIN_UNIT_SIZE,
	.grows_by = "pages",
	.idle = "a few populated pages per possible CPU, which the kernel keeps anyway",
	.gfp_refused = GFP_ZONEMASK | __GFP_COMP,
	.footprint_pages = percpu_footprint_pages,
	.address = percpu_address,
	.usable = percpu_usable,
	.quiesce = percpu_quiesce,
	.copies = percpu_copies,
	.copy = percpu_copy,
};
