// SPDX-License-Identifier: GPL-2.0-or-later
/* Documents describe the machine that was used, not the one that was requested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "cli/measure.h"

static struct run_facts facts_of(const char *arch, const char *board)
{
	const struct measure_target target = {
		.vm = { .arch = arch, .board = board, .memory_mib = 512 },
	};
	const struct vm_result result = { .code = EXIT_OK };

	return target_facts(&result, &target, "kmemlab run");
}

static void test_fixed_memory_size(void **state)
{
	(void)state;
	assert_int_equal(facts_of("arm64", NULL).memory_mib, 512);
	assert_int_equal(facts_of("arm64", "virt").memory_mib, 512);
	assert_int_equal(facts_of("arm64", "raspi3b").memory_mib, 1024);
	assert_int_equal(facts_of("armhf", "raspi2b").memory_mib, 1024);
}

static void test_default_board_is_null(void **state)
{
	(void)state;
	assert_null(facts_of("arm64", NULL).board);
	assert_null(facts_of("arm64", "virt").board);
	assert_null(facts_of("amd64", "pc").board);
	assert_string_equal(facts_of("arm64", "raspi3b").board, "raspi3b");
}

static void assert_progress(const struct plan *plan, size_t done, double elapsed_s,
			    const char *expected)
{
	cleanup_free char *text = progress_text(plan, done, elapsed_s);

	if (!expected)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}

/* The time that is left follows from that of the finished experiments. */
static void test_progress(void **state)
{
	struct experiment_spec spec;
	struct plan plan;

	(void)state;
	plan_init(&plan);
	experiment_spec_init(&spec);
	strcpy(spec.facility, "kmalloc");
	strcpy(spec.workload, "batch");
	for (unsigned int i = 0; i < 4; i++) {
		spec.object_size = 8 << i;
		plan_add(&plan, &spec);
	}
	assert_progress(&plan, 0, 5, "1 of 4  kmalloc batch 8");
	assert_progress(&plan, 1, 0.5, "2 of 4  kmalloc batch 16");
	assert_progress(&plan, 1, 2, "2 of 4  kmalloc batch 16  6 s left");
	assert_progress(&plan, 3, 2, "4 of 4  kmalloc batch 64  1 s left");
	assert_progress(&plan, 4, 2, NULL);
	plan_release(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_fixed_memory_size),
		cmocka_unit_test(test_default_board_is_null),
	};

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
