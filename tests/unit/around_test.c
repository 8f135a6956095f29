// SPDX-License-Identifier: GPL-2.0-or-later
/* Functions whose calls are counted: their addresses, and the plugin's file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "explain/around.h"
#include "plugin/trace_format.h"

static const char kallsyms[] =
	"ffffffff81000000 T do_one_initcall\n"
	"ffffffff81000100 T first\n"
	"ffffffff81000100 T alias_of_first\n"
	"ffffffff81000100 T __pi_first\n"
	"ffffffff81000200 t twice\n"
	"ffffffff81000300 t twice\n"
	"ffffffff81000400 T __switch_to_asm\n"
	"ffffffff81000500 T asm_exc_page_fault\n"
	"ffffffff81000600 T irq_entries_start\n"
	"ffffffff81000700 T blocking_notifier_call_chain\n"
	"ffffffff81000800 t first.cold\n"
	"ffffffff81000900 T ret_from_fork_asm\n"
	"ffffffff81000a00 T end\n";

static void expect_ranges(const char *const *names, size_t count, bool kunit, const char *expected)
{
	struct symbols symbols = { 0 };
	struct around around = { 0 };
	char *text;

	assert_null(symbols_add_kernel(&symbols, kallsyms));
	assert_null(around_choose(&around, &symbols, names, count));
	text = around_ranges(&around, &symbols, machine_find("x86_64"), kunit);
	assert_string_equal(text, expected);
	free(text);
	around_release(&around);
	symbols_release(&symbols);
}

static void test_ranges(void **state)
{
	static const char *const names[] = { "alias_of_first", "twice", "first" };

	(void)state;
	expect_ranges(names, 2, false,
		      "ffffffff81000000 ffffffff81000100 2 2\n"
		      "ffffffff81000100 ffffffff81000200 1 0\n"
		      "ffffffff81000200 ffffffff81000300 1 1\n"
		      "ffffffff81000300 ffffffff81000400 1 1\n"
		      "ffffffff81000400 ffffffff81000500 64 -1\n"
		      "ffffffff81000500 ffffffff81000600 16 -1\n"
		      "ffffffff81000600 ffffffff81000700 40 -1\n"
		      "ffffffff81000800 ffffffff81000900 4 0\n"
		      "ffffffff81000900 ffffffff81000a00 128 -1\n");
	expect_ranges(names + 2, 1, true,
		      "ffffffff81000000 ffffffff81000100 2 1\n"
		      "ffffffff81000100 ffffffff81000200 1 0\n"
		      "ffffffff81000400 ffffffff81000500 64 -1\n"
		      "ffffffff81000500 ffffffff81000600 16 -1\n"
		      "ffffffff81000600 ffffffff81000700 40 -1\n"
		      "ffffffff81000700 ffffffff81000800 2 2\n"
		      "ffffffff81000800 ffffffff81000900 4 0\n"
		      "ffffffff81000900 ffffffff81000a00 128 -1\n");
}

static void test_unknown(void **state)
{
	static const char *const names[] = { "first", "third" };
	struct symbols symbols = { 0 };
	struct around around = { 0 };

	(void)state;
	assert_null(symbols_add_kernel(&symbols, kallsyms));
	assert_string_equal(around_choose(&around, &symbols, names, 2), "third");
	around_release(&around);
	symbols_release(&symbols);
}

/* Names of one address: a call of one is a call of the other. */
static void test_aliases(void **state)
{
	static const char *const names[] = { "twice", "alias_of_first", "first" };
	struct symbols symbols = { 0 };
	struct around around = { 0 };
	const char *other = NULL;

	(void)state;
	assert_null(symbols_add_kernel(&symbols, kallsyms));
	assert_null(around_choose(&around, &symbols, names, 2));
	assert_null(around_same(&around, &other));
	symbols_find(&symbols, 0);	/* leaves one name of each address */
	assert_int_equal(around.functions[0].alias_count, 0);
	assert_int_equal(around.functions[1].alias_count, 1);
	assert_string_equal(around.functions[1].aliases[0], "first");
	around_release(&around);
	symbols_release(&symbols);

	assert_null(symbols_add_kernel(&symbols, kallsyms));
	assert_null(around_choose(&around, &symbols, names, 3));
	assert_string_equal(around_same(&around, &other), "first");
	assert_string_equal(other, "alias_of_first");
	around_release(&around);
	symbols_release(&symbols);
}

static char *read_records(struct around *around, const struct around_record *records, size_t count)
{
	FILE *file = tmpfile();
	char *error;

	fwrite(records, sizeof(*records), count, file);
	rewind(file);
	error = around_read(around, file);
	fclose(file);
	return error;
}

static void test_records(void **state)
{
	static const struct around_record records[] = {
		{ 0, 0, 100, 40 },
		{ 0, AROUND_INTERRUPTED | AROUND_SWITCHED, 110, 50 },
		{ 0, AROUND_IN_INTERRUPT, 120, 60 },
		{ AROUND_WINDOW, 0, 5000, 7 },
		{ AROUND_END, AROUND_LIMIT, 2, 1 },
	};
	struct around around = { .functions = xcalloc(1, sizeof(struct around_function)),
				 .count = 1 };
	char *error;

	(void)state;
	assert_null(read_records(&around, records, ARRAY_SIZE(records)));
	assert_int_equal(around.functions[0].calls, 2);
	assert_int_equal(around.functions[0].inclusive[1], 110);
	assert_int_equal(around.functions[0].exclusive[0], 40);
	assert_int_equal(around.functions[0].interrupted, 1);
	assert_int_equal(around.functions[0].switched, 1);
	assert_int_equal(around.functions[0].in_interrupts, 1);
	assert_int_equal(around.window_instructions, 5000);
	assert_int_equal(around.window_repeats, 7);
	assert_int_equal(around.unfinished, 2);
	assert_int_equal(around.lost, 1);
	assert_true(around.limited);
	/* Without the end, and of a function that was not chosen */
	error = read_records(&around, records, ARRAY_SIZE(records) - 1);
	assert_non_null(error);
	free(error);
	error = read_records(&around, &(struct around_record) { .function = 1 }, 1);
	assert_non_null(error);
	free(error);
	around_release(&around);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests_name("around", tests, NULL, NULL);
}
