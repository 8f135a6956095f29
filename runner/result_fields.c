// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/record_fields.h"

#include "lib/array_size.h"
#include "runner/experiment_run.h"
#include "runner/names.h"
#include "runner/record_writer.h"

static const char *const statuses[] = {
	[KMEMLAB_STATUS_OK] = "ok",
	[KMEMLAB_STATUS_SKIPPED] = "skipped",
	[KMEMLAB_STATUS_FAILED] = "failed",
	NULL
};

static const char *const reasons[] = {
	[KMEMLAB_REASON_UNAVAILABLE] = "unavailable",
	[KMEMLAB_REASON_TOO_LARGE] = "too_large",
	[KMEMLAB_REASON_SIZE] = "size",
	[KMEMLAB_REASON_GFP] = "gfp",
	[KMEMLAB_REASON_NODE] = "node",
	[KMEMLAB_REASON_ALIGN] = "align",
	[KMEMLAB_REASON_FREE_ORDER] = "free_order",
	[KMEMLAB_REASON_FREE_CPU] = "free_cpu",
	[KMEMLAB_REASON_BULK] = "bulk",
	[KMEMLAB_REASON_RCU] = "rcu",
	[KMEMLAB_REASON_CPUS] = "cpus",
	[KMEMLAB_REASON_CPUS_BUSY] = "cpus_busy",
	[KMEMLAB_REASON_HOLD] = "hold",
	[KMEMLAB_REASON_BUDGET] = "budget",
	[KMEMLAB_REASON_NO_MEMORY] = "no_memory",
	[KMEMLAB_REASON_PREPARE] = "prepare",
	[KMEMLAB_REASON_ALLOC_FAILED] = "alloc_failed",
	[KMEMLAB_REASON_NO_FREE_BLOCK] = "no_free_block",
	[KMEMLAB_REASON_TIMEOUT] = "timeout",
	[KMEMLAB_REASON_CPU_OFFLINE] = "cpu_offline",
	[KMEMLAB_REASON_UNVERIFIED] = "unverified",
	[KMEMLAB_REASON_MISALIGNED] = "misaligned",
	[KMEMLAB_REASON_MISMATCH] = "mismatch",
	[KMEMLAB_REASON_RAMP_LIMIT] = "ramp_limit",
	[KMEMLAB_REASON_OWN_SIZE] = "own_size",
	[KMEMLAB_REASON_WORKLOAD] = "workload",
	NULL
};

static void write_spec_cpus(struct record_writer *w, const struct field *field,
			    const void *value)
{
	const struct experiment_run *run = w->record;

	(void)value;
	writer_open(w, field->name, '[');
	for (uint32_t i = 0; i < run->spec.cpu_count; i++)
		writer_unsigned(w, NULL, run->spec.cpus[i]);
	writer_close(w, ']');
}

static void write_status(struct record_writer *w, const struct field *field, const void *value)
{
	writer_string(w, field->name, statuses[*(const uint32_t *)value]);
}

static void write_reason(struct record_writer *w, const struct field *field, const void *value)
{
	const uint32_t code = *(const uint32_t *)value;

	writer_string(w, field->name, code < ARRAY_SIZE(reasons) ? reasons[code] : NULL);
}

/* Omit the zeros after the largest order that occurs. */
static void write_orders(struct record_writer *w, const struct field *field, const void *value)
{
	const uint64_t *counts = value;
	size_t orders = KMEMLAB_ORDERS_MAX;

	while (orders > 1 && !counts[orders - 1])
		orders--;
	write_counts(w, field, counts, orders);
}

static void write_unobserved(struct record_writer *w, const struct field *field,
			     const void *value)
{
	const struct kmemlab_cause *causes = value;

	writer_open(w, field->name, '[');
	for (int i = 0; i < KMEMLAB_CAUSES_MAX; i++)
		if (*causes[i].name && !causes[i].observed)
			writer_string(w, NULL, causes[i].name);
	writer_close(w, ']');
}

static void write_causes(struct record_writer *w, const struct field *field, const void *value)
{
	const struct tail_direction *direction = value;

	write_groups(w, field, direction->causes, direction->cause_count,
		     sizeof(*direction->causes));
}

static void write_cpu_runs(struct record_writer *w, const struct field *field, const void *value)
{
	const struct experiment_run *run = value;

	write_groups(w, field, run->cpus, run->cpu_count, sizeof(*run->cpus));
}

