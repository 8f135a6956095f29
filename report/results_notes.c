// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines below the table: skipped, failed and ended experiments, odd statistics, summary. */
#include "results.h"

#include <math.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "document.h"
#include "format.h"
#include "metrics.h"

/* Limits on output: a plan of hundreds of experiments may have as many notes. */
#define REASONS_MAX	10
#define NOTES_MAX	5

/* Print a note if one page per copy is more than this share of the memory of per-CPU objects. */
#define FEW_SHARE	0.1

/* The loop pass also packs handles, and it finds other slabs than the timed pass. */
#define TOLERATED_SHARE	0.1
#define TOLERATED_UNITS	5

/* Change of the mean by interrupted operations that deserves a note. */
#define INTERRUPTED_SHARE	0.05

static bool is_skipped_for(const json_t *result, const char *reason)
{
	return json_is(result, "status", "skipped") &&
	       !strcmp(json_str(result, "reason", "-"), reason);
}

/* Return true if one of the first count results was skipped for reason; NULL and 0 match all. */
static bool is_listed(const json_t *results, size_t count, const char *reason,
		      const char *facility, long long size)
{
	for (size_t i = 0; i < count; i++) {
		const json_t *result = json_array_get(results, i);

		if (is_skipped_for(result, reason) &&
		    (!facility || json_is(result, "facility", facility)) &&
		    (!size || json_int(result, "object_size", 0) == size))
			return true;
	}
	return false;
}

static bool skips_some_sizes(const json_t *results, const char *reason, const char *facility)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (json_is(result, "facility", facility) &&
		    !is_listed(results, json_array_size(results), reason, facility,
			       json_int(result, "object_size", 0)))
			return true;
	return false;
}

/* Add " of 8, 16 bytes". */
static void add_sizes(struct strbuf *line, const json_t *results, const char *reason,
		      const char *facility)
{
	const char *separator = " of ";
	long long size = 0;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		if (!json_is(result, "facility", facility) || !is_skipped_for(result, reason) ||
		    is_listed(results, i, reason, facility, json_int(result, "object_size", 0)))
			continue;
		size = json_int(result, "object_size", 0);
		strbuf_addf(line, "%s%s", separator, format_count(size).text);
		separator = ", ";
	}
	strbuf_addstr(line, size == 1 ? " byte" : " bytes");
}

/* Add the reason after the facilities that gave it, unless the reason names them. */
static void add_reason(struct strbuf *line, const json_t *results, const char *reason)
{
	struct strbuf facilities = STRBUF_INIT;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const char *facility = json_str(result, "facility", "-");

		if (!is_skipped_for(result, reason) || reason_names(reason, facility) ||
		    is_listed(results, i, reason, facility, 0))
			continue;
		strbuf_separate(&facilities, ", ");
		strbuf_addstr(&facilities, facility);
		if (skips_some_sizes(results, reason, facility))
			add_sizes(&facilities, results, reason, facility);
	}
	strbuf_addf(line, "%s%s%s", facilities.text, facilities.length ? ": " : "", reason);
	strbuf_release(&facilities);
}

/* Print all reasons for skipping in one note, each reason once. */
static void print_skipped(const json_t *results, bool verbose, FILE *out)
{
	struct strbuf line = STRBUF_INIT;
	size_t reasons = 0, i, column;
	json_t *result;

	json_array_foreach(results, i, result) {
		const char *reason = json_str(result, "reason", "-");

		if (!json_is(result, "status", "skipped") ||
		    is_listed(results, i, reason, NULL, 0) || ++reasons > REASONS_MAX)
			continue;
		strbuf_separate(&line, "; ");
		add_reason(&line, results, reason);
	}
	if (reasons > REASONS_MAX)
		strbuf_addf(&line, "; and %zu more (%s)", reasons - REASONS_MAX,
			    verbose ? "see above" : "shown by --verbose");
	if (reasons) {
		column = fprintf(out, "Skipped: ");
		text_wrap(line.text, column, &column, out);
		fputc('\n', out);
	}
	strbuf_release(&line);
}

