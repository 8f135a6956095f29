// SPDX-License-Identifier: GPL-2.0-or-later
/* Experiments that are skipped before the module is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/experiment_run.h"

static void check_skipped(const char *facility)
{
	const char expected[] = "CPU 1000000 is offline (online: 0";
	struct experiment_spec spec;
	struct experiment_run run;

	experiment_spec_init(&spec);
	strcpy(spec.facility, facility);
	strcpy(spec.workload, "pair");
	spec.cpus[0] = 1000000;
	assert_int_equal(experiment_run(-1, &spec, 0, &run, NULL), 0);
	assert_int_equal(run.result.status, KMEMLAB_STATUS_SKIPPED);
	assert_memory_equal(run.result.reason, expected, strlen(expected));
	experiment_run_release(&run);
}

static void test_offline_cpu(void **state)
{
	(void)state;
	check_skipped("kmalloc");
	check_skipped("user");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offline_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
