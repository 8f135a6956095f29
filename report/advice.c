// SPDX-License-Identifier: GPL-2.0-or-later
#include "advice.h"

#include <string.h>

#include "advice_figures.h"
#include "advice_fit.h"
#include "base/memory.h"
#include "document.h"
#include "facility_call.h"
#include "facility_facts.h"
#include "figures.h"
#include "format.h"

/* One facility: what the results say of it. */
struct candidate {
	const char *facility;
	const json_t *pair, *batch;	/* results, or NULL where there is none */
	const json_t *costs;		/* the one of them whose costs count */
	struct spread cost, memory, key;
	const struct facility_facts *facts;
	long long per_operation;	/* objects that one operation covers */
	bool clears;			/* by a memset() of the caller's */
	bool apart;			/* a part of its cost is in no figure */
	char *call;
};

struct candidates {
	struct candidate *list;
	size_t count;
};

const char *need_gfp(const struct need *need)
{
	return need->atomic ? "atomic" : need->zeroed ? "zeroed" : "kernel";
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static struct candidate *candidate_for(struct candidates *all, const char *facility)
{
	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->list[i].facility, facility))
			return &all->list[i];
	all->list = xrealloc(all->list, (all->count + 1) * sizeof(*all->list));
	all->list[all->count] = (struct candidate) {
		.facility = facility, .facts = facility_facts_of(facility),
	};
	return &all->list[all->count++];
}

static struct candidates candidates_of(const json_t *document, const struct need *need,
				       const char *gfp)
{
	struct candidates all = { 0 };
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result) {
		const char *facility = text_of(result, "facility");
		struct candidate *candidate;

		if (!advice_fits(result, need, gfp))
			continue;
		candidate = candidate_for(&all, facility);
		if (!strcmp(text_of(result, "workload"), "pair"))
			candidate->pair = result;
		else
			candidate->batch = result;
	}
	return all;
}

/* In steps of 2 % of the object's size: nobody pays ten times the cost for less than one. */
static double memory_step(double memory, const struct need *need)
{
	return (long long)(50 * memory / need->object_size);
}

static long long page_size_of(const json_t *document)
{
	return json_integer_value(json_object_get(document_environment(document), "page_size"));
}

/* What the candidate is ranked by, in each boot. */
static void measure(struct candidate *candidate, const json_t *document, const struct need *need)
{
	size_t runs = document_runs(document);
	cleanup_free double *cost = xcalloc(runs, sizeof(*cost));
	cleanup_free double *memory = xcalloc(runs, sizeof(*memory));
	cleanup_free double *key = xcalloc(runs, sizeof(*key));

	candidate->per_operation = objects_per_operation(candidate->costs);
	candidate->call = facility_call(candidate->facts, need, candidate->per_operation,
					page_size_of(document));
	candidate->clears = strstr(candidate->call, "memset(");
	candidate->apart = candidate->clears || candidate->facts->not_in_figures;
	for (size_t run = 0; run < runs; run++) {
		const json_t *costs = experiment_result(document, run, candidate->costs);
		const json_t *batch = experiment_result(document, run, candidate->batch);

		cost[run] = cost_an_object(costs, "alloc") + cost_an_object(costs, "free");
		memory[run] = memory_an_object(batch, document_environment(document));
		key[run] = need->lifetime == LIFETIME_SHORT ? cost[run] :
			   need->lifetime == LIFETIME_LONG ? memory_step(memory[run], need) :
			   cost[run] * memory[run];
	}
	candidate->cost = spread_of(cost, runs);
	candidate->memory = spread_of(memory, runs);
	candidate->key = spread_of(key, runs);
}

static const json_t *capabilities_of(const json_t *document, const char *facility)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(document_environment(document), "facilities"), i, entry)
		if (!strcmp(text_of(entry, "name"), facility))
			return json_object_get(entry, "capabilities");
	return NULL;
}

static bool has_word(const json_t *words, const char *wanted)
{
	json_t *word;
	size_t i;

	json_array_foreach(words, i, word)
		if (!strcmp(json_string_value(word), wanted))
			return true;
	return false;
}

static bool can_be_atomic(const json_t *document, const struct candidate *candidate)
{
	const json_t *capabilities = capabilities_of(document, candidate->facility);

	return capabilities ? has_word(capabilities, "atomic") : candidate->facts->may_be_atomic;
}

