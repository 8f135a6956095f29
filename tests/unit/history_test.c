// SPDX-License-Identifier: GPL-2.0-or-later
/* Histories: the order of experiments and warm-ups of each boot, and the order of its results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "cli/measure.h"

#include <cmocka.h>

static void add(struct plan *plan, const char *facility, const char *workload)
{
	struct experiment_spec spec;

	experiment_spec_init(&spec);
	strcpy(spec.facility, facility);
	strcpy(spec.workload, workload);
	spec.tails = 1;
	assert_int_equal(plan_add(plan, &spec), 0);
}

/* Run a plan of three experiments in a boot: their order, and the order of the results. */
static void check_history(unsigned int layout, const char *order)
{
	struct strbuf text = STRBUF_INIT;
	struct plan plan, history;
	json_t *results = json_array();
	size_t warm_ups;

	plan_init(&plan);
	add(&plan, "page", "pair");
	add(&plan, "page", "batch");
	add(&plan, "percpu", "churn");
	assert_int_equal(history_plan(&plan, layout, &history, &warm_ups), EXIT_OK);
	for (size_t i = 0; i < history.count; i++) {
		const struct experiment_spec *spec = &history.experiments[i];

		strbuf_addf(&text, "%s%s.%s%s", i ? " " : "", spec->facility, spec->workload,
			    spec->tails ? "" : "!");
		json_array_append_new(results, json_pack("{s:s}", "workload", spec->workload));
	}
	assert_string_equal(text.text, order);
	history_restore(results, warm_ups, layout);
	assert_int_equal(json_array_size(results), plan.count);
	for (size_t i = 0; i < plan.count; i++)
		assert_string_equal(json_str(json_array_get(results, i), "workload", ""),
				    plan.experiments[i].workload);
	json_decref(results);
	strbuf_release(&text);
	plan_release(&history);
	plan_release(&plan);
}

static void test_histories(void **state)
{
	(void)state;
	check_history(0, "page.pair page.batch percpu.churn");
	check_history(1, "percpu.churn page.batch page.pair");
	check_history(2, "page.batch! percpu.batch! page.pair page.batch percpu.churn");
	check_history(3, "page.batch! percpu.batch! percpu.churn page.batch page.pair");
	check_history(4, "page.pair page.batch percpu.churn");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_histories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
