// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "format.h"
#include "lib/array_size.h"
#include "table.h"
#include "test_list.h"

static void print_log(const json_t *document, FILE *out)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_at(document, "log"), i, line)
		fprintf(out, "%s\n", json_string_value(line));
	if (json_flag(document, "log_lost"))
		fprintf(out, "(more messages were overwritten in the kernel's buffer)\n");
}

static void print_tests(const json_t *document, FILE *out)
{
	const json_t *tests = json_at(document, "tests");
	cleanup_table struct table table = { 0 };
	size_t i, failed = 0, skipped = 0;
	json_t *test;

	if (!json_array_size(tests))
		return;
	table_columns(&table, "<test|<result");
	json_array_foreach(tests, i, test) {
		const char *status = json_str(test, "status", "-");

		table_cell(&table, json_str(test, "name", "-"));
		table_cell(&table, status);
		failed += !strcmp(status, "failed");
		skipped += !strcmp(status, "skipped");
	}
	fputc('\n', out);
	table_text(&table, "", out);
	fprintf(out, "%s, ", format_counted(i, "test").text);
	fprintf(out, "%zu ok, %zu skipped, %zu failed\n", i - failed - skipped, skipped, failed);
}

static void print_clock(const json_t *document, FILE *out)
{
	size_t column = 0;
	char text[512];

	snprintf(text, sizeof(text), "Unit of the module's own timing, measured in this guest: an "
		 "instruction is %.3f cycles of get_cycles() and %.3f ns of ktime_get() "
		 "(clocksource %s). These are counts of instructions, not times, while the CPU is "
		 "not idle; when it is, the clock jumps to the next timer.",
		 json_num(document, "clock.cycles_per_instruction", 0),
		 json_num(document, "clock.ns_per_instruction", 0),
		 json_str(document, "clock.source", "unknown"));
	fputc('\n', out);
	text_wrap(text, 0, &column, out);
	fputc('\n', out);
}

/* The clock counts each repetition of a string instruction, which a CPU retires once. */
static void print_strings(const json_t *document, FILE *out)
{
	const json_t *modules = json_at(document, "modules");
	json_t *module;
	size_t i;

	json_array_foreach(modules, i, module) {
		long long repeats = json_int(module, "string_repetitions", 0);
		long long ticks = json_int(module, "clock_ticks", 0);
		size_t column = 0;
		char text[512];

		if (!repeats)
			continue;
		snprintf(text, sizeof(text), "The clock counts each repetition of a string "
			 "instruction (memset(), memcpy()), which a CPU retires once. While %s was "
			 "loaded, %s of %s ticks were such repetitions, loading itself included: "
			 "the module's own timing contains at most these.",
			 json_str(module, "name", "-"), format_count(repeats).text,
			 format_count(ticks).text);
		text_wrap(text, 0, &column, out);
		fputc('\n', out);
	}
}

static void add_function(struct table *table, const json_t *function)
{
	static const char *const columns[] = {
		"calls", "inclusive.mean", "inclusive.min", "inclusive.p50", "inclusive.p90",
		"inclusive.p99", "inclusive.max", "exclusive.mean", "exclusive.p50",
		"exclusive.max", "interrupted", "switched", "calls_in_interrupts",
	};

	table_cell(table, json_str(function, "name", "-"));
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		table_cell(table, format_at(function, columns[i]).text);
}

/* Print during which time calls were counted, and its instructions. */
static void print_window(const json_t *around, bool has_tests, FILE *out)
{
	const struct format instructions = format_at(around, "instructions");
	const struct format repetitions = format_at(around, "string_repetitions");
	size_t column = 0;
	char text[640];

	if (json_flag(around, "kunit"))
		snprintf(text, sizeof(text), "Instructions of each call while init, the kernel's "
			 "notifiers for the module and KUnit's tests ran, which a notifier starts "
			 "in threads of their own. Init and all notifiers themselves executed %s, "
			 "without %s repetitions of string instructions; the threads are not in "
			 "this figure.", instructions.text, repetitions.text);
	else
		snprintf(text, sizeof(text), "Instructions of each call while init ran. Init "
			 "itself executed %s, without %s repetitions of string instructions.%s",
			 instructions.text, repetitions.text,
			 has_tests ? " Calls in KUnit's tests after init are not counted." : "");
	fputc('\n', out);
	text_wrap(text, 0, &column, out);
	fputc('\n', out);
}