/* Each object was contiguous, by the frames that were found. */
static bool is_contiguous(const struct candidate *candidate, const struct need *need)
{
	const json_t *contiguity = json_object_get(candidate->batch, "contiguity");
	const json_t *objects = json_object_get(contiguity, "contiguous_objects");

	return json_is_integer(objects) && json_integer_value(objects) == need->objects;
}

/*
 * Where an object may cross a page, it may be found contiguous by chance, or where memory
 * is fresh. Up to a page none does that begins at one, nor any of kvmalloc, which is kmalloc's.
 */
static bool promises_contiguous(const json_t *document, const struct candidate *candidate,
				const struct need *need)
{
	const json_t *capabilities = capabilities_of(document, candidate->facility);
	bool within_page = !capabilities || !has_word(capabilities, "shared_frames") ||
			   !strcmp(candidate->facility, "kvmalloc");

	return !capabilities || has_word(capabilities, "contiguous") ||
	       (within_page && need->object_size <= page_size_of(document));
}

static char *not_measured(const json_t *result, const char *workload)
{
	if (!result)
		return xasprintf("the results have no %s of it", workload);
	if (!strcmp(text_of(result, "status"), "ok"))
		return NULL;
	return xasprintf("%s", *text_of(result, "reason") ? text_of(result, "reason") :
							   text_of(result, "status"));
}

/* What rules it out, to be freed, or NULL. */
static char *exclusion(const json_t *document, const struct candidate *candidate,
		       const struct need *need)
{
	char *reason;

	if (!candidate->facts)
		return xstrdup("kmemlab knows no call for it");
	if (candidate->facts->not_in_kernel)
		return xstrdup(candidate->facts->not_in_kernel);
	if (need->atomic && !can_be_atomic(document, candidate))
		return xstrdup("it may sleep");
	if (need->dma32 && !candidate->facts->dma32)
		return xstrdup("it cannot be told to stay below 4 GiB");
	reason = not_measured(candidate->pair, "pair") ?: not_measured(candidate->batch, "batch");
	if (reason)
		return reason;
	if (has_no_cost(candidate->costs))
		return xstrdup("each of its operations slept: there is no figure to rank it by");
	if (need->contiguous && !is_contiguous(candidate, need))
		return xstrdup("its objects are not contiguous");
	if (need->contiguous && !promises_contiguous(document, candidate, need))
		return xstrdup("its objects were contiguous, but nothing promises that");
	if (objects_per_operation(candidate->pair) > 1 && need->lifetime != LIFETIME_LONG)
		return xstrdup("its objects are freed together, not one by one; "
			       "--lifetime long allows that");
	return NULL;
}

static void add_reason(json_t *reasons, char *reason)
{
	json_array_append_new(reasons, json_string(reason));
	free(reason);
}

/* A p50 is a count; a mean has a fraction, which is most of it where thousands are packed. */
static struct format cost_words(const json_t *result, const char *direction)
{
	double cost = cost_an_object(result, direction);
	json_t *number = objects_per_operation(result) > 1 ? json_real(cost) : json_integer(cost);
	struct format words = format_json(number);

	json_decref(number);
	return words;
}

static void add_cost_reasons(json_t *reasons, const struct candidate *candidate, const char *unit)
{
	bool packed = candidate->per_operation > 1;

	add_reason(reasons, xasprintf("%s %s %s%s to allocate, %s to free",
				      packed ? "on average" : "p50",
				      cost_words(candidate->costs, "alloc").text, unit,
				      packed ? " an object" : "",
				      cost_words(candidate->costs, "free").text));
	if (is_always_interrupted(candidate->costs))
		add_reason(reasons, xstrdup("interrupted each time, which is in that"));
	if (packed)
		add_reason(reasons, xasprintf("one operation covers %s objects",
					      format_count(candidate->per_operation).text));
}

/* Where a part of the cost is in no figure, nothing is so many times another. */
static void add_times(json_t *reasons, const struct candidate *candidate,
		      const struct candidate *cheapest, const char *unit)
{
	double times;

	if (!cheapest || candidate->apart || !cheapest->cost.median)
		return;
	times = candidate->cost.median / cheapest->cost.median;
	if (times >= 1.05)
		add_reason(reasons,
			   xasprintf(times < 10 ? "%.1f x the %s of %s" : "%.0f x the %s of %s",
				     times, unit, cheapest->facility));
}

