// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_refusals.h"

#include <string.h>

#include "format.h"

/* A plan of hundreds of experiments may have as many, most of them alike. */
#define REASONS_MAX	10

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "-";
}

static long long size_of(const json_t *result)
{
	return json_integer_value(json_object_get(result, "object_size"));
}

static bool is_of(const json_t *result, const char *facility)
{
	return !strcmp(text_of(result, "facility"), facility);
}

static bool is_refused_for(const json_t *result, const char *reason)
{
	return !strcmp(text_of(result, "status"), "refused") &&
	       !strcmp(text_of(result, "reason"), reason);
}

/* What is refused for one reason, and by the same facility if @facility is not NULL. */
static bool refused_before(const json_t *results, size_t end, const char *reason,
			   const char *facility)
{
	for (size_t i = 0; i < end; i++) {
		const json_t *other = json_array_get(results, i);

		if (is_refused_for(other, reason) && (!facility || is_of(other, facility)))
			return true;
	}
	return false;
}

/* Whether the facility refuses this size for this reason, in one of the first results. */
static bool size_refused(const json_t *results, size_t end, const char *reason,
			 const char *facility, long long size)
{
	for (size_t i = 0; i < end; i++) {
		const json_t *other = json_array_get(results, i);

		if (is_refused_for(other, reason) && is_of(other, facility) &&
		    size_of(other) == size)
			return true;
	}
	return false;
}

static bool only_some_sizes(const json_t *results, const char *reason, const char *facility)
{
	const size_t count = json_array_size(results);
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
		if (is_of(result, facility) &&
		    !size_refused(results, count, reason, facility, size_of(result)))
			return true;
	return false;
}

/* " of 8, 16 bytes" */
static void print_sizes(const json_t *results, const char *reason, const char *facility, FILE *out)
{
	const char *separator = " of ";
	long long size = 0;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		if (!is_of(result, facility) || !is_refused_for(result, reason) ||
		    size_refused(results, i, reason, facility, size_of(result)))
			continue;
		size = size_of(result);
		fprintf(out, "%s%s", separator, format_count(size).text);
		separator = ", ";
	}
	fputs(size == 1 ? " byte" : " bytes", out);
}

/* Each facility once; one that the reason names needs no saying. */
static void print_refused_for(const json_t *results, const char *reason, FILE *out)
{
	const char *separator = "";
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const char *facility = text_of(result, "facility");

		if (!is_refused_for(result, reason) ||
		    reason_names(reason, facility) ||
		    refused_before(results, i, reason, facility))
			continue;
		fprintf(out, "%s%s", separator, facility);
		if (only_some_sizes(results, reason, facility))
			print_sizes(results, reason, facility, out);
		separator = ", ";
	}
	fprintf(out, "%s%s", *separator ? ": " : "", reason);
}

void refusals_print(const json_t *results, bool verbose, FILE *out)
{
	size_t reasons = 0, i;
	json_t *result;

	json_array_foreach(results, i, result) {
		const char *reason = text_of(result, "reason");

		if (strcmp(text_of(result, "status"), "refused") ||
		    refused_before(results, i, reason, NULL) || ++reasons > REASONS_MAX)
			continue;
		fputs(reasons > 1 ? "; " : "Refused: ", out);
		print_refused_for(results, reason, out);
	}
	if (reasons > REASONS_MAX)
		fprintf(out, "; and %zu more%s", reasons - REASONS_MAX,
			verbose ? ", above" : "; --verbose has them");
	if (reasons)
		fputc('\n', out);
}
