// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Histories: what a machine did before an experiment. The cost of an allocator depends on them,
 * so boots that measure noise (--layouts) differ in their history as well as in their layout.
 */
#include <stdbool.h>
#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "cli/measure.h"

static bool is_reversed(unsigned int layout)
{
	return layout % 2;
}

static bool is_warmed_up(unsigned int layout)
{
	return layout % 4 >= 2;
}

/* Return true if no experiment before number i has its facility. */
static bool is_first_of_facility(const struct plan *plan, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(plan->experiments[j].facility, plan->experiments[i].facility))
			return false;
	return true;
}

/* Allocate and free the objects of the experiment, without parameters that may be unsupported. */
static enum exit_code add_warm_up(struct plan *plan, const struct experiment_spec *spec)
{
	struct experiment_spec warm_up;

	experiment_spec_init(&warm_up);
	strcpy(warm_up.facility, spec->facility);
	strcpy(warm_up.workload, "batch");
	warm_up.object_size = spec->object_size;
	warm_up.objects = spec->objects;
	return plan_check_added(plan_add(plan, &warm_up));
}

enum exit_code history_plan(const struct plan *plan, unsigned int layout, struct plan *history,
			    size_t *warm_ups)
{
	enum exit_code code = EXIT_OK;

	plan_init(history);
	strcpy(history->clock, plan->clock);
	for (size_t i = 0; is_warmed_up(layout) && !code && i < plan->count; i++)
		if (is_first_of_facility(plan, i))
			code = add_warm_up(history, &plan->experiments[i]);
	*warm_ups = history->count;
	for (size_t i = 0; !code && i < plan->count; i++)
		code = plan_check_added(plan_add(history, &plan->experiments[is_reversed(layout) ?
							  plan->count - 1 - i : i]));
	return code;
}

void history_restore(json_t *results, size_t warm_ups, unsigned int layout)
{
	for (size_t i = 0; i < warm_ups; i++) {
		const json_t *result = json_array_get(results, 0);

		if (json_is(result, "status", "failed"))
			log_notice("warm-up with %s failed: %s", json_str(result, "facility", "-"),
				    json_str(result, "reason", "-"));
		json_array_remove(results, 0);
	}
	for (size_t i = 1; is_reversed(layout) && i < json_array_size(results); i++) {
		json_t *result = json_incref(json_array_get(results, i));

		json_array_remove(results, i);
		json_array_insert_new(results, 0, result);
	}
}
