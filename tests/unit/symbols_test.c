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

/* Where a section begins or ends some function may lie: that is what the address is called. */
static void test_boundaries(void **state)
{
	static const char text[] =
		"ffffffff81000230 T __irqentry_text_start\n"
		"ffffffff81000230 T irq_entries_start\n"
		"ffffffff81e01580 T __indirect_thunk_start\n"
		"ffffffff81e01580 T __x86_indirect_thunk_array\n"
		"ffffffff81e01580 T __x86_indirect_thunk_rax\n"
		"ffffffff81e01580 T __static_call_text_end\n"
		"ffffffff81e01600 T __pi___x86_indirect_thunk_rcx\n"
		"ffffffff81e01600 T __x86_indirect_thunk_rcx\n"
		"ffffffff82000000 T __lock_text_start\n"
		"ffffffff82000000 T __sched_text_end\n"
		"ffffffff82000000 t _raw_read_trylock\n"
		"ffffffff83000000 T _stext\n"
		"ffffffff83000000 T _text\n"
		"ffffffff83000000 t startup_64\n"
		"ffffffff84000000 T __pi_alone\n";
	static const struct {
		uint64_t address;
		const char *name;
	} expected[] = {
		{ 0xffffffff81000238, "irq_entries_start" },
		{ 0xffffffff81e01580, "__x86_indirect_thunk_rax" },
		{ 0xffffffff81e01600, "__x86_indirect_thunk_rcx" },
		{ 0xffffffff82000000, "_raw_read_trylock" },
		{ 0xffffffff83000000, "startup_64" },
		{ 0xffffffff84000000, "__pi_alone" },
	};
	struct symbols symbols = { 0 };

	(void)state;
	assert_null(symbols_add_kernel(&symbols, text));
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		assert_string_equal(symbols_name(&symbols, symbols_find(&symbols,
									expected[i].address)),
				    expected[i].name);
	symbols_release(&symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_boundaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
