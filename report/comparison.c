// SPDX-License-Identifier: GPL-2.0-or-later
#include "comparison.h"

#include <math.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"

/* A changed status matters more than any metric, and a failed gate more than any percentage. */
#define WEIGHT_STATUS	1e12
#define WEIGHT_GATE	1e9
#define WEIGHT_NEW	1e6	/* the metric was 0 before */

struct context {
	const struct input *inputs;
	size_t count;
	const struct comparison_gate *gate;
	bool timed;
};

/*
 * Return "ok" if every boot measured the experiment; "absent" if a boot lacks it. Set *reason
 * to the reason why it was not measured, or NULL.
 */
static const char *input_status(const struct input *input, const json_t *experiment,
				const char **reason)
{
	const char *status = "absent";

	*reason = NULL;
	for (size_t boot = 0; boot < document_runs(input->document); boot++) {
		const json_t *result = experiment_result(input->document, boot, experiment);

		status = json_str(result, "status", "absent");
		*reason = json_str(result, "reason", NULL);
		if (strcmp(status, "ok"))
			break;
	}
	return status;
}

static bool binaries_equal(const struct input *a, const struct input *b)
{
	const json_t *first = json_at(document_environment(a->document), "input_sha256");
	const json_t *second = json_at(document_environment(b->document), "input_sha256");

	return first && json_equal(first, second);
}

static const char *noise_kind(const struct context *context, size_t index,
			      const struct interval *before, const struct interval *after)
{
	if (context->timed)
		return before->boots > 1 && after->boots > 1 ? "interval" : "too_few_boots";
	if (before->boots > 1 || after->boots > 1)
		return "layouts";
	return binaries_equal(&context->inputs[0], &context->inputs[index]) ? "exact" : "unknown";
}

static json_t *json_number(double value)
{
	return value == floor(value) && fabs(value) < 1e15 ? json_integer(value) : json_real(value);
}

static json_t *compare_metric(const struct context *context, size_t index,
			      const struct metric *metric, const struct interval *before,
			      const struct interval *after)
{
	struct delta delta = context->timed ? delta_timed(before, after) :
					      delta_counted(before, after);
	const char *noise = noise_kind(context, index, before, after);
	bool noise_known = strcmp(noise, "unknown") && strcmp(noise, "too_few_boots");
	double percent = before->boots && delta.before ? 100 * delta.change / delta.before : 0;
	bool worse = delta.significant && (delta.change < 0) == metric->more_is_better;
	/* The size that a growing workload reaches depends on how much memory is free. */
	bool fails = context->gate->set && context->gate->kinds[metric->kind] && worse &&
		     !metric->growing_only &&
		     (!delta.before || fabs(percent) > context->gate->above_percent);

	if (!before->boots || !after->boots || (metric->needs_spread && !noise_known))
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:b, s:b, s:b}",
			 "value", json_number(delta.after), "change", json_number(delta.change),
			 "change_percent", delta.before ? json_real(percent) : json_null(),
			 "noise_kind", noise,
			 "noise", noise_known ? json_number(delta.noise) : json_null(),
			 "significant", delta.significant,
			 "regression", worse, "fails_gate", fails);
}

static json_t *metric_entry(const struct context *context, const json_t *experiment,
			    const struct metric *metric)
{
	struct interval before = metric_interval(context->inputs[0].document, experiment, metric);
	json_t *changes = json_array();

	for (size_t i = 1; i < context->count; i++) {
		struct interval after = metric_interval(context->inputs[i].document, experiment,
							metric);

		json_array_append_new(changes, compare_metric(context, i, metric, &before, &after));
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "metric", metric->name, "kind",
			 metric_kind_names[metric->kind], "before", !before.boots ? json_null() :
			 json_number(context->timed ? before.mean : before.median),
			 "changes", changes);
}

/*
 * Return the weight of a metric's largest significant change. Means and memory decide: the
 * other metrics of cost count only if they fail the gate.
 */
static double metric_weight(const json_t *entry, enum metric_kind kind)
{
	double weight = 0;
	json_t *change;
	size_t i;

	json_array_foreach(json_at(entry, "changes"), i, change) {
		double size = fabs(json_num(change, "change_percent", WEIGHT_NEW));

		if (!json_flag(change, "significant"))
			continue;
		if (json_flag(change, "fails_gate"))
			size += WEIGHT_GATE;
		else if (kind == METRIC_PART || kind == METRIC_P50 || kind == METRIC_TAIL ||
			 kind == METRIC_BYTES)
			continue;
		weight = fmax(weight, size);
	}
	return weight;
}

