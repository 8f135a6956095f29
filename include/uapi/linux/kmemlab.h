/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kmemlab: interface between kernel_memory.ko and user space.
 *
 * Rules for every structure that is an ioctl argument:
 *  - It begins with __u32 size, which the caller sets to its own sizeof. The
 *    module rejects a longer structure with E2BIG if the part that it does not
 *    know is not zero, and truncates its answer for a shorter one.
 *  - All fields have a fixed width and the same layout for 32-bit callers on a
 *    64-bit kernel. Padding is explicit and must be zero.
 *  - Unknown flags are rejected with EINVAL, unknown names with ENOENT.
 *  - Facilities, workloads, GFP profiles and conditions are identified by name.
 *    An index is only valid for enumeration within one open file.
 *
 * An ioctl number contains the size of its structure in this version of the
 * header. The module compares only the type and the number and takes the length
 * from the size field, so that structures can grow without new numbers.
 */
#ifndef _UAPI_LINUX_KMEMLAB_H
#define _UAPI_LINUX_KMEMLAB_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define KMEMLAB_DEVICE_NAME	"kmemlab"
#define KMEMLAB_DEVICE_PATH	"/dev/" KMEMLAB_DEVICE_NAME
#define KMEMLAB_ABI		2

#define KMEMLAB_IOC_MAGIC	0xD7
#define KMEMLAB_IOC_INFO		_IOWR(KMEMLAB_IOC_MAGIC, 0, struct kmemlab_info)
#define KMEMLAB_IOC_FACILITY		_IOWR(KMEMLAB_IOC_MAGIC, 1, struct kmemlab_facility)
#define KMEMLAB_IOC_WORKLOAD		_IOWR(KMEMLAB_IOC_MAGIC, 2, struct kmemlab_name)
#define KMEMLAB_IOC_GFP			_IOWR(KMEMLAB_IOC_MAGIC, 3, struct kmemlab_name)
#define KMEMLAB_IOC_KERNEL_CONFIG	_IOWR(KMEMLAB_IOC_MAGIC, 4, struct kmemlab_kernel_config)
#define KMEMLAB_IOC_EXPERIMENT		_IOWR(KMEMLAB_IOC_MAGIC, 5, struct kmemlab_experiment)
#define KMEMLAB_IOC_INTERFERENCE	_IOWR(KMEMLAB_IOC_MAGIC, 6, struct kmemlab_interference)
#define KMEMLAB_IOC_TRANSLATE		_IOWR(KMEMLAB_IOC_MAGIC, 16, struct kmemlab_translate)
#define KMEMLAB_IOC_PAGE_FLAG		_IOWR(KMEMLAB_IOC_MAGIC, 17, struct kmemlab_name)
#define KMEMLAB_IOC_ZONE		_IOWR(KMEMLAB_IOC_MAGIC, 18, struct kmemlab_name)
#define KMEMLAB_IOC_MAP			_IOWR(KMEMLAB_IOC_MAGIC, 19, struct kmemlab_map)
#define KMEMLAB_IOC_HOLD		_IOWR(KMEMLAB_IOC_MAGIC, 20, struct kmemlab_hold)
#define KMEMLAB_IOC_PATTERN		_IOWR(KMEMLAB_IOC_MAGIC, 21, struct kmemlab_pattern)
#define KMEMLAB_IOC_CONDITION		_IOWR(KMEMLAB_IOC_MAGIC, 22, struct kmemlab_hold)
#define KMEMLAB_IOC_MIGRATE_TYPE	_IOWR(KMEMLAB_IOC_MAGIC, 23, struct kmemlab_name)
#define KMEMLAB_IOC_MAPPINGS		_IOWR(KMEMLAB_IOC_MAGIC, 24, struct kmemlab_mappings)
#define KMEMLAB_IOC_CPU_OFFSET		_IOWR(KMEMLAB_IOC_MAGIC, 25, struct kmemlab_cpu_offset)

#define KMEMLAB_NAME_MAX	32	/* bytes, terminating zero included */
#define KMEMLAB_TEXT_MAX	256	/* bytes, terminating zero included */

/*
 * Sizes of the first version of each structure in bytes, the shortest that the
 * module accepts. For struct kmemlab_info this is enough to read the version.
 */
#define KMEMLAB_INFO_SIZE_1		40
#define KMEMLAB_FACILITY_SIZE_1		600
#define KMEMLAB_NAME_SIZE_1		40
#define KMEMLAB_KERNEL_CONFIG_SIZE_1	72
#define KMEMLAB_INTERFERENCE_SIZE_1	32
#define KMEMLAB_RESULT_SIZE_1		696
#define KMEMLAB_REFUSAL_SIZE_1		2624
#define KMEMLAB_EXPERIMENT_SIZE_1	352
#define KMEMLAB_TRANSLATE_SIZE_1	144
#define KMEMLAB_MAP_SIZE_1		64
#define KMEMLAB_HOLD_SIZE_1		368
#define KMEMLAB_PATTERN_SIZE_1		24
#define KMEMLAB_MAPPINGS_SIZE_1		56
#define KMEMLAB_CPU_OFFSET_SIZE_1	24

