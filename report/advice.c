// SPDX-License-Identifier: GPL-2.0-or-later
#include "advice.h"

#include <stdarg.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"
#include "format.h"
#include "lib/catalog.h"
#include "metrics.h"
#include "table.h"

struct candidates {
	struct candidate *list;
	size_t count;
};

static struct candidate *candidate_for(struct candidates *all, const char *facility)
{
	struct candidate *candidate;

	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->list[i].facility, facility))
			return &all->list[i];
	candidate = array_add(&all->list, &all->count);
	candidate->facility = facility;
	candidate->info = facility_info_find(facility);
	return candidate;
}

static struct candidates find_candidates(const json_t *document,
					 const struct requirements *requirements, const char *gfp)
{
	struct candidates all = { 0 };
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result) {
		unsigned int flags = workload_flags(json_str(result, "workload", ""));
		struct candidate *candidate;

		if (!advice_accepts(result, requirements, gfp))
			continue;
		candidate = candidate_for(&all, json_str(result, "facility", "-"));
		if (flags & KMEMLAB_WORKLOAD_PAIRS)
			candidate->pair = result;
		else
			candidate->batch = result;
	}
	return all;
}

/* Round memory to 2 % of the object's size: less is not worth a higher cost. */
static double memory_step(double memory, const struct requirements *requirements)
{
	return (long long)(50 * memory / requirements->object_size);
}

/* Set the values that a candidate is ranked by, over all boots. */
static void score_candidate(struct candidate *candidate, const json_t *document,
			    const struct requirements *requirements)
{
	const json_t *environment = document_environment(document);
	size_t runs = document_runs(document);
	cleanup_free double *cost = xcalloc(runs, sizeof(*cost));
	cleanup_free double *memory = xcalloc(runs, sizeof(*memory));
	cleanup_free double *key = xcalloc(runs, sizeof(*key));

	candidate->per_operation = objects_per_operation(candidate->costs, "alloc");
	candidate->call = facility_call(candidate->info, requirements, candidate->per_operation,
					json_int(environment, "page_size", 0));
	candidate->clears_separately = strstr(candidate->call, "memset(");
	candidate->is_special = facility_is_special(candidate->info, requirements);
	candidate->is_partial = candidate->clears_separately || candidate->info->unmeasured;
	for (size_t run = 0; run < runs; run++) {
		const json_t *costs = experiment_result(document, run, candidate->costs);
		const json_t *batch = experiment_result(document, run, candidate->batch);

		cost[run] = cost_per_object(costs, "alloc") + cost_per_object(costs, "free");
		memory[run] = memory_per_object(batch, environment);
		key[run] = requirements->lifetime == LIFETIME_SHORT ? cost[run] :
			   requirements->lifetime == LIFETIME_LONG ?
			   memory_step(memory[run], requirements) : cost[run] * memory[run];
	}
	candidate->cost = interval_of(cost, runs);
	candidate->memory = interval_of(memory, runs);
	candidate->key = interval_of(key, runs);
}

__attribute__((format(printf, 2, 3)))
static void add_line(json_t *lines, const char *format, ...)
{
	struct strbuf line = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&line, format, args);
	va_end(args);
	json_array_append_new(lines, json_string(line.text));
	strbuf_release(&line);
}

static void add_cost_reasons(json_t *reasons, const struct candidate *candidate, const char *unit)
{
	bool packed = candidate->per_operation > 1;

	add_line(reasons, "on average %s %s to allocate, %s to free",
		 format_real(cost_per_object(candidate->costs, "alloc")).text, unit,
		 format_real(cost_per_object(candidate->costs, "free")).text);
	if (always_interrupted(candidate->costs, "alloc") ||
	    always_interrupted(candidate->costs, "free"))
		add_line(reasons, "always interrupted, so the cost includes interrupts");
	if (packed)
		add_line(reasons, "one operation covers %s objects",
			 format_count(candidate->per_operation).text);
}