static json_t *experiment_entry(const struct context *context, const json_t *experiment,
				double *weight)
{
	json_t *entry = experiment_of(experiment), *statuses = json_array(), *list = json_array();
	json_t *reasons = json_array();
	const char *reason, *first = input_status(&context->inputs[0], experiment, &reason);
	bool differs = false, fails = false;

	*weight = 0;
	for (size_t i = 0; i < context->count; i++) {
		const char *status = input_status(&context->inputs[i], experiment, &reason);

		json_array_append_new(statuses, json_string(status));
		json_array_append_new(reasons, reason ? json_string(reason) : json_null());
		differs = differs || strcmp(status, first);
		fails = fails || (!strcmp(first, "ok") && strcmp(status, "ok"));
	}
	for (size_t i = 0; i < metric_count; i++) {
		json_t *metric = metric_entry(context, experiment, &metrics[i]);

		*weight = fmax(*weight, metric_weight(metric, metrics[i].kind));
		json_array_append_new(list, metric);
	}
	if (differs)
		*weight += WEIGHT_STATUS;
	json_object_set_new(entry, "status", statuses);
	json_object_set_new(entry, "reason", reasons);
	json_object_set_new(entry, "status_differs", json_boolean(differs));
	json_object_set_new(entry, "status_fails_gate", json_boolean(fails && context->gate->set));
	json_object_set_new(entry, "metrics", list);
	return entry;
}

static bool is_listed(const json_t *entries, const json_t *experiment)
{
	json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
		if (same_experiment(entry, experiment))
			return true;
	return false;
}

/* Return all experiments, the largest change first; equal ones keep the order of the plan. */
static json_t *experiment_entries(const struct context *context)
{
	json_t *entries = json_array();
	double *weights = NULL;
	size_t count = 0;

	for (size_t s = 0; s < context->count; s++) {
		const json_t *results = document_results(context->inputs[s].document);

		for (size_t i = 0; i < json_array_size(results); i++) {
			json_t *experiment = experiment_at(results, i);
			size_t pos = count;
			double weight;

			if (!is_listed(entries, experiment)) {
				json_t *entry = experiment_entry(context, experiment, &weight);

				*array_add(&weights, &count) = weight;
				for (; pos && weights[pos - 1] < weight; pos--)
					weights[pos] = weights[pos - 1];
				weights[pos] = weight;
				json_array_insert_new(entries, pos, entry);
			}
			json_decref(experiment);
		}
	}
	free(weights);
	return entries;
}

static json_t *input_entry(const struct input *input)
{
	const json_t *environment = document_environment(input->document);
	json_t *hashes = json_array(), *run;
	size_t i;

	json_array_foreach(json_object_get(input->document, "runs"), i, run)
		json_array_append(hashes, json_object_get(json_object_get(run, "environment"),
							  "input_sha256"));
	return json_pack("{s:s, s:O, s:O, s:I, s:o, s:O?, s:O?, s:O?}", "label", input->label,
			 "kernel", json_at(environment, "kernel.release"),
			 "arch", json_at(environment, "kernel.arch"),
			 "boots", (json_int_t)document_runs(input->document),
			 "input_sha256", hashes,
			 "cpu", json_at(environment, "machine.cpu") ?:
				json_at(environment, "system.cpu_model"),
			 "qemu_version", json_at(environment, "run.qemu_version"),
			 "kmemlab_version", json_at(environment, "run.kmemlab_version"));
}

static json_t *gate_entry(const struct comparison_gate *gate)
{
	json_t *kinds;

	if (!gate->set)
		return json_null();
	kinds = json_array();
	for (size_t i = 0; i < METRIC_KINDS; i++)
		if (gate->kinds[i])
			json_array_append_new(kinds, json_string(metric_kind_names[i]));
	return json_pack("{s:f, s:o}", "above_percent", gate->above_percent, "kinds", kinds);
}

/* When a difference makes results incomparable. */
enum weight {
	REPORTED,	/* never: it is only listed */
	OPTION,		/* unless it is an option that this comparison is about */
	MACHINE,	/* always */
};