/* KMEMLAB_IOC_INFO: properties of the module and the running kernel. */
struct kmemlab_info {
	__u32 size;
	__u32 abi;			/* KMEMLAB_ABI of the module */
	char version[KMEMLAB_NAME_MAX];	/* module version */
	char clock[KMEMLAB_NAME_MAX];	/* "tsc", "cntvct", "ktime" ... */
	__u32 clock_overhead;		/* ticks between two reads, included in each sample */
	__u32 page_size;		/* bytes */
	__u32 page_table_levels;	/* for kernel addresses */
	__u32 cpus_online;
	__u32 cpus_possible;
	__u32 facilities;		/* number of indices in each enumeration */
	__u32 workloads;
	__u32 gfp_profiles;
	__u32 settings;
	__u32 delay_instructions;	/* executed by one operation of facility delay */
	__u64 live_bytes;		/* size of the live objects; 0 if none is held */
	__u64 reserved_pages;		/* reserved from the budget; 0 if idle */
	__u64 budget_pages;		/* available to a GFP_KERNEL experiment */
};

/* struct kmemlab_facility.capabilities */
#define KMEMLAB_CAP_CONTIGUOUS		(1ULL << 0)	/* each object is physically contiguous */
#define KMEMLAB_CAP_SET_CONTIGUOUS	(1ULL << 1)	/* so is each operation as a whole */
#define KMEMLAB_CAP_ATOMIC		(1ULL << 2)	/* works in atomic context */
#define KMEMLAB_CAP_BULK		(1ULL << 3)	/* has bulk calls */
#define KMEMLAB_CAP_DMA			(1ULL << 4)	/* provides device addresses */
#define KMEMLAB_CAP_MAPPABLE		(1ULL << 5)	/* objects can be mapped to user space */
#define KMEMLAB_CAP_CALIBRATION		(1ULL << 6)	/* allocates no memory */
#define KMEMLAB_CAP_SHARED_FRAMES	(1ULL << 7)	/* objects can share a page frame */
#define KMEMLAB_CAP_OPERATION		(1ULL << 8)	/* runs a user's code */

/* KMEMLAB_IOC_FACILITY: one facility, by index. ENOENT past the last one. */
struct kmemlab_facility {
	__u32 size;
	__u32 index;			/* in */
	char name[KMEMLAB_NAME_MAX];
	__u32 available;		/* 0: not in this kernel, see reason */
	__u32 alignment;		/* minimum alignment of an object in bytes */
	__u64 object_size_min;		/* bytes */
	__u64 object_size_max;		/* bytes */
	__u64 capabilities;		/* KMEMLAB_CAP_* */
	char reason[KMEMLAB_TEXT_MAX];	/* human-readable; empty if available */
	char idle[KMEMLAB_TEXT_MAX];	/* resources used without live objects */
	__u64 physical_limit;		/* objects are below this address; 0: no limit */
	__u32 copies;			/* of each object, for example one per CPU; else 1 */
	__u32 pad;
};

/*
 * KMEMLAB_IOC_WORKLOAD, KMEMLAB_IOC_GFP, KMEMLAB_IOC_PAGE_FLAG, KMEMLAB_IOC_ZONE and
 * KMEMLAB_IOC_MIGRATE_TYPE: one name, by index. ENOENT past the last one. A workload whose name
 * ends in ':' takes a number of at least 2 after it ("partial:32").
 */
struct kmemlab_name {
	__u32 size;
	__u32 index;			/* in */
	char name[KMEMLAB_NAME_MAX];
};

/* KMEMLAB_IOC_KERNEL_CONFIG: a setting of the kernel that affects the results. */
struct kmemlab_kernel_config {
	__u32 size;
	__u32 index;			/* in */
	char name[KMEMLAB_NAME_MAX];	/* "init_on_alloc" */
	char value[KMEMLAB_NAME_MAX];	/* "on", "off", a number or a word */
};

/*
 * KMEMLAB_IOC_INTERFERENCE: counters of the events that can disturb an operation.
 * Two reads around an operation in user space give the tags of its sample.
 */
struct kmemlab_interference {
	__u32 size;
	__u32 cpu;
	__u64 interrupts;		/* taken by this CPU */
	__u64 waited;			/* voluntary context switches of the caller */
	__u64 preempted;		/* involuntary context switches of the caller */
};

/*
 * A sample: cost of one operation in clock ticks including the clock's overhead,
 * and tags for the events that disturbed it.
 */
#define KMEMLAB_SAMPLE_VALUE		0x0fffffffU
#define KMEMLAB_SAMPLE_INTERRUPTED	0x10000000U
#define KMEMLAB_SAMPLE_SWITCHED		0x20000000U	/* preempted by another task */
#define KMEMLAB_SAMPLE_MIGRATED		0x40000000U
#define KMEMLAB_SAMPLE_SLEPT		0x80000000U	/* gave up the CPU */

/* Exact value of a sample that is too large for KMEMLAB_SAMPLE_VALUE. */
struct kmemlab_overflow {
	__u64 index;
	__u64 value;
};

