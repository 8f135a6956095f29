// SPDX-License-Identifier: GPL-2.0-or-later
#include "ktap_parse.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

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
static const char *message(const char *line)
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
		parse_line(&parser, message(json_string_value(line)));
	end_levels(&parser, 0);
	return parser.tests;
}
