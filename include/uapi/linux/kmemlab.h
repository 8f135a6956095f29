/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kmemlab: the contract between kernel_memory.ko and user space.
 *
 * Rules that every structure here keeps:
 *  - it begins with __u32 size, set by the caller to its own sizeof; a longer
 *    structure whose unknown tail is not zero is refused with E2BIG, a shorter
 *    answer is truncated to what the caller has room for;
 *  - all fields have a fixed width, explicit padding that must be zero, and the
 *    same layout for 32-bit callers on a 64-bit kernel;
 *  - unknown flags and unknown names are refused with EINVAL or ENOENT;
 *  - facilities, workloads, GFP profiles and conditions go by name, never by
 *    number: an index is good for enumerating within one open file only.
 *
 * The ioctl numbers carry no size, so that structures can grow.
 */
#ifndef _UAPI_LINUX_KMEMLAB_H
#define _UAPI_LINUX_KMEMLAB_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define KMEMLAB_DEVICE_NAME	"kmemlab"
#define KMEMLAB_DEVICE_PATH	"/dev/" KMEMLAB_DEVICE_NAME
#define KMEMLAB_ABI		1

#define KMEMLAB_IOC_MAGIC	0xD7
#define KMEMLAB_IOC_INFO	_IO(KMEMLAB_IOC_MAGIC, 0)
#define KMEMLAB_IOC_FACILITY	_IO(KMEMLAB_IOC_MAGIC, 1)
#define KMEMLAB_IOC_WORKLOAD	_IO(KMEMLAB_IOC_MAGIC, 2)
#define KMEMLAB_IOC_GFP		_IO(KMEMLAB_IOC_MAGIC, 3)
#define KMEMLAB_IOC_SETTING	_IO(KMEMLAB_IOC_MAGIC, 4)
#define KMEMLAB_IOC_EXPERIMENT	_IO(KMEMLAB_IOC_MAGIC, 5)
#define KMEMLAB_IOC_DISTURBANCE	_IO(KMEMLAB_IOC_MAGIC, 6)
#define KMEMLAB_IOC_TRANSLATE	_IO(KMEMLAB_IOC_MAGIC, 16)
#define KMEMLAB_IOC_PAGE_FLAG	_IO(KMEMLAB_IOC_MAGIC, 17)
#define KMEMLAB_IOC_ZONE	_IO(KMEMLAB_IOC_MAGIC, 18)
#define KMEMLAB_IOC_MAP		_IO(KMEMLAB_IOC_MAGIC, 19)
#define KMEMLAB_IOC_HOLD	_IO(KMEMLAB_IOC_MAGIC, 20)
#define KMEMLAB_IOC_PATTERN	_IO(KMEMLAB_IOC_MAGIC, 21)
#define KMEMLAB_IOC_CONDITION	_IO(KMEMLAB_IOC_MAGIC, 22)
#define KMEMLAB_IOC_MIGRATE_TYPE	_IO(KMEMLAB_IOC_MAGIC, 23)
#define KMEMLAB_IOC_MAPPINGS	_IO(KMEMLAB_IOC_MAGIC, 24)
#define KMEMLAB_IOC_CPU_OFFSET	_IO(KMEMLAB_IOC_MAGIC, 25)

#define KMEMLAB_NAME_MAX	32	/* bytes, terminating zero included */
#define KMEMLAB_TEXT_MAX	256	/* bytes, terminating zero included */

/*
 * Structures grow at their end. A caller's may be as short as in the first
 * version, KMEMLAB_*_SIZE_1 bytes (of info: enough to learn the version), and
 * longer than the module's where all that the module does not know is 0.
 */
#define KMEMLAB_INFO_SIZE_1		40
#define KMEMLAB_FACILITY_SIZE_1		600
#define KMEMLAB_NAME_SIZE_1		40
#define KMEMLAB_SETTING_SIZE_1		72
#define KMEMLAB_DISTURBANCES_SIZE_1	32
#define KMEMLAB_RESULT_SIZE_1		696
#define KMEMLAB_EXPERIMENT_SIZE_1	352
#define KMEMLAB_TRANSLATE_SIZE_1	144
#define KMEMLAB_MAP_SIZE_1		64
#define KMEMLAB_HOLD_SIZE_1		368
#define KMEMLAB_PATTERN_SIZE_1		24
#define KMEMLAB_MAPPINGS_SIZE_1		56
#define KMEMLAB_CPU_OFFSET_SIZE_1	24