/* Buffers for the samples of one direction; either pointer may be 0. */
struct kmemlab_samples {
	__aligned_u64 samples;		/* in: __u32[capacity] */
	__u64 capacity;			/* in: number of samples */
	__aligned_u64 overflows;	/* in: struct kmemlab_overflow[] */
	__u64 overflow_capacity;	/* in */
	__u64 count;			/* out: samples taken; at most capacity were copied */
	__u64 overflow_count;		/* out: number of overflows */
	__u64 total_ticks;		/* out: sum of all samples */
};

#define KMEMLAB_STATUS_OK	0
#define KMEMLAB_STATUS_SKIPPED	1	/* not started or aborted; nothing is held */
#define KMEMLAB_STATUS_FAILED	2	/* verification found an error */

/*
 * Reason for a status other than OK (or, for an unbounded workload, for its end);
 * the reason field of the same structure has the human-readable text.
 */
enum kmemlab_reason {
	KMEMLAB_REASON_NONE = 0,
	/* rejected before anything was allocated */
	KMEMLAB_REASON_UNAVAILABLE,	/* not in this kernel or on this machine */
	KMEMLAB_REASON_TOO_LARGE,	/* larger than any machine */
	KMEMLAB_REASON_SIZE,		/* outside of the facility's object sizes */
	KMEMLAB_REASON_GFP,		/* GFP profile not supported by the facility */
	KMEMLAB_REASON_NODE,		/* a NUMA node cannot be selected */
	KMEMLAB_REASON_ALIGN,		/* alignment not supported */
	KMEMLAB_REASON_FREE_ORDER,	/* unknown or not supported by the workload */
	KMEMLAB_REASON_FREE_CPU,	/* offline or not usable for this workload */
	KMEMLAB_REASON_BULK,		/* bulk calls not supported */
	KMEMLAB_REASON_RCU,		/* free after a grace period not supported */
	KMEMLAB_REASON_CPUS,		/* bad list, or several CPUs not supported */
	KMEMLAB_REASON_CPUS_BUSY,	/* used by another experiment */
	KMEMLAB_REASON_HOLD,		/* objects cannot be held or mapped */
	KMEMLAB_REASON_BUDGET,		/* more than the memory budget allows */
	/* failed while running */
	KMEMLAB_REASON_NO_MEMORY,	/* not enough for the module's bookkeeping */
	KMEMLAB_REASON_PREPARE,		/* the facility could not be prepared */
	KMEMLAB_REASON_ALLOC_FAILED,	/* an allocation failed */
	KMEMLAB_REASON_NO_FREE_BLOCK,	/* no free page block to drain the per-CPU lists */
	KMEMLAB_REASON_TIMEOUT,		/* the CPUs did not start together */
	KMEMLAB_REASON_CPU_OFFLINE,	/* a CPU was taken offline */
	/* verification */
	KMEMLAB_REASON_UNVERIFIED,	/* not all objects were verified */
	KMEMLAB_REASON_MISALIGNED,	/* objects are not aligned as requested */
	KMEMLAB_REASON_MISMATCH,	/* wrong contents or translations */
	/* end of an unbounded workload */
	KMEMLAB_REASON_RAMP_LIMIT,	/* the facility's own limit */
	/* rejected before anything was allocated */
	KMEMLAB_REASON_OWN_SIZE,	/* larger than this module, not the kernel, allows */
	KMEMLAB_REASON_WORKLOAD,	/* the workload's number needs more objects */
};

#define KMEMLAB_ORDERS_MAX	32	/* the last entry includes all larger orders */

/* struct kmemlab_result.valid: groups of fields that were measured */
#define KMEMLAB_VALID_MEMORY		(1U << 0)
#define KMEMLAB_VALID_CONTIGUITY	(1U << 1)
#define KMEMLAB_VALID_VERIFICATION	(1U << 2)
#define KMEMLAB_VALID_DEFERRED		(1U << 3)
#define KMEMLAB_VALID_CONCURRENT	(1U << 4)
#define KMEMLAB_VALID_TAIL		(1U << 5)
#define KMEMLAB_VALID_PMU		(1U << 6)
#define KMEMLAB_VALID_STRING_BYTES	(1U << 7)
#define KMEMLAB_VALID_KEPT		(1U << 8)
#define KMEMLAB_VALID_OPERATION	(1U << 9)	/* system_bytes and leaked_bytes */

/* Translation routes: ways to find the PFN of an address */
#define KMEMLAB_ROUTE_WALK		(1U << 0)	/* page-table walk of the module */
#define KMEMLAB_ROUTE_DIRECT_MAP	(1U << 1)	/* arithmetic on direct-map addresses */
#define KMEMLAB_ROUTE_VMALLOC_TO_PAGE	(1U << 2)
#define KMEMLAB_ROUTE_LOOKUP_ADDRESS	(1U << 3)	/* x86 */
#define KMEMLAB_ROUTE_FACILITY		(1U << 4)	/* PFN reported by the facility */
#define KMEMLAB_ROUTE_PAGEMAP		(1U << 5)	/* /proc/self/pagemap (facility user) */

/* Bytes that repeated x86 string instructions wrote */
struct kmemlab_string_bytes {
	__u64 stored;			/* by stos: cleared, or filled with another value */
	__u64 copied;			/* by movs */
};

/* Many operations between two clock reads, minus the overhead of clock and loop */
struct kmemlab_loop {
	__s64 ticks;
	__u64 operations;		/* 0: not measured */
};