/* Parameters: the lines of experiment_params.def. */
#define PARAM_FIELD_NAME	FIELD_NAME, .min = 0
#define PARAM_FIELD_U64		FIELD_COUNT, .max = INT64_MAX
#define PARAM_FIELD_U32		FIELD_COUNT, .max = UINT32_MAX
#define PARAM_FIELD_S32		FIELD_SIGNED, .min = -1, .max = INT32_MAX
#define PARAM_FIELD_CPUS	FIELD_COUNTS, .max = INT32_MAX, .write = write_spec_cpus
#define PARAM_ROW(kind, member, in_unit, text) \
	{ FIELD_OF(experiment_run, spec.member, #member, PARAM_FIELD_##kind), \
	  .unit = in_unit, .doc = text },
#define PARAM_FLAG(...)
#define PARAM(kind, name, min, value, place, title, suffix, unit, doc) \
	PARAM_IN_##place(kind, name, unit, doc)

#define PARAM_IN_RESULT(...)
#define PARAM_IN_PARAMETERS	PARAM_ROW
static const struct field parameter_fields[] = {
#include "runner/experiment_params.def"
	{ 0 }
};
#undef PARAM_IN_RESULT
#undef PARAM_IN_PARAMETERS
#define PARAM_IN_RESULT		PARAM_ROW
#define PARAM_IN_PARAMETERS(...)

#define STAT(member, kind) \
	FIELD_OF(stats, member, #member, kind), .unit = "clock units", .null_if = "no samples"

static const struct field stats_fields[] = {
	{ FIELD_OF(stats, samples, "samples", FIELD_COUNT), .doc = "number of samples" },
	{ STAT(min, FIELD_COUNT), .doc = "smallest" },
	{ STAT(p50, FIELD_COUNT),
	  .doc = "exact percentile by nearest rank: at least half of the samples are at most "
		 "this" },
	{ STAT(p90, FIELD_COUNT), .doc = "the same for 90 %" },
	{ STAT(p99, FIELD_COUNT), .doc = "the same for 99 %" },
	{ STAT(p999, FIELD_COUNT), .doc = "the same for 99.9 %" },
	{ STAT(max, FIELD_COUNT), .doc = "largest" },
	{ STAT(total, FIELD_COUNT), .doc = "sum" },
	{ STAT(mean, FIELD_REAL), .doc = "arithmetic mean" },
	{ 0 }
};

static void write_part_name(struct record_writer *w, const struct field *field,
			    const void *value)
{
	writer_string(w, field->name, *(const char *const *)value);
}

#define PART(member, kind) FIELD_OF(cost_part, member, #member, kind)

static const struct field part_fields[] = {
	{ FIELD_OF(cost_part, name, "part", FIELD_NAME), .write = write_part_name,
	  .doc = "`fast_path`, `slow`, `interrupted` or `deferred`" },
	{ PART(min, FIELD_COUNT), .unit = "clock units", .null_if = "`interrupted` or `deferred`",
	  .doc = "cost of its cheapest operation" },
	{ PART(max, FIELD_COUNT), .unit = "clock units", .null_if = "`interrupted` or `deferred`",
	  .doc = "cost of its most expensive operation" },
	{ PART(operations, FIELD_COUNT), .null_if = "`deferred`", .doc = "number of operations" },
	{ PART(ticks, FIELD_COUNT), .unit = "clock units", .doc = "sum of their costs" },
	{ 0 }
};

static void write_parts(struct record_writer *w, const struct field *field, const void *value)
{
	const struct cost *cost = value;

	write_groups(w, field, cost->parts, cost->part_count, sizeof(*cost->parts));
}

static void write_distribution(struct record_writer *w, const struct field *field,
			       const void *value)
{
	const struct cost *cost = value;

	if (!cost->distribution_count) {
		writer_null(w, field->name);
		return;
	}
	writer_open(w, field->name, '[');
	for (size_t i = 0; i < cost->distribution_count; i++) {
		writer_open(w, NULL, '[');
		writer_unsigned(w, NULL, cost->distribution[i].ticks);
		writer_unsigned(w, NULL, cost->distribution[i].operations);
		writer_close(w, ']');
	}
	writer_close(w, ']');
}

#define COST(member, kind) FIELD_OF(cost, member, #member, kind)
#define COST_MEAN(member, condition) \
	COST(member, FIELD_REAL), .unit = "clock units per object", .null_if = condition

#define MIX(field_name, field_unit) \
	.name = field_name, .type = FIELD_COUNT, .unit = field_unit

static const struct field mix_class_fields[] = {
	{ MIX("atomic", "instructions"), .doc = "x86: `lock`; Arm: exclusives and LSE" },
	{ MIX("barrier", "instructions"), .doc = "order memory accesses or instructions" },
	{ MIX("system", "instructions"), .doc = "privileged, or read or change the CPU's state" },
	{ MIX("string", "instructions"), .doc = "x86: `rep`; arm64: `dc zva`" },
	{ MIX("call", "instructions"), .doc = "direct calls" },
	{ MIX("indirect", "instructions"), .doc = "calls and jumps to an address in a register" },
	{ MIX("return", "instructions"), .doc = "returns" },
	{ MIX("branch", "instructions"), .doc = "conditional branches" },
	{ MIX("jump", "instructions"), .doc = "direct jumps" },
	{ MIX("load_store", "instructions"), .doc = "others that load and store" },
	{ MIX("load", "instructions"), .doc = "others that load" },
	{ MIX("store", "instructions"), .doc = "others that store" },
	{ MIX("register", "instructions"), .doc = "others without memory accesses" },
	{ 0 }
};

static const struct field written_fields[] = {
	{ MIX("stack", NULL), .doc = "of the calling task" },
	{ MIX("own", NULL),
	  .doc = "memory that is allocated or freed, with the rest of its slab, or else with its "
		 "`struct page`s" },
	{ MIX("task", NULL), .doc = "`struct task_struct` of the caller" },
	{ MIX("per_cpu", NULL), .doc = "the kernel's per-CPU areas" },
	{ MIX("shared", NULL),
	  .doc = "all others, for which CPUs may wait" },
	{ MIX("shared_atomic", NULL), .doc = "of `shared`: written by atomic instructions" },
	{ .name = "shared_named", .type = FIELD_FREE,
	  .doc = "lines of `shared` by what they belong to: data of a zone, a variable, or "
		 "`memory written by` the function that writes first" },
	{ 0 }
};

static const struct field mix_fields[] = {
	{ MIX("operations", NULL), .doc = "operations traced" },
	{ MIX("instructions", "instructions"),
	  .doc = "executed by all of them, without interrupts, other tasks and deferred work" },
	{ .name = "classes", .type = FIELD_GROUP, .members = mix_class_fields,
	  .doc = "each instruction in exactly one class, as `mix.classes` of an explanation: they "
		 "add up to `instructions`" },
	{ .name = "named", .type = FIELD_FREE, .unit = "instructions",
	  .doc = "atomic, barrier, system and string instructions by name" },
	{ MIX("retpolines", NULL),
	  .doc = "indirect branches through a thunk (x86), whose instructions are counted as "
		 "executed" },
	{ MIX("irqs_off_stretches", NULL),
	  .doc = "stretches with interrupts disabled by the operation itself" },
	{ MIX("irqs_off_instructions", "instructions"), .doc = "in all of these stretches" },
	{ MIX("irqs_off_longest", "instructions"), .doc = "in the longest of them" },
	{ MIX("loads", NULL), .doc = "accesses; those of a string instruction count as one" },
	{ MIX("stores", NULL), .doc = "likewise" },
	{ MIX("loaded_bytes", "bytes"), .doc = "by loads" },
	{ MIX("stored_bytes", "bytes"), .doc = "by stores" },
	{ MIX("cache_lines", NULL),
	  .doc = "of 64 bytes, distinct ones of each operation" },
	{ MIX("pages", NULL), .doc = "of 4 KiB, distinct ones of each operation" },
	{ .name = "written_lines", .type = FIELD_GROUP, .members = written_fields,
	  .null_if = "measured by an older kmemlab, or the per-CPU areas are unknown",
	  .doc = "cache lines that are written, each in one class, the last one that applies in "
		 "this order" },
	{ 0 }
};

static const struct field cost_fields[] = {
	{ COST_MEAN(mean, "every operation slept"),
	  .doc = "mean cost per object: `fast_path` + `slow` + `deferred`. Operations that were "
		 "interrupted are assumed to cost as much as the others; if every one was, this is "
		 "`mean_all`" },
	{ COST_MEAN(mean_all, "every operation slept"),
	  .doc = "the same over all operations that did not sleep: what interrupted them is "
		 "included. No operation begins just before a timer tick, so that they rarely differ; if "
		 "they do, the true mean is between the two" },
	{ COST_MEAN(fast_path, "every operation was interrupted or slept"),
	  .doc = "share of `mean` of the operations that cost at most 1.25 x p50" },
	{ COST_MEAN(slow, "every operation was interrupted or slept"),
	  .doc = "share of `mean` of all other operations: refills, flushes, new slabs ..." },
	{ COST_MEAN(deferred, "nothing is deferred, or unknown; see `deferred` of the result"),
	  .doc = "share of `mean` of work after the last free; only in `free`" },
	{ COST(quarter_min, FIELD_REAL), .unit = "clock units",
	  .null_if = "a quarter has no uninterrupted operation",
	  .doc = "the smallest mean of the first, second, third and last quarter of the "
		 "operations, without interrupted ones and deferred work" },
	{ COST(quarter_max, FIELD_REAL), .unit = "clock units", .null_if = "as `quarter_min`",
	  .doc = "the largest one. If it is more than 1.1 x `quarter_min`, the cost was not "
		 "stationary: it drifts, or some operations are too rare for their number" },
	{ .name = "parts", .type = FIELD_GROUPS, .members = part_fields, .write = write_parts,
	  .null_if = "measured by an older kmemlab",
	  .doc = "all operations that did not sleep, split by cost: the `fast_path`, then up to "
		 "seven parts of `slow` operations (each begins with the next higher cost and ends "
		 "a quarter above it), then the `interrupted` ones and `deferred` work. The "
		 "`ticks` add up to `all.total` plus `deferred` of the result exactly" },
	{ .name = "distribution", .type = FIELD_PAIRS, .write = write_distribution,
	  .unit = "clock units",
	  .null_if = "no uninterrupted operation, more than 1,000 different costs, or measured by "
		     "an older kmemlab",
	  .doc = "each cost of an uninterrupted operation, ascending, with the number of "
		 "operations: `[[463, 1960], [6812, 39]]`" },
	{ COST(cleared_bytes, FIELD_REAL), .unit = "bytes per object",
	  .null_if = "another architecture, or `clock.counts` is null",
	  .doc = "bytes that x86 string instructions (`rep stosb`, `rep stosq`) stored: such an "
		 "instruction counts as one, however much it clears" },
	{ COST(copied_bytes, FIELD_REAL), .unit = "bytes per object",
	  .null_if = "as `cleared_bytes`",
	  .doc = "bytes that x86 string instructions (`rep movsb`, `rep movsq`) copied" },
	{ .name = "mix", .type = FIELD_GROUP, .members = mix_fields, .from_host = true,
	  .null_if = "without `--mix`, the experiment cannot be traced or failed when it was "
		     "traced, or no operation was measured",
	  .doc = "what the operations consist of: sums over all operations, traced in a boot of "
		 "their own" },
	{ COST(objects_per_operation, FIELD_COUNT),
	  .doc = "objects that one operation (one sample) covers: `page_packed` serves 2,000 "
		 "objects of 32 bytes with one allocation, and a bulk operation several; `alloc` "
		 "and `free` can differ" },
	{ COST(interrupted, FIELD_COUNT),
	  .doc = "operations hit by an interrupt, a context switch or a migration" },
	{ COST(slept, FIELD_COUNT),
	  .doc = "operations that slept; they are excluded from all statistics" },
	{ COST(uninterrupted, FIELD_GROUP), .members = stats_fields,
	  .doc = "statistics of the operations that were neither interrupted nor slept" },
	{ COST(all, FIELD_GROUP), .members = stats_fields,
	  .doc = "statistics of all operations that did not sleep" },
	{ COST(loop_mean, FIELD_REAL), .unit = "clock units",
	  .null_if = "not a plain workload of the batch kind",
	  .doc = "mean of the same operations in a loop without clock reads between them, net of "
		 "the same loop with facility `null`" },
	{ 0 }
};

#define CAUSE(member, name, kind) FIELD_OF(cause_count, member, name, kind)

static const struct field cause_fields[] = {
	{ CAUSE(name, "cause", FIELD_TEXT), .doc = "name of the slow path, see below" },
	{ CAUSE(operations, "operations", FIELD_COUNT), .doc = "operations that took it" },
	{ CAUSE(slow, "slow", FIELD_COUNT), .doc = "slow operations that took it" },
	{ CAUSE(mean, "mean", FIELD_REAL), .unit = "clock units",
	  .null_if = "all of them were interrupted, or measured by an older kmemlab",
	  .doc = "mean cost of the operations that took it, net of the cost of the probes" },
	{ 0 }
};

#define TAIL(member, kind) FIELD_OF(tail_direction, member, #member, kind)

static const struct field tail_direction_fields[] = {
	{ TAIL(operations, FIELD_COUNT), .doc = "operations traced" },
	{ TAIL(slow, FIELD_COUNT),
	  .doc = "slow operations: the slowest of those traced, from their own 99.9th "
		 "percentile up" },
	{ TAIL(slow_from, FIELD_COUNT), .unit = "clock units",
	  .null_if = "no slow operations",
	  .doc = "that percentile, net of the cost of the probes. Cost and causes belong to the "
		 "same operations; if `slow_from` differs much from `uninterrupted.p999`, the tail "
		 "of the timed pass was another one" },
	{ TAIL(slow_unexplained, FIELD_COUNT), .doc = "slow operations without any known cause" },
	{ .name = "causes", .type = FIELD_GROUPS, .members = cause_fields, .write = write_causes,
	  .doc = "slow paths taken by at least one operation, see below. An operation can take "
		 "several" },
	{ 0 }
};

#define RUN(member, name, kind) FIELD_OF(experiment_run, member, name, kind)
#define RESULT(member, kind) FIELD_OF(experiment_run, result.member, #member, kind)

static const struct field tail_fields[] = {
	{ RUN(result.tail_reason, "reason", FIELD_TEXT), .null_if = "measured",
	  .doc = "why nothing was traced; all other fields are null then" },
	{ RUN(tail_alloc, "alloc", FIELD_GROUP), .members = tail_direction_fields,
	  .valid = KMEMLAB_VALID_TAIL, .null_if = "not measured", .doc = "allocations, see below" },
	{ RUN(tail_free, "free", FIELD_GROUP), .members = tail_direction_fields,
	  .valid = KMEMLAB_VALID_TAIL, .null_if = "not measured", .doc = "frees, see below" },
	{ RUN(result.tail_causes, "unobserved", FIELD_TEXTS), .write = write_unobserved,
	  .valid = KMEMLAB_VALID_TAIL, .null_if = "not measured",
	  .doc = "slow paths for which this kernel has no tracepoint: it is unknown whether "
		 "operations took them" },
	{ 0 }
};

#define EVENT(number, event) \
	FIELD_OF(pmu_direction, events[number], event, FIELD_REAL), .unit = "per operation", \
	.null_if = "no free counter for it"

const struct field pmu_direction_fields[] = {
	{ FIELD_OF(pmu_direction, operations, "operations", FIELD_COUNT),
	  .doc = "operations counted" },
	{ EVENT(0, "instructions"), .doc = "instructions retired" },
	{ EVENT(1, "cycles"), .doc = "CPU cycles" },
	{ EVENT(2, "cache_misses"),
	  .doc = "perf's generic event with this name. The CPU decides which cache it is: mostly "
		 "the last level on amd64, the first level on ARM" },
	{ EVENT(3, "llc_misses"), .doc = "reads that missed the last-level cache" },
	{ EVENT(4, "dtlb_misses"), .doc = "reads that missed the data TLB" },
	{ 0 }
};

static const struct field pmu_fields[] = {
	{ RUN(result.pmu_reason, "reason", FIELD_TEXT), .null_if = "measured",
	  .doc = "why nothing was counted; all other fields are null then. An emulated amd64 CPU "
		 "has no counters, an emulated arm64 CPU counts instructions and cycles" },
	{ RUN(pmu_alloc, "alloc", FIELD_GROUP), .members = pmu_direction_fields,
	  .valid = KMEMLAB_VALID_PMU, .null_if = "not measured", .doc = "allocations, see below" },
	{ RUN(pmu_free, "free", FIELD_GROUP), .members = pmu_direction_fields,
	  .valid = KMEMLAB_VALID_PMU, .null_if = "not measured", .doc = "frees, see below" },
	{ 0 }
};

static const struct field memory_fields[] = {
	{ RESULT(requested_bytes, FIELD_COUNT), .unit = "bytes",
	  .doc = "number of objects held x `object_size`; in a ramp this number differs "
		 "from `objects`. `percpu`: x `cpus_possible`, since each CPU has a copy" },
	{ RESULT(usable_bytes, FIELD_COUNT), .unit = "bytes",
	  .null_if = "not measured",
	  .doc = "bytes that callers may use in the objects" },
	{ RESULT(backing_bytes, FIELD_COUNT), .unit = "bytes",
	  .null_if = "not measured",
	  .doc = "page frames that back the objects, each counted once, including the rest of a "
		 "slab, of a compound page, or of a page-allocator block that device memory is "
		 "part of" },
	{ RESULT(system_bytes, FIELD_SIGNED), .unit = "bytes",
	  .null_if = "not measured",
	  .doc = "decrease of the system's free memory; can be negative" },
	{ RESULT(system_slab_bytes, FIELD_SIGNED), .unit = "bytes",
	  .null_if = "not measured",
	  .doc = "growth of the system's slabs in the same period, by the kernel's own counters" },
	{ RESULT(system_table_bytes, FIELD_SIGNED), .unit = "bytes",
	  .null_if = "not measured",
	  .doc = "growth of the system's page tables in the same period. Linux 6.12 and earlier do "
		 "not count tables of kernel mappings, so those of `vmalloc` are in "
		 "`unexplained_bytes` (7.2 counts them)" },
	{ RESULT(backing_slab_bytes, FIELD_COUNT), .unit = "bytes",
	  .null_if = "not measured",
	  .doc = "part of `backing_bytes` that the kernel counts as slabs, large kmalloc blocks "
		 "included. If `system_slab_bytes` is larger, the difference is slabs of other "
		 "objects: records of vmap areas, and slabs that were started" },
	{ RUN(unexplained_bytes, "unexplained_bytes", FIELD_SIGNED), .unit = "bytes",
	  .null_if = "not measured",
	  .doc = "`system_bytes` minus `backing_bytes`, minus slabs of other objects, minus page "
		 "tables: reserves of a pool, per-CPU pages for later objects, and activity of "
		 "other tasks. Negative if objects use memory that was in use before. With memory "
		 "cgroups the per-CPU allocator keeps a pointer to the owner for each 4 bytes of a "
		 "chunk (since 6.1 at the latest; not with `cgroup.memory=nokmem`): on 64-bit "
		 "kernels that is twice the size of one CPU's copy" },
	{ RESULT(idle_bytes, FIELD_SIGNED), .unit = "bytes",
	  .null_if = "not measured",
	  .doc = "decrease of the system's free memory that remains after all objects were freed, "
		 "with the facility's own cache or pool still allocated and without kmemlab's "
		 "bookkeeping: the idle cost. The per-CPU allocator keeps an empty chunk that the "
		 "next experiment may use or free: there it can be negative" },
	{ RESULT(struct_page_bytes, FIELD_COUNT), .unit = "bytes",
	  .null_if = "facility `user`",
	  .doc = "`struct page` of the backing frames: allocated at boot, in no other field" },
	{ RUN(utilization, "utilization", FIELD_REAL), .null_if = "no backing memory",
	  .doc = "`requested_bytes` / `backing_bytes`" },
	{ 0 }
};

static const struct field kept_fields[] = {
	{ RUN(kept_every, "every", FIELD_COUNT), .doc = "K: every K-th object was kept" },
	{ RUN(result.kept_objects, "objects", FIELD_COUNT), .doc = "objects kept" },
	{ RUN(result.kept_requested_bytes, "requested_bytes", FIELD_COUNT), .unit = "bytes",
	  .doc = "their own size: the objects kept x `object_size` (`percpu`: of all copies)" },
	{ RUN(result.kept_backing_bytes, "backing_bytes", FIELD_COUNT), .unit = "bytes",
	  .doc = "page frames that still back them, as `memory.backing_bytes`: with the rest of a "
		 "slab or block. Objects of one operation are freed together, so one that is kept "
		 "keeps all of them" },
	{ RUN(result.kept_system_bytes, "system_bytes", FIELD_SIGNED), .unit = "bytes",
	  .doc = "decrease of the system's free memory at this point, deferred frees done, as "
		 "`memory.system_bytes`: with slabs and pages that the allocator keeps although no "
		 "object is left in them" },
	{ RUN(kept_ratio, "ratio", FIELD_REAL), .doc = "`backing_bytes` / `requested_bytes`" },
	{ RUN(kept_share, "share", FIELD_REAL),
	  .doc = "`backing_bytes` / `memory.backing_bytes`: part of the memory of all objects that "
		 "stays. 1 / `every` is the least, 1 means that no frame was freed" },
	{ 0 }
};

static const struct field operation_fields[] = {
	{ RUN(result.system_bytes, "held_bytes", FIELD_SIGNED), .unit = "bytes",
	  .doc = "decrease of the system's free memory by setup and all operations, including "
		 "memory that waits for a grace period" },
	{ RUN(result.leaked_bytes, "lost_bytes", FIELD_SIGNED), .unit = "bytes",
	  .doc = "decrease of the system's free memory by a round of setup, all operations and "
		 "teardown: the mean of four rounds after three others; 0 if fewer than two of "
		 "the four took any, because a cache of the kernel may grow once" },
	{ 0 }
};

static const struct field contiguity_fields[] = {
	{ RESULT(extents, FIELD_COUNT), .doc = "maximal runs of consecutive page frames" },
	{ RESULT(largest_extent_bytes, FIELD_COUNT), .unit = "bytes", .doc = "largest such run" },
	{ RESULT(contiguous_objects, FIELD_COUNT),
	  .doc = "objects whose own page frames are consecutive" },
	{ RESULT(extents_by_order, FIELD_COUNTS), .write = write_orders,
	  .doc = "element n: extents of 2^n to 2^(n+1) - 1 pages" },
	{ RESULT(aligned_by_order, FIELD_COUNTS), .null_if = "not measured", .write = write_orders,
	  .doc = "the extents split into the largest naturally aligned blocks, as in the buddy "
		 "allocator; element n: blocks of 2^n pages" },
	{ RESULT(device_ready_objects, FIELD_COUNT), .null_if = "not measured",
	  .doc = "objects that any device could access without bouncing: their frames are "
		 "consecutive and below 4 GiB, and they are coherent or share no cache line with "
		 "other objects: the start and the usable size are multiples of "
		 "`dma_get_cache_alignment()`, which is 1 if devices snoop the CPU's caches, as on "
		 "amd64" },
	{ 0 }
};

static const struct field verification_fields[] = {
	{ RUN(result.verified_objects, "objects", FIELD_COUNT), .doc = "objects verified" },
	{ RUN(result.verified_bytes, "bytes", FIELD_COUNT), .unit = "bytes",
	  .doc = "bytes written, and read back in the frames that the walk found" },
	{ RESULT(mismatched_bytes, FIELD_COUNT), .unit = "bytes",
	  .doc = "bytes that read back wrong" },
	{ RESULT(route_mismatches, FIELD_COUNT),
	  .doc = "addresses that two routes translate to different frames" },
	{ RESULT(routes, FIELD_TEXTS), .choices = route_names, .doc = "routes that were compared" },
	{ 0 }
};

#define CPU_RUN(member, name, kind) FIELD_OF(cpu_run, member, name, kind)

static const struct field cpu_fields[] = {
	{ CPU_RUN(share.cpu, "cpu", FIELD_COUNT), .max = INT32_MAX, .doc = "CPU number" },
	{ CPU_RUN(share.concurrent_operations, "operations", FIELD_COUNT),
	  .valid = KMEMLAB_VALID_CONCURRENT, .null_if = "as `operations`",
	  .doc = "this CPU's part of `operations`" },
	{ CPU_RUN(alloc.uninterrupted, "alloc", FIELD_GROUP), .members = stats_fields,
	  .doc = "statistics of its uninterrupted allocations" },
	{ CPU_RUN(free.uninterrupted, "free", FIELD_GROUP), .members = stats_fields,
	  .doc = "statistics of its uninterrupted frees" },
	{ 0 }
};

static const struct field throughput_fields[] = {
	{ RUN(result.concurrent_operations, "operations", FIELD_COUNT),
	  .valid = KMEMLAB_VALID_CONCURRENT,
	  .null_if = "the CPUs never ran at the same time: one ended before another started",
	  .doc = "allocations and frees of all CPUs while all of them ran: from the start of the "
		 "last CPU's timed part to the end of the first one's" },
	{ RUN(result.concurrent_ticks, "ticks", FIELD_COUNT), .valid = KMEMLAB_VALID_CONCURRENT,
	  .unit = "clock units", .null_if = "as `operations`",
	  .doc = "duration of that period, summed over all timed parts and repeats; includes the "
		 "cost of recording samples" },
	{ .name = "per_cpu", .type = FIELD_GROUPS, .members = cpu_fields, .write = write_cpu_runs },
	{ 0 }
};

const struct field result_fields[] = {
#include "runner/experiment_params.def"
	{ .name = "parameters", .type = FIELD_GROUP, .members = parameter_fields },
	{ RESULT(status, FIELD_TEXT), .choices = statuses, .write = write_status,
	  .doc = "`ok`, `skipped` (not possible here; nothing remains allocated) or `failed` "
		 "(verification or accounting found an error)" },
	{ RESULT(reason, FIELD_TEXT), .null_if = "nothing to report",
	  .doc = "human-readable reason of the status, one line" },
	{ RESULT(reason_code, FIELD_TEXT), .null_if = "`reason` is null or has no name, or "
		     "measured by an older kmemlab", .choices = reasons + 1, .write = write_reason,
	  .doc = "name of the reason. Limits of the kernel or the facility: `unavailable`, "
		 "`too_large`, `size`, `gfp`, `node`, `align`, `free_order`, `free_cpu`, `bulk`, "
		 "`rcu`, `cpus`, `hold`, `workload` (its number exceeds that of the objects). Of "
		 "kmemlab, of this machine or at that moment: "
		 "`own_size` (larger objects than kmemlab measures), `budget`, `cpus_busy`, "
		 "`cpu_offline`, `no_memory`, `prepare`, `alloc_failed`, `no_free_block`, "
		 "`timeout`. Failed: `unverified`, `misaligned`, `mismatch`. End of a `ramp`: "
		 "`alloc_failed`, `ramp_limit`" },
	{ .name = "refusal", .type = FIELD_GROUP, .members = refusal_fields,
	  .valid = RUN_VALID_REFUSAL,
	  .null_if = "no allocation failed, or measured by an older kmemlab",
	  .doc = "state of the memory right after the first failed allocation, with all objects "
		 "still allocated (on several CPUs: those of this CPU), see below" },
	{ RUN(alloc, "alloc", FIELD_GROUP), .members = cost_fields, .valid = RUN_VALID_COSTS,
	  .null_if = "skipped", .doc = "cost of allocations, see below" },
	{ RUN(free, "free", FIELD_GROUP), .members = cost_fields, .valid = RUN_VALID_COSTS,
	  .null_if = "skipped", .doc = "cost of frees, see below" },
	{ .name = "tail", .type = FIELD_GROUP, .members = tail_fields,
	  .valid = RUN_VALID_TAIL_GROUP, .null_if = "skipped, or `--tails` was not given",
	  .doc = "slow paths that the operations took, see below" },
	{ .name = "pmu", .type = FIELD_GROUP, .members = pmu_fields, .valid = RUN_VALID_PMU_GROUP,
	  .null_if = "skipped, `--pmu` was not given, or the clock is time",
	  .doc = "events of the CPU's performance counters, see below" },
	{ RUN(result.deferred_ticks, "deferred", FIELD_COUNT), .valid = KMEMLAB_VALID_DEFERRED,
	  .unit = "clock units",
	  .null_if = "nothing is deferred; for work of RCU, several CPUs are online (any of them "
		     "may do this work) or there are no tracepoints; the purge had to wait for "
		     "another one",
	  .doc = "cost after the last free, in no sample; divided by `objects` x `repeats` it is "
		 "the additional cost per object. Facilities with lazy frees (`vmalloc` and "
		 "related): one purge of address space at the end, with `partial:K` also after "
		 "the first part. `batch_rcu` and `kmem_cache_typesafe`: RCU callbacks, "
		 "RCU's threads, work of kfree_rcu() and the waiting task until all objects are "
		 "freed, minus the same wait with nothing to free. Timer "
		 "interrupts change the work of RCU by up to a few hundred instructions "
		 "between runs" },
	{ .name = "memory", .type = FIELD_GROUP, .members = memory_fields,
	  .valid = KMEMLAB_VALID_MEMORY,
	  .null_if = "skipped, or workload `pair`",
	  .doc = "memory while all objects are allocated, see below" },
	{ .name = "kept", .type = FIELD_GROUP, .members = kept_fields,
	  .valid = KMEMLAB_VALID_KEPT, .null_if = "skipped, or another workload than `partial:K`",
	  .doc = "memory after all objects but every K-th one were freed, see below" },
	{ .name = "operation", .type = FIELD_GROUP, .members = operation_fields,
	  .valid = KMEMLAB_VALID_OPERATION,
	  .null_if = "not of `kmemlab measure`, skipped, or on several CPUs",
	  .doc = "memory of a user's operations, see below; their costs are in `alloc`, and "
		 "`free` is 0" },
	{ .name = "contiguity", .type = FIELD_GROUP, .members = contiguity_fields,
	  .valid = KMEMLAB_VALID_CONTIGUITY, .null_if = "skipped, or workload `pair`",
	  .doc = "physical contiguity while all objects are allocated, see below" },
	{ .name = "verification", .type = FIELD_GROUP, .members = verification_fields,
	  .valid = KMEMLAB_VALID_VERIFICATION, .null_if = "skipped, or nothing to verify",
	  .doc = "verification of the objects, see below" },
	{ .name = "throughput", .type = FIELD_GROUP, .members = throughput_fields,
	  .valid = RUN_VALID_CPUS,
	  .null_if = "skipped, the clock counts instructions, or facility `user`",
	  .doc = "throughput of all CPUs together, see below" },
	{ 0 }
};
