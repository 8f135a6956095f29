// SPDX-License-Identifier: GPL-2.0-or-later
/* The cache model with access patterns whose misses are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "explain/cache_model.h"
#include "lib/array_size.h"

static struct cache_model read_model(const char *text)
{
	struct cache_model model;
	char *error = cache_model_read(&model, text);

	assert_null(error);
	return model;
}

static uint64_t count_misses(struct cache_model *model, size_t level, uint64_t first, uint64_t stride,
			  size_t count)
{
	uint64_t misses[CACHE_LEVELS] = { 0 };

	for (size_t i = 0; i < count; i++)
		cache_model_access(model, first + i * stride, 8, misses);
	return misses[level];
}

/* 32 KiB hold 512 lines: a second walk hits; one line more evicts all. */
static void test_capacity_misses(void **state)
{
	struct cache_model model = read_model("l1=32k,8");

	(void)state;
	assert_int_equal(count_misses(&model, 0, 0, 8, 4096), 512);
	assert_int_equal(count_misses(&model, 0, 0, 8, 4096), 0);
	cache_model_release(&model);

	/* Fully associative, 4 lines: cycling through 5 lines always evicts the next one. */
	model = read_model("l1=256,4");
	for (int round = 0; round < 10; round++)
		assert_int_equal(count_misses(&model, 0, 0, 64, 5), 5);
	cache_model_release(&model);
}

/* 64 sets, 2 ways: addresses 4 KiB apart share a set. */
static void test_conflict_misses(void **state)
{
	struct cache_model model = read_model("l1=8k,2");

	(void)state;
	assert_int_equal(count_misses(&model, 0, 0, 4096, 2), 2);
	assert_int_equal(count_misses(&model, 0, 0, 4096, 2), 0);
	assert_int_equal(count_misses(&model, 0, 0, 4096, 3), 1);
	/* 1 and 2 are cached, 0 is not, and each access evicts the next. */
	assert_int_equal(count_misses(&model, 0, 0, 4096, 3), 3);
	/* Addresses 64 bytes higher are in another set. */
	assert_int_equal(count_misses(&model, 0, 64, 4096, 2), 2);
	assert_int_equal(count_misses(&model, 0, 64, 4096, 2), 0);
	cache_model_release(&model);
}

/* The second level is looked up only on a miss of the first. */
static void test_levels_of_cache(void **state)
{
	struct cache_model model = read_model("l1=128,2 l2=512,8 dtlb=2,2");
	uint64_t misses[CACHE_LEVELS] = { 0 };

	(void)state;
	for (int round = 0; round < 3; round++)
		for (uint64_t line = 0; line < 4; line++)
			cache_model_access(&model, line * 64, 4, misses);
	assert_int_equal(misses[0], 12);	/* cycles through four lines with two ways */
	assert_int_equal(misses[1], 4);
	assert_int_equal(misses[2], 1);		/* one page */
	cache_model_release(&model);
}

static void test_straddling_access(void **state)
{
	struct cache_model model = read_model("l1=32k,8 dtlb=64,4");
	uint64_t misses[CACHE_LEVELS] = { 0 };

	(void)state;
	cache_model_access(&model, 60, 8, misses);
	assert_int_equal(misses[0], 2);
	assert_int_equal(misses[1], 1);
	cache_model_access(&model, 4092, 8, misses);
	assert_int_equal(misses[0], 4);
	assert_int_equal(misses[1], 2);
	/* The highest address. */
	cache_model_access(&model, UINT64_MAX - 7, 8, misses);
	assert_int_equal(misses[0], 5);
	cache_model_release(&model);
}

static void test_invalid_models(void **state)
{
	static const char *const invalid[] = { "", "l1", "l1=32k", "l1=32k,", "l1=32k,0", "l1=33k,8",
		"l1=32k,8x", "l4=1m,16", "l2=1m,16 l1=32k,8", "l1=32k,8 l1=32k,8", "l1=64,2",
		"dtlb=64,3", "l1=999999g,8", "l1=-1,8" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		struct cache_model model;
		char *error = cache_model_read(&model, invalid[i]);

		assert_non_null(error);
		free(error);
		cache_model_release(&model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capacity_misses),
		cmocka_unit_test(test_conflict_misses),
		cmocka_unit_test(test_levels_of_cache),
		cmocka_unit_test(test_straddling_access),
		cmocka_unit_test(test_invalid_models),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
