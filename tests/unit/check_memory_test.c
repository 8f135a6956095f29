// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of memory in the event of a probe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/array_size.h"
#include "runner/check_memory.h"

static void test_event(void **state)
{
	const char *event = "init-99 [000] ..... 1.5: memory: (sys_getppid+0x0/0x3c) "
			    "arg1={0x0,0xaaaaaaaa} arg2={0x2,0x3}\n";
	uint32_t words[5] = { 0 };

	(void)state;
	assert_int_equal(memory_parse(event, words, ARRAY_SIZE(words)), 4);
	assert_int_equal(words[1], 0xaaaaaaaa);
	assert_int_equal(words[3], 3);
	assert_int_equal(memory_parse(event, words, 3), 3);
}

/* The kernel prints this for an address without memory. */
static void test_fault(void **state)
{
	uint32_t words[4];

	(void)state;
	assert_int_equal(memory_parse("memory: arg1={(fault)} arg2={(fault)}", words, 4), 0);
	assert_int_equal(memory_parse("memory: arg1={0x1,0x2} arg2={(fault)}", words, 4), 2);
	assert_int_equal(memory_parse("", words, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
