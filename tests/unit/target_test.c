// SPDX-License-Identifier: GPL-2.0-or-later
/* What documents say of the machine: what it was, and not what was asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/target.h"

static struct run_facts facts_of(const char *arch, const char *board)
{
	const struct target target = { .arch = arch, .board = board, .memory_mib = 512 };
	const struct vm_result result = { .code = EXIT_FINE };

	return target_facts(&result, &target, "kmemlab run");
}

static void test_memory(void **state)
{
	(void)state;
	assert_int_equal(facts_of("arm64", NULL).memory_mib, 512);
	assert_int_equal(facts_of("arm64", "virt").memory_mib, 512);
	assert_int_equal(facts_of("arm64", "raspi3b").memory_mib, 1024);
	assert_int_equal(facts_of("armhf", "raspi2b").memory_mib, 1024);
}

static void test_board(void **state)
{
	(void)state;
	assert_null(facts_of("arm64", NULL).board);
	assert_null(facts_of("arm64", "virt").board);
	assert_null(facts_of("amd64", "pc").board);
	assert_string_equal(facts_of("arm64", "raspi3b").board, "raspi3b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_board),
	};

	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