#define KMEMLAB_CAUSES_MAX	16

/* A slow path and the number of operations that took it, from a separate pass */
struct kmemlab_cause {
	char name[KMEMLAB_NAME_MAX];	/* "list_refill"; empty: end of the list */
	__u32 observed;			/* 0: not observable in this kernel */
	__u32 pad;
	__u64 allocs;
	__u64 frees;
};

/* Cost of the operations with a cause that nothing disturbed */
struct kmemlab_cause_cost {
	__u64 operations;
	__u64 ticks;			/* sum, including the clock overhead, without the probes */
};

/* The slowest operations of the separate pass, from its 99.9th percentile on */
struct kmemlab_outliers {
	__u64 threshold;		/* ticks including the clock overhead, without the probes */
	__u64 operations;		/* at or above the threshold */
	__u64 unexplained;		/* of these: without a cause */
	__u64 with[KMEMLAB_CAUSES_MAX];	/* of these: with this cause, in the order of tail_causes */
};

#define KMEMLAB_PMU_MAX	8

/* Total of a CPU performance counter, minus the overhead of the loop */
struct kmemlab_pmu_event {
	char name[KMEMLAB_NAME_MAX];	/* "instructions"; empty: end of the list */
	__u32 counted;			/* 0: no such counter, or none was free */
	__u32 pad;
	__s64 allocs;			/* sum over all counted allocations */
	__s64 frees;
};

#define KMEMLAB_REFUSAL_ZONES_MAX	16
#define KMEMLAB_REFUSAL_ORDERS_MAX	16
#define KMEMLAB_NO_ORDER	(~0U)

/*
 * A zone that serves a refused request. The request fails there if the usable free pages
 * without 2^order - 1 do not exceed mark_pages + reserve_pages, or if no usable block is free.
 */
struct kmemlab_refusal_zone {
	char name[KMEMLAB_NAME_MAX];
	__u32 node;
	__u32 orders;			/* valid elements of free_blocks */
	__u64 managed_pages;
	__u64 free_pages;
	__u64 unusable_pages;		/* of these: for movable or for atomic requests only */
	__u64 cma_pages;		/* free pages of CMA */
	__u64 listed_pages;		/* free pages in per-CPU lists, in no other field */
	__u64 mark_pages;		/* lowest watermark that applies to the request */
	__u64 reserve_pages;		/* kept for requests that no higher zone can serve */
	__u32 free_blocks[KMEMLAB_REFUSAL_ORDERS_MAX];	/* usable ones, by order */
};

/* struct kmemlab_refusal.retried and granted: the request, repeated with other flags */
#define KMEMLAB_RETRY_SAME		(1U << 0)
#define KMEMLAB_RETRY_UNACCOUNTED	(1U << 1)	/* not charged to a memory cgroup */
#define KMEMLAB_RETRY_SLEEPING		(1U << 2)	/* may sleep and reclaim */
#define KMEMLAB_RETRY_MAPPING		(1U << 3)	/* only the addresses, by vmap() */

/*
 * State of the memory at the first failed allocation, written to
 * struct kmemlab_experiment.refusal if there is one
 */
struct kmemlab_refusal {
	__u32 size;
	__u32 known;			/* not 0 */
	__u32 order;			/* smallest block that serves it, or KMEMLAB_NO_ORDER */
	__u32 retried;			/* KMEMLAB_RETRY_* */
	__u32 granted;			/* of retried */
	__u32 cma;			/* CMA was asked first */
	__u64 vmalloc_bytes;		/* vmalloc addresses; 0: not needed or unknown */
	__u64 vmalloc_gap_bytes;	/* longest run of these that is not mapped */
	__u64 vmalloc_needed_bytes;	/* of consecutive addresses, with the guard page */
	__u64 vmalloc_range_bytes;	/* longest range that RETRY_MAPPING found */
	__u32 zones_count;		/* can exceed the number of elements */
	__u32 populated_only;		/* may only use per-CPU pages that are populated */
	struct kmemlab_refusal_zone zones[KMEMLAB_REFUSAL_ZONES_MAX];
};

