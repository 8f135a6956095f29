// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans: reading, writing and error messages. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/plan.h"

static int read_text(struct plan *plan, const char *text, size_t length, char *error, size_t size)
{
	FILE *in = fmemopen((void *)text, length, "r");
	int status;

	plan_init(plan);
	*error = '\0';
	status = plan_read(plan, in, error, size);
	fclose(in);
	return status;
}

static void check_error(const char *text, const char *expected)
{
	struct plan plan;
	char error[200];

	assert_int_equal(read_text(&plan, text, strlen(text), error, sizeof(error)), -EINVAL);
	assert_string_equal(error, expected);
	plan_release(&plan);
}

static void test_defaults(void **state)
{
	const char text[] = "# a comment\n\nexperiment facility=kmalloc workload=pair\n";
	struct experiment_spec *spec;
	struct plan plan;
	char error[200];

	(void)state;
	assert_int_equal(read_text(&plan, text, strlen(text), error, sizeof(error)), 0);
	assert_int_equal(plan.count, 1);
	assert_string_equal(plan.clock, "instructions");
	spec = &plan.experiments[0];
	assert_string_equal(spec->facility, "kmalloc");
	assert_string_equal(spec->workload, "pair");
	assert_string_equal(spec->gfp, "kernel");
	assert_int_equal(spec->object_size, 32);
	assert_int_equal(spec->objects, 2000);
	assert_int_equal(spec->seed, 1);
	assert_int_equal(spec->node, -1);
	assert_int_equal(spec->cpu_count, 1);
	assert_int_equal(spec->cpus[0], 0);
	plan_release(&plan);
}

static void test_round_trip(void **state)
{
	const char text[] =
		"clock tsc\n"
		"experiment facility=page workload=batch object_size=4K objects=1844674407370955"
		" cpus=1,0,7 gfp=atomic node=-1 align=64 seed=0 free_order=lifo bulk=16 free_cpu=3"
		" condition=fragmented:2 repeats=5 tails=1 pmu=1 # all of it\n"
		"experiment\tfacility=kmalloc workload=pair\r\n";
	struct plan plan, copy;
	char error[200], *written;
	size_t length;
	FILE *out = open_memstream(&written, &length);

	(void)state;
	assert_int_equal(read_text(&plan, text, strlen(text), error, sizeof(error)), 0);
	assert_int_equal(plan_write(&plan, out), 0);
	fclose(out);
	assert_int_equal(read_text(&copy, written, length, error, sizeof(error)), 0);
	assert_string_equal(copy.clock, "tsc");
	assert_int_equal(copy.count, 2);
	assert_memory_equal(copy.experiments, plan.experiments, 2 * sizeof(*plan.experiments));
	assert_int_equal(copy.experiments[0].object_size, 4096);
	assert_int_equal(copy.experiments[0].cpus[2], 7);
	assert_int_equal(copy.experiments[0].tails, 1);
	assert_int_equal(copy.experiments[1].tails, 0);
	assert_int_equal(copy.experiments[0].pmu, 1);
	assert_int_equal(copy.experiments[1].pmu, 0);
	plan_release(&plan);
	plan_release(&copy);
	free(written);
}