/* A factor is meaningful only if the whole cost was measured. */
static void add_cost_factor(json_t *reasons, const struct candidate *candidate,
			    const struct candidate *cheapest, const char *unit)
{
	double factor;

	if (!cheapest || candidate->is_partial || !cheapest->cost.median)
		return;
	factor = candidate->cost.median / cheapest->cost.median;
	if (factor >= 1.05)
		add_line(reasons, "%.*f times the %s of %s", factor < 10, factor, unit,
			 cheapest->facility);
}

/* Add a reason for which a facility is ranked separately, which is said once. */
static void add_separation(json_t *reasons, const char *begin, const char *reason)
{
	add_line(reasons, "%s%s%s", json_array_size(reasons) ? "" : "ranked separately: ", begin,
		 reason);
}

/* The share is that of run: all copies of an object are used. */
static void add_memory_reason(json_t *reasons, const struct candidate *candidate,
			      long long object_size)
{
	const double memory = candidate->memory.median;
	const long long copies = object_copies(candidate->batch);
	cleanup_free char *why = copies > 1 ? xasprintf(" by %lld copies of each object", copies) :
					      xstrdup("");

	add_line(reasons, "%s of its memory used%s",
		 memory ? format_share(object_size * copies / memory).text : "-", why);
}

static json_t *reasons_for(const struct candidate *candidate, const struct candidate *cheapest,
			   const struct requirements *requirements, const char *unit)
{
	json_t *reasons = json_array();

	if (candidate->is_special)
		add_separation(reasons, "", candidate->info->special);
	if (candidate->info->unmeasured)
		add_separation(reasons, "the cost does not include ", candidate->info->unmeasured);
	if (candidate->clears_separately)
		add_separation(reasons, "the cost does not include ", "the memset()");
	add_memory_reason(reasons, candidate, requirements->object_size);
	add_cost_reasons(reasons, candidate, unit);
	add_cost_factor(reasons, candidate, cheapest, unit);
	if (!candidate_is_contiguous(candidate, requirements))
		add_line(reasons, "not contiguous");
	if (candidate->info->caveat)
		add_line(reasons, "%s", candidate->info->caveat);
	return reasons;
}

/* Return the group that a candidate is ranked in: general, special, or not comparable. */
static int candidate_group(const struct candidate *candidate)
{
	return candidate->is_partial ? 2 : candidate->is_special;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *first = a, *second = b;
	double left = first->key.median, right = second->key.median;

	if (candidate_group(first) != candidate_group(second))
		return candidate_group(first) - candidate_group(second);
	if (left == right) {
		left = first->cost.median;
		right = second->cost.median;
	}
	return (left > right) - (left < right);
}

static bool intervals_differ(const struct interval *a, const struct interval *b, bool timed)
{
	return (timed ? delta_timed(a, b) : delta_counted(a, b)).significant;
}

/* Return true if the order of two candidates is not significant. */
static bool within_noise(const struct candidate *a, const struct candidate *b,
			 const struct requirements *requirements, bool timed)
{
	return candidate_group(a) == candidate_group(b) &&
	       !intervals_differ(&a->key, &b->key, timed) &&
	       (requirements->lifetime != LIFETIME_LONG ||
		!intervals_differ(&a->cost, &b->cost, timed));
}

/* Return the cheapest general candidate, or NULL. */
static const struct candidate *cheapest_of(const struct candidates *ranked)
{
	const struct candidate *cheapest = NULL;

	for (size_t i = 0; i < ranked->count; i++) {
		const struct candidate *candidate = &ranked->list[i];

		if (!candidate_group(candidate) &&
		    (!cheapest || candidate->cost.median < cheapest->cost.median))
			cheapest = candidate;
	}
	return cheapest;
}

static json_t *ranking_of(const json_t *document, struct candidates *ranked,
			  const struct requirements *requirements)
{
	const char *unit = unit_name(json_str(document_environment(document), "clock.unit", "-"));
	const bool timed = !json_is(document_environment(document), "clock.unit", "instructions");
	const struct candidate *cheapest = cheapest_of(ranked);
	json_t *ranking = json_array();

	for (size_t i = 0; i < ranked->count; i++) {
		const struct candidate *candidate = &ranked->list[i];
		bool tie = i && within_noise(&ranked->list[i - 1], candidate, requirements, timed);

		json_array_append_new(ranking, json_pack("{s:s, s:f, s:f, s:b, s:b, s:o, s:s}",
			"facility", candidate->facility, "cost", candidate->cost.median,
			"bytes_per_object", candidate->memory.median,
			"ranked_separately", candidate_group(candidate) > 0,
			"within_noise_of_previous", tie,
			"reasons", reasons_for(candidate, cheapest, requirements, unit),
			"call", candidate->call));
	}
	return ranking;
}