/* Result of an experiment, written to struct kmemlab_experiment.result */
struct kmemlab_result {
	__u32 size;
	__u32 status;			/* KMEMLAB_STATUS_* */
	__s32 error;			/* negative errno if skipped, else 0 */
	__u32 valid;			/* KMEMLAB_VALID_* */
	char reason[KMEMLAB_TEXT_MAX];	/* human-readable, see reason_code */
	__u64 objects_per_operation;	/* objects per (full) allocation */
	__u64 requested_bytes;		/* objects times copies times object_size */
	__u64 usable_bytes;		/* usable by the caller */
	__u64 backing_bytes;		/* page frames backing the objects */
	__s64 system_bytes;		/* decrease of the system's free memory */
	__s64 system_slab_bytes;	/* of this: slab */
	__s64 system_table_bytes;	/* of this: page tables */
	__u64 extents;			/* runs of consecutive page frames */
	__u64 largest_extent_bytes;
	__u64 contiguous_objects;	/* objects with consecutive page frames */
	__u64 extents_by_order[KMEMLAB_ORDERS_MAX];	/* indexed by floor(log2(pages)) */
	__u64 verified_objects;
	__u64 verified_bytes;
	__u64 mismatched_bytes;		/* bytes with wrong contents */
	__u64 route_mismatches;		/* addresses with different PFNs */
	__u32 routes;			/* KMEMLAB_ROUTE_* that were compared */
	__u32 reason_code;		/* enum kmemlab_reason */
	__u64 deferred_ticks;		/* cost of deferred frees after the last free */
	__u64 objects_per_free;		/* objects per (full) free call */
	struct kmemlab_loop alloc_loop;
	struct kmemlab_loop free_loop;
	__u64 concurrent_operations;	/* allocations and frees while all CPUs ran */
	__u64 concurrent_ticks;		/* time during which all CPUs ran */
	__u64 aligned_by_order[KMEMLAB_ORDERS_MAX];	/* aligned blocks in the extents */
	__u64 device_ready_objects;	/* contiguous, below 4 GiB and DMA-aligned */
	char tail_reason[KMEMLAB_TEXT_MAX];	/* why the pass for slow paths did not run */
	__u64 tail_allocs;		/* observed operations */
	__u64 tail_frees;
	struct kmemlab_cause tail_causes[KMEMLAB_CAUSES_MAX];
	char pmu_reason[KMEMLAB_TEXT_MAX];	/* why the counter pass did not run */
	__u64 pmu_allocs;		/* counted operations */
	__u64 pmu_frees;
	struct kmemlab_pmu_event pmu_events[KMEMLAB_PMU_MAX];
	__u64 misaligned;		/* objects with a wrong alignment */
	struct kmemlab_outliers alloc_outliers;
	struct kmemlab_outliers free_outliers;
	__u64 backing_slab_bytes;	/* part of backing_bytes in slabs */
	__u64 struct_page_bytes;	/* struct page of the frames, allocated at boot */
	__s64 idle_bytes;		/* system_bytes without live objects */
	__u64 verification_ticks;	/* time spent on verification; not in the samples */
	struct kmemlab_string_bytes alloc_bytes;	/* sum of all samples */
	struct kmemlab_string_bytes free_bytes;
	__u64 kept_objects;		/* of a set that was partly freed */
	__u64 kept_requested_bytes;	/* the same fields as above, for these objects */
	__u64 kept_backing_bytes;
	__s64 kept_system_bytes;
	struct kmemlab_cause_cost alloc_costs[KMEMLAB_CAUSES_MAX];	/* as tail_causes */
	struct kmemlab_cause_cost free_costs[KMEMLAB_CAUSES_MAX];
	__s64 leaked_bytes;		/* lost by a round of operations */
};

/* struct kmemlab_experiment.flags */
#define KMEMLAB_EXPERIMENT_MARK	(1U << 0)	/* execute trace marks */
#define KMEMLAB_EXPERIMENT_TAILS	(1U << 1)	/* separate pass for slow paths */
#define KMEMLAB_EXPERIMENT_PMU	(1U << 2)	/* separate pass for CPU performance counters */
#define KMEMLAB_EXPERIMENT_AVOID_TICKS	(1U << 3)	/* let timer ticks pass first */

/*
 * Trace marks: instructions without effect that a tracing emulator recognizes.
 * ALLOC or FREE precedes the first clock read of an operation, DONE follows the
 * last one. ARMED and DISARMED surround an experiment. Operations between PAUSE
 * and RESUME are not in the samples.
 */
#define KMEMLAB_MARK_MAGIC	0x6b6d
#define KMEMLAB_MARK_ARMED	1
#define KMEMLAB_MARK_DISARMED	2
#define KMEMLAB_MARK_ALLOC	3
#define KMEMLAB_MARK_FREE	4
#define KMEMLAB_MARK_DONE	5
#define KMEMLAB_MARK_PAUSE	6
#define KMEMLAB_MARK_RESUME	7
#define KMEMLAB_MARK_COUNTERS	8	/* string_counters are read next; x86 only */

/*
 * An area of memory: between ALLOC or FREE and DONE without a clock read, KMEMLAB_AREA_WORDS
 * values as loads of bytes. The lowest eight bits of each load's address are a byte of a value,
 * lowest first. The values are the kind, the address, the bytes and a name of up to seven
 * characters. An area of kind OBJECT is memory of the previous allocation or of the next free.
 */
#define KMEMLAB_AREA_WORDS	4
#define KMEMLAB_AREA_OBJECT	0	/* memory or struct pages of an object */
#define KMEMLAB_AREA_TASK	1	/* of the calling task, likewise the stack */
#define KMEMLAB_AREA_STACK	2
#define KMEMLAB_AREA_ZONE_LOCK	3
#define KMEMLAB_AREA_ZONE_FREE	4	/* lists of free blocks */
#define KMEMLAB_AREA_ZONE	5
#define KMEMLAB_AREA_NODE	6
#define KMEMLAB_AREA_PAGES	7	/* struct pages of a zone */
#define KMEMLAB_AREA_KINDS	8

/*
 * Share of one of several CPUs. Its samples follow those of the previous CPU in
 * the buffers; overflow indices refer to the whole buffer.
 */