/* Fields of the environment that are compared. */
static const struct {
	const char *path;
	enum weight weight;
} fields[] = {
	{ "clock.unit", MACHINE },
	{ "kernel.arch", MACHINE },
	{ "target", MACHINE },
	{ "page_size", MACHINE },
	{ "cpus", OPTION },
	{ "cpus_possible", OPTION },
	{ "accelerator", MACHINE },
	{ "machine.memory_mib", MACHINE },
	{ "machine.cpu", OPTION },
	{ "machine.qemu_cpu", OPTION },
	{ "system.cpu_features", OPTION },
	{ "page_table_levels", REPORTED },
	{ "clock.overhead", REPORTED },
	{ "module.srcversion", REPORTED },
	{ "run.qemu_version", REPORTED },
};

static json_t *input_value(const struct input *input, const char *path)
{
	return json_at(document_environment(input->document), path) ?: json_null();
}

static json_t *input_values(const struct context *context, const char *path)
{
	json_t *values = json_array();

	for (size_t i = 0; i < context->count; i++)
		json_array_append(values, input_value(&context->inputs[i], path));
	return values;
}

/* Null is an unknown value: it equals every other value unless null_differs is set. */
static bool values_differ(const json_t *values, bool null_differs)
{
	const json_t *first = NULL;
	json_t *value;
	size_t i;

	json_array_foreach(values, i, value) {
		if (json_is_null(value) && !null_differs)
			continue;
		if (first && !json_equal(first, value))
			return true;
		first = value;
	}
	return false;
}

/* Append a difference if differs is set. Consumes values. Return: differs. */
static bool add_difference(json_t *differences, const char *field, json_t *values, bool differs,
			   bool matters)
{
	if (differs)
		json_array_append_new(differences, json_pack("{s:s, s:O, s:b}", "field", field,
							     "values", values, "matters", matters));
	json_decref(values);
	return differs;
}

static bool add_field(json_t *differences, const struct context *context, const char *path,
		      bool matters)
{
	json_t *values = input_values(context, path);

	return add_difference(differences, path, values, values_differ(values, false), matters);
}

/* Null is a value here: version 0.1 counted each repetition of a string instruction. */
static void add_clock_counts(json_t *differences, const struct context *context)
{
	json_t *values = input_values(context, "clock.counts");

	add_difference(differences, "clock.counts", values, values_differ(values, true), true);
}

/* An option that only some of the kernels know is reported, but does not matter. */
static void add_option(json_t *differences, const struct context *context, const char *option,
		       bool matters)
{
	cleanup_free char *path = xasprintf("kernel.config.%s", option);
	json_t *values;

	if (json_find(differences, "field", path))
		return;
	values = input_values(context, path);
	add_difference(differences, path, values, values_differ(values, true),
		       matters && values_differ(values, false));
}

static bool has_word(const char *line, const char *word, size_t length)
{
	for (; *line; line += strcspn(line, " "), line += strspn(line, " "))
		if (strcspn(line, " ") == length && !strncmp(line, word, length))
			return true;
	return false;
}

static const char *cmdline_of(const struct input *input)
{
	return json_str(document_environment(input->document), "kernel.cmdline", "");
}

/* Return the words of an input's kernel command line that are not common to all inputs. */
static char *distinct_words(const struct context *context, size_t index)
{
	const char *line = cmdline_of(&context->inputs[index]);
	struct strbuf words = STRBUF_INIT;

	for (; *line; line += strcspn(line, " "), line += strspn(line, " ")) {
		size_t length = strcspn(line, " "), i = 0;

		while (i < context->count &&
		       has_word(cmdline_of(&context->inputs[i]), line, length))
			i++;
		if (i < context->count) {
			strbuf_separate(&words, " ");
			strbuf_add(&words, line, length);
		}
	}
	return strbuf_detach(&words);
}

static void add_cmdline(json_t *differences, const struct context *context)
{
	json_t *values = json_array();
	bool any = false;

	for (size_t i = 0; i < context->count; i++) {
		cleanup_free char *words = distinct_words(context, i);

		json_array_append_new(values, *words ? json_string(words) : json_null());
		any = any || *words;
	}
	add_difference(differences, "kernel.cmdline", values, any, false);
}

/* The kernels' own memory varies by less than a quarter: a larger difference is another machine. */
static void add_memory(json_t *differences, const struct context *context)
{
	json_t *values = input_values(context, "memory_bytes"), *value;
	double min = INFINITY, max = 0;
	size_t i;

	json_array_foreach(values, i, value) {
		double bytes = json_number_value(value);

		min = bytes ? fmin(min, bytes) : min;
		max = fmax(max, bytes);
	}
	add_difference(differences, "memory_bytes", values, min < max * 3 / 4, true);
}