/* KMEMLAB_IOC_INFO: what this module and this kernel are. */
struct kmemlab_info {
	__u32 size;
	__u32 abi;			/* KMEMLAB_ABI of the module */
	char version[KMEMLAB_NAME_MAX];	/* the module's version */
	char clock[KMEMLAB_NAME_MAX];	/* "tsc", "cntvct", "ktime" ... */
	__u32 clock_overhead;		/* ticks that two reads cost, included in each sample */
	__u32 page_size;		/* bytes */
	__u32 page_table_levels;	/* of kernel addresses, as this CPU runs */
	__u32 cpus_online;
	__u32 cpus_possible;
	__u32 facilities;		/* how many indices each enumeration has */
	__u32 workloads;
	__u32 gfp_profiles;
	__u32 settings;
	__u32 delay_instructions;	/* what one operation of facility delay executes */
	__u64 live_bytes;		/* of objects that may be alive: 0 when nothing is held */
	__u64 reserved_pages;		/* of the one budget: 0 when nothing runs */
	__u64 budget_pages;		/* what a GFP_KERNEL experiment may reserve now */
};

/* What a facility can do (kmemlab_facility.capabilities). */
#define KMEMLAB_CAP_CONTIGUOUS		(1ULL << 0)	/* each object is contiguous */
#define KMEMLAB_CAP_SET_CONTIGUOUS	(1ULL << 1)	/* all of one operation is */
#define KMEMLAB_CAP_ATOMIC		(1ULL << 2)	/* works where sleeping is forbidden */
#define KMEMLAB_CAP_BULK		(1ULL << 3)	/* has bulk calls of its own */
#define KMEMLAB_CAP_DMA			(1ULL << 4)	/* gives device addresses */
#define KMEMLAB_CAP_MAPPABLE		(1ULL << 5)	/* objects may be mapped to user space */
#define KMEMLAB_CAP_INSTRUMENT		(1ULL << 6)	/* allocates nothing */
#define KMEMLAB_CAP_SHARED_FRAMES	(1ULL << 7)	/* objects may share a frame */

/* KMEMLAB_IOC_FACILITY: one facility, by index. ENOENT past the last one. */
struct kmemlab_facility {
	__u32 size;
	__u32 index;			/* in */
	char name[KMEMLAB_NAME_MAX];
	__u32 available;		/* 0: not on this kernel, reason says why */
	__u32 alignment;		/* bytes that each object is aligned to at least */
	__u64 object_size_min;		/* bytes */
	__u64 object_size_max;		/* bytes */
	__u64 capabilities;		/* KMEMLAB_CAP_* */
	char reason[KMEMLAB_TEXT_MAX];	/* why it is not available */
	char idle[KMEMLAB_TEXT_MAX];	/* what it costs while no object is alive */
	__u64 physical_limit;		/* no object lies at or above it; 0: anywhere */
	__u32 copies;			/* of each object, as for each CPU; else 1 */
	__u32 pad;
};

/* KMEMLAB_IOC_WORKLOAD and KMEMLAB_IOC_GFP: one name, by index. */
struct kmemlab_name {
	__u32 size;
	__u32 index;			/* in */
	char name[KMEMLAB_NAME_MAX];
};

/* KMEMLAB_IOC_SETTING: one thing in the running kernel that changes figures. */
struct kmemlab_setting {
	__u32 size;
	__u32 index;			/* in */
	char name[KMEMLAB_NAME_MAX];	/* "init_on_alloc" */
	char value[KMEMLAB_NAME_MAX];	/* "on", "off", a number, a word */
};

/*
 * KMEMLAB_IOC_DISTURBANCE: what can hit an operation of the caller's, counted
 * up to now. Two of them around an operation in user space tell its tags.
 */
struct kmemlab_disturbances {
	__u32 size;
	__u32 cpu;
	__u64 interrupts;		/* that this CPU has taken */
	__u64 waited;			/* times the caller gave the CPU up */
	__u64 preempted;		/* times it lost the CPU */
};

/*
 * One sample, as it lies in the caller's array: the cost of one operation in
 * clock ticks, the clock's own overhead included, and what hit the operation.
 */
