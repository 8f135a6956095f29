// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_writer.h"
#include "records.h"
#include "route_names.h"

static const char *const status_words[] = {
	[KMEMLAB_STATUS_OK] = "ok",
	[KMEMLAB_STATUS_REFUSED] = "refused",
	[KMEMLAB_STATUS_FAILED] = "failed",
};

static void write_parameters(struct record_writer *w, const struct experiment_spec *spec)
{
	uint32_t i;

	writer_open(w, "parameters", '{');
	writer_open(w, "cpus", '[');
	for (i = 0; i < spec->cpu_count; i++)
		writer_unsigned(w, NULL, spec->cpus[i]);
	writer_close(w, ']');
	writer_string(w, "gfp", spec->gfp);
	writer_signed(w, "node", spec->node);
	writer_unsigned(w, "align", spec->align);
	writer_unsigned(w, "seed", spec->seed);
	writer_string(w, "free_order", spec->free_order);
	writer_unsigned(w, "bulk", spec->bulk);
	writer_signed(w, "free_cpu", spec->free_cpu);
	writer_string(w, "condition", spec->condition);
	writer_unsigned(w, "repeats", spec->repeats);
	writer_close(w, '}');
}

static void write_distribution(struct record_writer *w, const char *key,
			       const struct distribution *d)
{
	writer_open(w, key, '{');
	writer_unsigned(w, "samples", d->samples);
	if (d->samples) {
		writer_unsigned(w, "min", d->min);
		writer_unsigned(w, "p50", d->p50);
		writer_unsigned(w, "p90", d->p90);
		writer_unsigned(w, "p99", d->p99);
		writer_unsigned(w, "p999", d->p999);
		writer_unsigned(w, "max", d->max);
		writer_real(w, "mean", d->mean);
	} else {
		writer_null(w, "min");
		writer_null(w, "p50");
		writer_null(w, "p90");
		writer_null(w, "p99");
		writer_null(w, "p999");
		writer_null(w, "max");
		writer_null(w, "mean");
	}
	writer_close(w, '}');
}

static void write_loop_mean(struct record_writer *w, const struct kmemlab_loop *loop)
{
	if (loop->operations)
		writer_real(w, "loop_mean", (double)loop->ticks / loop->operations);
	else
		writer_null(w, "loop_mean");
}

static void write_cost(struct record_writer *w, const char *key, const struct cost *cost,
		       uint64_t objects_per_operation, const struct kmemlab_loop *loop)
{
	writer_open(w, key, '{');
	writer_unsigned(w, "objects_per_operation", objects_per_operation);
	writer_unsigned(w, "interrupted", cost->interrupted);
	writer_unsigned(w, "slept", cost->slept);
	write_distribution(w, "clean", &cost->clean);
	write_distribution(w, "all", &cost->all);
	write_loop_mean(w, loop);
	writer_close(w, '}');
}

/* What this kernel cannot show is not the same as what did not happen. */
static void write_unobserved(struct record_writer *w, const struct kmemlab_result *r)
{
	writer_open(w, "unobserved", '[');
	for (int i = 0; i < KMEMLAB_CAUSES_MAX; i++)
		if (*r->tail_causes[i].name && !r->tail_causes[i].observed)
			writer_string(w, NULL, r->tail_causes[i].name);
	writer_close(w, ']');
}

static void write_causes(struct record_writer *w, const char *key, uint64_t operations,
			 const struct kmemlab_result *r, bool frees)
{
	const struct kmemlab_slow *slow = frees ? &r->slow_frees : &r->slow_allocs;

	writer_open(w, key, '{');
	writer_unsigned(w, "operations", operations);
	writer_unsigned(w, "slow", slow->operations);
	if (slow->operations)
		writer_unsigned(w, "slow_from", slow->threshold);
	else
		writer_null(w, "slow_from");
	writer_unsigned(w, "slow_unexplained", slow->unexplained);
	writer_open(w, "causes", '[');
	for (int i = 0; i < KMEMLAB_CAUSES_MAX; i++) {
		const struct kmemlab_cause *cause = &r->tail_causes[i];
		uint64_t count = frees ? cause->frees : cause->allocs;

		if (!count)
			continue;
		writer_open(w, NULL, '{');
		writer_string(w, "cause", cause->name);
		writer_unsigned(w, "operations", count);
		writer_unsigned(w, "slow", slow->with[i]);
		writer_close(w, '}');
	}
	writer_close(w, ']');
	writer_close(w, '}');
}

