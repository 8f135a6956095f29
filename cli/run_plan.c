// SPDX-License-Identifier: GPL-2.0-or-later
#include "run_plan.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "cli/road.h"

/* A boot with more than this would take days: a list was mistyped. */
#define EXPERIMENTS_MAX 10000

static enum exit_code add_experiment(const struct run_options *options, struct plan *plan,
				     const struct experiment_spec *spec)
{
	int64_t bytes;

	if (__builtin_mul_overflow(spec->objects, spec->object_size, &bytes)) {
		say_error("%s: %" PRIu64 " objects of %" PRIu64 " bytes are beyond 2^63 - 1 bytes",
			  options->command, spec->objects, spec->object_size);
		return EXIT_USAGE;
	}
	if (plan_add(plan, spec)) {
		say_error("out of memory");
		return EXIT_TROUBLE;
	}
	return EXIT_FINE;
}

/* GFP profiles and conditions of one facility, workload, size and number. */
static enum exit_code add_surroundings(struct plan *plan, struct experiment_spec *spec,
				       const struct run_options *options)
{
	enum exit_code code = EXIT_FINE;

	for (size_t g = 0; g < options->gfps.count; g++) {
		for (size_t c = 0; !code && c < options->conditions.count; c++) {
			strcpy(spec->gfp, options->gfps.names[g]);
			strcpy(spec->condition, options->conditions.names[c]);
			code = add_experiment(options, plan, spec);
		}
	}
	return code;
}

/* So many CPUs, the first ones. */
static enum exit_code add_cpus(struct plan *plan, struct experiment_spec *spec,
			       const struct run_options *options)
{
	enum exit_code code = EXIT_FINE;

	for (size_t i = 0; !code && i < options->cpu_counts.count; i++) {
		spec->cpu_count = options->cpu_counts.values[i];
		for (uint32_t cpu = 0; cpu < spec->cpu_count; cpu++)
			spec->cpus[cpu] = cpu;
		code = add_surroundings(plan, spec, options);
	}
	return code;
}

/* What varies within one facility and workload, in the order of results. */
static enum exit_code add_dimensions(struct plan *plan, struct experiment_spec *spec,
				     const struct run_options *options)
{
	enum exit_code code = EXIT_FINE;

	for (size_t s = 0; s < options->sizes.count; s++) {
		for (size_t o = 0; !code && o < options->objects.count; o++) {
			spec->object_size = options->sizes.values[s];
			spec->objects = options->objects.values[o];
			code = add_cpus(plan, spec, options);
		}
	}
	return code;
}

static enum exit_code plan_from_options(struct plan *plan, const struct run_options *options)
{
	size_t count = options->facilities.count * options->workloads.count *
		       options->sizes.count * options->objects.count * options->gfps.count *
		       options->conditions.count * options->cpu_counts.count;
	enum exit_code code = EXIT_FINE;
	struct experiment_spec spec;

	if (count > EXPERIMENTS_MAX) {
		say_error("%s: the lists make %zu experiments: at most %d at once",
			  options->command, count, EXPERIMENTS_MAX);
		return EXIT_USAGE;
	}
	experiment_spec_init(&spec);
	spec.seed = options->seed;
	spec.repeats = options->repeats;
	spec.align = options->align;
	spec.tails = options->tails;
	spec.pmu = options->pmu;
	for (size_t f = 0; f < options->facilities.count; f++) {
		for (size_t w = 0; !code && w < options->workloads.count; w++) {
			strcpy(spec.facility, options->facilities.names[f]);
			strcpy(spec.workload, options->workloads.names[w]);
			code = add_dimensions(plan, &spec, options);
		}
	}
	return code;
}

static enum exit_code say_plan_error(const struct run_options *options, const char *error)
{
	say_error("%s: --plan %s: %s", options->command, options->plan_file, error);
	return EXIT_USAGE;
}

static enum exit_code check_names(const struct plan *plan, const struct run_options *options)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct experiment_spec *spec = &plan->experiments[i];
		cleanup_free char *error = NULL;

		if (!name_known(&facility_names, spec->facility))
			error = name_error(&facility_names, spec->facility);
		else if (!name_known(&workload_names, spec->workload))
			error = name_error(&workload_names, spec->workload);
		else if (!name_known(&gfp_names, spec->gfp))
			error = name_error(&gfp_names, spec->gfp);
		else if (!name_known(&condition_names, spec->condition))
			error = name_error(&condition_names, spec->condition);
		if (error)
			return say_plan_error(options, error);
	}
	return EXIT_FINE;
}

static enum exit_code plan_from_file(struct plan *plan, const struct run_options *options)
{
	cleanup_fclose FILE *in = fopen(options->plan_file, "re");
	char error[256];

	if (!in)
		return say_plan_error(options, strerror(errno));
	if (plan_read(plan, in, error, sizeof(error)))
		return say_plan_error(options, error);
	if (plan->translation_count || plan->map_count)
		return say_plan_error(options, "only experiment lines are carried out here: "
				      "'kmemlab translate --plan' takes translate lines, "
				      "'kmemlab map' makes maps");
	return check_names(plan, options);
}

/* Counted instructions are one CPU's; and a virtual machine has no CPUs without end. */
static enum exit_code check_cpus(const struct plan *plan, const struct run_options *options)
{
	bool counted = !strcmp(plan->clock, "instructions");

	for (size_t i = 0; i < plan->count; i++) {
		const struct experiment_spec *spec = &plan->experiments[i];

		if (counted && spec->cpu_count > 1) {
			say_error("%s: instructions are counted on one CPU only: %" PRIu32
				  " CPUs need --clock time or --target host", options->command,
				  spec->cpu_count);
			return EXIT_USAGE;
		}
		if (!options->on_host && spec->cpu_count > ROAD_CPUS_MAX) {
			say_error("%s: %" PRIu32 " CPUs: the virtual machine has at most %d",
				  options->command, spec->cpu_count, ROAD_CPUS_MAX);
			return EXIT_USAGE;
		}
	}
	return EXIT_FINE;
}

enum exit_code run_plan_make(struct plan *plan, const struct run_options *options)
{
	enum exit_code code;

	code = options->plan_file ? plan_from_file(plan, options) :
				    plan_from_options(plan, options);
	/* What is not counted in instructions is counted in ticks of the TSC. */
	if (options->clock)
		strcpy(plan->clock, strcmp(options->clock, "time") ? "instructions" : "tsc");
	else if (options->on_host)
		strcpy(plan->clock, "tsc");
	/* Counted instructions are all that an emulated CPU has; a real one says more. */
	for (size_t i = 0; strcmp(plan->clock, "instructions") && i < plan->count; i++)
		plan->experiments[i].pmu = 1;
	return code ? code : check_cpus(plan, options);
}