struct kmemlab_cpu_share {
	__u32 cpu;
	__u32 pad;
	__u64 alloc_samples;
	__u64 free_samples;
	__u64 concurrent_operations;
};

/*
 * KMEMLAB_IOC_EXPERIMENT: run one experiment in the caller on its current CPU. With
 * cpu_count above 1, run it in one thread per CPU; the objects are divided among them.
 */
struct kmemlab_experiment {
	__u32 size;
	__u32 flags;			/* KMEMLAB_EXPERIMENT_* */
	char facility[KMEMLAB_NAME_MAX];
	char workload[KMEMLAB_NAME_MAX];
	char gfp[KMEMLAB_NAME_MAX];		/* GFP profile; empty: "kernel" */
	char condition[KMEMLAB_NAME_MAX];	/* of memory; empty: "fresh" */
	char free_order[KMEMLAB_NAME_MAX];	/* empty: the workload's default */
	__u64 object_size;		/* bytes */
	__u64 objects;
	__u64 align;			/* bytes; 0: the facility's default */
	__u64 seed;
	__u64 bulk;			/* objects per call; 0: the workload's default */
	__u32 repeats;			/* 0 means 1 */
	__s32 node;			/* -1: any */
	__s32 free_cpu;			/* -1: the allocating CPU */
	__u32 cpu_count;		/* entries in cpus; 0 or 1: the caller's CPU */
	__aligned_u64 cpus;		/* in: __u32[cpu_count], ascending */
	struct kmemlab_samples alloc;
	struct kmemlab_samples free;
	__aligned_u64 result;		/* out: struct kmemlab_result; in: its size */
	__aligned_u64 shares;		/* out: struct kmemlab_cpu_share[cpu_count], or 0 */
	__aligned_u64 refusal;		/* out: struct kmemlab_refusal, or 0; in: its size */
};

/* struct kmemlab_translate.space: kind of the inputs */
#define KMEMLAB_SPACE_KERNEL	0	/* kernel virtual addresses */
#define KMEMLAB_SPACE_PROCESS	1	/* virtual addresses of process pid */
#define KMEMLAB_SPACE_PHYS	2	/* physical addresses, to kernel addresses */
#define KMEMLAB_SPACE_OBJECTS	3	/* object numbers; only on the file of a held set */

#define KMEMLAB_TRANSLATE_MAX	1024	/* inputs per call */
#define KMEMLAB_TRANSLATE_ROUTES	(1U << 0)	/* flags: compare all routes */

/* struct kmemlab_lookup.status */
#define KMEMLAB_LOOKUP_OK		0
#define KMEMLAB_LOOKUP_NOT_PRESENT	1	/* the last step is not present */
#define KMEMLAB_LOOKUP_NON_CANONICAL	2	/* not a valid address */
#define KMEMLAB_LOOKUP_NOT_KERNEL	3	/* in the user half */
#define KMEMLAB_LOOKUP_NOT_PROCESS	4	/* in the kernel half */
#define KMEMLAB_LOOKUP_UNREADABLE	5	/* a page table could not be read */
#define KMEMLAB_LOOKUP_CHANGING		6	/* the page tables kept changing */
#define KMEMLAB_LOOKUP_NO_DIRECT_MAP	7	/* not mapped at any kernel address */
#define KMEMLAB_LOOKUP_NO_OBJECT	8	/* past the last object or its last byte */

#define KMEMLAB_STEPS_MAX	6
#define KMEMLAB_ROUTES_MAX	8

/* One level of a page-table walk */
struct kmemlab_walk_level {
	__u64 table;			/* physical address of the table */
	__u64 raw;			/* raw entry */
	__u32 index;			/* of the entry */
	__u16 shift;			/* log2 of the bytes that one entry maps */
	__u16 entry_bytes;
};

/* struct kmemlab_page.kind and struct kmemlab_frames.kind */
#define KMEMLAB_PAGE_NONE	0	/* no struct page: hole or device memory */
#define KMEMLAB_PAGE_FREE	1	/* in a free block of the buddy allocator, see order */
#define KMEMLAB_PAGE_FREE_CPU	2	/* free, on a per-CPU list */
#define KMEMLAB_PAGE_RESERVED	3	/* reserved at boot */
#define KMEMLAB_PAGE_SLAB	4
#define KMEMLAB_PAGE_TABLE	5	/* page table */
#define KMEMLAB_PAGE_ANON	6
#define KMEMLAB_PAGE_FILE	7
#define KMEMLAB_PAGE_KERNEL	8	/* other kernel memory */
#define KMEMLAB_PAGE_OFFLINE	9
#define KMEMLAB_PAGE_POISONED	10	/* hardware error */
#define KMEMLAB_PAGE_HUGETLB	11	/* huge page of hugetlbfs, used or not */
#define KMEMLAB_PAGE_KINDS	12

/* struct kmemlab_page.valid */
#define KMEMLAB_PAGE_HAS_MAPCOUNT	(1U << 0)
#define KMEMLAB_PAGE_HAS_ORDER		(1U << 1)	/* a compound page or a free block */
#define KMEMLAB_PAGE_HAS_MIGRATE_TYPE	(1U << 2)