/* Name the functions whose calls are counted together. */
static void print_names(const json_t *function, FILE *out)
{
	const char *name = json_str(function, "name", "-");
	json_t *alias;
	size_t i;

	json_array_foreach(json_at(function, "aliases"), i, alias)
		fprintf(out, "%s is also named %s: these calls are counted together.\n", name,
			json_string_value(alias));
	if (json_int(function, "addresses", 1) > 1)
		fprintf(out, "%s is the name of %s, whose calls are counted together.\n", name,
			format_counted(json_int(function, "addresses", 0), "function").text);
}

static void print_around(const json_t *document, FILE *out)
{
	const json_t *around = json_at(document, "around"), *function;
	cleanup_table struct table table = { 0 };
	size_t i;

	if (!around)
		return;
	table_columns(&table, "<function|>calls|>inclusive:mean|>inclusive:min|>inclusive:p50|"
		      ">inclusive:p90|>inclusive:p99|>inclusive:max|>exclusive:mean|>exclusive:p50|"
		      ">exclusive:max|>interrupted|>switched|>in interrupts");
	json_array_foreach(json_at(around, "functions"), i, function)
		add_function(&table, function);
	print_window(around, json_array_size(json_at(document, "tests")), out);
	table_text(&table, "", out);
	json_array_foreach(json_at(around, "functions"), i, function)
		print_names(function, out);
	if (json_int(around, "unfinished_calls", 0))
		fprintf(out, "%s had not returned at the end.\n",
			format_counted(json_int(around, "unfinished_calls", 0), "call").text);
	if (json_int(around, "lost_calls", 0))
		fprintf(out, "%s could not be followed.\n",
			format_counted(json_int(around, "lost_calls", 0), "call").text);
	if (json_flag(around, "limited"))
		fprintf(out, "Later calls are missing: their file reached its limit.\n");
}

void bench_text(const json_t *document, FILE *out)
{
	print_log(document, out);
	print_tests(document, out);
	print_around(document, out);
	print_clock(document, out);
	print_strings(document, out);
}

void bench_ktap(const json_t *document, FILE *out)
{
	const json_t *tests = json_at(document, "tests");
	json_t *test;
	size_t i;

	ktap_plan(json_array_size(tests), out);
	json_array_foreach(tests, i, test) {
		const char *status = json_str(test, "status", "-");

		ktap_test(i + 1, json_str(test, "name", "-"), test_outcome(status),
			  json_str(test, "reason", status), out);
	}
}

/* KTAP in the lines of a kernel log, as KUnit modules print it */
#define DEPTH_MAX	8
#define INDENT		4	/* blanks for each level */

struct level {
	char *subtest;		/* name of the test whose tests this level has, or NULL */
	size_t tests, failed;	/* on this level */
	size_t planned;		/* tests of the plan "1..N" */
	bool has_plan;
};

struct ktap_parser {
	json_t *tests;
	struct level levels[DEPTH_MAX + 1];
	bool started;		/* a header or the name of a suite was seen */
};

/* Return a line of dmesg without its time. */
static const char *without_time(const char *line)
{
	const char *end = *line == '[' ? strstr(line, "] ") : NULL;

	return end ? end + 2 : line;
}

static const char *after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) ? NULL : text + length;
}