/* Print the reason of each result with this status. */
static void print_reasons(const json_t *results, const char *status, const char *label, FILE *out)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		cleanup_free char *title = experiment_short_title(result, results);
		const char *reason = json_str(result, "reason", NULL);

		if (json_is(result, "status", status) && reason) {
			cleanup_free char *line = xasprintf("%s: %s: %s", label, title, reason);

			print_outcome(line, !strcmp(status, "failed"), out);
		}
	}
}

/* Interrupts are part of only one of the two means, which explains a difference. */
static bool loop_disagrees(const json_t *direction)
{
	double clean = json_num(direction, "uninterrupted.mean", 0);
	double all = json_num(direction, "all.mean", 0);
	double loop = json_num(direction, "loop_mean", NAN);

	return !isnan(loop) && fabs(loop - clean) >
			       fabs(all - clean) + TOLERATED_SHARE * clean + TOLERATED_UNITS;
}

static void print_loop(const json_t *direction, FILE *out)
{
	fprintf(out, "mean %s in a loop, %s by samples", format_at(direction, "loop_mean").text,
		format_at(direction, "uninterrupted.mean").text);
}

/* Return true if the mean depends on what the interrupted operations cost. */
static bool interrupts_matter(const json_t *direction)
{
	double mean = json_num(direction, "mean", 0), all = json_num(direction, "mean_all", 0);

	if (!json_int(direction, "uninterrupted.samples", 0))
		return json_int(direction, "all.samples", 0);
	return all > mean * (1 + INTERRUPTED_SHARE) + TOLERATED_UNITS;
}

static void print_interrupted(const json_t *direction, FILE *out)
{
	if (!json_int(direction, "uninterrupted.samples", 0))
		fprintf(out, "every operation; mean %s including interrupts",
			format_at(direction, "mean_all").text);
	else
		fprintf(out,
			"%s of %s; mean %s without them, %s with them and interrupts",
			format_at(direction, "interrupted").text,
			format_counted(json_int(direction, "all.samples", 0), "operation").text,
			format_at(direction, "mean").text,
			format_at(direction, "mean_all").text);
}

static const struct note {
	const char *label;
	bool (*applies)(const json_t *direction);
	void (*print)(const json_t *direction, FILE *out);
	const char *explanation;	/* printed once; or NULL */
} notes[] = {
	{ "Loop", loop_disagrees, print_loop,
	  "the loop runs after the timed pass and finds other free pages and slabs" },
	{ "Interrupted", interrupts_matter, print_interrupted, NULL },
};

static void print_note(const struct note *note, const json_t *results, FILE *out)
{
	static const char *const directions[] = { "alloc", "free" };
	unsigned int count = 0;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		cleanup_free char *title = experiment_short_title(result, results);

		for (size_t d = 0; d < ARRAY_SIZE(directions); d++) {
			const json_t *direction = json_at(result, directions[d]);

			if (!note->applies(direction) || ++count > NOTES_MAX)
				continue;
			fprintf(out, "%s: %s, %s: ", note->label, title, directions[d]);
			note->print(direction, out);
			fputc('\n', out);
		}
	}
	if (count > NOTES_MAX)
		fprintf(out, "%s: %u more (shown by --verbose)\n", note->label, count - NOTES_MAX);
	if (count && note->explanation)
		fprintf(out, "%s: %s\n", note->label, note->explanation);
}

/*
 * Print a note for results of per-CPU objects whose memory may vary by one page per copy:
 * whether other objects share that page is random.
 */
static void print_few_objects(const json_t *results, long long page_size, FILE *out)
{
	unsigned int count = 0;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		double page = page_size * object_copies(result);
		double backing = json_num(result, "memory.backing_bytes", 0);

		if (object_copies(result) > 1 && backing && page > FEW_SHARE * backing &&
		    ++count <= NOTES_MAX) {
			cleanup_free char *title = experiment_short_title(result, results);

			fprintf(out, "Few objects: %s: %s of memory, %s more or less by chance "
				"(measure more objects)\n", title,
				format_counted(backing, "byte").text, format_count(page).text);
		}
	}
}

