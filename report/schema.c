// SPDX-License-Identifier: GPL-2.0-or-later
#include "schema.h"

#include <string.h>

#include "base/memory.h"

#define REQUIRED .required = true
#define NULLABLE .required = false

static const struct field parameter_fields[] = {
	{ "cpus", FIELD_COUNTS, REQUIRED },
	{ "gfp", FIELD_TEXT, REQUIRED },
	{ "node", FIELD_COUNT, NULLABLE },
	{ "align", FIELD_COUNT, NULLABLE },
	{ "seed", FIELD_COUNT, REQUIRED },
	{ "free_order", FIELD_TEXT, NULLABLE },
	{ "bulk", FIELD_COUNT, NULLABLE },
	{ "free_cpu", FIELD_COUNT, NULLABLE },
	{ "condition", FIELD_TEXT, NULLABLE },
	{ "repeats", FIELD_COUNT, REQUIRED },
	{ 0 }
};

static const struct field statistics_fields[] = {
	{ "samples", FIELD_COUNT, REQUIRED },
	{ "min", FIELD_COUNT, NULLABLE },
	{ "p50", FIELD_COUNT, NULLABLE },
	{ "p90", FIELD_COUNT, NULLABLE },
	{ "p99", FIELD_COUNT, NULLABLE },
	{ "p999", FIELD_COUNT, NULLABLE },
	{ "max", FIELD_COUNT, NULLABLE },
	{ "mean", FIELD_REAL, NULLABLE },
	{ 0 }
};

static const struct field direction_fields[] = {
	{ "objects_per_operation", FIELD_COUNT, REQUIRED },
	{ "interrupted", FIELD_COUNT, REQUIRED },
	{ "slept", FIELD_COUNT, REQUIRED },
	{ "clean", FIELD_GROUP, .members = statistics_fields },
	{ "all", FIELD_GROUP, .members = statistics_fields },
	{ "loop_mean", FIELD_REAL, NULLABLE, .may_be_absent = true },
	{ 0 }
};

static const struct field memory_fields[] = {
	{ "requested_bytes", FIELD_COUNT, REQUIRED },
	{ "usable_bytes", FIELD_COUNT, NULLABLE },
	{ "backing_bytes", FIELD_COUNT, NULLABLE },
	{ "system_bytes", FIELD_COUNT, NULLABLE },
	{ "system_slab_bytes", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ "system_table_bytes", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ "backing_slab_bytes", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ "unexplained_bytes", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ "idle_bytes", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ "struct_page_bytes", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ "utilisation", FIELD_REAL, NULLABLE },
	{ 0 }
};

static const struct field contiguity_fields[] = {
	{ "extents", FIELD_COUNT, REQUIRED },
	{ "largest_extent_bytes", FIELD_COUNT, REQUIRED },
	{ "contiguous_objects", FIELD_COUNT, REQUIRED },
	{ "extents_by_order", FIELD_COUNTS, REQUIRED },
	{ "aligned_by_order", FIELD_COUNTS, NULLABLE, .may_be_absent = true },
	{ "device_ready_objects", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ 0 }
};

static const struct field verification_fields[] = {
	{ "objects", FIELD_COUNT, REQUIRED },
	{ "bytes", FIELD_COUNT, REQUIRED },
	{ "mismatches", FIELD_COUNT, REQUIRED },
	{ "route_disagreements", FIELD_COUNT, REQUIRED },
	{ "routes", FIELD_TEXTS, REQUIRED },
	{ 0 }
};

static const struct field cause_fields[] = {
	{ "cause", FIELD_TEXT, REQUIRED },
	{ "operations", FIELD_COUNT, REQUIRED },
	{ "slow", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ 0 }
};

static const struct field watched_fields[] = {
	{ "operations", FIELD_COUNT, REQUIRED },
	{ "slow", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ "slow_from", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ "slow_unexplained", FIELD_COUNT, NULLABLE, .may_be_absent = true },
	{ "causes", FIELD_GROUPS, REQUIRED, .members = cause_fields },
	{ 0 }
};

static const struct field tail_fields[] = {
	{ "reason", FIELD_TEXT, NULLABLE },
	{ "alloc", FIELD_GROUP, .members = watched_fields },
	{ "free", FIELD_GROUP, .members = watched_fields },
	{ "unobserved", FIELD_TEXTS, NULLABLE },
	{ 0 }
};

static const struct field event_fields[] = {
	{ "operations", FIELD_COUNT, REQUIRED },
	{ "instructions", FIELD_REAL, NULLABLE },
	{ "cycles", FIELD_REAL, NULLABLE },
	{ "cache_misses", FIELD_REAL, NULLABLE },
	{ "llc_misses", FIELD_REAL, NULLABLE },
	{ "dtlb_misses", FIELD_REAL, NULLABLE },
	{ 0 }
};

