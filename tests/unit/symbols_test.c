// SPDX-License-Identifier: GPL-2.0-or-later
/* Which function an address is in. */
#include "recording.h"

static void test_symbols(void **state)
{
	struct symbols symbols = { 0 };
	char *error;

	(void)state;
	assert_null(symbols_add_kernel(&symbols, kallsyms));
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, BASE + 0x12ff)), "inner");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, BASE + 0x1900)), "handler");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, BASE + 0x1802)), "outer");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, 0x10)), "(unknown)");
	symbols_release(&symbols);
	error = symbols_add_kernel(&symbols, "0000000000000000 T hidden\n");
	assert_non_null(strstr(error, "kptr_restrict"));
	free(error);
	symbols_release(&symbols);
	error = symbols_add_kernel(&symbols, "");
	assert_non_null(error);
	free(error);
	error = symbols_add_module(&symbols, "\177ELF no module at all", 22, 4096);
	assert_non_null(error);
	free(error);
	symbols_release(&symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
