// SPDX-License-Identifier: GPL-2.0-or-later
/* Statistics of samples: percentiles, parts that add up, and means per object. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "runner/record_writer.h"
#include "runner/statistics.h"

#define OVERHEAD 5

static struct cost cost_of(const uint32_t *samples, size_t count)
{
	struct cost cost = { 0 };

	assert_int_equal(cost_from_samples(samples, count, NULL, 0, OVERHEAD, &cost), 0);
	return cost;
}

static void assert_part(const struct cost *cost, size_t index, const char *name, uint64_t min,
			uint64_t max, uint64_t operations, uint64_t ticks)
{
	const struct cost_part *part = &cost->parts[index];

	assert_true(index < cost->part_count);
	assert_string_equal(part->name, name);
	assert_int_equal(part->min, min);
	assert_int_equal(part->max, max);
	assert_int_equal(part->operations, operations);
	assert_int_equal(part->ticks, ticks);
}

static void assert_value(const struct cost *cost, size_t index, uint64_t ticks,
			 uint64_t operations)
{
	assert_true(index < cost->distribution_count);
	assert_int_equal(cost->distribution[index].ticks, ticks);
	assert_int_equal(cost->distribution[index].operations, operations);
}

/* A flush of 4,000 in one of eight operations is 500 per operation, and not in the p50. */
static void test_parts_add_up(void **state)
{
	const uint32_t samples[] = {
		105, 105, 4005, 130, 106, 131, 105, 105 | KMEMLAB_SAMPLE_INTERRUPTED,
		9105 | KMEMLAB_SAMPLE_INTERRUPTED, 77 | KMEMLAB_SAMPLE_SLEPT,
	};
	struct cost cost = cost_of(samples, ARRAY_SIZE(samples));
	uint64_t ticks = 0;

	(void)state;
	assert_int_equal(cost.uninterrupted.p50, 101);
	assert_int_equal(cost.part_count, 3);
	assert_part(&cost, 0, "fast_path", 100, 126, 6, 652);
	assert_part(&cost, 1, "slow", 4000, 4000, 1, 4000);
	assert_part(&cost, 2, "interrupted", NO_COUNT, NO_COUNT, 2, 9200);
	assert_int_equal(cost.distribution_count, 5);
	assert_value(&cost, 0, 100, 3);
	assert_value(&cost, 2, 125, 1);
	assert_value(&cost, 4, 4000, 1);
	cost_set_means(&cost, 0, 90, 10);
	assert_int_equal(cost.part_count, 4);
	assert_part(&cost, 3, "deferred", NO_COUNT, NO_COUNT, NO_COUNT, 90);
	for (size_t i = 0; i < cost.part_count; i++)
		ticks += cost.parts[i].ticks;
	assert_int_equal(ticks, cost.all.total + 90);
	assert_true(fabs(cost.fast_path - 652 / 7.0) < 1e-9);
	assert_true(fabs(cost.slow - 4000 / 7.0) < 1e-9);
	assert_true(fabs(cost.deferred - 9) < 1e-9);
	assert_true(fabs(cost.mean - (4652 / 7.0 + 9)) < 1e-9);
	assert_true(fabs(cost.mean_all - (13852 / 9.0 + 9)) < 1e-9);
}

/* Four quarters of two operations each: the third one costs more. */
static void test_cost_by_quarter(void **state)
{
	const uint32_t samples[] = {
		105, 107, 105, 9105 | KMEMLAB_SAMPLE_INTERRUPTED, KMEMLAB_SAMPLE_VALUE, 105, 105, 105,
	};
	const struct kmemlab_overflow overflow = { .index = 4, .value = 1U << 29 };
	struct cost cost = { 0 };

	(void)state;
	assert_int_equal(cost_from_samples(samples, ARRAY_SIZE(samples), &overflow, 1, OVERHEAD,
					   &cost), 0);
	assert_true(cost.quarter_min == 100);
	assert_true(cost.quarter_max == ((1U << 29) - OVERHEAD + 100) / 2.0);
	cost = cost_of(samples, 3);
	assert_true(isnan(cost.quarter_min) && isnan(cost.quarter_max));
}

/* The last part takes all costs that have no part of their own. */
static void test_many_costs(void **state)
{
	uint32_t samples[40];
	struct cost cost;

	(void)state;
	for (size_t i = 0; i < 20; i++)
		samples[i] = OVERHEAD + 10;
	for (size_t i = 20; i < 40; i++)
		samples[i] = OVERHEAD + (1U << (i - 14));
	cost = cost_of(samples, ARRAY_SIZE(samples));
	assert_int_equal(cost.part_count, COST_CLASSES_MAX);
	assert_part(&cost, 0, "fast_path", 10, 10, 20, 200);
	assert_part(&cost, 1, "slow", 64, 64, 1, 64);
	assert_part(&cost, COST_CLASSES_MAX - 1, "slow", 1 << 12, 1 << 25, 14, (1 << 26) - (1 << 12));
}

/* A distribution with too many different costs is dropped, not cut. */
static void test_distribution_limit(void **state)
{
	uint32_t samples[DISTRIBUTION_MAX + 2];
	struct cost cost;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		samples[i] = OVERHEAD + i;
	cost = cost_of(samples, DISTRIBUTION_MAX);
	assert_int_equal(cost.distribution_count, DISTRIBUTION_MAX);
	assert_value(&cost, DISTRIBUTION_MAX - 1, DISTRIBUTION_MAX - 1, 1);
	cost = cost_of(samples, DISTRIBUTION_MAX + 1);
	assert_int_equal(cost.distribution_count, 0);
	samples[0]++;
	cost = cost_of(samples, DISTRIBUTION_MAX + 1);
	assert_value(&cost, 0, 1, 2);
}

/* Three operations of up to 16 objects cover 40; one slept and counts like the others. */
static void test_several_objects(void **state)
{
	const uint32_t samples[] = { 325, 165, 999 | KMEMLAB_SAMPLE_SLEPT };
	struct cost cost = cost_of(samples, ARRAY_SIZE(samples));

	(void)state;
	cost_set_means(&cost, 40, NO_COUNT, 40);
	assert_true(fabs(cost.mean - 240.0 * 3 / 40) < 1e-9);
	assert_true(isnan(cost.deferred));
}

/* Only the mean of all is known if every operation was interrupted, and none if all slept. */
static void test_no_clean_sample(void **state)
{
	const uint32_t interrupted[] = { 105 | KMEMLAB_SAMPLE_INTERRUPTED };
	const uint32_t slept[] = { 105 | KMEMLAB_SAMPLE_SLEPT };
	struct cost cost = cost_of(interrupted, 1);

	(void)state;
	assert_int_equal(cost.part_count, 1);
	assert_part(&cost, 0, "interrupted", NO_COUNT, NO_COUNT, 1, 100);
	cost_set_means(&cost, 0, NO_COUNT, 1);
	assert_true(cost.mean == 100 && cost.mean_all == 100 && isnan(cost.fast_path));
	cost = cost_of(slept, 1);
	cost_set_means(&cost, 0, NO_COUNT, 1);
	assert_int_equal(cost.part_count, 0);
	assert_true(isnan(cost.mean) && isnan(cost.mean_all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_add_up),
		cmocka_unit_test(test_cost_by_quarter),
		cmocka_unit_test(test_many_costs),
		cmocka_unit_test(test_distribution_limit),
		cmocka_unit_test(test_several_objects),
		cmocka_unit_test(test_no_clean_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