static void write_tail(struct record_writer *w, const struct kmemlab_result *r)
{
	writer_open(w, "tail", '{');
	if (r->valid & KMEMLAB_VALID_TAIL) {
		writer_null(w, "reason");
		write_causes(w, "alloc", r->tail_allocs, r, false);
		write_causes(w, "free", r->tail_frees, r, true);
		write_unobserved(w, r);
	} else {
		writer_string(w, "reason", r->tail_reason);
		writer_null(w, "alloc");
		writer_null(w, "free");
		writer_null(w, "unobserved");
	}
	writer_close(w, '}');
}

/* Null where the CPU has no counter for it. */
static void write_events(struct record_writer *w, const char *key, uint64_t operations,
			 const struct kmemlab_result *r, bool frees)
{
	writer_open(w, key, '{');
	writer_unsigned(w, "operations", operations);
	for (int i = 0; i < KMEMLAB_PMU_MAX && *r->pmu_events[i].name; i++) {
		const struct kmemlab_pmu_event *event = &r->pmu_events[i];
		__s64 count = frees ? event->frees : event->allocs;

		if (event->counted && operations)
			writer_real(w, event->name, (double)count / operations);
		else
			writer_null(w, event->name);
	}
	writer_close(w, '}');
}

static void write_pmu(struct record_writer *w, const struct kmemlab_result *r)
{
	writer_open(w, "pmu", '{');
	if (r->valid & KMEMLAB_VALID_PMU) {
		writer_null(w, "reason");
		write_events(w, "alloc", r->pmu_allocs, r, false);
		write_events(w, "free", r->pmu_frees, r, true);
	} else {
		writer_string(w, "reason", r->pmu_reason);
		writer_null(w, "alloc");
		writer_null(w, "free");
	}
	writer_close(w, '}');
}

/* Beside the objects' own frames there are page tables, and slabs that are not theirs. */
static int64_t unexplained_bytes(const struct kmemlab_result *r)
{
	int64_t other_slabs = r->system_slab_bytes - (int64_t)r->backing_slab_bytes;

	return r->system_bytes - (int64_t)r->backing_bytes - other_slabs - r->system_table_bytes;
}

static void write_memory(struct record_writer *w, const struct kmemlab_result *r)
{
	writer_open(w, "memory", '{');
	writer_unsigned(w, "requested_bytes", r->requested_bytes);
	writer_unsigned(w, "usable_bytes", r->usable_bytes);
	writer_unsigned(w, "backing_bytes", r->backing_bytes);
	writer_signed(w, "system_bytes", r->system_bytes);
	writer_signed(w, "system_slab_bytes", r->system_slab_bytes);
	writer_signed(w, "system_table_bytes", r->system_table_bytes);
	writer_unsigned(w, "backing_slab_bytes", r->backing_slab_bytes);
	writer_signed(w, "unexplained_bytes", unexplained_bytes(r));
	writer_signed(w, "idle_bytes", r->idle_bytes);
	/* How large one is, a process cannot tell. */
	if (r->struct_page_bytes)
		writer_unsigned(w, "struct_page_bytes", r->struct_page_bytes);
	else
		writer_null(w, "struct_page_bytes");
	if (r->backing_bytes)
		writer_real(w, "utilisation", (double)r->requested_bytes / r->backing_bytes);
	else
		writer_null(w, "utilisation");
	writer_close(w, '}');
}

static void write_orders(struct record_writer *w, const char *key, const __u64 *counts)
{
	unsigned int i, last = KMEMLAB_ORDERS_MAX;

	while (last > 1 && !counts[last - 1])
		last--;
	writer_open(w, key, '[');
	for (i = 0; i < last; i++)
		writer_unsigned(w, NULL, counts[i]);
	writer_close(w, ']');
}

static void write_contiguity(struct record_writer *w, const struct kmemlab_result *r)
{
	writer_open(w, "contiguity", '{');
	writer_unsigned(w, "extents", r->extents);
	writer_unsigned(w, "largest_extent_bytes", r->largest_extent_bytes);
	writer_unsigned(w, "contiguous_objects", r->contiguous_objects);
	write_orders(w, "extents_by_order", r->extents_by_order);
	write_orders(w, "aligned_by_order", r->aligned_by_order);
	writer_unsigned(w, "device_ready_objects", r->device_ready_objects);
	writer_close(w, '}');
}