#define KMEMLAB_SAMPLE_VALUE		0x0fffffffU
#define KMEMLAB_SAMPLE_INTERRUPTED	0x10000000U
#define KMEMLAB_SAMPLE_SWITCHED		0x20000000U	/* lost the CPU to another task */
#define KMEMLAB_SAMPLE_MIGRATED		0x40000000U
#define KMEMLAB_SAMPLE_SLEPT		0x80000000U	/* gave the CPU up and waited */

/* The exact value of a sample that reads KMEMLAB_SAMPLE_VALUE. */
struct kmemlab_overflow {
	__u64 index;
	__u64 value;
};

/* Where the samples of one direction go; either pointer may be 0. */
struct kmemlab_samples {
	__aligned_u64 samples;		/* in: __u32[capacity] */
	__u64 capacity;			/* in: samples there is room for */
	__aligned_u64 overflows;	/* in: struct kmemlab_overflow[] */
	__u64 overflow_capacity;	/* in */
	__u64 count;			/* out: samples taken (copied: at most capacity) */
	__u64 overflow_count;		/* out: values over KMEMLAB_SAMPLE_VALUE */
	__u64 total_ticks;		/* out: sum of all samples, the clock's overhead included */
};

#define KMEMLAB_STATUS_OK	0
#define KMEMLAB_STATUS_REFUSED	1	/* not begun, or given up; all is given back */
#define KMEMLAB_STATUS_FAILED	2	/* verification or accounting found something wrong */

#define KMEMLAB_ORDERS_MAX	32	/* extents_by_order[31] holds all larger ones */

/* kmemlab_result.valid: which groups were measured. */
#define KMEMLAB_VALID_MEMORY		(1U << 0)
#define KMEMLAB_VALID_CONTIGUITY	(1U << 1)
#define KMEMLAB_VALID_VERIFICATION	(1U << 2)
#define KMEMLAB_VALID_DEFERRED		(1U << 3)
#define KMEMLAB_VALID_TOGETHER		(1U << 4)
#define KMEMLAB_VALID_TAIL		(1U << 5)
#define KMEMLAB_VALID_PMU		(1U << 6)

/* kmemlab_result.routes: which ways of translation were compared. */
#define KMEMLAB_ROUTE_WALK		(1U << 0)	/* the module's own page-table walk */
#define KMEMLAB_ROUTE_DIRECT_MAP	(1U << 1)	/* arithmetic on direct-map addresses */
#define KMEMLAB_ROUTE_VMALLOC_TO_PAGE	(1U << 2)
#define KMEMLAB_ROUTE_LOOKUP_ADDRESS	(1U << 3)	/* x86 */
#define KMEMLAB_ROUTE_FACILITY		(1U << 4)	/* what the facility says itself */
#define KMEMLAB_ROUTE_PAGEMAP		(1U << 5)	/* /proc/self/pagemap (facility user) */

/* Many operations between two reads of the clock; its cost and the loop's own are taken off. */
struct kmemlab_loop {
	__s64 ticks;
	__u64 operations;		/* 0: not measured */
};

#define KMEMLAB_CAUSES_MAX	16

/* A slow path, and how many operations of a pass of its own went through it. */
struct kmemlab_cause {
	char name[KMEMLAB_NAME_MAX];	/* "list_refill"; empty: behind the last one */
	__u32 observed;			/* 0: this kernel has nothing that shows it */
	__u32 pad;
	__u64 allocs;
	__u64 frees;
};

/* Of the operations watched for causes: the slowest, from their own 99.9th percentile on. */
struct kmemlab_slow {
	__u64 threshold;		/* ticks, the clock's overhead included, the probes' not */
	__u64 operations;		/* that took so long or longer */
	__u64 unexplained;		/* of them: met no cause */
	__u64 with[KMEMLAB_CAUSES_MAX];	/* of them: met this cause, in the order of tail_causes */
};

#define KMEMLAB_PMU_MAX	8

/* What a performance counter of the CPU's said of many operations; the loop's own is taken off. */
struct kmemlab_pmu_event {
	char name[KMEMLAB_NAME_MAX];	/* "instructions"; empty: behind the last one */
	__u32 counted;			/* 0: the CPU has none for it, or none was free */
	__u32 pad;
	__s64 allocs;			/* of all allocations that were counted, together */
	__s64 frees;
};