static const struct field pmu_fields[] = {
	{ "reason", FIELD_TEXT, NULLABLE },
	{ "alloc", FIELD_GROUP, .members = event_fields },
	{ "free", FIELD_GROUP, .members = event_fields },
	{ 0 }
};

static const struct field cpu_fields[] = {
	{ "cpu", FIELD_COUNT, REQUIRED },
	{ "operations", FIELD_COUNT, NULLABLE },
	{ "alloc", FIELD_GROUP, .members = statistics_fields },
	{ "free", FIELD_GROUP, .members = statistics_fields },
	{ 0 }
};

static const struct field throughput_fields[] = {
	{ "operations", FIELD_COUNT, NULLABLE },
	{ "ticks", FIELD_COUNT, NULLABLE },
	{ "per_cpu", FIELD_GROUPS, REQUIRED, .members = cpu_fields },
	{ 0 }
};

const struct field result_fields[] = {
	{ "facility", FIELD_TEXT, REQUIRED },
	{ "workload", FIELD_TEXT, REQUIRED },
	{ "object_size", FIELD_COUNT, REQUIRED },
	{ "objects", FIELD_COUNT, REQUIRED },
	{ "parameters", FIELD_GROUP, REQUIRED, .members = parameter_fields },
	{ "status", FIELD_TEXT, REQUIRED },
	{ "reason", FIELD_TEXT, NULLABLE },
	{ "alloc", FIELD_GROUP, .members = direction_fields },
	{ "free", FIELD_GROUP, .members = direction_fields },
	{ "tail", FIELD_GROUP, .members = tail_fields, .may_be_absent = true },
	{ "pmu", FIELD_GROUP, .members = pmu_fields, .may_be_absent = true },
	{ "deferred", FIELD_COUNT, NULLABLE },
	{ "memory", FIELD_GROUP, .members = memory_fields },
	{ "contiguity", FIELD_GROUP, .members = contiguity_fields },
	{ "verification", FIELD_GROUP, .members = verification_fields },
	{ "throughput", FIELD_GROUP, .members = throughput_fields, .may_be_absent = true },
	{ 0 }
};

static const struct field kernel_fields[] = {
	{ "release", FIELD_TEXT, REQUIRED },
	{ "arch", FIELD_TEXT, REQUIRED },
	{ "cmdline", FIELD_TEXT, NULLABLE },
	{ "config", FIELD_FREE, REQUIRED },
	{ 0 }
};

static const struct field clock_fields[] = {
	{ "unit", FIELD_TEXT, REQUIRED },
	{ "source", FIELD_TEXT, REQUIRED },
	{ "overhead", FIELD_COUNT, REQUIRED },
	{ 0 }
};

static const struct field module_fields[] = {
	{ "version", FIELD_TEXT, REQUIRED },
	{ "srcversion", FIELD_TEXT, NULLABLE },
	{ 0 }
};

static const struct field self_check_fields[] = {
	{ "null", FIELD_COUNT, NULLABLE },
	{ "delay_asked", FIELD_COUNT, NULLABLE },
	{ "delay_read", FIELD_COUNT, NULLABLE },
	{ "ok", FIELD_FLAG, REQUIRED },
	{ 0 }
};

static const struct field facility_fields[] = {
	{ "name", FIELD_TEXT, REQUIRED },
	{ "available", FIELD_FLAG, REQUIRED },
	{ "reason", FIELD_TEXT, NULLABLE },
	{ "alignment", FIELD_COUNT, REQUIRED },
	{ "object_size_min", FIELD_COUNT, REQUIRED },
	{ "object_size_max", FIELD_COUNT, NULLABLE },
	{ "capabilities", FIELD_TEXTS, REQUIRED },
	{ 0 }
};

static const struct field machine_fields[] = {
	{ "arch", FIELD_TEXT, REQUIRED },
	{ "board", FIELD_TEXT, NULLABLE },
	{ "memory_mib", FIELD_COUNT, REQUIRED },
	{ "append", FIELD_TEXT, NULLABLE },
	{ "layout", FIELD_COUNT, REQUIRED },
	{ 0 }
};

static const struct field run_fields[] = {
	{ "command", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "date", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "kmemlab_version", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "accelerator_reason", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "qemu_version", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "kernel_package_version", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "boot_s", FIELD_REAL, NULLABLE, .may_be_absent = true },
	{ "total_s", FIELD_REAL, NULLABLE, .may_be_absent = true },
	{ 0 }
};

static const struct field node_fields[] = {
	{ "node", FIELD_COUNT, REQUIRED },
	{ "cpus", FIELD_TEXT, REQUIRED },
	{ "memory_bytes", FIELD_COUNT, REQUIRED },
	{ 0 }
};