static void write_verification(struct record_writer *w, const struct kmemlab_result *r)
{
	unsigned int i;

	writer_open(w, "verification", '{');
	writer_unsigned(w, "objects", r->verified_objects);
	writer_unsigned(w, "bytes", r->verified_bytes);
	writer_unsigned(w, "mismatches", r->mismatches);
	writer_unsigned(w, "route_disagreements", r->route_disagreements);
	writer_open(w, "routes", '[');
	for (i = 0; route_name(i); i++) {
		if (r->routes & 1U << i)
			writer_string(w, NULL, route_name(i));
	}
	writer_close(w, ']');
	writer_close(w, '}');
}

static void write_cpu(struct record_writer *w, const struct cpu_measurement *cpu, bool together)
{
	writer_open(w, NULL, '{');
	writer_unsigned(w, "cpu", cpu->share.cpu);
	if (together)
		writer_unsigned(w, "operations", cpu->share.together_operations);
	else
		writer_null(w, "operations");
	write_distribution(w, "alloc", &cpu->alloc.clean);
	write_distribution(w, "free", &cpu->free.clean);
	writer_close(w, '}');
}

/* Null where one CPU was through before another had begun: they never ran together. */
static void write_throughput(struct record_writer *w, const struct measurement *m)
{
	bool together = m->result.valid & KMEMLAB_VALID_TOGETHER;
	size_t i;

	writer_open(w, "throughput", '{');
	if (together) {
		writer_unsigned(w, "operations", m->result.together_operations);
		writer_unsigned(w, "ticks", m->result.together_ticks);
	} else {
		writer_null(w, "operations");
		writer_null(w, "ticks");
	}
	writer_open(w, "per_cpu", '[');
	for (i = 0; i < m->cpu_count; i++)
		write_cpu(w, &m->cpus[i], together);
	writer_close(w, ']');
	writer_close(w, '}');
}

static void write_groups(struct record_writer *w, const struct experiment_spec *spec,
			 const struct measurement *m)
{
	const struct kmemlab_result *r = &m->result;

	write_cost(w, "alloc", &m->alloc, r->objects_per_operation, &r->alloc_loop);
	write_cost(w, "free", &m->free, r->objects_per_free, &r->free_loop);
	if (spec->tails)
		write_tail(w, r);
	if (spec->pmu)
		write_pmu(w, r);
	if (r->valid & KMEMLAB_VALID_DEFERRED)
		writer_unsigned(w, "deferred", r->deferred_ticks);
	else
		writer_null(w, "deferred");
	if (r->valid & KMEMLAB_VALID_MEMORY)
		write_memory(w, r);
	else
		writer_null(w, "memory");
	if (r->valid & KMEMLAB_VALID_CONTIGUITY)
		write_contiguity(w, r);
	else
		writer_null(w, "contiguity");
	if (r->valid & KMEMLAB_VALID_VERIFICATION)
		write_verification(w, r);
	else
		writer_null(w, "verification");
	if (m->cpu_count)
		write_throughput(w, m);
	else
		writer_null(w, "throughput");
}

static void write_no_groups(struct record_writer *w)
{
	writer_null(w, "alloc");
	writer_null(w, "free");
	writer_null(w, "deferred");
	writer_null(w, "memory");
	writer_null(w, "contiguity");
	writer_null(w, "verification");
	writer_null(w, "throughput");
}

void write_result_record(FILE *out, const struct experiment_spec *spec,
			 const struct measurement *m)
{
	struct record_writer w = { .out = out };

	writer_open(&w, NULL, '{');
	writer_string(&w, "record", "result");
	writer_string(&w, "facility", spec->facility);
	writer_string(&w, "workload", spec->workload);
	writer_unsigned(&w, "object_size", spec->object_size);
	writer_unsigned(&w, "objects", spec->objects);
	write_parameters(&w, spec);
	writer_string(&w, "status", status_words[m->result.status]);
	if (m->result.reason[0])
		writer_string(&w, "reason", m->result.reason);
	else
		writer_null(&w, "reason");
	if (m->result.status == KMEMLAB_STATUS_REFUSED)
		write_no_groups(&w);
	else
		write_groups(&w, spec, m);
	writer_close(&w, '}');
	writer_end_line(&w);
}
