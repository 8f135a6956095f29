// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Comparing: what counts as a difference, what trips the gate, and the forms it
 * is shown in, by golden files as in report_test.c.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "cli/bisect.h"
#include "report/comparison.h"
#include "report/document.h"
#include "report/sameness.h"
#include "report/spread.h"

#include <cmocka.h>

static json_t *load(void)
{
	cleanup_free char *error = NULL;
	size_t bytes;
	cleanup_free char *text = file_read("tests/golden/default.json", &bytes);
	json_t *document = text ? document_read(text, bytes, &error) : NULL;

	assert_non_null(document);
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

static void set_p50(json_t *document, size_t result, long long value)
{
	set(document, result, "alloc", "clean", "p50", value);
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

/* Boots of one thing whose kmalloc pair reads these p50. */
static json_t *boots(const char *unit, const long long *values, size_t count)
{
	json_t *all = NULL;

	for (size_t i = 0; i < count; i++) {
		json_t *one = load();

		set_clock(one, unit);
		set_inputs(one, unit);
		set_p50(one, 4, values[i]);
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
	const struct subject subjects[] = { { "before", before }, { "after", after } };
	const struct comparison_gate none = { .set = false };

	return comparison_build(subjects, 2, false, gate ? gate : &none);
}

static const json_t *first_change(const json_t *comparison, size_t figure)
{
	const json_t *row = json_array_get(json_object_get(comparison, "experiments"), 0);
	const json_t *entry = json_array_get(json_object_get(row, "figures"), figure);

	return json_array_get(json_object_get(entry, "changes"), 0);
}

static void assert_text(const json_t *object, const char *name, const char *expected)
{
	assert_string_equal(json_string_value(json_object_get(object, name)), expected);
}

static void test_same(void **state)
{
	json_t *a = load(), *comparison = compare(a, a, NULL);

	(void)state;
	assert_false(comparison_shows(comparison));
	assert_int_equal(comparison_trips(comparison), 0);
	assert_null(comparison_obstacle(comparison));
	json_decref(comparison);
	json_decref(a);
}

/* The same inputs: one instruction is a difference. Others: it is shown, and said to be unsure. */
static void test_exact(void **state)
{
	json_t *a = load(), *b = load(), *comparison;

	(void)state;
	set_p50(b, 4, 115);
	comparison = compare(a, b, NULL);
	assert_true(comparison_shows(comparison));
	assert_text(first_change(comparison, 0), "noise_kind", "exact");
	assert_int_equal(json_integer_value(json_object_get(first_change(comparison, 0), "change")),
			 1);
	json_decref(comparison);
	set_inputs(b, "other");
	comparison = compare(a, b, NULL);
	assert_true(comparison_shows(comparison));
	assert_text(first_change(comparison, 0), "noise_kind", "unknown");
	assert_true(json_is_null(json_object_get(first_change(comparison, 0), "noise")));
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

static bool shown(const char *unit, const long long *before, size_t before_count,
		  const long long *after, size_t after_count)
{
	json_t *a = boots(unit, before, before_count), *b = boots(unit, after, after_count);
	json_t *comparison = compare(a, b, NULL);
	bool result = comparison_shows(comparison);

	json_decref(comparison);
	json_decref(a);
	json_decref(b);
	return result;
}

#define SHOWN(unit, before, after)                                                                 \
	shown(unit, before, sizeof(before) / sizeof(*(before)), after,                             \
	      sizeof(after) / sizeof(*(after)))

static void test_layouts(void **state)
{
	static const long long wide[] = { 100, 104, 110 }, inside[] = { 112, 113, 114 };
	static const long long outside[] = { 115, 116, 117 }, one[] = { 115 };

	(void)state;
	assert_false(SHOWN("instructions", wide, inside));
	assert_true(SHOWN("instructions", wide, outside));
	assert_true(SHOWN("instructions", wide, one));
	assert_false(SHOWN("instructions", wide, wide));
}

static void test_timed(void **state)
{
	static const long long before[] = { 100, 102, 101 }, near[] = { 102, 103, 101 };
	static const long long far[] = { 110, 111, 112 }, one[] = { 900 };

	(void)state;
	assert_false(SHOWN("tsc", before, near));
	assert_true(SHOWN("tsc", before, far));
	assert_false(SHOWN("tsc", before, one));
	assert_false(SHOWN("tsc", one, one));
}

/* Welch's interval, by hand: variances 1 and 1, three boots each, 4 degrees of freedom. */
static void test_interval(void **state)
{
	double first[] = { 12, 10, 11 }, second[] = { 14, 16, 15 };
	struct spread before = spread_of(first, 3), after = spread_of(second, 3);
	struct difference difference = difference_timed(&before, &after);

	(void)state;
	assert_true(fabs(difference.change - 4) < 1e-9);
	assert_true(fabs(difference.noise - 2.776 * sqrt(2.0 / 3)) < 1e-9);
	assert_true(difference.shown);
	assert_true(before.median == 11 && before.least == 10 && before.most == 12);
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

static void test_environments(void **state)
{
	json_t *a = load(), *b = load(), *kernel, *config;

	(void)state;
	set_clock(b, "ns");
	assert_obstacle(a, b, "clock.unit [\"instructions\",\"ns\"]");
	set_clock(b, "instructions");
	kernel = json_object_get(document_environment(b), "kernel");
	json_object_set_new(kernel, "release", json_string("7.2.0"));
	assert_obstacle(a, b, NULL);
	config = json_object_get(kernel, "config");
	json_object_set_new(config, "memcg", json_string("off"));
	assert_obstacle(a, b, "kernel.config.memcg [\"on\",\"off\"]");
	json_object_del(config, "memcg");	/* a setting that one kernel doesn't know */
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

/* No name is the usual one's; where nothing is known of the machine, nothing contradicts. */
static void test_boards(void **state)
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

/* That the options differ is what was asked about. */
static void test_asked(void **state)
{
	json_t *a = load(), *b = load(), *comparison;
	const struct subject subjects[] = { { "a", a }, { "b", b } };
	const struct comparison_gate none = { .set = false };

	(void)state;
	json_object_set_new(json_object_get(json_object_get(document_environment(b), "kernel"),
					    "config"), "memcg", json_string("off"));
	comparison = comparison_build(subjects, 2, true, &none);
	assert_null(comparison_obstacle(comparison));
	assert_int_equal(json_array_size(json_object_get(comparison, "environment_differences")),
			 1);
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

/* Two builds of one release are named; of two releases the release is. */
static void test_builds(void **state)
{
	json_t *a = load(), *b = load(), *comparison, *named;
	const struct subject subjects[] = { { "a", a }, { "b", b } };
	const struct comparison_gate none = { .set = false };
	static const char *const expected[] = { "run.kernel_package_version", "kernel.release" };

	(void)state;
	json_object_set_new(json_object_get(document_environment(b), "run"),
			    "kernel_package_version", json_string("own-1"));
	for (size_t i = 0; i < 2; i++) {
		comparison = comparison_build(subjects, 2, false, &none);
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

static size_t trips(json_t *a, json_t *b, double above, enum figure_kind kind)
{
	struct comparison_gate gate = { .set = true, .above_percent = above };
	json_t *comparison;
	size_t count;

	gate.kinds[kind] = true;
	comparison = compare(a, b, &gate);
	count = comparison_trips(comparison);
	json_decref(comparison);
	return count;
}

static void test_gate(void **state)
{
	json_t *a = load(), *b = load();

	(void)state;
	set_p50(b, 4, 120);	/* +5.3 % */
	set_p50(b, 5, 1);	/* better */
	set(b, 1, "contiguity", NULL, "contiguous_objects", 1999);
	assert_int_equal(trips(a, b, 5, FIGURE_COST), 1);
	assert_int_equal(trips(a, b, 6, FIGURE_COST), 0);
	assert_int_equal(trips(a, b, 0, FIGURE_MEMORY), 0);
	assert_int_equal(trips(a, b, 0, FIGURE_CONTIGUITY), 1);
	json_object_set_new(json_array_get(document_results(b), 0), "status",
			    json_string("refused"));
	assert_int_equal(trips(a, b, 6, FIGURE_COST), 1);
	assert_int_equal(trips(b, a, 1e6, FIGURE_MEMORY), 0);
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
		assert_string_equal(found.figure, figure);
	else
		assert_null(found.figure);
	json_decref(found.experiment);
	json_decref(comparison);
}

/* With a gate what trips is looked for, though something got better by more. */
static void test_bisected(void **state)
{
	struct comparison_gate gate = { .above_percent = 5, .kinds = { [FIGURE_COST] = true } };
	json_t *a = load(), *b = load();

	(void)state;
	set_p50(b, 4, 139);	/* kmalloc pair: +21.9 % */
	set_p50(b, 5, 1);	/* kmalloc batch: far better */
	assert_largest(a, b, &gate, "batch", "alloc p50");
	gate.set = true;
	assert_largest(a, b, &gate, "pair", "alloc p50");
	gate.above_percent = 50;
	assert_largest(a, b, &gate, NULL, NULL);
	json_object_set_new(json_array_get(document_results(a), 0), "status",
			    json_string("refused"));
	assert_largest(a, b, &gate, NULL, NULL);
	json_object_set_new(json_array_get(document_results(b), 2), "status",
			    json_string("refused"));
	assert_largest(a, b, &gate, "pair", NULL);
	json_decref(a);
	json_decref(b);
}

static void verbose_table(const json_t *comparison, FILE *out)
{
	comparison_table(comparison, true, out);
}

static void table(const json_t *comparison, FILE *out)
{
	comparison_table(comparison, false, out);
}

static void check_golden(const char *name, const json_t *comparison,
			 void (*report)(const json_t *comparison, FILE *out))
{
	cleanup_free char *path = xasprintf("tests/golden/%s", name);
	cleanup_free char *expected = NULL, *got = NULL;
	size_t bytes;
	FILE *out = open_memstream(&got, &bytes);

	report(comparison, out);
	fclose(out);
	if (getenv("KMEMLAB_GOLDEN") && *getenv("KMEMLAB_GOLDEN"))
		assert_int_equal(file_write(path, got, bytes), 0);
	expected = file_read(path, NULL);
	assert_non_null(expected);
	assert_string_equal(got, expected);
}

static void test_forms(void **state)
{
	struct comparison_gate gate = { .set = true, .above_percent = 5 };
	json_t *a = load(), *b = load(), *c = load(), *comparison;
	const struct subject subjects[] = { { "base", a }, { "a<b|c", b }, { "third", c } };

	(void)state;
	gate.kinds[FIGURE_COST] = gate.kinds[FIGURE_MEMORY] = true;
	set_p50(b, 4, 139);
	set(b, 5, "free", "clean", "p99", 400);
	set(b, 1, "memory", NULL, "backing_bytes", 8192000 + 4096);
	set(c, 1, "contiguity", NULL, "extents", 12);
	json_object_set_new(json_array_get(document_results(c), 2), "status",
			    json_string("refused"));
	json_object_set_new(json_object_get(json_object_get(document_environment(c), "kernel"),
					    "config"), "memcg", json_string("off"));
	comparison = comparison_build(subjects, 2, false, &gate);
	check_golden("comparison-two.table", comparison, table);
	check_golden("comparison-two.verbose", comparison, verbose_table);
	json_decref(comparison);
	comparison = comparison_build(subjects, 3, false, &gate);
	check_golden("comparison-three.table", comparison, table);
	check_golden("comparison-three.ktap", comparison, comparison_ktap);
	check_golden("comparison-three.markdown", comparison, comparison_markdown);
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

/* A tail has no row, but where it trips the gate it has: as of the free p99 here, not alloc's. */
static void test_tripping_tail(void **state)
{
	struct comparison_gate gate = { .set = true, .above_percent = 5 };
	json_t *a = load(), *b = load(), *comparison;

	(void)state;
	gate.kinds[FIGURE_TAIL] = true;
	set(b, 5, "free", "clean", "p99", 400);
	set(b, 5, "alloc", "clean", "p99", 1);
	comparison = compare(a, b, &gate);
	check_golden("comparison-tail.table", comparison, table);
	check_golden("comparison-tail.markdown", comparison, comparison_markdown);
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

/* An experiment that a plan has twice: the second is compared with the second. */
static void test_twice(void **state)
{
	json_t *a = load(), *b = load(), *comparison;

	(void)state;
	json_array_append_new(document_results(a),
			      json_deep_copy(json_array_get(document_results(a), 4)));
	set_p50(a, 4, 100);
	json_array_append_new(document_results(b),
			      json_deep_copy(json_array_get(document_results(b), 4)));
	set_p50(b, 4, 100);
	comparison = compare(a, b, NULL);
	assert_false(comparison_shows(comparison));
	assert_int_equal(json_array_size(json_object_get(comparison, "experiments")), 7);
	json_decref(comparison);
	set_p50(b, 6, 139);
	comparison = compare(a, b, NULL);
	check_golden("comparison-twice.table", comparison, table);
	check_golden("comparison-twice.ktap", comparison, comparison_ktap);
	json_decref(comparison);
	json_array_remove(document_results(a), 6);
	comparison = compare(a, b, NULL);
	check_golden("comparison-once.table", comparison, table);
	json_decref(comparison);
	json_decref(a);
	json_decref(b);
}

static void test_sameness(void **state)
{
	json_t *a = load(), *b = load();
	cleanup_free char *same = sameness_difference(a, b), *difference = NULL;

	(void)state;
	assert_null(same);
	/* As a program without integers writes it. */
	set(a, 0, "alloc", "all", "mean", 170);
	json_object_set_new(json_object_get(json_object_get(json_array_get(
		document_results(b), 0), "alloc"), "all"), "mean", json_real(170));
	assert_null(sameness_difference(a, b));
	set(b, 5, "free", "all", "p90", 1);
	difference = sameness_difference(a, b);
	assert_string_equal(difference, "kmalloc batch, 2,000 x 32: free.all.p90: 78 then, 1 now");
	json_decref(a);
	json_decref(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_timed),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_environments),
		cmocka_unit_test(test_boards),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_builds),
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_bisected),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_tripping_tail),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_sameness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
