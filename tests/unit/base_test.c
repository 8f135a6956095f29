// SPDX-License-Identifier: GPL-2.0-or-later
/* The helpers in base/: strings that grow, arrays that grow, values by path. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_path.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/strbuf.h"

static void test_strbuf(void **state)
{
	struct strbuf buf = STRBUF_INIT;
	char *text;

	(void)state;
	assert_string_equal(buf.text, "");
	strbuf_separate(&buf, ", ");
	for (int i = 0; i < 1000; i++) {
		strbuf_separate(&buf, ",");
		strbuf_addf(&buf, "%d", i);
	}
	assert_int_equal(buf.length, 10 + 2 * 90 + 3 * 900 + 999);
	assert_int_equal(strlen(buf.text), buf.length);
	text = strbuf_detach(&buf);
	assert_memory_equal(text, "0,1,2,", 6);
	free(text);
	text = strbuf_detach(&buf);
	assert_string_equal(text, "");
	free(text);
	strbuf_add(&buf, "a\0b", 3);
	assert_int_equal(buf.length, 3);
	strbuf_release(&buf);
	assert_string_equal(buf.text, "");
}

/* A program that stops writing to the watched directory is killed; one that writes is not. */
static void test_process_stall(void **state)
{
	const char *argv[] = { "sh", "-c", "sleep 60 & sleep 60", NULL };
	char *directory = directory_temporary(NULL);
	struct process process = { .argv = argv, .directory = directory,
				   .watched = directory, .stall_s = 1.5 };

	(void)state;
	assert_non_null(directory);
	assert_int_equal(process_run(&process), -ETIMEDOUT);
	argv[2] = "for i in 1 2 3 4 5 6; do echo >$i; sleep 0.5; done; exit 7";
	assert_int_equal(process_run(&process), 7);
	directory_remove(directory);
	free(directory);
}

static void test_array_add(void **state)
{
	struct entry {
		int number, zero;
	} *items = NULL;
	size_t count = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		array_add(&items, &count)->number = i;
	assert_int_equal(count, 100);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(items[i].number, i);
		assert_int_equal(items[i].zero, 0);
	}
	free(items);
}

static void test_json_path(void **state)
{
	json_t *object = json_pack("{s:{s:i, s:n, s:f}, s:s, s:b}", "a", "b", 7, "none", "real", 1.5,
				   "text", "word", "flag", 1);

	(void)state;
	assert_int_equal(json_int(object, "a.b", -1), 7);
	assert_int_equal(json_int(object, "a.none", -1), -1);
	assert_int_equal(json_int(object, "a.b.c", -1), -1);
	assert_int_equal(json_int(object, "x.y", -1), -1);
	assert_int_equal(json_int(object, "text", -1), -1);
	assert_int_equal(json_int(NULL, "a", -1), -1);
	assert_true(json_num(object, "a.real", 0) == 1.5);
	assert_true(json_num(object, "a.b", 0) == 7);
	assert_string_equal(json_str(object, "text", "-"), "word");
	assert_string_equal(json_str(object, "a", "-"), "-");
	assert_null(json_at(object, "a.none"));
	assert_true(json_flag(object, "flag"));
	assert_false(json_flag(object, "text"));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strbuf),
		cmocka_unit_test(test_process_stall),
		cmocka_unit_test(test_array_add),
		cmocka_unit_test(test_json_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