static json_t *requirements_entry(const struct requirements *requirements)
{
	static const char *const lifetimes[] = { "any", "short", "long" };

	return json_pack("{s:I, s:I, s:b, s:b, s:b, s:b, s:I, s:s}",
			 "object_size", (json_int_t)requirements->object_size,
			 "objects", (json_int_t)requirements->objects,
			 "contiguous", requirements->contiguous, "atomic", requirements->atomic,
			 "dma32", requirements->dma32, "zeroed", requirements->zeroed,
			 "cpus", (json_int_t)requirements->cpus,
			 "lifetime", lifetimes[requirements->lifetime]);
}

static const char *ranking_key(const struct requirements *requirements)
{
	switch (requirements->lifetime) {
	case LIFETIME_SHORT:
		return "the cost to allocate and free one object";
	case LIFETIME_LONG:
		return "memory per object in steps of 2 %, then by cost";
	default:
		return "cost times memory per object "
		       "(--lifetime short or long ranks by one of them)";
	}
}

/* Return the notes on a ranking. */
static json_t *notes_for(const json_t *document, const struct requirements *requirements,
			 const char *gfp, size_t ranked)
{
	json_t *notes = json_array();

	if (!ranked)
		return notes;
	add_line(notes, "Ranked by %s.", ranking_key(requirements));
	/* Objects of pair reuse the one just freed, which long-lived objects cannot do. */
	add_line(notes, "Costs are those of workload %s.",
		 requirements->lifetime == LIFETIME_LONG ?
		 "batch: all objects are live at the same time" :
		 "pair: each object is freed before the next allocation");
	if (json_is(document_environment(document), "clock.unit", "instructions"))
		add_line(notes, "Costs are executed instructions; caches are not modeled, and a "
				"count is not a time.");
	if (document_runs(document) < 2)
		add_line(notes, "One boot: the effect of the memory layout is unknown (measure it "
				"with --layouts 3).");
	if (requirements->cpus > 1)
		add_line(notes,
			 "Measured on one CPU: lock contention among %u CPUs is not included.",
			 requirements->cpus);
	if (requirements->dma32 || strcmp(gfp, requirements_gfp(requirements)))
		add_line(notes, "Measured with gfp %s; the calls use the flags that are required.",
			 gfp);
	if (requirements->zeroed && strcmp(gfp, "zeroed"))
		add_line(notes, "Costs with gfp %s include clearing only if the kernel clears all "
				"allocations; a memset() is never included.", gfp);
	return notes;
}

static json_t *build_advice(const json_t *document, const struct requirements *requirements,
			    const char *gfp, struct candidates *all)
{
	const json_t *environment = document_environment(document);
	struct candidates ranked = { xcalloc(all->count, sizeof(*all->list)), 0 };
	json_t *excluded = json_array(), *advice;

	for (size_t i = 0; i < all->count; i++) {
		struct candidate *candidate = &all->list[i];
		cleanup_free char *reason = NULL;
		bool measured;

		candidate->costs = requirements->lifetime == LIFETIME_LONG ? candidate->batch :
									     candidate->pair;
		reason = candidate_exclusion(document, candidate, requirements, &measured);
		if (reason) {
			json_array_append_new(excluded, json_pack("{s:s, s:s, s:b}", "facility",
								  candidate->facility,
								  "reason", reason,
								  "measured", measured));
			continue;
		}
		score_candidate(candidate, document, requirements);
		ranked.list[ranked.count++] = *candidate;
	}
	qsort(ranked.list, ranked.count, sizeof(*ranked.list), compare_candidates);
	advice = json_pack("{s:s, s:o, s:O, s:O, s:o, s:o, s:o}", "schema", ADVICE_SCHEMA,
			   "requirements", requirements_entry(requirements),
			   "kernel", json_at(environment, "kernel.release"),
			   "clock_unit", json_at(environment, "clock.unit"),
			   "ranking", ranking_of(document, &ranked, requirements),
			   "excluded", excluded,
			   "notes", notes_for(document, requirements, gfp, ranked.count));
	for (size_t i = 0; i < ranked.count; i++)
		free(ranked.list[i].call);
	free(ranked.list);
	return advice;
}