static const struct field system_fields[] = {
	{ "cpu_model", FIELD_TEXT, NULLABLE },
	{ "nodes", FIELD_COUNT, NULLABLE },
	{ "node_layout", FIELD_GROUPS, .members = node_fields, .may_be_absent = true },
	{ "thp", FIELD_TEXT, NULLABLE },
	{ "page_shuffle", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "kfence_sample_interval", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "mitigations", FIELD_FREE, REQUIRED },
	{ "watermark_min_pages", FIELD_COUNT, NULLABLE },
	{ "watermark_low_pages", FIELD_COUNT, NULLABLE },
	{ "watermark_high_pages", FIELD_COUNT, NULLABLE },
	{ "free_by_order", FIELD_COUNTS, REQUIRED },
	{ 0 }
};

/* Target, accelerator, input_sha256, machine and run are the host's to fill in. */
const struct field environment_fields[] = {
	{ "kernel", FIELD_GROUP, REQUIRED, .members = kernel_fields },
	{ "page_size", FIELD_COUNT, REQUIRED },
	{ "page_table_levels", FIELD_COUNT, NULLABLE },
	{ "cpus", FIELD_COUNT, REQUIRED },
	{ "memory_bytes", FIELD_COUNT, NULLABLE },
	{ "target", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "accelerator", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "clock", FIELD_GROUP, REQUIRED, .members = clock_fields },
	{ "module", FIELD_GROUP, REQUIRED, .members = module_fields },
	{ "input_sha256", FIELD_TEXT, NULLABLE, .may_be_absent = true },
	{ "machine", FIELD_GROUP, .members = machine_fields, .may_be_absent = true },
	{ "taint_delta", FIELD_COUNT, NULLABLE },
	{ "self_check", FIELD_GROUP, REQUIRED, .members = self_check_fields },
	{ "facilities", FIELD_GROUPS, .members = facility_fields, .may_be_absent = true },
	{ "system", FIELD_GROUP, .members = system_fields, .may_be_absent = true },
	{ "run", FIELD_GROUP, .members = run_fields, .may_be_absent = true },
	{ 0 }
};

static bool is_array_of(const json_t *value, json_type type)
{
	json_t *element;
	size_t i;

	if (!json_is_array(value))
		return false;
	json_array_foreach(value, i, element)
		if (json_typeof(element) != type)
			return false;
	return true;
}

static bool type_fits(const struct field *field, const json_t *value)
{
	if (json_is_null(value))
		return !field->required;
	switch (field->type) {
	case FIELD_TEXT:
		return json_is_string(value);
	case FIELD_COUNT:
		return json_is_integer(value);
	case FIELD_REAL:
		return json_is_number(value);
	case FIELD_FLAG:
		return json_is_boolean(value);
	case FIELD_COUNTS:
		return is_array_of(value, JSON_INTEGER);
	case FIELD_TEXTS:
		return is_array_of(value, JSON_STRING);
	case FIELD_GROUPS:
		return is_array_of(value, JSON_OBJECT);
	case FIELD_FREE:
	case FIELD_GROUP:
		return json_is_object(value);
	}
	return false;
}

static char *unknown_field(const struct field *fields, json_t *object)
{
	const struct field *field;
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		for (field = fields; field->name; field++)
			if (!strcmp(field->name, name))
				break;
		if (!field->name)
			return xasprintf("field '%s' is unknown", name);
	}
	return NULL;
}

static json_t *copy_each(const struct field *fields, json_t *objects, char **error)
{
	json_t *copies = json_array(), *object;
	size_t i;

	json_array_foreach(objects, i, object)
		if (!*error)
			json_array_append_new(copies, schema_copy(fields, object, error));
	return copies;
}

static json_t *copy_value(const struct field *field, json_t *value, char **error)
{
	if (!value && field->may_be_absent)
		return json_null();
	if (!value)
		*error = xasprintf("field '%s' is missing", field->name);
	else if (!type_fits(field, value))
		*error = xasprintf("field '%s' is not what it should be", field->name);
	else if (field->type == FIELD_GROUP && json_is_object(value))
		return schema_copy(field->members, value, error);
	else if (field->type == FIELD_GROUPS && json_is_array(value))
		return copy_each(field->members, value, error);
	return json_incref(value);
}

json_t *schema_copy(const struct field *fields, json_t *object, char **error)
{
	json_t *copy = json_object();

	*error = unknown_field(fields, object);
	for (const struct field *field = fields; !*error && field->name; field++)
		json_object_set_new(copy, field->name,
				    copy_value(field, json_object_get(object, field->name), error));
	if (!*error)
		return copy;
	json_decref(copy);
	return NULL;
}