/* Contents of a struct page */
struct kmemlab_page {
	__u64 flags;			/* raw, see KMEMLAB_IOC_PAGE_FLAG */
	__u64 head_pfn;			/* of the compound page, else of the page */
	__s32 refcount;
	__s32 mapcount;
	__u32 valid;			/* KMEMLAB_PAGE_HAS_* */
	__s32 node;
	__u16 kind;			/* KMEMLAB_PAGE_* */
	__u16 zone;			/* see KMEMLAB_IOC_ZONE */
	__u16 order;
	__u16 migrate_type;		/* of the page block, see KMEMLAB_IOC_MIGRATE_TYPE */
};

/* Translation of one address */
struct kmemlab_lookup {
	__u64 address;			/* virtual; PHYS: direct-map address or 0 */
	__u64 phys;			/* of that byte if status is OK; PHYS: the input */
	__u64 position;			/* OBJECTS: offset in the file of the set */
	__u32 status;			/* KMEMLAB_LOOKUP_* */
	__u32 steps_count;
	__u32 leaf_shift;		/* log2 of the bytes that the last entry maps */
	__u32 routes;			/* KMEMLAB_ROUTE_* that were compared */
	__u32 disagree;			/* of these: routes with a different PFN */
	__u32 pad;
	struct kmemlab_page page;
	struct kmemlab_walk_level steps[KMEMLAB_STEPS_MAX];	/* from the root */
	__u64 route_pfns[KMEMLAB_ROUTES_MAX];	/* indexed by bit of routes; ~0: none */
	__u64 struct_page;		/* its address, if page.kind is not NONE */
};

/*
 * struct kmemlab_table_format.controls: settings of the CPU that decide where an attribute of an
 * entry is, or if it has an effect
 */
#define KMEMLAB_CONTROL_SHAREABILITY	3U		/* arm64 with LPA2: of all entries */
#define KMEMLAB_CONTROL_LPA2		(1U << 2)	/* arm64: bits 9:8 are address bits 51:50 */
#define KMEMLAB_CONTROL_DIRTY		(1U << 3)	/* arm64: hardware clears read_only */
#define KMEMLAB_CONTROL_FLAT		(1U << 4)	/* arm64: tables have no permissions */
#define KMEMLAB_CONTROL_REMAP		(1U << 5)	/* arm: TEX[0], C and B are an index */
#define KMEMLAB_CONTROL_ACCESS_FLAG	(1U << 6)	/* arm: AP[0] is an access flag */

/* Format of the kernel's page tables; constant while the kernel runs */
struct kmemlab_table_format {
	char name[KMEMLAB_NAME_MAX];	/* "x86_64", "arm", "arm_lpae", "arm64" */
	__u32 levels;
	__u32 page_shift;
	__u32 address_bits;		/* virtual address bits */
	__u32 phys_bits;		/* physical address bits in an entry */
	__s32 prot_none_bit;		/* of a PROT_NONE entry; -1: none */
	__u32 swap_type_shift;
	__u32 swap_type_bits;
	__u32 swap_offset_shift;
	__u32 swap_offset_bits;
	__u32 swap_inverted;		/* the offset is stored inverted */
	__u32 swap_files;		/* types from here on are not swap files */
	__u32 migration_first;		/* first type of migration entries */
	__u32 migration_count;
	__u32 controls;			/* KMEMLAB_CONTROL_* */
	__u32 struct_page_bytes;
	__u32 pad;
};

/* KMEMLAB_IOC_TRANSLATE: translate up to KMEMLAB_TRANSLATE_MAX addresses */
struct kmemlab_translate {
	__u32 size;
	__u32 flags;			/* KMEMLAB_TRANSLATE_* */
	__u32 space;			/* KMEMLAB_SPACE_* */
	__s32 pid;			/* PROCESS: in the caller's namespace; 0: the caller;
					 * others need CAP_SYS_PTRACE
					 */
	__u32 count;
	__u32 lookup_size;		/* in: bytes per answer, 8 to page_size */
	__u64 offset;			/* OBJECTS: byte offset in each object */
	__aligned_u64 inputs;		/* in: __u64[count] */
	__aligned_u64 answers;		/* out: struct kmemlab_lookup[count] */
	__u64 ticks;			/* out: time spent on the answers */
	struct kmemlab_table_format format;	/* out */
};

/* A run of consecutive page frames of one kind */
struct kmemlab_frames {
	__u64 pfn;
	__u64 count;
	__u16 kind;			/* KMEMLAB_PAGE_* */
	__u8 order;			/* FREE: order of each block */
	__u8 migrate_type;		/* with KMEMLAB_MAP_MIGRATE_TYPES, else 0 */
	__u16 zone;
	__s16 node;
};

/* struct kmemlab_map.flags: runs end where the migrate type of the page block changes */
#define KMEMLAB_MAP_MIGRATE_TYPES	(1U << 0)

/* KMEMLAB_IOC_MAP: use of physical memory; call again until next is 0 */
struct kmemlab_map {
	__u32 size;
	__u32 flags;			/* KMEMLAB_MAP_* */
	__u64 start;			/* in: first PFN */
	__aligned_u64 runs;		/* out: struct kmemlab_frames[capacity] */
	__u64 capacity;			/* in: at least 1 */
	__u64 count;			/* out: runs copied */
	__u64 next;			/* out: PFN to continue from; 0: end of memory */
	__u64 pages;			/* out: page frames with a struct page */
	__u64 ticks;			/* out: time spent on the scan */
	__u32 order_max;		/* out: largest order of a free block */
	__u32 pad;
};

