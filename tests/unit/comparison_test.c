// SPDX-License-Identifier: GPL-2.0-or-later
/* Comparisons: significance, comparable environments, the gate, and output formats. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "cli/compare_inputs.h"
#include "report/comparison.h"
#include "report/document.h"

#include <cmocka.h>

#include "tests/unit/golden.h"

static json_t *load(void)
{
	cleanup_free char *error = NULL;
	size_t bytes;
	cleanup_free char *text = file_read("tests/golden/default.json", &bytes);
	json_t *document = text ? document_read("FILE", text, bytes, &error) : NULL;

	assert_non_null(document);
	/* kmalloc pair */
	json_object_set_new(json_object_get(json_array_get(document_results(document), 4), "alloc"),
			    "mean", json_integer(114));
	return document;
}

/* default.json: 0 page pair, 1 page batch, 2 and 3 page_packed, 4 kmalloc pair, 5 kmalloc batch */
static void set(json_t *document, size_t result, const char *group, const char *inner,
		const char *name, long long value)
{
	json_t *at = json_object_get(json_array_get(document_results(document), result), group);

	if (inner)
		at = json_object_get(at, inner);
	json_object_set_new(at, name, json_integer(value));
}

static void set_mean(json_t *document, size_t result, long long value)
{
	set(document, result, "alloc", NULL, "mean", value);
}

static void set_clock(json_t *document, const char *unit)
{
	json_object_set_new(json_object_get(document_environment(document), "clock"), "unit",
			    json_string(unit));
}

static void set_inputs(json_t *document, const char *sha)
{
	json_object_set_new(document_environment(document), "input_sha256", json_string(sha));
}

/* Return one document with a boot for each alloc mean of kmalloc pair. */
static json_t *boots(const char *unit, const long long *values, size_t count)
{
	json_t *all = NULL;

	for (size_t i = 0; i < count; i++) {
		json_t *one = load();

		set_clock(one, unit);
		set_inputs(one, unit);
		set_mean(one, 4, values[i]);
		if (all) {
			document_join(all, one);
			json_decref(one);
		} else {
			all = one;
		}
	}
	return all;
}

static json_t *compare(json_t *before, json_t *after, const struct comparison_gate *gate)
{
	const struct input inputs[] = { { "before", before }, { "after", after } };
	const struct comparison_gate none = { .set = false };

	return comparison_build(inputs, 2, false, gate ? gate : &none);
}

static const json_t *first_change(const json_t *comparison, size_t figure)
{
	const json_t *row = json_array_get(json_object_get(comparison, "experiments"), 0);
	const json_t *entry = json_array_get(json_object_get(row, "metrics"), figure);

	return json_array_get(json_object_get(entry, "changes"), 0);
}

static void assert_text(const json_t *object, const char *name, const char *expected)
{
	assert_string_equal(json_string_value(json_object_get(object, name)), expected);
}

static void test_equal_results(void **state)
{
	json_t *a = load(), *comparison = compare(a, a, NULL);

	(void)state;
	assert_false(comparison_is_significant(comparison));
	assert_int_equal(comparison_gate_failures(comparison), 0);
	assert_null(comparison_obstacle(comparison));
	json_decref(comparison);
	json_decref(a);
}

