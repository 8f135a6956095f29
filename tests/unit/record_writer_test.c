// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "runner/record_writer.h"
#include "runner/environment.h"

/* Write a string and read it back as JSON. */
static void check_string(const char *written, const char *read)
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

static void test_clock_unit(void **state)
{
	(void)state;
	assert_string_equal(get_clock_unit("instructions", "tsc"), "instructions");
	assert_string_equal(get_clock_unit("tsc", "tsc"), "tsc");
	assert_string_equal(get_clock_unit("tsc", "cntvct"), "tsc");
	assert_string_equal(get_clock_unit("tsc", "ktime"), "ns");
}

static void test_utf8_is_unchanged(void **state)
{
	(void)state;
	check_string("", "");
	check_string("quiet \"a\\b\" \t\x7f", "quiet \"a\\b\" \t\x7f");
	check_string("\u00e4 \u20ac \U0001f427", "\u00e4 \u20ac \U0001f427");
}

static void test_invalid_bytes_are_replaced(void **state)
{
	(void)state;
	check_string("a\xe4z", "a\ufffdz");
	check_string("\xc0\x80", "\ufffd\ufffd");
	check_string("\xed\xa0\x80", "\ufffd\ufffd\ufffd");
	check_string("\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd");
	check_string("cut \xe2\x82", "cut \ufffd\ufffd");
}

static void test_unknown_values_are_null(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct record_writer writer = { .out = out };

	(void)state;
	writer_begin(&writer, "test");
	writer_unsigned(&writer, "count", NO_COUNT);
	writer_real(&writer, "mean", NAN);
	writer_string(&writer, "name", NULL);
	writer_signed(&writer, "node", -1);
	writer_end(&writer);
	fclose(out);
	assert_string_equal(text, "{\"record\":\"test\",\"count\":null,\"mean\":null,"
			    "\"name\":null,\"node\":-1}\n");
	free(text);
}

/* Settings that are numbers are not strings of digits. */
static void test_settings(void **state)
{
	struct kmemlab_kernel_config config[] = {
		{ .name = "hz", .value = "250" }, { .name = "memcg", .value = "on" },
		{ .name = "slub_debug", .value = "5F" }, { .name = "zero", .value = "0" },
		{ .name = "empty", .value = "" },
	};
	struct environment environment = {
		.valid = UINT32_MAX, .config = config, .kfence_sample_interval = 100,
		.info.settings = 5, .node_count = NO_COUNT,
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	environment_write(out, &environment);
	environment.kfence_sample_interval = NO_COUNT;
	environment_write(out, &environment);
	fclose(out);
	assert_non_null(strstr(text, "\"config\":{\"hz\":250,\"memcg\":\"on\","
			       "\"slub_debug\":\"5F\",\"zero\":0,\"empty\":\"\"}"));
	assert_non_null(strstr(text, "\"kfence_sample_interval\":100,"));
	assert_non_null(strstr(text, "\"kfence_sample_interval\":null,"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock_unit),
		cmocka_unit_test(test_utf8_is_unchanged),
		cmocka_unit_test(test_invalid_bytes_are_replaced),
		cmocka_unit_test(test_unknown_values_are_null),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