/* Print why allocations failed, as far as the figures of that moment prove it. */
static void print_refusals(const json_t *results, long long page_size, FILE *out)
{
	unsigned int count = 0;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		cleanup_free char *title = experiment_short_title(result, results);
		cleanup_free char *cause = refusal_text(json_at(result, "refusal"), page_size);

		if (!cause || ++count > NOTES_MAX)
			continue;
		fprintf(out, "Refused: %s: %s\n", title, cause);
	}
	if (count > NOTES_MAX)
		fprintf(out, "Refused: %u more (in the JSON document)\n", count - NOTES_MAX);
}

void print_notes(const json_t *results, long long page_size, bool verbose, FILE *out)
{
	print_skipped(results, verbose, out);
	print_reasons(results, "failed", "FAILED", out);
	print_reasons(results, "ok", "Ended", out);
	print_refusals(results, page_size, out);
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++)
		print_note(&notes[i], results, out);
	print_few_objects(results, page_size, out);
}

static void add_verified(struct summary *summary, const json_t *result)
{
	long long objects = json_int(result, "verification.objects", 0);
	size_t routes = json_array_size(json_at(result, "verification.routes"));

	if (!summary->verified || objects < summary->objects_min)
		summary->objects_min = objects;
	if (objects > summary->objects_max)
		summary->objects_max = objects;
	if (!summary->verified || routes < summary->routes_min)
		summary->routes_min = routes;
	if (routes > summary->routes_max)
		summary->routes_max = routes;
	summary->objects += objects;
	summary->objects_requested += json_int(result, "objects", 0);
	summary->verified++;
}

struct summary summarize(const json_t *document)
{
	struct summary summary = {
		.self_check_ok = json_flag(document_environment(document), "self_check.ok"),
	};
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result) {
		summary.mismatched_bytes += json_int(result, "verification.mismatched_bytes", 0);
		summary.route_mismatches += json_int(result, "verification.route_mismatches", 0);
		if (json_is(result, "status", "skipped"))
			summary.skipped++;
		else if (json_is(result, "status", "failed"))
			summary.failed++;
		else
			summary.ok++;
		if (json_is(result, "status", "ok") && json_at(result, "verification"))
			add_verified(&summary, result);
	}
	return summary;
}

static char *routes_text(const struct summary *summary)
{
	if (summary->routes_min == summary->routes_max)
		return xstrdup(format_counted(summary->routes_min, "translation route").text);
	return xasprintf("%zu to %zu translation routes", summary->routes_min, summary->routes_max);
}

static char *objects_text(const struct summary *summary)
{
	if (summary->objects < summary->objects_requested)
		return xasprintf("%s of %s", format_count(summary->objects).text,
				 format_counted(summary->objects_requested, "object").text);
	if (summary->objects_min == summary->objects_max)
		return xasprintf("%s%s", format_counted(summary->objects_max, "object").text,
				 summary->verified > 1 ? " of each experiment" : "");
	return xasprintf("%s objects of %zu experiments", format_count(summary->objects).text,
			 summary->verified);
}

char *verification_summary(const struct summary *summary)
{
	cleanup_free char *objects = objects_text(summary), *routes = routes_text(summary);
	cleanup_free char *rest = NULL;

	if (summary->mismatched_bytes || summary->route_mismatches)
		return xasprintf("FAILED: %s read back wrong, routes disagree about %s",
				 format_counted(summary->mismatched_bytes, "byte").text,
				 format_counted(summary->route_mismatches, "address").text);
	if (summary->failed)
		return xasprintf("FAILED: %s failed (see above)",
				 format_counted(summary->failed, "experiment").text);
	if (!summary->verified)
		return xstrdup("no objects to verify");
	rest = summary->ok == summary->verified ? xstrdup("") :
	       xasprintf("; %s without objects to verify",
			 format_counted(summary->ok - summary->verified, "experiment").text);
	return xasprintf("%s via %s, 0 bytes wrong%s", objects, routes, rest);
}