/* With identical kernels one instruction is significant, otherwise the noise is unknown. */
static void test_counted_changes(void **state)
{
	json_t *a = load(), *b = load(), *comparison;

	(void)state;
	set_mean(b, 4, 115);
	comparison = compare(a, b, NULL);
	assert_true(comparison_is_significant(comparison));
	assert_text(first_change(comparison, 0), "noise_kind", "exact");
	assert_int_equal(json_integer_value(json_object_get(first_change(comparison, 0), "change")),
			 1);
	json_decref(comparison);
	set_inputs(b, "other");
	comparison = compare(a, b, NULL);
	assert_true(comparison_is_significant(comparison));
	assert_text(first_change(comparison, 0), "noise_kind", "unknown");
	assert_true(json_is_null(json_object_get(first_change(comparison, 0), "noise")));
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

static bool is_significant(const char *unit, const long long *before, size_t before_count,
		  const long long *after, size_t after_count)
{
	json_t *a = boots(unit, before, before_count), *b = boots(unit, after, after_count);
	json_t *comparison = compare(a, b, NULL);
	bool result = comparison_is_significant(comparison);

	json_decref(comparison);
	json_decref(a);
	json_decref(b);
	return result;
}

#define SIGNIFICANT(unit, before, after) \
	is_significant(unit, before, ARRAY_SIZE(before), after, ARRAY_SIZE(after))

static void test_noise_of_layouts(void **state)
{
	static const long long wide[] = { 100, 104, 110 }, inside[] = { 112, 113, 114 };
	static const long long outside[] = { 115, 116, 117 }, one[] = { 115 };

	(void)state;
	assert_false(SIGNIFICANT("instructions", wide, inside));
	assert_true(SIGNIFICANT("instructions", wide, outside));
	assert_true(SIGNIFICANT("instructions", wide, one));
	assert_false(SIGNIFICANT("instructions", wide, wide));
}

static void test_timed_changes(void **state)
{
	static const long long before[] = { 100, 102, 101 }, near[] = { 102, 103, 101 };
	static const long long far[] = { 110, 111, 112 }, one[] = { 900 };

	(void)state;
	assert_false(SIGNIFICANT("tsc", before, near));
	assert_true(SIGNIFICANT("tsc", before, far));
	assert_false(SIGNIFICANT("tsc", before, one));
	assert_false(SIGNIFICANT("tsc", one, one));
}

/* Welch's interval calculated by hand: variances 1, three boots each, 4 degrees of freedom. */
static void test_confidence_interval(void **state)
{
	double first[] = { 12, 10, 11 }, second[] = { 14, 16, 15 };
	struct interval before = interval_of(first, 3), after = interval_of(second, 3);
	struct delta delta = delta_timed(&before, &after);

	(void)state;
	assert_true(fabs(delta.change - 4) < 1e-9);
	assert_true(fabs(delta.noise - 2.776 * sqrt(2.0 / 3)) < 1e-9);
	assert_true(delta.significant);
	assert_true(before.median == 11 && before.min == 10 && before.max == 12);
}

static void assert_obstacle(json_t *a, json_t *b, const char *expected)
{
	json_t *comparison = compare(a, b, NULL);
	cleanup_free char *obstacle = comparison_obstacle(comparison);

	if (expected)
		assert_string_equal(obstacle, expected);
	else
		assert_null(obstacle);
	json_decref(comparison);
}

static void test_incomparable_environments(void **state)
{
	json_t *a = load(), *b = load(), *kernel, *config;

	(void)state;
	set_clock(b, "ns");
	assert_obstacle(a, b, "clock.unit [\"instructions\",\"ns\"]");
	set_clock(b, "instructions");
	kernel = json_object_get(document_environment(b), "kernel");
	config = json_object_get(kernel, "config");
	json_object_set_new(config, "memcg", json_string("off"));
	assert_obstacle(a, b, "kernel.config.memcg [\"on\",\"off\"]");
	json_object_del(config, "memcg");	/* unknown to one of the kernels */
	assert_obstacle(a, b, NULL);
	json_object_set_new(document_environment(b), "memory_bytes", json_integer(1 << 20));
	assert_obstacle(a, b, "memory_bytes [536870912,1048576]");
	json_object_set_new(json_object_get(document_environment(a), "self_check"), "ok",
			    json_false());
	assert_obstacle(a, a, "self_check.ok [false,false]");
	json_decref(a);
	json_decref(b);
}

static void set_machine(json_t *document, const char *board)
{
	json_object_set_new(document_environment(document), "machine",
			    json_pack("{s:s, s:s?}", "arch", "arm64", "board", board));
}

/* A board of null is the default board; an unknown machine equals every other. */
static void test_default_board(void **state)
{
	json_t *a = load(), *b = load();

	(void)state;
	set_machine(b, "raspi3b");
	assert_obstacle(a, b, NULL);
	set_machine(a, "raspi3b");
	assert_obstacle(a, b, NULL);
	set_machine(a, NULL);
	assert_obstacle(a, b, "machine.board [null,\"raspi3b\"]");
	json_decref(a);
	json_decref(b);
}

/* Results of version 0.1, which counted repetitions of string instructions, have no value. */
static void test_clock_counts_differ(void **state)
{
	json_t *a = load(), *b = load();

	(void)state;
	json_object_set_new(json_object_get(document_environment(b), "clock"), "counts",
			    json_string("retired"));
	assert_obstacle(a, b, "clock.counts [null,\"retired\"]");
	json_decref(a);
	json_decref(b);
}

/* Options that are compared on purpose are reported, but do not prevent the comparison. */
static void test_options_differ(void **state)
{
	json_t *a = load(), *b = load(), *comparison;
	const struct input inputs[] = { { "a", a }, { "b", b } };
	const struct comparison_gate none = { .set = false };

	(void)state;
	json_object_set_new(json_object_get(json_object_get(document_environment(b), "kernel"),
					    "config"), "memcg", json_string("off"));
	comparison = comparison_build(inputs, 2, true, &none);
	assert_null(comparison_obstacle(comparison));
	assert_int_equal(json_array_size(json_object_get(comparison, "environment_differences")),
			 1);
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

static void set_release(json_t *document, const char *release)
{
	json_object_set_new(json_object_get(document_environment(document), "kernel"), "release",
			    json_string(release));
}

/* Configuration that comes with another kernel is reported; boot options are the user's. */
static void test_other_kernel(void **state)
{
	json_t *a = load(), *b = load();

	(void)state;
	json_object_set_new(json_object_get(json_object_get(document_environment(b), "kernel"),
					    "config"), "memcg", json_string("off"));
	assert_obstacle(a, b, "kernel.config.memcg [\"on\",\"off\"]");
	set_release(b, "7.2.0");
	assert_obstacle(a, b, NULL);
	set_machine(a, NULL);
	set_machine(b, NULL);
	assert_obstacle(a, b, NULL);
	json_object_set_new(json_object_get(document_environment(b), "machine"), "append",
			    json_string("slub_debug=FZPU"));
	assert_obstacle(a, b, "machine.append [null,\"slub_debug=FZPU\"]");
	set_release(a, "7.2.0");
	json_object_set_new(json_object_get(document_environment(a), "machine"), "append",
			    json_string("slub_debug=FZPU"));
	json_object_set_new(json_object_get(document_environment(a), "machine"), "cpu",
			    json_string("server"));
	json_object_set_new(json_object_get(document_environment(b), "machine"), "cpu",
			    json_string("minimal"));
	json_object_set_new(json_object_get(json_object_get(document_environment(a), "kernel"),
					    "config"), "memcg", json_string("off"));
	assert_obstacle(a, b, "machine.cpu [\"server\",\"minimal\"]");
	json_decref(a);
	json_decref(b);
}

/* The package version is reported only if the releases are equal. */
static void test_kernel_builds(void **state)
{
	json_t *a = load(), *b = load(), *comparison, *named;
	const struct input inputs[] = { { "a", a }, { "b", b } };
	const struct comparison_gate none = { .set = false };
	static const char *const expected[] = { "run.kernel_package_version", "kernel.release" };

	(void)state;
	json_object_set_new(json_object_get(document_environment(b), "run"),
			    "kernel_package_version", json_string("local-1"));
	for (size_t i = 0; i < 2; i++) {
		comparison = comparison_build(inputs, 2, false, &none);
		assert_null(comparison_obstacle(comparison));
		named = json_object_get(comparison, "environment_differences");
		assert_int_equal(json_array_size(named), 1);
		assert_string_equal(json_string_value(json_object_get(json_array_get(named, 0),
								      "field")), expected[i]);
		json_decref(comparison);
		json_object_set_new(json_object_get(document_environment(b), "kernel"), "release",
				    json_string("7.2.0"));
	}
	json_decref(a);
	json_decref(b);
}

static void print_table(const json_t *comparison, FILE *out)
{
	comparison_table(comparison, false, out);
}

static size_t gate_failures(json_t *a, json_t *b, double above, enum metric_kind kind)
{
	struct comparison_gate gate = { .set = true, .above_percent = above };
	json_t *comparison;
	size_t count;

	gate.kinds[kind] = true;
	comparison = compare(a, b, &gate);
	count = comparison_gate_failures(comparison);
	json_decref(comparison);
	return count;
}

static void test_gate_failures(void **state)
{
	json_t *a = load(), *b = load();

	(void)state;
	set_mean(b, 4, 120);	/* +5.3 % */
	set_mean(b, 5, 1);	/* better */
	set(b, 1, "contiguity", NULL, "contiguous_objects", 1999);
	assert_int_equal(gate_failures(a, b, 5, METRIC_COST), 1);
	assert_int_equal(gate_failures(a, b, 6, METRIC_COST), 0);
	assert_int_equal(gate_failures(a, b, 0, METRIC_MEMORY), 0);
	assert_int_equal(gate_failures(a, b, 0, METRIC_CONTIGUITY), 1);
	json_object_set_new(json_array_get(document_results(b), 0), "status",
			    json_string("skipped"));
	assert_int_equal(gate_failures(a, b, 6, METRIC_COST), 1);
	assert_int_equal(gate_failures(b, a, 1e6, METRIC_MEMORY), 0);
	json_decref(a);
	json_decref(b);
}

/*
 * A median that rises while the mean falls is an improvement: only a gate on p50 fails. The parts
 * of a mean that moved have rows below it.
 */
static void test_mean_is_judged(void **state)
{
	json_t *a = load(), *b = load(), *comparison;
	cleanup_free char *text = NULL;

	(void)state;
	set(a, 1, "free", NULL, "mean", 900);
	set(a, 1, "free", NULL, "fast_path", 500);
	set(a, 1, "free", NULL, "slow", 300);
	set(a, 1, "free", NULL, "deferred", 100);
	set(b, 1, "free", NULL, "mean", 600);
	set(b, 1, "free", NULL, "fast_path", 500);
	set(b, 1, "free", NULL, "slow", 90);
	set(b, 1, "free", NULL, "deferred", 10);
	set(b, 1, "free", "uninterrupted", "p50", 2000);
	assert_int_equal(gate_failures(a, b, 5, METRIC_COST), 0);
	assert_int_equal(gate_failures(b, a, 5, METRIC_COST), 1);
	assert_int_equal(gate_failures(a, b, 5, METRIC_P50), 1);
	assert_int_equal(gate_failures(b, a, 5, METRIC_PART), 2);
	comparison = compare(a, b, NULL);
	text = golden_output(print_table, comparison);
	assert_non_null(strstr(text, "\n"
		"page batch, 2,000 x 32\n"
		"  free mean          900    600    -300   -33.3 %      0\n"
		"  free, slow         300     90    -210   -70.0 %      0\n"
		"  free, deferred     100     10     -90   -90.0 %      0\n"
		"  free p50           532  2,000  +1,468  +275.9 %      0\n"));
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

/* The number of extents depends on the boot: one boot each compares nothing. */
static void test_extents_need_spread(void **state)
{
	json_t *a = load(), *b = load(), *more = load();

	(void)state;
	set(b, 1, "contiguity", NULL, "extents", 400);
	set_inputs(b, "other");
	assert_int_equal(gate_failures(a, b, 5, METRIC_CONTIGUITY), 0);
	document_join(a, more);
	assert_int_equal(gate_failures(a, b, 5, METRIC_CONTIGUITY), 1);
	json_decref(more);
	json_decref(a);
	json_decref(b);
}

static void assert_largest(json_t *a, json_t *b, const struct comparison_gate *gate,
			   const char *workload, const char *figure)
{
	json_t *comparison = compare(a, b, gate);
	struct bisect_change found = bisect_largest(comparison, gate);

	if (workload)
		assert_text(found.experiment, "workload", workload);
	else
		assert_null(found.experiment);
	if (figure)
		assert_string_equal(found.metric, figure);
	else
		assert_null(found.metric);
	json_decref(found.experiment);
	json_decref(comparison);
}

/* With a gate, bisection follows the largest regression even if an improvement is larger. */
static void test_bisect_largest(void **state)
{
	struct comparison_gate gate = { .above_percent = 5, .kinds = { [METRIC_COST] = true } };
	json_t *a = load(), *b = load();

	(void)state;
	set_mean(b, 4, 139);	/* kmalloc pair: +21.9 % */
	set_mean(b, 5, 1);	/* kmalloc batch: far better */
	assert_largest(a, b, &gate, "batch", "alloc mean");
	gate.set = true;
	assert_largest(a, b, &gate, "pair", "alloc mean");
	gate.above_percent = 50;
	assert_largest(a, b, &gate, NULL, NULL);
	json_object_set_new(json_array_get(document_results(a), 0), "status",
			    json_string("skipped"));
	assert_largest(a, b, &gate, NULL, NULL);
	json_object_set_new(json_array_get(document_results(b), 2), "status",
			    json_string("skipped"));
	assert_largest(a, b, &gate, "pair", NULL);
	json_decref(a);
	json_decref(b);
}

static void print_verbose(const json_t *comparison, FILE *out)
{
	comparison_table(comparison, true, out);
}

static void skip_experiment(json_t *document, size_t i, const char *reason)
{
	json_t *result = json_array_get(document_results(document), i);

	json_object_set_new(result, "status", json_string("skipped"));
	json_object_set_new(result, "reason", json_string(reason));
}

static void check_status_text(json_t *a, json_t *b, const char *expected)
{
	json_t *comparison = compare(a, b, NULL);
	json_t *experiments = json_object_get(comparison, "experiments"), *experiment;
	size_t i, count = 0;

	json_array_foreach(experiments, i, experiment) {
		cleanup_free char *text = status_text(comparison, experiment);

		if (text)
			assert_string_equal(text, expected);
		count += !!text;
	}
	assert_int_equal(count, 1);
	json_decref(comparison);
}

/* An experiment that an input lacks is listed with the reason, also if all inputs lack it. */
static void test_reasons(void **state)
{
	json_t *a = load(), *b = load();

	(void)state;
	skip_experiment(b, 2, "too large");
	check_status_text(a, b, "before: ok, after: skipped (too large)");
	skip_experiment(a, 2, "too large");
	check_status_text(a, b, "all inputs: skipped (too large)");
	skip_experiment(a, 2, "not available");
	check_status_text(a, b, "before: skipped (not available), after: skipped (too large)");
	json_decref(a);
	json_decref(b);
}

static void test_output_formats(void **state)
{
	struct comparison_gate gate = { .set = true, .above_percent = 5 };
	json_t *a = load(), *b = load(), *c = load(), *comparison;
	const struct input inputs[] = { { "base", a }, { "a<b|c", b }, { "third", c } };

	(void)state;
	gate.kinds[METRIC_COST] = gate.kinds[METRIC_MEMORY] = true;
	set_mean(b, 4, 139);
	set(b, 5, "free", "uninterrupted", "p99", 400);
	set(b, 1, "memory", NULL, "backing_bytes", 8192000 + 4096);
	set(c, 1, "contiguity", NULL, "extents", 12);
	json_object_set_new(json_array_get(document_results(c), 2), "status",
			    json_string("skipped"));
	json_object_set_new(json_object_get(json_object_get(document_environment(c), "kernel"),
					    "config"), "memcg", json_string("off"));
	comparison = comparison_build(inputs, 2, false, &gate);
	golden_check("comparison-two.verbose", print_verbose, comparison);
	json_decref(comparison);
	comparison = comparison_build(inputs, 3, false, &gate);
	golden_check("comparison-three.table", print_table, comparison);
	golden_check("comparison-three.ktap", comparison_ktap, comparison);
	golden_check("comparison-three.markdown", comparison_markdown, comparison);
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

/* A tail has a row only if it fails the gate: here the p99 of free, not that of alloc. */
static void test_tail_fails_gate(void **state)
{
	struct comparison_gate gate = { .set = true, .above_percent = 5 };
	json_t *a = load(), *b = load(), *comparison;
	cleanup_free char *text = NULL;

	(void)state;
	gate.kinds[METRIC_TAIL] = true;
	set(b, 5, "free", "uninterrupted", "p99", 400);
	set(b, 5, "alloc", "uninterrupted", "p99", 1);
	comparison = compare(a, b, &gate);
	golden_check("comparison-tail.table", print_table, comparison);
	text = golden_output(comparison_markdown, comparison);
	assert_non_null(strstr(text, "| kmalloc batch, 2,000 x 32 | free p99 | 189 | 400 | +211 | "
				     "**+111.6 %** | 0 |\n"));
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

/* The second occurrence of an experiment is compared with the second one. */
static void test_repeated_experiment(void **state)
{
	json_t *a = load(), *b = load(), *comparison;
	cleanup_free char *text = NULL, *ktap = NULL;

	(void)state;
	json_array_append_new(document_results(a),
			      json_deep_copy(json_array_get(document_results(a), 4)));
	set_mean(a, 4, 100);
	json_array_append_new(document_results(b),
			      json_deep_copy(json_array_get(document_results(b), 4)));
	set_mean(b, 4, 100);
	comparison = compare(a, b, NULL);
	assert_false(comparison_is_significant(comparison));
	assert_int_equal(json_array_size(json_object_get(comparison, "experiments")), 7);
	json_decref(comparison);
	set_mean(b, 6, 139);
	comparison = compare(a, b, NULL);
	text = golden_output(print_table, comparison);
	assert_non_null(strstr(text, "\nkmalloc pair, 2,000 x 32, no. 2\n"));
	ktap = golden_output(comparison_ktap, comparison);
	assert_non_null(strstr(ktap, "\nok 1 kmalloc.pair.2000x32.no2\n"));
	json_decref(comparison);
	json_array_remove(document_results(a), 6);
	comparison = compare(a, b, NULL);
	free(text);
	text = golden_output(print_table, comparison);
	assert_non_null(strstr(text, "\nkmalloc pair, 2,000 x 32, no. 2: before: absent, after: ok\n"));
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

/* Replace the results by count experiments with objects of different sizes, costs of cost + i. */
static void set_experiments(json_t *document, size_t count, long long cost)
{
	json_t *results = document_results(document);
	json_t *first = json_deep_copy(json_array_get(results, 4));

	json_array_clear(results);
	for (size_t i = 0; i < count; i++) {
		json_array_append_new(results, json_deep_copy(first));
		json_object_set_new(json_array_get(results, i), "object_size",
				    json_integer(i + 1));
		set_mean(document, i, cost + i);
	}
	json_decref(first);
}

static size_t count_text(const char *text, const char *part)
{
	size_t count = 0;

	while ((text = strstr(text, part))) {
		count++;
		text += strlen(part);
	}
	return count;
}

/* Return the number after "Left out: ", 0 without it; the format has a comma for thousands. */
static size_t left_out(const char *text)
{
	const char *line = strstr(text, "\nLeft out: ");

	return line ? strtoul(line + strlen("\nLeft out: "), NULL, 10) : 0;
}

/* A comment on GitHub has at most 65,536 characters. */
static void test_markdown_of_many(void **state)
{
	const size_t count = 900;
	json_t *a = load(), *b = load(), *comparison;
	cleanup_free char *text = NULL;

	(void)state;
	set_experiments(a, count, 100);
	set_experiments(b, count, 200);
	comparison = compare(a, b, NULL);
	text = golden_output(comparison_markdown, comparison);
	assert_in_range(strlen(text), 50000, 60000);
	assert_int_equal(count_text(text, "| kmalloc pair, ") + left_out(text), count);
	assert_non_null(strstr(text, "\n| kmalloc | 900 | 900 | +"));
	/* The largest change is in the part that is not folded. */
	assert_true(strstr(text, "| alloc mean | 100 | 200 | +100 | +100.0 %") <
		    strstr(text, "<details>"));
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

/* Rows of a thousand inputs are too long for the page. */
static void test_markdown_of_many_inputs(void **state)
{
	const struct comparison_gate none = { .set = false };
	struct input inputs[1000];
	json_t *a = load(), *b = load(), *comparison;
	cleanup_free char *text = NULL;

	(void)state;
	set_mean(b, 4, 139);
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
		inputs[i] = (struct input) { "a name of sixty-four characters ................ <&>",
					     i ? b : a };
	comparison = comparison_build(inputs, ARRAY_SIZE(inputs), false, &none);
	text = golden_output(comparison_markdown, comparison);
	assert_true(strlen(text) < 60000);
	assert_int_equal(left_out(strstr(text, "Largest")), 1);
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

/* The geometric mean of the ratios 8, 1 and 1 is 2, that of 8, 1/4 and 1 is 1.26. */
static void test_markdown_mean(void **state)
{
	json_t *a = load(), *b = load(), *comparison;
	cleanup_free char *text = NULL;

	(void)state;
	set_experiments(a, 3, 100);
	set_experiments(b, 3, 100);
	set_mean(b, 0, 800);
	comparison = compare(a, b, NULL);
	text = golden_output(comparison_markdown, comparison);
	assert_non_null(strstr(text, "\n| kmalloc | 3 | 1 | +100.0 % | = | "));
	json_decref(comparison);
	free(text);
	set_mean(a, 1, 404);
	comparison = compare(a, b, NULL);
	text = golden_output(comparison_markdown, comparison);
	assert_non_null(strstr(text, "\n| kmalloc | 3 | 2 | +26.0 % | = | "));
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

static void test_results_diff(void **state)
{
	json_t *a = load(), *b = load();
	cleanup_free char *same = results_diff(a, b), *difference = NULL;

	(void)state;
	assert_null(same);
	/* Some JSON writers have no integers. */
	set(a, 0, "alloc", "all", "mean", 170);
	json_object_set_new(json_object_get(json_object_get(json_array_get(
		document_results(b), 0), "alloc"), "all"), "mean", json_real(170));
	assert_null(results_diff(a, b));
	set(b, 5, "free", "all", "p90", 1);
	difference = results_diff(a, b);
	assert_string_equal(difference, "kmalloc batch, 2,000 x 32: free.all.p90: 78 before, 1 after");
	json_decref(a);
	json_decref(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_results),
		cmocka_unit_test(test_counted_changes),
		cmocka_unit_test(test_noise_of_layouts),
		cmocka_unit_test(test_timed_changes),
		cmocka_unit_test(test_confidence_interval),
		cmocka_unit_test(test_incomparable_environments),
		cmocka_unit_test(test_default_board),
		cmocka_unit_test(test_clock_counts_differ),
		cmocka_unit_test(test_options_differ),
		cmocka_unit_test(test_other_kernel),
		cmocka_unit_test(test_kernel_builds),
		cmocka_unit_test(test_gate_failures),
		cmocka_unit_test(test_mean_is_judged),
		cmocka_unit_test(test_extents_need_spread),
		cmocka_unit_test(test_bisect_largest),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_output_formats),
		cmocka_unit_test(test_tail_fails_gate),
		cmocka_unit_test(test_repeated_experiment),
		cmocka_unit_test(test_markdown_of_many),
		cmocka_unit_test(test_markdown_of_many_inputs),
		cmocka_unit_test(test_markdown_mean),
		cmocka_unit_test(test_results_diff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
