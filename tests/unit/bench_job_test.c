// SPDX-License-Identifier: GPL-2.0-or-later
/* The modules that the guest of kmemlab bench loads. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "runner/bench_job.h"

static struct bench_module *read_text(const char *text, size_t *count)
{
	FILE *in = fmemopen((void *)text, strlen(text), "r");
	struct bench_module *modules = bench_job_read(in, count);

	fclose(in);
	return modules;
}

static void test_lines(void **state)
{
	size_t count;
	struct bench_module *modules = read_text("/a.ko\ta\tadd\t\n"
						 "/b.ko\tb\toperand\tx=1 y=2 \n", &count);

	(void)state;
	assert_int_equal(count, 2);
	assert_string_equal(modules[0].path, "/a.ko");
	assert_string_equal(modules[0].parameters, "");
	assert_string_equal(modules[1].name, "b");
	assert_string_equal(modules[1].parameters, "x=1 y=2 ");
	assert_false(modules[1].loaded);
	assert_false(modules[0].is_operand);
	assert_int_equal(bench_job_first_operand(modules, count), 1);
	bench_job_free(modules, count);
}

static void test_many_long_lines(void **state)
{
	cleanup_strbuf struct strbuf text = STRBUF_INIT;
	struct bench_module *modules;
	size_t count;

	(void)state;
	for (int i = 0; i < 100; i++)
		strbuf_addf(&text, "/%d.ko\tm%d\tadd\tx=%020000d \n", i, i, i);
	modules = read_text(text.text, &count);
	assert_int_equal(count, 100);
	assert_string_equal(modules[99].name, "m99");
	assert_int_equal(strlen(modules[99].parameters), 20003);
	assert_int_equal(bench_job_first_operand(modules, count), 100);
	bench_job_free(modules, count);
}

static void test_order(void **state)
{
	(void)state;
	assert_true(bench_job_continues(0));
	assert_true(bench_job_continues(EAGAIN));
	assert_false(bench_job_continues(EINVAL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_many_long_lines),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests_name("bench_job", tests, NULL, NULL);
}