struct kmemlab_result {
	__u32 size;
	__u32 status;			/* KMEMLAB_STATUS_* */
	__s32 error;			/* negative errno of a refusal, else 0 */
	__u32 valid;			/* KMEMLAB_VALID_* */
	char reason[KMEMLAB_TEXT_MAX];	/* for people; empty when ok */
	__u64 objects_per_operation;	/* objects that one (full) operation covers */
	__u64 requested_bytes;		/* objects x object_size */
	__u64 usable_bytes;		/* what the callers may use of it */
	__u64 backing_bytes;		/* frames behind the objects, each once */
	__s64 system_bytes;		/* by how much the system's free memory fell */
	__s64 system_slab_bytes;	/* of it: slab */
	__s64 system_table_bytes;	/* of it: page tables */
	__u64 extents;			/* runs of consecutive frames */
	__u64 largest_extent_bytes;
	__u64 contiguous_objects;	/* objects whose frames are consecutive */
	__u64 extents_by_order[KMEMLAB_ORDERS_MAX];	/* by floor(log2(pages)) */
	__u64 verified_objects;
	__u64 verified_bytes;
	__u64 mismatches;		/* bytes that read back wrong */
	__u64 route_disagreements;	/* addresses that two routes translate differently */
	__u32 routes;			/* KMEMLAB_ROUTE_* */
	__u32 pad;
	__u64 deferred_ticks;		/* cost that came after the last free */
	__u64 objects_per_free;		/* objects that one (full) call frees */
	struct kmemlab_loop alloc_loop;
	struct kmemlab_loop free_loop;
	__u64 together_operations;	/* allocated or freed while all CPUs ran */
	__u64 together_ticks;		/* for so long all of them ran */
	__u64 aligned_by_order[KMEMLAB_ORDERS_MAX];	/* aligned blocks in them */
	__u64 device_ready_objects;	/* contiguous, below 4 GiB, DMA-aligned */
	char tail_reason[KMEMLAB_TEXT_MAX];	/* why there is none, though it was asked for */
	__u64 tail_allocs;		/* operations that were watched */
	__u64 tail_frees;
	struct kmemlab_cause tail_causes[KMEMLAB_CAUSES_MAX];
	char pmu_reason[KMEMLAB_TEXT_MAX];	/* why nothing was counted, though asked for */
	__u64 pmu_allocs;		/* operations that were counted */
	__u64 pmu_frees;
	struct kmemlab_pmu_event pmu_events[KMEMLAB_PMU_MAX];
	__u64 misaligned;		/* objects that lie otherwise than they should */
	struct kmemlab_slow slow_allocs;
	struct kmemlab_slow slow_frees;
	__u64 backing_slab_bytes;	/* of backing_bytes: in the slab counters */
	__u64 struct_page_bytes;	/* that describe the frames, taken at boot */
	__s64 idle_bytes;		/* that system_bytes still was with no object alive */
	__u64 verification_ticks;	/* of the clock, spent on verification; in no sample */
};

/* kmemlab_experiment.flags */
#define KMEMLAB_EXPERIMENT_MARK	(1U << 0)	/* arm the marks around this experiment */
#define KMEMLAB_EXPERIMENT_TAILS	(1U << 1)	/* a pass for slow paths */
#define KMEMLAB_EXPERIMENT_PMU	(1U << 2)	/* a pass for the CPU's own counters */

/*
 * Marks: instructions without effect that an instruction-tracing emulator can
 * recognise. ALLOC or FREE stands before an operation's first clock read, DONE
 * after its last. ARMED and DISARMED are around marked experiments; what is done
 * between ASIDE and BACK is in no sample.
 */
#define KMEMLAB_MARK_MAGIC	0x6b6d
#define KMEMLAB_MARK_ARMED	1
#define KMEMLAB_MARK_DISARMED	2
#define KMEMLAB_MARK_ALLOC	3
#define KMEMLAB_MARK_FREE	4
#define KMEMLAB_MARK_DONE	5
#define KMEMLAB_MARK_ASIDE	6
#define KMEMLAB_MARK_BACK	7

/*
 * One of several CPUs. Its samples follow those of the CPU before it; indices of
 * overflows count through.
 */
struct kmemlab_cpu_share {
	__u32 cpu;
	__u32 pad;
	__u64 alloc_samples;
	__u64 free_samples;
	__u64 together_operations;
};