static struct format share_used(const struct need *need, double memory)
{
	json_t *share = memory ? json_real(need->object_size / memory) : json_null();
	struct format words = format_share(share);

	json_decref(share);
	return words;
}

static json_t *reasons_for(const struct candidate *candidate, const struct candidate *cheapest,
			   const struct need *need, const char *unit)
{
	json_t *reasons = json_array();

	if (candidate->facts->not_in_figures)
		add_reason(reasons, xasprintf("ranked apart: %s is not in the figures",
					      candidate->facts->not_in_figures));
	if (candidate->clears)
		add_reason(reasons, xstrdup("ranked apart: the memset() is not in the figures"));
	add_reason(reasons, xasprintf("%s of its memory used",
				      share_used(need, candidate->memory.median).text));
	add_cost_reasons(reasons, candidate, unit);
	add_times(reasons, candidate, cheapest, unit);
	if (!is_contiguous(candidate, need))
		add_reason(reasons, xstrdup("not contiguous"));
	if (candidate->facts->beware)
		add_reason(reasons, xstrdup(candidate->facts->beware));
	return reasons;
}

static int by_key(const void *a, const void *b)
{
	const struct candidate *first = a, *second = b;
	double left = first->key.median, right = second->key.median;

	if (first->apart != second->apart)
		return first->apart - second->apart;
	if (left == right) {
		left = first->cost.median;
		right = second->cost.median;
	}
	return (left > right) - (left < right);
}

static bool timed(const json_t *document)
{
	return strcmp(text_of(json_object_get(document_environment(document), "clock"), "unit"),
		      "instructions");
}

static bool differ(const struct spread *a, const struct spread *b, bool is_timed)
{
	return (is_timed ? difference_timed(a, b) : difference_counted(a, b)).shown;
}

/* Nothing that they are ranked by tells them apart: where it is memory, then cost does. */
static bool within_noise(const struct candidate *a, const struct candidate *b,
			 const struct need *need, bool is_timed)
{
	return a->apart == b->apart && !differ(&a->key, &b->key, is_timed) &&
	       (need->lifetime != LIFETIME_LONG || !differ(&a->cost, &b->cost, is_timed));
}

/* NULL where no cost is known in full. */
static const struct candidate *cheapest_of(const struct candidates *ranked)
{
	const struct candidate *cheapest = NULL;

	for (size_t i = 0; i < ranked->count; i++) {
		const struct candidate *candidate = &ranked->list[i];

		if (!candidate->apart &&
		    (!cheapest || candidate->cost.median < cheapest->cost.median))
			cheapest = candidate;
	}
	return cheapest;
}

static json_t *ranking_of(const json_t *document, struct candidates *ranked,
			  const struct need *need)
{
	const json_t *clock = json_object_get(document_environment(document), "clock");
	const char *unit = unit_words(text_of(clock, "unit"));
	const struct candidate *cheapest = cheapest_of(ranked);
	json_t *ranking = json_array();

	for (size_t i = 0; i < ranked->count; i++) {
		const struct candidate *candidate = &ranked->list[i];
		bool tie = i && within_noise(&ranked->list[i - 1], candidate, need,
					     timed(document));

		json_array_append_new(ranking, json_pack("{s:s, s:f, s:f, s:b, s:b, s:o, s:s}",
			"facility", candidate->facility, "cost", candidate->cost.median,
			"bytes_an_object", candidate->memory.median,
			"ranked_apart", candidate->apart, "within_noise_of_previous", tie,
			"reasons", reasons_for(candidate, cheapest, need, unit),
			"call", candidate->call));
	}
	return ranking;
}

static const char *const lifetimes[] = { "any", "short", "long" };

static json_t *need_entry(const struct need *need)
{
	return json_pack("{s:I, s:I, s:b, s:b, s:b, s:b, s:I, s:s}",
			 "object_size", (json_int_t)need->object_size,
			 "objects", (json_int_t)need->objects, "contiguous", need->contiguous,
			 "atomic", need->atomic, "dma32", need->dma32, "zeroed", need->zeroed,
			 "cpus", (json_int_t)need->cpus, "lifetime", lifetimes[need->lifetime]);
}