json_t *advice_build(const json_t *document, const struct requirements *requirements,
		     char **error)
{
	const char *gfp = requirements_gfp(requirements);
	struct candidates all = find_candidates(document, requirements, gfp);
	json_t *advice = NULL;

	*error = NULL;
	if (!all.count) {
		gfp = "kernel";
		all = find_candidates(document, requirements, gfp);
	}
	if (all.count)
		advice = build_advice(document, requirements, gfp, &all);
	else
		*error = advice_rejection(document, requirements);
	free(all.list);
	return advice;
}

static void print_requirements(const json_t *advice, FILE *out)
{
	static const char *const flags[] = { "contiguous", "atomic", "dma32", "zeroed" };
	const json_t *requirements = json_at(advice, "requirements");
	const char *lifetime = json_str(requirements, "lifetime", "any");

	fprintf(out, "Required: %s of %s",
		format_counted(json_int(requirements, "objects", 0), "object").text,
		format_counted(json_int(requirements, "object_size", 0), "byte").text);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (json_flag(requirements, flags[i]))
			fprintf(out, ", %s", flags[i]);
	if (strcmp(lifetime, "any"))
		fprintf(out, ", %s-lived", lifetime);
	fprintf(out, "; measured on Linux %s\n\n", json_str(advice, "kernel", "-"));
}

/* Build the table of the ranking. */
static struct table ranking_table(const json_t *advice)
{
	struct table table = { 0 };
	json_t *entry, *reason;
	size_t i, j;

	table_columns(&table, ">rank|<facility|>bytes per:object|~reasons");
	json_array_foreach(json_at(advice, "ranking"), i, entry) {
		struct strbuf reasons = STRBUF_INIT;

		json_array_foreach(json_at(entry, "reasons"), j, reason) {
			strbuf_separate(&reasons, ", ");
			strbuf_addstr(&reasons, json_string_value(reason));
		}
		if (json_flag(entry, "within_noise_of_previous"))
			strbuf_addstr(&reasons,
				      ", not significantly different from the previous one");
		table_cellf(&table, "%zu.", i + 1);
		table_cell(&table, json_str(entry, "facility", "-"));
		table_cell(&table, format_real(json_num(entry, "bytes_per_object", 0)).text);
		table_cell(&table, reasons.text);
		strbuf_release(&reasons);
	}
	return table;
}

static void print_call(const json_t *entry, FILE *out)
{
	cleanup_free char *call = xstrdup(json_str(entry, "call", ""));

	fprintf(out, "\nCode for %s:\n", json_str(entry, "facility", "-"));
	for (char *line = strtok(call, "\n"); line; line = strtok(NULL, "\n"))
		fprintf(out, "\t%s\n", line);
}

void advice_table(const json_t *advice, FILE *out)
{
	cleanup_table struct table table = ranking_table(advice);
	json_t *entry;
	size_t i;

	print_requirements(advice, out);
	if (table.cell_count) {
		table_text(&table, "", out);
		print_call(json_array_get(json_at(advice, "ranking"), 0), out);
	} else {
		fputs("No measured facility meets the requirements.\n", out);
	}
	json_array_foreach(json_at(advice, "excluded"), i, entry) {
		cleanup_free char *text = skip_text(entry);

		fprintf(out, "%s%s: %s\n", i ? "" : "\n",
			json_is_false(json_object_get(entry, "measured")) ? "Not measured" :
			"Excluded", text);
	}
	json_array_foreach(json_at(advice, "notes"), i, entry)
		fprintf(out, "%s%s\n", i ? "" : "\n", json_string_value(entry));
}
