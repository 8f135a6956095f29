// SPDX-License-Identifier: GPL-2.0-or-later
/* Distributions of costs as text, for --histogram. */
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "format.h"
#include "named_results.h"
#include "report.h"
#include "table.h"

#define ROWS_MAX	20	/* more costs than this share rows */
#define INDENT		"  "
#define COST_TITLE	"cost"
#define OPERATIONS_TITLE	"operations"
/* Columns of the longest bar. */
#define BAR_MIN		1
#define BAR_MAX		40

/* Operations whose costs are in a range. */
struct range {
	long long min, max, operations;
};

struct ranges {
	struct range *list;
	size_t count;
};

static long long element(const json_t *pair, size_t index)
{
	return json_integer_value(json_array_get(pair, index));
}

/* Group ascending costs: a range ends below its first cost times ratio. */
static struct ranges group_costs(const json_t *distribution, double ratio)
{
	struct ranges ranges = { 0 };
	json_t *pair;
	size_t i;

	json_array_foreach(distribution, i, pair) {
		const long long cost = element(pair, 0);
		struct range *last = ranges.count ? &ranges.list[ranges.count - 1] : NULL;

		if (!last || (cost > last->max && cost >= last->min * ratio)) {
			last = array_add(&ranges.list, &ranges.count);
			last->min = cost;
		}
		last->max = cost > last->max ? cost : last->max;
		last->operations += element(pair, 1);
	}
	return ranges;
}

/* Return a range for each cost, or the narrowest ranges of which there are at most ROWS_MAX. */
static struct ranges ranges_of_costs(const json_t *distribution)
{
	double step = 1.0 / 128;
	struct ranges ranges = group_costs(distribution, 1);

	for (; ranges.count > ROWS_MAX; step *= 2) {
		free(ranges.list);
		ranges = group_costs(distribution, 1 + step);
	}
	return ranges;
}

/* Without a distribution, the parts of the cost are known: the fast path and the slow ones. */
static struct ranges ranges_of_parts(const json_t *parts)
{
	struct ranges ranges = { 0 };
	json_t *part;
	size_t i;

	json_array_foreach(parts, i, part)
		if (json_at(part, "min") && json_int(part, "operations", 0))
			*array_add(&ranges.list, &ranges.count) = (struct range) {
				json_int(part, "min", 0), json_int(part, "max", 0),
				json_int(part, "operations", 0)
			};
	return ranges;
}

static long long largest(const struct ranges *ranges)
{
	long long operations = 0;

	for (size_t i = 0; i < ranges->count; i++)
		if (ranges->list[i].operations > operations)
			operations = ranges->list[i].operations;
	return operations;
}

/* Return "114" or "1,024 to 1,279"; the caller frees it. */
static char *range_text(const struct range *range)
{
	if (range->min == range->max)
		return xstrdup(format_count(range->min).text);
	return xasprintf("%s to %s", format_count(range->min).text, format_count(range->max).text);
}

/* Return the columns that the longest texts leave for bars. */
static size_t bar_width(const struct ranges *ranges, size_t columns)
{
	size_t longest = strlen(COST_TITLE), used;

	for (size_t i = 0; i < ranges->count; i++) {
		cleanup_free char *text = range_text(&ranges->list[i]);

		if (text_width(text) > longest)
			longest = text_width(text);
	}
	used = strlen(INDENT) + longest + strlen("  " OPERATIONS_TITLE "  100.0 %  ");
	return columns < used + BAR_MIN ? BAR_MIN :
	       columns > used + BAR_MAX ? BAR_MAX : columns - used;
}

static void print_ranges(const struct ranges *ranges, FILE *out)
{
	const size_t width = bar_width(ranges, terminal_width(out, LINE_WIDTH));
	const long long full = largest(ranges), sliver = full / (8 * width) + 1;
	cleanup_table struct table table = { 0 };
	double total = 0;

	for (size_t i = 0; i < ranges->count; i++)
		total += ranges->list[i].operations;
	table_columns(&table, ">" COST_TITLE "|>" OPERATIONS_TITLE "|>share|<");
	for (size_t i = 0; i < ranges->count; i++) {
		const long long operations = ranges->list[i].operations;
		cleanup_free char *text = range_text(&ranges->list[i]);

		table_cell(&table, text);
		table_cell(&table, format_count(operations).text);
		table_cell(&table, operations / total < 0.0005 ? "<0.1 %" :
			   format_share(operations / total).text);
		/* Rare costs are visible. */
		table_bar(&table, operations > sliver ? operations : sliver, full, width);
	}
	table_text(&table, INDENT, out);
}

/* Print the number of operations that are in no range, and the cost that is in none. */
static void print_rest(const json_t *costs, FILE *out)
{
	cleanup_strbuf struct strbuf text = STRBUF_INIT;
	const long long interrupted = json_int(costs, "interrupted", 0);
	const long long slept = json_int(costs, "slept", 0);

	if (interrupted)
		strbuf_addf(&text, "%lld interrupted", interrupted);
	strbuf_separate(&text, slept ? ", " : "");
	if (slept)
		strbuf_addf(&text, "%lld that slept", slept);
	if (text.length)
		fprintf(out, INDENT "Other operations: %s\n", text.text);
	if (json_num(costs, "deferred", 0) > 0)
		fprintf(out, INDENT "Deferred work: %s per object\n",
			format_at(costs, "deferred").text);
}

static void print_direction(const struct named_result *named, const char *direction, FILE *out)
{
	const json_t *costs = json_at(named->result, direction);
	const json_t *distribution = json_at(costs, "distribution");
	struct ranges ranges = distribution ? ranges_of_costs(distribution) :
					      ranges_of_parts(json_at(costs, "parts"));
	cleanup_free char *title = experiment_title(named->result);

	if (ranges.count) {
		fprintf(out, "\n%s: %s, %s per operation%s\n", title, direction,
			unit_name(json_str(named->environment, "clock.unit", "-")),
			distribution ? "" : " (no exact distribution)");
		print_ranges(&ranges, out);
		print_rest(costs, out);
	}
	free(ranges.list);
}

void report_histogram(const json_t *document, FILE *out)
{
	cleanup_named_results struct named_results results = named_results_of(document);
	size_t run = 0;

	for (size_t i = 0; i < results.count; i++) {
		const struct named_result *named = &results.list[i];

		if (named->run != run)
			fprintf(out, "\nRun %zu: Linux %s, %s\n", named->run + 1,
				json_str(named->environment, "kernel.release", "-"),
				json_str(named->environment, "kernel.arch", "-"));
		run = named->run;
		print_direction(named, "alloc", out);
		print_direction(named, "free", out);
	}
}