/* Return the name of a test, or of the suite of this level for NULL. */
static char *full_name(const struct ktap_parser *parser, size_t depth, const char *name)
{
	char *full = name ? xstrdup(name) : NULL;

	for (size_t i = depth + 1; i-- > 0;) {
		char *longer;

		if (!parser->levels[i].subtest)
			continue;
		longer = full ? xasprintf("%s.%s", parser->levels[i].subtest, full) :
				xstrdup(parser->levels[i].subtest);
		free(full);
		full = longer;
	}
	return full ?: xstrdup("plan");
}

static void add_test(struct ktap_parser *parser, size_t depth, const char *name,
		     const char *status, const char *reason)
{
	cleanup_free char *full = full_name(parser, depth, name);

	json_array_append_new(parser->tests, json_pack("{s:s, s:s, s:s*}", "name", full,
						       "status", status, "reason", reason));
}

/* End a level and those below it: tests of its plan that have no result make a failure. */
static void end_levels(struct ktap_parser *parser, size_t depth)
{
	for (size_t i = DEPTH_MAX + 1; i-- > depth;) {
		struct level *level = &parser->levels[i];

		if (level->has_plan && level->tests != level->planned) {
			cleanup_free char *reason = xasprintf("%zu of %zu planned tests have a "
							      "result", level->tests,
							      level->planned);

			add_test(parser, i, NULL, "failed", reason);
		}
		free(level->subtest);
		*level = (struct level) { 0 };
	}
}

/* Add the result "ok 1 - name # SKIP reason", whose number is at text. */
static void add_result(struct ktap_parser *parser, size_t depth, const char *text, bool failed)
{
	struct level *level = &parser->levels[depth];
	struct level below = depth < DEPTH_MAX ? level[1] : (struct level) { 0 };
	cleanup_free char *name = NULL;
	const char *directive, *reason, *status = failed ? "failed" : "ok";
	char *end;

	strtoul(text, &end, 10);
	if (end == text || *end != ' ')
		return;
	end += strspn(end, " ");
	end += *end == '-' ? 1 + strspn(end + 1, " ") : 0;
	directive = strstr(end, " # ");
	name = directive ? xstrndup(end, directive - end) : xstrdup(end);
	reason = directive ? after(directive, " # SKIP") : NULL;
	end_levels(parser, depth + 1);
	level->tests++;
	level->failed += failed;
	/* The tests of a suite tell its result, and so do those that are missing. */
	if ((below.tests && (!failed || below.failed)) ||
	    (below.has_plan && below.tests != below.planned))
		return;
	if (reason && !failed)
		status = "skipped";
	add_test(parser, depth, name, status,
		 reason && *reason ? reason + strspn(reason, " ") : NULL);
}

static void begin_suite(struct ktap_parser *parser, size_t depth, const char *name)
{
	parser->started = true;
	end_levels(parser, depth);
	parser->levels[depth].subtest = xstrdup(name);
}

static void set_plan(struct level *level, const char *text)
{
	char *end;

	level->planned = strtoul(text, &end, 10);
	level->has_plan = end != text;
}

static void parse_line(struct ktap_parser *parser, const char *line)
{
	size_t blanks = strspn(line, " "), depth = blanks / INDENT;
	const char *text = line + blanks, *rest;

	if (depth > DEPTH_MAX)
		return;
	if (after(text, "KTAP version ") || after(text, "TAP version ")) {
		parser->started = true;
		end_levels(parser, depth);
	} else if ((rest = after(text, "# Subtest: "))) {
		begin_suite(parser, depth, rest);
	}
	if (!parser->started)
		return;
	if ((rest = after(text, "1..")))
		set_plan(&parser->levels[depth], rest);
	else if ((rest = after(text, "ok ")))
		add_result(parser, depth, rest, false);
	else if ((rest = after(text, "not ok ")))
		add_result(parser, depth, rest, true);
}

json_t *ktap_parse(const json_t *lines)
{
	struct ktap_parser parser = { .tests = json_array() };
	json_t *line;
	size_t i;

	json_array_foreach(lines, i, line)
		parse_line(&parser, without_time(json_string_value(line)));
	end_levels(&parser, 0);
	return parser.tests;
}
