// SPDX-License-Identifier: GPL-2.0-or-later
/* The cache model against patterns whose misses can be counted by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "explain/cache_model.h"

static struct cache_model model_of(const char *text)
{
	struct cache_model model;
	char *error = cache_model_read(&model, text);

	assert_null(error);
	return model;
}

static uint64_t misses_of(struct cache_model *model, size_t level, uint64_t first, uint64_t stride,
			  size_t count)
{
	uint64_t misses[CACHE_LEVELS] = { 0 };

	for (size_t i = 0; i < count; i++)
		cache_model_access(model, first + i * stride, 8, misses);
	return misses[level];
}

/* 32 KiB hold 512 lines: what was walked once is there, one byte more pushes it all out. */
static void test_capacity(void **state)
{
	struct cache_model model = model_of("l1=32k,8");

	(void)state;
	assert_int_equal(misses_of(&model, 0, 0, 8, 4096), 512);
	assert_int_equal(misses_of(&model, 0, 0, 8, 4096), 0);
	cache_model_release(&model);

	/* Fully associative, 4 lines; 5 in a circle: the least recent is always the next. */
	model = model_of("l1=256,4");
	for (int round = 0; round < 10; round++)
		assert_int_equal(misses_of(&model, 0, 0, 64, 5), 5);
	cache_model_release(&model);
}

/* 64 sets, 2 ways: addresses 4 KiB apart share a set. */
static void test_conflict(void **state)
{
	struct cache_model model = model_of("l1=8k,2");

	(void)state;
	assert_int_equal(misses_of(&model, 0, 0, 4096, 2), 2);
	assert_int_equal(misses_of(&model, 0, 0, 4096, 2), 0);
	assert_int_equal(misses_of(&model, 0, 0, 4096, 3), 1);
	/* 1 and 2 are in now; 0 is not, and each pushes out the next. */
	assert_int_equal(misses_of(&model, 0, 0, 4096, 3), 3);
	/* 65 lines further is another set. */
	assert_int_equal(misses_of(&model, 0, 64, 4096, 2), 2);
	assert_int_equal(misses_of(&model, 0, 64, 4096, 2), 0);
	cache_model_release(&model);
}

/* The second level is asked only for what the first has not. */
static void test_levels(void **state)
{
	struct cache_model model = model_of("l1=128,2 l2=512,8 dtlb=2,2");
	uint64_t misses[CACHE_LEVELS] = { 0 };

	(void)state;
	for (int round = 0; round < 3; round++)
		for (uint64_t line = 0; line < 4; line++)
			cache_model_access(&model, line * 64, 4, misses);
	assert_int_equal(misses[0], 12);	/* four in a circle through two */
	assert_int_equal(misses[1], 4);
	assert_int_equal(misses[2], 1);		/* one page */
	cache_model_release(&model);
}

static void test_straddling(void **state)
{
	struct cache_model model = model_of("l1=32k,8 dtlb=64,4");
	uint64_t misses[CACHE_LEVELS] = { 0 };

	(void)state;
	cache_model_access(&model, 60, 8, misses);
	assert_int_equal(misses[0], 2);
	assert_int_equal(misses[1], 1);
	cache_model_access(&model, 4092, 8, misses);
	assert_int_equal(misses[0], 4);
	assert_int_equal(misses[1], 2);
	/* The highest address there is. */
	cache_model_access(&model, UINT64_MAX - 7, 8, misses);
	assert_int_equal(misses[0], 5);
	cache_model_release(&model);
}

static void test_refused(void **state)
{
	static const char *const wrong[] = { "", "l1", "l1=32k", "l1=32k,", "l1=32k,0", "l1=33k,8",
		"l1=32k,8x", "l4=1m,16", "l2=1m,16 l1=32k,8", "l1=32k,8 l1=32k,8", "l1=64,2",
		"dtlb=64,3", "l1=999999g,8", "l1=-1,8" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct cache_model model;
		char *error = cache_model_read(&model, wrong[i]);

		assert_non_null(error);
		free(error);
		cache_model_release(&model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capacity),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_straddling),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
