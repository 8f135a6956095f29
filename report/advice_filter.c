// SPDX-License-Identifier: GPL-2.0-or-later
#include "advice.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"
#include "format.h"
#include "lib/array_size.h"
#include "lib/catalog.h"
#include "metrics.h"

static const char *condition_name(const json_t *result)
{
	const char *condition = json_str(result, "parameters.condition", "");

	return *condition ? condition : "fresh";
}

static size_t cpu_count(const json_t *result)
{
	return json_array_size(json_at(result, "parameters.cpus"));
}

/* Calibration facilities allocate nothing. */
static bool is_calibration(const json_t *result)
{
	return facility_flags(json_str(result, "facility", "")) & KMEMLAB_FACILITY_CALIBRATION;
}

static bool measures_objects(const json_t *result, const struct requirements *requirements)
{
	return json_int(result, "object_size", 0) == requirements->object_size &&
	       json_int(result, "objects", 0) == requirements->objects &&
	       workload_flags(json_str(result, "workload", "")) & KMEMLAB_WORKLOAD_BASIC &&
	       !is_calibration(result);
}

bool advice_accepts(const json_t *result, const struct requirements *requirements,
		    const char *gfp)
{
	return measures_objects(result, requirements) &&
	       !strcmp(condition_name(result), "fresh") &&
	       !json_int(result, "parameters.align", 0) && cpu_count(result) <= 1 &&
	       json_is(result, "parameters.gfp", gfp);
}

/* Return how a result's parameters differ from those that advice needs. */
static char *parameter_differences(const json_t *result, const struct requirements *requirements)
{
	const char *gfp = json_str(result, "parameters.gfp", "");
	long long align = json_int(result, "parameters.align", 0);
	struct strbuf text = STRBUF_INIT;

	if (strcmp(condition_name(result), "fresh"))
		strbuf_addf(&text, "condition %s", condition_name(result));
	if (strcmp(gfp, "kernel") && strcmp(gfp, requirements_gfp(requirements))) {
		strbuf_separate(&text, ", ");
		strbuf_addf(&text, "gfp %s", gfp);
	}
	if (align) {
		strbuf_separate(&text, ", ");
		strbuf_addf(&text, "align %lld", align);
	}
	if (cpu_count(result) > 1) {
		strbuf_separate(&text, ", ");
		strbuf_addf(&text, "%zu CPUs", cpu_count(result));
	}
	return strbuf_detach(&text);
}

char *advice_rejection(const json_t *document, const struct requirements *requirements)
{
	cleanup_free char *objects = xasprintf("%s of %s",
		format_counted(requirements->objects, "object").text,
		format_counted(requirements->object_size, "byte").text);
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result) {
		cleanup_free char *differences = NULL;

		if (!measures_objects(result, requirements))
			continue;
		differences = parameter_differences(result, requirements);
		return xasprintf("the results have %s only with %s (advice needs condition fresh, "
				 "gfp %s, no align, one CPU)", objects, differences,
				 requirements_gfp(requirements));
	}
	return xasprintf("the results have no %s (pair and batch)", objects);
}

static const json_t *find_capabilities(const json_t *document, const char *facility)
{
	return json_at(json_find(json_at(document_environment(document), "facilities"), "name",
				 facility), "capabilities");
}

bool candidate_is_contiguous(const struct candidate *candidate,
			     const struct requirements *requirements)
{
	return json_int(candidate->batch, "contiguity.contiguous_objects", -1) ==
	       requirements->objects;
}

/*
 * Objects that cross a page may be contiguous by chance. Up to a page, an object is contiguous if
 * it starts at a page; so are those of kvmalloc, which takes them from kmalloc.
 */
static bool guarantees_contiguous(const json_t *document, const json_t *capabilities,
				  const struct candidate *candidate,
				  const struct requirements *requirements)
{
	long long page_size = json_int(document_environment(document), "page_size", 0);
	bool starts_at_page = !json_has_text(capabilities, "shared_frames") ||
			      !strcmp(candidate->facility, "kvmalloc");

	return !capabilities || json_has_text(capabilities, "contiguous") ||
	       (starts_at_page && requirements->object_size <= page_size);
}

/* Return why a workload has no usable result, or NULL. */
static char *missing_result(const json_t *result, const char *workload)
{
	const char *status = json_str(result, "status", "");

	if (!result)
		return xasprintf("the results do not include its %s", workload);
	return strcmp(status, "ok") ? xstrdup(json_str(result, "reason", status)) : NULL;
}

/*
 * Return true unless the result shows a limit of the kernel or of the facility: on another machine,
 * at another time or with another kmemlab, it could be measured. Old results have no code.
 */
static bool may_be_possible(const json_t *result)
{
	static const char *const reasons[] = { "", "own_size", "budget", "cpus_busy", "cpu_offline",
					       "no_memory", "prepare", "alloc_failed",
					       "no_free_block", "timeout" };
	const char *reason = json_str(result, "reason_code", "");

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (!strcmp(reason, reasons[i]))
			return true;
	return false;
}

/* Return why there are no usable results, or NULL. A limit tells more than a missing result. */
static char *missing_results(const struct candidate *candidate)
{
	char *pair = missing_result(candidate->pair, "pair");
	char *batch = missing_result(candidate->batch, "batch");
	bool batch_tells_more = batch && (!pair || (may_be_possible(candidate->pair) &&
						    !may_be_possible(candidate->batch)));

	free(batch_tells_more ? pair : batch);
	return batch_tells_more ? batch : pair;
}

char *candidate_exclusion(const json_t *document, const struct candidate *candidate,
			  const struct requirements *requirements, bool *measured)
{
	const json_t *capabilities = find_capabilities(document, candidate->facility);
	const struct facility_info *info = candidate->info;
	char *reason;
	bool guaranteed = !requirements->contiguous ||
			  guarantees_contiguous(document, capabilities, candidate, requirements);

	*measured = true;
	if (info->not_in_kernel)
		return xstrdup(info->not_in_kernel);
	if (requirements->atomic &&
	    !(capabilities ? json_has_text(capabilities, "atomic") : info->may_be_atomic))
		return xstrdup("it may sleep");
	if (requirements->dma32 && !info->dma32)
		return xstrdup("it cannot allocate below 4 GiB");
	reason = missing_results(candidate);
	if (reason && !guaranteed) {
		free(reason);
		return xstrdup("its objects are not guaranteed to be contiguous");
	}
	*measured = !reason || !may_be_possible(candidate->pair) ||
		    !may_be_possible(candidate->batch);
	if (reason)
		return reason;
	if (requirements->contiguous && !candidate_is_contiguous(candidate, requirements))
		return xstrdup("its objects are not contiguous");
	if (!guaranteed)
		return xstrdup("its objects were contiguous, but that is not guaranteed");
	if (objects_per_operation(candidate->pair, "alloc") > 1 &&
	    requirements->lifetime != LIFETIME_LONG)
		return xstrdup("objects cannot be freed individually (allowed by --lifetime long)");
	*measured = !cost_is_hidden(candidate->costs);
	if (!*measured)
		return xstrdup("its cost is unknown: all operations slept, or an older kmemlab "
			       "measured it");
	return NULL;
}
