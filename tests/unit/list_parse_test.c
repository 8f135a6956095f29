// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists in option values: their meaning, and one clear message for each error. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/list_parse.h"

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

static void test_invalid_numbers(void **state)
{
	(void)state;
#define SYNTAX "must be numbers separated by commas, or ranges A..BxK or A..B+K, got "
#define SUFFIX "must have no suffix other than K, M and G, got "
	check_numbers("", "must not be empty");
	check_numbers("0", "must be at least 1, got '0'");
	check_numbers("4,0", "must be at least 1, got '0'");
	check_numbers("-1", SYNTAX "'-1'");
	check_numbers(" 1", SYNTAX "' 1'");
	check_numbers("1.5", SYNTAX "'1.5'");
	check_numbers("0x10", "must be decimal, got '0x10'");
	check_numbers("12abc", SUFFIX "'12abc'");
	check_numbers("1KB", SUFFIX "'1KB'");
	check_numbers("1T", SUFFIX "'1T'");
	check_numbers("1..16Ex2", SUFFIX "'1..16Ex2'");
	check_numbers("1.5K", SYNTAX "'1.5K'");
	check_numbers("1,", SYNTAX "''");
	check_numbers("1,,2", SYNTAX "''");
	check_numbers("1..", SYNTAX "'1..'");
	check_numbers("1..8", "must have a step in a range, A..BxK or A..B+K, got '1..8'");
	check_numbers("1..8x1", "must have a range factor of at least x2, got 'x1'");
	check_numbers("1..8x", SYNTAX "'1..8x'");
	check_numbers("1..8+0", "must be at least 1 after '..', 'x' and '+', got '1..8+0'");
	check_numbers("8..1x2", "must be an ascending range, got '8..1'");
	check_numbers("1..1000000+1", "must have at most 1000 values");
	check_numbers("9223372036854775808", "must be at most 2^63 - 1, got '9223372036854775808'");
	check_numbers("8589934592G", "must be at most 2^63 - 1, got '8589934592G'");
	check_numbers("2,000", "must not have thousands separators, got '2,000' (commas separate "
		      "values)");
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
	check_names("", &animal_names, "must not be empty");
	check_names("horse,,donkey", &animal_names,
		    "must be names separated by commas, got 'horse,,donkey'");
	check_names("hors", &animal_names, "unknown animal 'hors' (closest match: 'horse')");
	check_names("elephant", &animal_names,
		    "unknown animal 'elephant' (see 'ls animals')");
	check_names("Horse", &animal_names, "unknown animal 'Horse' (closest match: 'horse')");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_invalid_numbers),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