/* struct kmemlab_mapping.region: part of the kernel address space */
#define KMEMLAB_REGION_IMAGE	0	/* kernel code and data */
#define KMEMLAB_REGION_MODULES	1
#define KMEMLAB_REGION_VMALLOC	2	/* vmalloc, vmap, ioremap, stacks */
#define KMEMLAB_REGION_PERCPU	3	/* including pages of the per-CPU allocator */
#define KMEMLAB_REGION_MEMMAP	4	/* array of struct page */
#define KMEMLAB_REGION_FIXED	5	/* fixed addresses, entry code, temporary mappings */
#define KMEMLAB_REGIONS		6

/* Consecutive page frames at consecutive kernel addresses */
struct kmemlab_mapping {
	__u64 address;
	__u64 pfn;
	__u64 pages;
	__u32 region;			/* KMEMLAB_REGION_* */
	__u32 pad;
};

/*
 * KMEMLAB_IOC_MAPPINGS: kernel mappings outside of the direct map; call again until
 * next is 0.
 */
struct kmemlab_mappings {
	__u32 size;
	__u32 flags;			/* none defined: 0 */
	__u64 start;			/* in: first address; 0: all */
	__aligned_u64 mappings;		/* out: struct kmemlab_mapping[capacity] */
	__u64 capacity;			/* in: at least 1 */
	__u64 count;			/* out: mappings copied */
	__u64 next;			/* out: address to continue from; 0: end */
	__u64 ticks;			/* out: time spent on the scan */
};

/* KMEMLAB_IOC_CPU_OFFSET: per-CPU offset of a possible CPU. ENOENT past the last one. */
struct kmemlab_cpu_offset {
	__u32 size;
	__u32 index;			/* in: index of the possible CPU */
	__u32 cpu;
	__u32 pad;
	__u64 offset;			/* to add to the address of a per-CPU variable */
};

#define KMEMLAB_HOLD_MAPPABLE	(1U << 0)	/* flags: zeroed whole pages for mmap */

/*
 * KMEMLAB_IOC_HOLD: allocate an object set and return a file that keeps it until
 * it is closed. The file accepts KMEMLAB_IOC_TRANSLATE with OBJECTS. If the set is
 * mappable, it also accepts KMEMLAB_IOC_PATTERN, and the offset of mmap() is a byte
 * of the set.
 *
 * KMEMLAB_IOC_CONDITION: allocate no objects, but put memory into a condition and
 * return a file that keeps this condition until it is closed.
 */
struct kmemlab_hold {
	__u32 size;
	__u32 flags;			/* KMEMLAB_HOLD_* */
	char facility[KMEMLAB_NAME_MAX];
	char gfp[KMEMLAB_NAME_MAX];	/* empty: "kernel" */
	__u64 object_size;		/* bytes */
	__u64 objects;
	__u64 set_bytes;		/* out: bytes that can be mapped; 0: none */
	__s32 fd;			/* out: file if status is OK, else -1 */
	__u32 status;			/* out: KMEMLAB_STATUS_* */
	__s32 error;			/* out: negative errno if skipped, else 0 */
	__u32 reason_code;		/* out: enum kmemlab_reason */
	char reason[KMEMLAB_TEXT_MAX];	/* out: human-readable */
	char condition[KMEMLAB_NAME_MAX];	/* of memory; HOLD: must be empty */
};

#define KMEMLAB_PATTERN_WRITE	(1U << 0)	/* flags: write the pattern; else check it */
#define KMEMLAB_PATTERN_STEP	0x9e3779b97f4a7c15ULL

/*
 * KMEMLAB_IOC_PATTERN, on the file of a mappable set: write or check a pattern through
 * the kernel addresses. Word w of the set is seed + w * KMEMLAB_PATTERN_STEP.
 */
struct kmemlab_pattern {
	__u32 size;
	__u32 flags;			/* KMEMLAB_PATTERN_* */
	__u64 seed;
	__u64 wrong;			/* out: number of wrong words */
};

/*
 * Counters of repeated x86 string instructions ("rep stosb"), which an emulator keeps in
 * memory that it shares with the guest (ivshmem). mmap of one read-only page at offset 0
 * of the device shows them; it fails with ENODEV if there are none. Execute
 * KMEMLAB_MARK_COUNTERS before reading them.
 */
#define KMEMLAB_COUNTERS_OFFSET	((1 << 20) - 4096)	/* bytes, in the shared memory */
#define KMEMLAB_COUNTERS_MAGIC	0x31525453424d454bULL	/* "KEMBSTR1" */

struct kmemlab_string_counters {
	__u64 magic;
	__u64 repeats;		/* of all but movs: counted by the clock, not by a CPU */
	__u64 stored_bytes;	/* by stos */
	__u64 copies;		/* accesses of movs, two for each repeat */
	__u64 copy_bytes;	/* of these accesses, twice the bytes copied */
};

#endif /* _UAPI_LINUX_KMEMLAB_H */