/*
 * KMEMLAB_IOC_EXPERIMENT: run one experiment in the caller, on its CPU; or, with
 * cpu_count above 1, in threads on these CPUs, which share the objects out.
 */
struct kmemlab_experiment {
	__u32 size;
	__u32 flags;			/* KMEMLAB_EXPERIMENT_* */
	char facility[KMEMLAB_NAME_MAX];
	char workload[KMEMLAB_NAME_MAX];
	char gfp[KMEMLAB_NAME_MAX];		/* GFP profile; empty: kernel */
	char condition[KMEMLAB_NAME_MAX];	/* of memory; empty: fresh */
	char free_order[KMEMLAB_NAME_MAX];	/* empty: the workload's own */
	__u64 object_size;		/* bytes */
	__u64 objects;
	__u64 align;			/* bytes; 0: the facility's own */
	__u64 seed;
	__u64 bulk;			/* objects a call, 0: the workload's own */
	__u32 repeats;			/* 0 means 1 */
	__s32 node;			/* -1: any */
	__s32 free_cpu;			/* -1: the allocating one */
	__u32 cpu_count;		/* entries in cpus; 0 or 1: the caller's own */
	__aligned_u64 cpus;		/* in: __u32[cpu_count], ascending */
	struct kmemlab_samples alloc;
	struct kmemlab_samples free;
	__aligned_u64 result;		/* out: struct kmemlab_result, size set by the caller */
	__aligned_u64 shares;		/* out: struct kmemlab_cpu_share[cpu_count], or 0 */
};

/* struct kmemlab_translate.space: what the inputs are. */
#define KMEMLAB_SPACE_KERNEL	0	/* kernel virtual addresses */
#define KMEMLAB_SPACE_PROCESS	1	/* virtual addresses of process pid */
#define KMEMLAB_SPACE_PHYS	2	/* physical addresses: the way back */
#define KMEMLAB_SPACE_OBJECTS	3	/* object numbers; on the file of a held set only */

#define KMEMLAB_TRANSLATE_MAX	1024	/* inputs in one call */
#define KMEMLAB_TRANSLATE_ROUTES	(1U << 0)	/* flags: ask the other routes too */

/* struct kmemlab_answer.status */
#define KMEMLAB_ANSWER_OK		0
#define KMEMLAB_ANSWER_NOT_PRESENT	1	/* the last level shown maps nothing */
#define KMEMLAB_ANSWER_NON_CANONICAL	2	/* no address of this machine */
#define KMEMLAB_ANSWER_NOT_KERNEL	3	/* lies in a process's half */
#define KMEMLAB_ANSWER_NOT_PROCESS	4	/* lies in the kernel's half */
#define KMEMLAB_ANSWER_UNREADABLE	5	/* a table could not be read */
#define KMEMLAB_ANSWER_CHANGING		6	/* the tables kept changing */
#define KMEMLAB_ANSWER_NO_DIRECT_MAP	7	/* no kernel address shows it */
#define KMEMLAB_ANSWER_NO_OBJECT	8	/* beyond the objects or their bytes */

#define KMEMLAB_STEPS_MAX	6
#define KMEMLAB_ROUTES_MAX	8

/* One table that was looked into. */
struct kmemlab_step {
	__u64 table;			/* physical address of the table */
	__u64 raw;			/* the entry as it lies in memory */
	__u32 index;			/* of the entry */
	__u16 shift;			/* log2 of the bytes that one entry stands for */
	__u16 entry_bytes;
};

/* struct kmemlab_page.kind; also what a run of frames is in KMEMLAB_IOC_MAP */
#define KMEMLAB_PAGE_NONE	0	/* no struct page: a hole, or a device's memory */
#define KMEMLAB_PAGE_FREE	1	/* in a block of the buddy allocator, of the order given */
#define KMEMLAB_PAGE_FREE_CPU	2	/* unused, in no block: kept for a CPU */
#define KMEMLAB_PAGE_RESERVED	3	/* taken at boot, never given back */
#define KMEMLAB_PAGE_SLAB	4
#define KMEMLAB_PAGE_TABLE	5	/* page table */
#define KMEMLAB_PAGE_ANON	6
#define KMEMLAB_PAGE_FILE	7
#define KMEMLAB_PAGE_KERNEL	8	/* in use by the kernel, nothing more is known */
#define KMEMLAB_PAGE_OFFLINE	9
#define KMEMLAB_PAGE_POISONED	10	/* hardware error */
#define KMEMLAB_PAGE_KINDS	11

