// SPDX-License-Identifier: GPL-2.0-or-later
/* Build a plan from the experiment options, or read it from a file. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "cli/measure.h"
#include "lib/catalog.h"

#define EXPERIMENTS_MAX 10000	/* more would run for days: probably a typing error */

enum exit_code plan_check_added(int err)
{
	if (!err)
		return EXIT_OK;
	log_error("out of memory");
	return EXIT_HOST_ERROR;
}

char *plan_text(const struct plan *plan)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	plan_write(plan, out);
	fclose(out);
	return text;
}

static enum exit_code add_experiment(const struct options *options, struct plan *plan,
				     const struct experiment_spec *spec)
{
	int64_t bytes;

	if (__builtin_mul_overflow(spec->objects, spec->object_size, &bytes))
		return usage_error(options, "%" PRIu64 " objects of %" PRIu64
				   " bytes exceed 2^63 - 1 bytes", spec->objects,
				   spec->object_size);
	return plan_check_added(plan_add(plan, spec));
}

/* Remove and return the last digit of an index that has one digit per list. */
static size_t take_digit(size_t *index, size_t count)
{
	size_t digit = *index % count;

	*index /= count;
	return digit;
}

/* Set the values of one combination of the lists; the last list varies fastest. */
static void set_combination(struct experiment_spec *spec, const struct options *options,
			    size_t index)
{
	const struct name_list *conditions = &options->conditions, *gfps = &options->gfps;
	const struct name_list *workloads = &options->workloads, *facilities = &options->facilities;
	const struct number_list *cpu_counts = &options->cpu_counts, *objects = &options->objects;
	const struct number_list *sizes = &options->sizes;

	strcpy(spec->condition, conditions->names[take_digit(&index, conditions->count)]);
	strcpy(spec->gfp, gfps->names[take_digit(&index, gfps->count)]);
	spec->cpu_count = cpu_counts->values[take_digit(&index, cpu_counts->count)];
	spec->objects = objects->values[take_digit(&index, objects->count)];
	spec->object_size = sizes->values[take_digit(&index, sizes->count)];
	strcpy(spec->workload, workloads->names[take_digit(&index, workloads->count)]);
	strcpy(spec->facility, facilities->names[take_digit(&index, facilities->count)]);
	for (uint32_t cpu = 0; cpu < spec->cpu_count; cpu++)
		spec->cpus[cpu] = cpu;
}

static enum exit_code plan_from_options(struct plan *plan, const struct options *options)
{
	size_t count = options->facilities.count * options->workloads.count *
		       options->sizes.count * options->objects.count * options->gfps.count *
		       options->conditions.count * options->cpu_counts.count;
	enum exit_code code = EXIT_OK;
	struct experiment_spec spec;

	if (count > EXPERIMENTS_MAX)
		return usage_error(options, "too many experiments: %zu (at most %d)", count,
				   EXPERIMENTS_MAX);
	experiment_spec_init(&spec);
	spec.seed = options->seed;
	spec.repeats = options->repeats;
	spec.bulk = options->bulk;
	spec.align = options->align;
	spec.tails = options->tails;
	spec.pmu = options->pmu;
	for (size_t i = 0; i < count && !code; i++) {
		set_combination(&spec, options, i);
		code = add_experiment(options, plan, &spec);
	}
	return code;
}

static enum exit_code plan_error(const struct options *options, const char *reason)
{
	return usage_error(options, "--plan %s: %s", options->plan, reason);
}

static enum exit_code check_plan_names(const struct plan *plan, const struct options *options)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct experiment_spec *spec = &plan->experiments[i];
		const struct {
			const struct name_table *table;
			const char *name;
		} names[] = {
			{ &facility_names, spec->facility }, { &workload_names, spec->workload },
			{ &gfp_names, spec->gfp }, { &condition_names, spec->condition },
		};

		for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
			cleanup_free char *reason = name_known(names[j].table, names[j].name) ?
				NULL : name_error(names[j].table, names[j].name);

			if (reason)
				return plan_error(options, reason);
		}
	}
	return EXIT_OK;
}

static enum exit_code plan_from_file(struct plan *plan, const struct options *options)
{
	cleanup_fclose FILE *in = fopen(options->plan, "re");
	char reason[256];

	if (!in)
		return plan_error(options, strerror(errno));
	if (plan_read(plan, in, reason, sizeof(reason)))
		return plan_error(options, reason);
	if (plan->translation_count || plan->map_count)
		return plan_error(options, "translate and map lines are not allowed here (use "
				  "'kmemlab translate --plan' or 'kmemlab map')");
	return check_plan_names(plan, options);
}

/* Instructions are counted on one CPU only, and a virtual machine has few CPUs. */
static enum exit_code check_cpus(const struct plan *plan, const struct options *options)
{
	const bool counted = !strcmp(plan->clock, "instructions");
	const bool on_host = !strcmp(options->target ?: "vm", "host");

	for (size_t i = 0; i < plan->count; i++) {
		const struct experiment_spec *spec = &plan->experiments[i];

		if (counted && spec->cpu_count > 1)
			return usage_error(options, "%" PRIu32 " CPUs require --clock time or "
					   "--target host (instructions are counted on one CPU)",
					   spec->cpu_count);
		if (!on_host && spec->cpu_count > VM_CPUS_MAX)
			return usage_error(options, "a virtual machine has at most %d CPUs, got %"
					   PRIu32, VM_CPUS_MAX, spec->cpu_count);
	}
	return EXIT_OK;
}

static enum exit_code check_numbers(const struct plan *plan, const struct options *options)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct experiment_spec *spec = &plan->experiments[i];

		if (name_number(spec->workload) > spec->objects)
			return usage_error(options, "workload %s requires at least %u objects, got %"
					   PRIu64, spec->workload, name_number(spec->workload),
					   spec->objects);
	}
	return EXIT_OK;
}

enum exit_code plan_build(struct plan *plan, const struct options *options)
{
	enum exit_code code = options->plan ? plan_from_file(plan, options) :
					      plan_from_options(plan, options);

	if (options->clock)
		strcpy(plan->clock, strcmp(options->clock, "time") ? "instructions" : "tsc");
	else if (options->target && !strcmp(options->target, "host"))
		strcpy(plan->clock, "tsc");
	/* Only a real CPU, which the clock "tsc" implies, has performance counters. */
	for (size_t i = 0; strcmp(plan->clock, "instructions") && i < plan->count; i++)
		plan->experiments[i].pmu = 1;
	if (!code)
		code = check_numbers(plan, options);
	return code ? code : check_cpus(plan, options);
}
