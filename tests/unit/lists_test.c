// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists as options take them: what they mean, and one clear line for each fault. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/lists.h"

static void check_numbers(const char *text, const char *expected)
{
	struct number_list list;
	char *error = number_list_read(&list, text);
	char result[400] = "";

	for (size_t i = 0; i < list.count; i++)
		snprintf(result + strlen(result), sizeof(result) - strlen(result), "%s%" PRIu64,
			 i ? " " : "", list.values[i]);
	assert_string_equal(error ? error : result, expected);
	number_list_release(&list);
	free(error);
}

static void check_names(const char *text, const struct name_table *table, const char *expected)
{
	struct name_list list;
	char *error = name_list_read(&list, text, table);
	char result[400] = "";

	for (size_t i = 0; i < list.count; i++)
		snprintf(result + strlen(result), sizeof(result) - strlen(result), "%s%s",
			 i ? " " : "", list.names[i]);
	assert_string_equal(error ? error : result, expected);
	name_list_release(&list);
	free(error);
}

static void test_numbers(void **state)
{
	(void)state;
	check_numbers("32", "32");
	check_numbers("3,1,2", "3 1 2");
	check_numbers("1,1,2,1", "1 2");
	check_numbers("1K,2m,1G", "1024 2097152 1073741824");
	check_numbers("8..64x2", "8 16 32 64");
	check_numbers("8..65x2,7", "8 16 32 64 7");
	check_numbers("1K..4Kx2", "1024 2048 4096");
	check_numbers("1..10+4", "1 5 9");
	check_numbers("5..5x2", "5");
	check_numbers("9223372036854775807", "9223372036854775807");
	check_numbers("6G..9223372036854775807x1073741824",
		      "6442450944 6917529027641081856");
}

static void test_number_faults(void **state)
{
	const char syntax[] = "numbers with commas, or ranges A..BxK and A..B+K, are wanted";

	(void)state;
	check_numbers("", "the list is empty");
	check_numbers("0", "0 is not possible: at least 1");
	check_numbers("4,0", "0 is not possible: at least 1");
	check_numbers("-1", syntax);
	check_numbers(" 1", syntax);
	check_numbers("1.5", syntax);
	check_numbers("0x10", "0 is not possible: at least 1");
	check_numbers("12abc", "K, M or G may follow a number, not a");
	check_numbers("1KB", "K, M or G may follow a number, not B");
	check_numbers("1T", "K, M or G may follow a number, not T");
	check_numbers("1..16Ex2", "K, M or G may follow a number, not E");
	check_numbers("1.5K", syntax);
	check_numbers("1,", "a number is missing");
	check_numbers("1,,2", syntax);
	check_numbers("1..", "a number is missing");
	check_numbers("1..8", "a range needs its step: A..BxK or A..B+K");
	check_numbers("1..8x1", "x1 never reaches the end of the range: at least x2");
	check_numbers("1..8x", "a number is missing");
	check_numbers("1..8+0", "0 is not possible: at least 1");
	check_numbers("8..1x2", "8..1 runs backwards");
	check_numbers("1..1000000+1", "more than 1000 values");
	check_numbers("9223372036854775808", "at most 2^63 - 1 is possible");
	check_numbers("8589934592G", "at most 2^63 - 1 is possible");
}

static const struct name_entry animals[] = {
	{ "null", "" }, { "horse", "" }, { "donkey", "" },
};

static const struct name_table animal_names = { "animal", "ls animals", animals, 3 };

static void test_names(void **state)
{
	(void)state;
	check_names("donkey", &animal_names, "donkey");
	check_names("all", &animal_names, "horse donkey");
	check_names("null,all,horse", &animal_names, "null horse donkey");
	check_names("any,thing", NULL, "any thing");
	check_names("", &animal_names, "the list is empty");
	check_names("horse,,donkey", &animal_names,
		    "a name is missing: names with commas are wanted");
	check_names("hors", &animal_names, "unknown animal 'hors': did you mean 'horse'?");
	check_names("elephant", &animal_names,
		    "unknown animal 'elephant': 'ls animals' shows them all");
	check_names("Horse", &animal_names, "unknown animal 'Horse': did you mean 'horse'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_number_faults),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