/* struct kmemlab_page.valid */
#define KMEMLAB_PAGE_HAS_MAPCOUNT	(1U << 0)
#define KMEMLAB_PAGE_HAS_ORDER		(1U << 1)	/* a compound page or a free block */
#define KMEMLAB_PAGE_HAS_MIGRATE_TYPE	(1U << 2)

/* What struct page says of a frame. */
struct kmemlab_page {
	__u64 flags;			/* raw; KMEMLAB_IOC_PAGE_FLAG has their names */
	__u64 head_pfn;			/* of the compound page, else the page's own */
	__s32 refcount;
	__s32 mapcount;
	__u32 valid;			/* KMEMLAB_PAGE_HAS_* */
	__s32 node;
	__u16 kind;			/* KMEMLAB_PAGE_* */
	__u16 zone;			/* KMEMLAB_IOC_ZONE has its name */
	__u16 order;
	__u16 migrate_type;		/* its page block's; KMEMLAB_IOC_MIGRATE_TYPE names it */
};

/* One address. */
struct kmemlab_answer {
	__u64 address;			/* virtual; of PHYS: the direct map's, or 0 */
	__u64 phys;			/* of that byte, where status is OK; of PHYS: as asked */
	__u64 position;			/* OBJECTS: the byte in the set's file */
	__u32 status;			/* KMEMLAB_ANSWER_* */
	__u32 steps_count;
	__u32 leaf_shift;		/* log2 of the bytes that the leaf maps */
	__u32 routes;			/* KMEMLAB_ROUTE_* that were asked */
	__u32 disagree;			/* those of them that named another frame */
	__u32 pad;
	struct kmemlab_page page;
	struct kmemlab_step steps[KMEMLAB_STEPS_MAX];		/* from the root on */
	__u64 route_pfns[KMEMLAB_ROUTES_MAX];	/* by bit of routes; ~0: names no frame */
};

/* How this kernel's tables are to be read; all constant while it runs. */
struct kmemlab_table_format {
	char name[KMEMLAB_NAME_MAX];	/* "x86_64", "arm", "arm_lpae", "arm64" */
	__u32 levels;
	__u32 page_shift;
	__u32 address_bits;		/* that the tables translate */
	__u32 phys_bits;		/* of a physical address in an entry */
	__s32 prot_none_bit;		/* of a leaf that nobody may touch; -1: none */
	__u32 swap_type_shift;
	__u32 swap_type_bits;
	__u32 swap_offset_shift;
	__u32 swap_offset_bits;
	__u32 swap_inverted;		/* the offset is stored inverted */
	__u32 swap_files;		/* types from here on are no swap files */
	__u32 migration_first;		/* first type of pages on the move */
	__u32 migration_count;
	__u32 pad;
};

/* KMEMLAB_IOC_TRANSLATE: up to KMEMLAB_TRANSLATE_MAX addresses at once. */
struct kmemlab_translate {
	__u32 size;
	__u32 flags;			/* KMEMLAB_TRANSLATE_* */
	__u32 space;			/* KMEMLAB_SPACE_* */
	__s32 pid;			/* PROCESS: in the caller's namespace; 0: the caller */
	__u32 count;
	__u32 answer_size;		/* in: bytes from one answer to the next, 8 to a page */
	__u64 offset;			/* OBJECTS: the byte in each object */
	__aligned_u64 inputs;		/* in: __u64[count] */
	__aligned_u64 answers;		/* out: struct kmemlab_answer[count] */
	__u64 ticks;			/* out: of the clock, spent on the answers */
	struct kmemlab_table_format format;	/* out */
};

/* Some consecutive frames of one kind. */
struct kmemlab_frames {
	__u64 pfn;
	__u64 count;
	__u16 kind;			/* KMEMLAB_PAGE_* */
	__u16 order;			/* of FREE: each block's */
	__u16 zone;
	__s16 node;
};

