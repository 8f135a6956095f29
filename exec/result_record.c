// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_writer.h"
#include "records.h"

static const char *const status_words[] = {
	[KMEMLAB_STATUS_OK] = "ok",
	[KMEMLAB_STATUS_REFUSED] = "refused",
	[KMEMLAB_STATUS_FAILED] = "failed",
};

static const struct {
	__u32 route;
	const char *name;
} route_names[] = {
	{ KMEMLAB_ROUTE_WALK, "walk" },
	{ KMEMLAB_ROUTE_DIRECT_MAP, "direct_map" },
	{ KMEMLAB_ROUTE_VMALLOC_TO_PAGE, "vmalloc_to_page" },
	{ KMEMLAB_ROUTE_LOOKUP_ADDRESS, "lookup_address" },
	{ KMEMLAB_ROUTE_FACILITY, "facility" },
	{ KMEMLAB_ROUTE_PAGEMAP, "pagemap" },
};

static void write_parameters(struct json_writer *w, const struct experiment_spec *spec)
{
	uint32_t i;

	json_open(w, "parameters", '{');
	json_open(w, "cpus", '[');
	for (i = 0; i < spec->cpu_count; i++)
		json_unsigned(w, NULL, spec->cpus[i]);
	json_close(w, ']');
	json_string(w, "gfp", spec->gfp);
	json_signed(w, "node", spec->node);
	json_unsigned(w, "align", spec->align);
	json_unsigned(w, "seed", spec->seed);
	json_string(w, "free_order", spec->free_order);
	json_unsigned(w, "bulk", spec->bulk);
	json_signed(w, "free_cpu", spec->free_cpu);
	json_string(w, "condition", spec->condition);
	json_unsigned(w, "repeats", spec->repeats);
	json_close(w, '}');
}

static void write_distribution(struct json_writer *w, const char *key,
			       const struct distribution *d)
{
	json_open(w, key, '{');
	json_unsigned(w, "samples", d->samples);
	if (d->samples) {
		json_unsigned(w, "min", d->min);
		json_unsigned(w, "p50", d->p50);
		json_unsigned(w, "p90", d->p90);
		json_unsigned(w, "p99", d->p99);
		json_unsigned(w, "p999", d->p999);
		json_unsigned(w, "max", d->max);
		json_real(w, "mean", d->mean);
	} else {
		json_null(w, "min");
		json_null(w, "p50");
		json_null(w, "p90");
		json_null(w, "p99");
		json_null(w, "p999");
		json_null(w, "max");
		json_null(w, "mean");
	}
	json_close(w, '}');
}

static void write_cost(struct json_writer *w, const char *key, const struct cost *cost,
		       uint64_t objects_per_operation)
{
	json_open(w, key, '{');
	json_unsigned(w, "objects_per_operation", objects_per_operation);
	json_unsigned(w, "interrupted", cost->interrupted);
	json_unsigned(w, "slept", cost->slept);
	write_distribution(w, "clean", &cost->clean);
	write_distribution(w, "all", &cost->all);
	json_close(w, '}');
}

static void write_memory(struct json_writer *w, const struct kmemlab_result *r)
{
	json_open(w, "memory", '{');
	json_unsigned(w, "requested_bytes", r->requested_bytes);
	json_unsigned(w, "usable_bytes", r->usable_bytes);
	json_unsigned(w, "backing_bytes", r->backing_bytes);
	json_signed(w, "system_bytes", r->system_bytes);
	if (r->backing_bytes)
		json_real(w, "utilisation", (double)r->requested_bytes / r->backing_bytes);
	else
		json_null(w, "utilisation");
	json_close(w, '}');
}

static void write_contiguity(struct json_writer *w, const struct kmemlab_result *r)
{
	unsigned int i, last = KMEMLAB_ORDERS_MAX;

	while (last > 1 && !r->extents_by_order[last - 1])
		last--;
	json_open(w, "contiguity", '{');
	json_unsigned(w, "extents", r->extents);
	json_unsigned(w, "largest_extent_bytes", r->largest_extent_bytes);
	json_unsigned(w, "contiguous_objects", r->contiguous_objects);
	json_open(w, "extents_by_order", '[');
	for (i = 0; i < last; i++)
		json_unsigned(w, NULL, r->extents_by_order[i]);
	json_close(w, ']');
	json_close(w, '}');
}

static void write_verification(struct json_writer *w, const struct kmemlab_result *r)
{
	size_t i;

	json_open(w, "verification", '{');
	json_unsigned(w, "objects", r->verified_objects);
	json_unsigned(w, "bytes", r->verified_bytes);
	json_unsigned(w, "mismatches", r->mismatches);
	json_unsigned(w, "route_disagreements", r->route_disagreements);
	json_open(w, "routes", '[');
	for (i = 0; i < sizeof(route_names) / sizeof(route_names[0]); i++) {
		if (r->routes & route_names[i].route)
			json_string(w, NULL, route_names[i].name);
	}
	json_close(w, ']');
	json_close(w, '}');
}

static void write_groups(struct json_writer *w, const struct measurement *m)
{
	const struct kmemlab_result *r = &m->result;

	write_cost(w, "alloc", &m->alloc, r->objects_per_operation);
	write_cost(w, "free", &m->free, r->objects_per_operation);
	if (r->valid & KMEMLAB_VALID_DEFERRED)
		json_unsigned(w, "deferred", r->deferred_ticks);
	else
		json_null(w, "deferred");
	if (r->valid & KMEMLAB_VALID_MEMORY)
		write_memory(w, r);
	else
		json_null(w, "memory");
	if (r->valid & KMEMLAB_VALID_CONTIGUITY)
		write_contiguity(w, r);
	else
		json_null(w, "contiguity");
	if (r->valid & KMEMLAB_VALID_VERIFICATION)
		write_verification(w, r);
	else
		json_null(w, "verification");
}

static void write_no_groups(struct json_writer *w)
{
	json_null(w, "alloc");
	json_null(w, "free");
	json_null(w, "deferred");
	json_null(w, "memory");
	json_null(w, "contiguity");
	json_null(w, "verification");
}

void write_result_record(FILE *out, const struct experiment_spec *spec,
			 const struct measurement *m)
{
	struct json_writer w = { .out = out };

	json_open(&w, NULL, '{');
	json_string(&w, "record", "result");
	json_string(&w, "facility", spec->facility);
	json_string(&w, "workload", spec->workload);
	json_unsigned(&w, "object_size", spec->object_size);
	json_unsigned(&w, "objects", spec->objects);
	write_parameters(&w, spec);
	json_string(&w, "status", status_words[m->result.status]);
	if (m->result.reason[0])
		json_string(&w, "reason", m->result.reason);
	else
		json_null(&w, "reason");
	if (m->result.status == KMEMLAB_STATUS_REFUSED)
		write_no_groups(&w);
	else
		write_groups(&w, m);
	json_close(&w, '}');
	json_end_line(&w);
}