/* A null of a known machine is a value, such as the architecture's default board. */
static void add_machine_field(json_t *differences, const struct context *context,
			      const char *path)
{
	json_t *known = json_array();

	for (size_t i = 0; i < context->count; i++)
		if (json_is_object(input_value(&context->inputs[i], "machine")))
			json_array_append(known, input_value(&context->inputs[i], path));
	add_difference(differences, path, input_values(context, path), values_differ(known, true),
		       true);
	json_decref(known);
}

/* A failed self-check matters even if it failed in all inputs. */
static void add_self_check(json_t *differences, const struct context *context)
{
	json_t *values = input_values(context, "self_check.ok"), *value;
	bool failed = false;
	size_t i;

	json_array_foreach(values, i, value)
		failed = failed || !json_is_true(value);
	add_difference(differences, "self_check.ok", values, failed, true);
}

static json_t *environment_differences(const struct context *context, bool options_differ)
{
	json_t *differences = json_array();
	bool other_kernel;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		add_field(differences, context, fields[i].path, fields[i].weight == MACHINE ||
			  (fields[i].weight == OPTION && !options_differ));
	add_clock_counts(differences, context);
	/* Different releases are different packages, which need not be reported as well. */
	other_kernel = add_field(differences, context, "kernel.release", false);
	if (!other_kernel)
		add_field(differences, context, "run.kernel_package_version", false);
	add_machine_field(differences, context, "machine.board");
	/* Another kernel comes with its own configuration, but boot options are the user's. */
	if (!options_differ)
		add_machine_field(differences, context, "machine.append");
	add_self_check(differences, context);
	add_cmdline(differences, context);
	add_memory(differences, context);
	for (size_t i = 0; i < context->count; i++) {
		const char *option;
		json_t *value;

		json_object_foreach(input_value(&context->inputs[i], "kernel.config"), option,
				    value)
			add_option(differences, context, option, !options_differ && !other_kernel);
	}
	return differences;
}

json_t *comparison_build(const struct input *inputs, size_t count, bool options_differ,
			 const struct comparison_gate *gate)
{
	const char *unit = json_str(document_environment(inputs[0].document), "clock.unit", "");
	struct context context = {
		.inputs = inputs, .count = count, .gate = gate,
		.timed = strcmp(unit, "instructions"),
	};
	json_t *entries = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(entries, input_entry(&inputs[i]));
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "schema", COMPARISON_SCHEMA,
			 "clock_unit", unit, "inputs", entries, "environment_differences",
			 environment_differences(&context, options_differ),
			 "gate", gate_entry(gate), "experiments", experiment_entries(&context));
}

char *comparison_obstacle(const json_t *comparison)
{
	struct strbuf line = STRBUF_INIT;
	json_t *difference;
	size_t i;

	json_array_foreach(json_at(comparison, "environment_differences"), i, difference) {
		cleanup_free char *values = json_dumps(json_at(difference, "values"), JSON_COMPACT);

		if (!json_flag(difference, "matters"))
			continue;
		strbuf_separate(&line, ", ");
		strbuf_addf(&line, "%s %s", json_str(difference, "field", "-"), values);
	}
	return line.length ? strbuf_detach(&line) : NULL;
}

/* Count the changes with a flag (NULL: all) and the experiments with a flag (or NULL). */
static size_t count_changes(const json_t *comparison, const char *flag, const char *status_flag)
{
	json_t *experiment, *metric, *change;
	size_t i, j, k, count = 0;

	json_array_foreach(json_at(comparison, "experiments"), i, experiment) {
		count += status_flag && json_flag(experiment, status_flag);
		json_array_foreach(json_at(experiment, "metrics"), j, metric)
			json_array_foreach(json_at(metric, "changes"), k, change)
				count += flag ? json_flag(change, flag) : json_is_object(change);
	}
	return count;
}

bool comparison_has_changes(const json_t *comparison)
{
	return count_changes(comparison, NULL, NULL) > 0;
}

bool comparison_is_significant(const json_t *comparison)
{
	return count_changes(comparison, "significant", "status_differs") > 0;
}

size_t comparison_gate_failures(const json_t *comparison)
{
	return count_changes(comparison, "fails_gate", "status_fails_gate");
}