/* KMEMLAB_IOC_MAP: who uses physical memory; call again until next is 0. */
struct kmemlab_map {
	__u32 size;
	__u32 flags;			/* none defined: 0 */
	__u64 start;			/* in: frame to begin with */
	__aligned_u64 runs;		/* out: struct kmemlab_frames[capacity] */
	__u64 capacity;			/* in: at least 1 */
	__u64 count;			/* out: runs copied */
	__u64 next;			/* out: frame to go on with, 0: this was the end */
	__u64 pages;			/* out: frames that have a struct page */
	__u64 ticks;			/* out: of the clock, spent on looking */
	__u32 order_max;		/* out: of the largest blocks that can ever be free */
	__u32 pad;
};

/* struct kmemlab_mapping.region: which of the kernel's addresses */
#define KMEMLAB_REGION_IMAGE	0	/* the kernel's own code and data */
#define KMEMLAB_REGION_MODULES	1
#define KMEMLAB_REGION_VMALLOC	2	/* vmalloc, vmap, ioremap, stacks */
#define KMEMLAB_REGION_PERCPU	3	/* the per-CPU allocator's pages among them */
#define KMEMLAB_REGION_MEMMAP	4	/* struct pages */
#define KMEMLAB_REGION_FIXED	5	/* fixed addresses, entry code, temporary mappings */
#define KMEMLAB_REGIONS		6

/* Consecutive frames at consecutive kernel addresses. */
struct kmemlab_mapping {
	__u64 address;
	__u64 pfn;
	__u64 pages;
	__u32 region;			/* KMEMLAB_REGION_* */
	__u32 pad;
};

/*
 * KMEMLAB_IOC_MAPPINGS: what the kernel's tables map beside the direct map; call
 * again until next is 0.
 */
struct kmemlab_mappings {
	__u32 size;
	__u32 flags;			/* none defined: 0 */
	__u64 start;			/* in: address to begin with; 0: all */
	__aligned_u64 mappings;		/* out: struct kmemlab_mapping[capacity] */
	__u64 capacity;			/* in: at least 1 */
	__u64 count;			/* out: mappings copied */
	__u64 next;			/* out: address to go on with, 0: this was the end */
	__u64 ticks;			/* out: of the clock, spent on looking */
};

/* KMEMLAB_IOC_CPU_OFFSET: where a possible CPU's per-CPU variables lie. ENOENT past the last. */
struct kmemlab_cpu_offset {
	__u32 size;
	__u32 index;			/* in: 0 is the first possible CPU */
	__u32 cpu;
	__u32 pad;
	__u64 offset;			/* from a variable's own address */
};

#define KMEMLAB_HOLD_MAPPABLE	(1U << 0)	/* flags: zeroed whole pages, for mmap */

/*
 * KMEMLAB_IOC_HOLD: allocates an object set and keeps it for as long as its
 * file is open. The file takes KMEMLAB_IOC_TRANSLATE of OBJECTS; where it was
 * made mappable, mmap's offset is a byte of the set.
 *
 * KMEMLAB_IOC_CONDITION allocates no objects: it puts memory into the condition
 * that the set is to meet, and keeps it so for as long as its file is open.
 */
struct kmemlab_hold {
	__u32 size;
	__u32 flags;			/* KMEMLAB_HOLD_* */
	char facility[KMEMLAB_NAME_MAX];
	char gfp[KMEMLAB_NAME_MAX];	/* empty: kernel */
	__u64 object_size;		/* bytes */
	__u64 objects;
	__u64 set_bytes;		/* out: bytes that can be mapped; 0: none */
	__s32 fd;			/* out: the set's file, where status is OK */
	__u32 status;			/* out: KMEMLAB_STATUS_* */
	__s32 error;			/* out: negative errno of a refusal, else 0 */
	__u32 pad;
	char reason[KMEMLAB_TEXT_MAX];	/* out: for people */
	char condition[KMEMLAB_NAME_MAX];	/* of memory; HOLD: empty */
};

#define KMEMLAB_PATTERN_WRITE	(1U << 0)	/* flags: write; else look for it */
#define KMEMLAB_PATTERN_STEP	0x9e3779b97f4a7c15ULL

/*
 * KMEMLAB_IOC_PATTERN, on the file of a mappable set: through the kernel's
 * addresses, word w of the set's bytes is seed + w * KMEMLAB_PATTERN_STEP.
 */
struct kmemlab_pattern {
	__u32 size;
	__u32 flags;			/* KMEMLAB_PATTERN_* */
	__u64 seed;
	__u64 wrong;			/* out: words that are not what they should be */
};

#endif /* _UAPI_LINUX_KMEMLAB_H */