static void test_invalid_plans(void **state)
{
	(void)state;
	check_error("# nothing\n",
		    "empty plan (expected an 'experiment', 'translate' or 'map' line)");
	check_error("clock\n", "line 1: expected 'clock NAME' with one name (known: instructions, tsc)");
	check_error("clock tcs\n", "line 1: unknown clock 'tcs' (closest match: 'tsc')");
	check_error("clock hours\n",
		    "line 1: unknown clock 'hours' (known: instructions, tsc)");
	check_error("# timed\nclock ns\n",
		    "line 2: unknown clock 'ns' (known: instructions, tsc)");
	check_error("clock tsc\nclock tsc\n", "line 2: duplicate directive 'clock'");
	check_error("\nexperment facility=page\n",
		    "line 2: unknown directive 'experment' (closest match: 'experiment')");
	check_error("experiment facility=page workload=pair objets=3\n",
		    "line 1: unknown field 'objets' (closest match: 'objects')");
	check_error("experiment facility=page workload=pair objects=0\n",
		    "line 1: objects must be between 1 and 9223372036854775807, got '0'");
	check_error("experiment facility=page workload=pair objects=-2\n",
		    "line 1: objects must be between 1 and 9223372036854775807, got '-2'");
	check_error("experiment facility=page workload=pair node=-2\n",
		    "line 1: node must be between -1 and 2147483647, got '-2'");
	check_error("experiment facility=page workload=pair objects=12x\n",
		    "line 1: objects must be between 1 and 9223372036854775807, got '12x'");
	check_error("experiment facility=page workload=pair repeats=4G\n",
		    "line 1: repeats must be between 1 and 4294967295, got '4G'");
	check_error("experiment facility=page workload=pair objects=99999999999999999999\n",
		    "line 1: objects must be between 1 and 9223372036854775807, "
		    "got '99999999999999999999'");
	check_error("experiment facility=page workload=pair objects=16G object_size=4G\n",
		    "line 1: objects x object_size must be less than 2^63 bytes");
	check_error("experiment facility=page workload=pair seed=1 seed=2\n",
		    "line 1: duplicate field 'seed'");
	check_error("experiment facility=page\n",
		    "line 1: missing workload=NAME");
	check_error("experiment workload=pair\n",
		    "line 1: missing facility=NAME");
	check_error("experiment facility=page workload=pair tails=2\n",
		    "line 1: tails must be between 0 and 1, got '2'");
	check_error("experiment facility\n", "line 1: expected FIELD=VALUE, got 'facility'");
	check_error("experiment facility=\n",
		    "line 1: facility must consist of a-z, 0-9, '_' and ':', got ''");
	check_error("experiment facility=page workload=pair cpus=0,,1\n",
		    "line 1: cpus must be CPU numbers separated by commas, got '0,,1'");
}

static void test_translate_and_map(void **state)
{
	const char text[] = "clock instructions\n"
		"translate space=kernel address=0xffffffff81000000 pages=2 pid=0 routes=1 "
		"object_size=32 objects=2000 gfp=kernel mapped=0\n"
		"translate space=objects address=0x0 pages=1 pid=0 routes=0 facility=page "
		"object_size=4096 objects=3 gfp=kernel mapped=1\n"
		"map object_size=32 objects=2000 gfp=kernel condition=fresh\n"
		"map facility=page object_size=4096 objects=1000 gfp=kernel condition=fragmented:2\n";
	char error[200], *written = NULL;
	struct plan plan;
	size_t size;
	FILE *out;

	(void)state;
	assert_int_equal(read_text(&plan, text, strlen(text), error, sizeof(error)), 0);
	assert_int_equal(plan.count, 0);
	assert_int_equal(plan.translation_count, 2);
	assert_int_equal(plan.map_count, 2);
	assert_true(plan.translations[0].address == 0xffffffff81000000);
	assert_int_equal(plan.translations[1].mapped, 1);
	assert_string_equal(plan.maps[1].facility, "page");
	out = open_memstream(&written, &size);
	assert_int_equal(plan_write(&plan, out), 0);
	fclose(out);
	assert_string_equal(written, text);
	free(written);
	plan_release(&plan);
}

static void test_invalid_translate_and_map(void **state)
{
	(void)state;
	check_error("translate space=kernal\n",
		    "line 1: unknown space 'kernal' (closest match: 'kernel')");
	check_error("translate address=0xg\n",
		    "line 1: address must be decimal, or hexadecimal with 0x, got '0xg'");
	check_error("translate address=0xfffffffffffff000 pages=3\n",
		    "line 1: the pages end beyond the last address");
	check_error("translate space=objects\n",
		    "line 1: space=objects and facility=NAME require each other");
	check_error("translate facility=page\n",
		    "line 1: space=objects and facility=NAME require each other");
	check_error("translate pages=0\n", "line 1: pages must be between 1 and 9223372036854775807, got '0'");
	check_error("map objects=9223372036854775807 object_size=2\n",
		    "line 1: objects x object_size must be less than 2^63 bytes");
	check_error("map facility=page facility=page\n", "line 1: duplicate field 'facility'");
}

static void test_zero_byte_is_rejected(void **state)
{
	struct plan plan;
	char error[200];

	(void)state;
	assert_int_equal(read_text(&plan, "clock\0ns\n", 9, error, sizeof(error)), -EINVAL);
	assert_string_equal(error, "line 1: unexpected NUL byte (a plan is plain text)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_invalid_plans),
		cmocka_unit_test(test_translate_and_map),
		cmocka_unit_test(test_invalid_translate_and_map),
		cmocka_unit_test(test_zero_byte_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
