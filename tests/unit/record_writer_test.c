// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <jansson.h>

#include "exec/record_writer.h"
#include "exec/records.h"

/* What a reader makes of a string that was written. */
static void check(const char *written, const char *read)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct record_writer writer = { .out = out };
	json_t *root;

	writer_open(&writer, NULL, '{');
	writer_string(&writer, "s", written);
	writer_close(&writer, '}');
	fclose(out);
	root = json_loads(text, 0, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "s")), read);
	json_decref(root);
	free(text);
}

/* Ticks are never called nanoseconds, nor the other way about. */
static void test_clock_unit(void **state)
{
	(void)state;
	assert_string_equal(clock_unit("instructions", "tsc"), "instructions");
	assert_string_equal(clock_unit("tsc", "tsc"), "tsc");
	assert_string_equal(clock_unit("tsc", "cntvct"), "tsc");
	assert_string_equal(clock_unit("tsc", "ktime"), "ns");
}

static void test_utf8_stays(void **state)
{
	(void)state;
	check("", "");
	check("quiet \"a\\b\" \t\x7f", "quiet \"a\\b\" \t\x7f");
	check("\u00e4 \u20ac \U0001f427", "\u00e4 \u20ac \U0001f427");
}

static void test_other_bytes_are_replaced(void **state)
{
	(void)state;
	check("a\xe4z", "a\ufffdz");
	check("\xc0\x80", "\ufffd\ufffd");
	check("\xed\xa0\x80", "\ufffd\ufffd\ufffd");
	check("\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd");
	check("cut \xe2\x82", "cut \ufffd\ufffd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock_unit),
		cmocka_unit_test(test_utf8_stays),
		cmocka_unit_test(test_other_bytes_are_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
