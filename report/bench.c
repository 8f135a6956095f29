// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"

#include <string.h>

#include "base/json_path.h"
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