static const char *ranked_by(const struct need *need)
{
	switch (need->lifetime) {
	case LIFETIME_SHORT:
		return "what allocating and freeing one object costs";
	case LIFETIME_LONG:
		return "the memory behind an object, in steps of 2 %, then by cost";
	default:
		return "cost times memory of an object; --lifetime short or long weighs only one";
	}
}

/* Pairs take what was just freed, which objects that stay do not find. */
static const char *workload_words(const struct need *need)
{
	return need->lifetime == LIFETIME_LONG ? "batch: all objects are there together" :
						 "pair: each object is freed before the next";
}

/* What to know of a ranking, where there is one. */
static json_t *notes_for(const json_t *document, const struct need *need, const char *gfp,
			 size_t ranked)
{
	json_t *notes = json_array();

	if (!ranked)
		return notes;
	add_reason(notes, xasprintf("Ranked by %s.", ranked_by(need)));
	add_reason(notes, xasprintf("Costs are of the workload %s.", workload_words(need)));
	if (!timed(document))
		add_reason(notes, xstrdup("Costs are instructions executed; caches are not "
					  "modelled, and a count is not a time."));
	if (document_runs(document) < 2)
		add_reason(notes, xstrdup("One boot: how far another layout of memory moves this "
					  "is not known; --layouts 3 tells."));
	if (need->cpus > 1)
		add_reason(notes, xasprintf("Measured on one CPU: how these share locks among %u "
					    "is not in the figures.", need->cpus));
	if (need->dma32 || strcmp(gfp, need_gfp(need)))
		add_reason(notes, xasprintf("Measured with gfp %s; the calls say what is needed.",
					    gfp));
	if (need->zeroed && strcmp(gfp, "zeroed"))
		add_reason(notes, xasprintf("Clearing is in figures of gfp %s only where the kernel "
					    "clears all that it gives; a memset() is in none.", gfp));
	return notes;
}

static json_t *advise(const json_t *document, const struct need *need, const char *gfp,
		      struct candidates *all)
{
	const json_t *environment = document_environment(document);
	const json_t *kernel = json_object_get(environment, "kernel");
	const json_t *clock = json_object_get(environment, "clock");
	struct candidates ranked = { xcalloc(all->count, sizeof(*all->list)), 0 };
	json_t *excluded = json_array(), *advice;

	for (size_t i = 0; i < all->count; i++) {
		struct candidate *candidate = &all->list[i];
		cleanup_free char *reason = NULL;

		candidate->costs = need->lifetime == LIFETIME_LONG ? candidate->batch :
								     candidate->pair;
		reason = exclusion(document, candidate, need);
		if (reason) {
			json_array_append_new(excluded,
					      json_pack("{s:s, s:s}", "facility",
							candidate->facility, "reason", reason));
			continue;
		}
		measure(candidate, document, need);
		ranked.list[ranked.count++] = *candidate;
	}
	qsort(ranked.list, ranked.count, sizeof(*ranked.list), by_key);
	advice = json_pack("{s:s, s:o, s:O, s:O, s:o, s:o, s:o}", "schema", ADVICE_SCHEMA,
			   "need", need_entry(need),
			   "kernel", json_object_get(kernel, "release"),
			   "clock_unit", json_object_get(clock, "unit"),
			   "ranking", ranked.count ? ranking_of(document, &ranked, need) :
						     json_array(),
			   "excluded", excluded, "notes", notes_for(document, need, gfp, ranked.count));
	for (size_t i = 0; i < ranked.count; i++)
		free(ranked.list[i].call);
	free(ranked.list);
	return advice;
}

json_t *advice_build(const json_t *document, const struct need *need, char **error)
{
	const char *gfp = need_gfp(need);
	struct candidates all = candidates_of(document, need, gfp);
	json_t *advice = NULL;

	*error = NULL;
	if (!all.count) {
		gfp = "kernel";
		all = candidates_of(document, need, gfp);
	}
	if (all.count)
		advice = advise(document, need, gfp, &all);
	else
		*error = advice_no_fit(document, need);
	free(all.list);
	return advice;
}
