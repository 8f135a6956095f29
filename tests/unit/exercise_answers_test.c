// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers of the exercise: numbers, words, and what is neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cli/exercise.h"

static void check_number(const char *text, uint64_t number)
{
	struct exercise_answer answer = exercise_answer_find(text, "order");

	assert_int_equal(answer.kind, ANSWER_NUMBER);
	assert_int_equal(answer.number, number);
}

static void check_kind(const char *text, enum exercise_answer_kind kind)
{
	assert_int_equal(exercise_answer_find(text, "order").kind, kind);
}

static void test_numbers(void **state)
{
	(void)state;
	check_number("order = 4\n", 4);
	check_number("# order = 5\n  order=0x1F   # mine\r\n", 0x1f);
	check_number("order = 1,234,567", 1234567);
	check_number("order = 0xffff888000000000", 0xffff888000000000);
	check_number("order = 1\norder = 2\n", 2);
	check_number("orders = 1\norder = 2\nborder = 3\n", 2);
}

static void test_others(void **state)
{
	(void)state;
	check_kind("", ANSWER_MISSING);
	check_kind("order = ?\n", ANSWER_MISSING);
	check_kind("order =\n", ANSWER_MISSING);
	check_kind("order 4\n", ANSWER_MISSING);
	check_kind("order = kmem_cache\n", ANSWER_WORD);
	check_kind("order = 2^3\n", ANSWER_INVALID);
	check_kind("order = -1\n", ANSWER_INVALID);
	check_kind("order = 1,23\n", ANSWER_INVALID);
	check_kind("order = 4 pages\n", ANSWER_INVALID);
	check_kind("order = 18446744073709551616\n", ANSWER_INVALID);
	check_kind("order = 11111111111111111111111111111111111111111111111111111111111111111111\n",
		   ANSWER_INVALID);
}

static void test_comparison(void **state)
{
	json_t *address = json_integer((json_int_t)0xffff888000000000), *word = json_string("yes");
	struct exercise_answer answer = exercise_answer_find("a = 0xffff888000000001\nb = YES", "a");

	(void)state;
	assert_false(exercise_answer_is(&answer, address, 0));
	assert_true(exercise_answer_is(&answer, address, 1));
	assert_false(exercise_answer_is(&answer, word, 0));
	answer = exercise_answer_find("a = 1\nb = YES", "b");
	assert_true(exercise_answer_is(&answer, word, 0));
	assert_false(exercise_answer_is(&answer, address, 0));
	assert_false(exercise_answer_is(&answer, NULL, 0));
	json_decref(address);
	json_decref(word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_others),
		cmocka_unit_test(test_comparison),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
