// SPDX-License-Identifier: GPL-2.0-or-later
/* What is refused before the module is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec/measurement.h"

/* A plan's CPUs are numbers: one that is not there is named, whatever the facility. */
static void check_refused(const char *facility)
{
	const char expected[] = "there is no CPU 1000000 to run on: ";
	struct experiment_spec spec;
	struct measurement m;

	experiment_spec_init(&spec);
	strcpy(spec.facility, facility);
	strcpy(spec.workload, "pair");
	spec.cpus[0] = 1000000;
	assert_int_equal(measure(-1, &spec, 0, &m, NULL), 0);
	assert_int_equal(m.result.status, KMEMLAB_STATUS_REFUSED);
	assert_memory_equal(m.result.reason, expected, strlen(expected));
	assert_non_null(strstr(m.result.reason, "online are: 0"));
	measurement_release(&m);
}

static void test_no_such_cpu(void **state)
{
	(void)state;
	check_refused("kmalloc");
	check_refused("user");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_such_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
