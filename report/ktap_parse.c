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
};

struct ktap_parser {
	json_t *tests;
	struct level levels[DEPTH_MAX + 1];
	bool started;		/* a header was seen */
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

static char *full_name(const struct ktap_parser *parser, size_t depth, const char *name)
{
	char *full = xstrdup(name);

	for (size_t i = depth + 1; i-- > 0;) {
		char *longer;

		if (!parser->levels[i].subtest)
			continue;
		longer = xasprintf("%s.%s", parser->levels[i].subtest, full);
		free(full);
		full = longer;
	}
	return full;
}

static void set_subtest(struct level *level, const char *name)
{
	free(level->subtest);
	*level = (struct level) { .subtest = name ? xstrdup(name) : NULL };
}

/* Add the result "ok 1 - name # SKIP reason", whose number is at text. */
static void add_result(struct ktap_parser *parser, size_t depth, const char *text, bool failed)
{
	struct level *level = &parser->levels[depth];
	struct level *below = depth < DEPTH_MAX ? &parser->levels[depth + 1] : NULL;
	cleanup_free char *name = NULL, *full = NULL;
	const char *directive, *reason;
	char *end;

	strtoul(text, &end, 10);
	if (end == text || *end != ' ')
		return;
	end += strspn(end, " ");
	end += *end == '-' ? 1 + strspn(end + 1, " ") : 0;
	directive = strstr(end, " # ");
	name = directive ? xstrndup(end, directive - end) : xstrdup(end);
	reason = directive ? after(directive, " # SKIP") : NULL;
	level->tests++;
	level->failed += failed;
	/* The tests of a suite tell its result. */
	if (below && below->tests && (!failed || below->failed)) {
		set_subtest(below, NULL);
		return;
	}
	if (below)
		set_subtest(below, NULL);
	full = full_name(parser, depth, name);
	json_array_append_new(parser->tests, json_pack("{s:s, s:s, s:s*}",
		"name", full, "status", failed ? "failed" : reason ? "skipped" : "ok",
		"reason", reason && *reason ? reason + strspn(reason, " ") : NULL));
}

static void parse_line(struct ktap_parser *parser, const char *line)
{
	size_t blanks = strspn(line, " "), depth = blanks / INDENT;
	const char *text = line + blanks, *rest;

	if (after(text, "KTAP version ") || after(text, "TAP version "))
		parser->started = true;
	if (!parser->started || depth > DEPTH_MAX)
		return;
	if ((rest = after(text, "# Subtest: ")))
		set_subtest(&parser->levels[depth], rest);
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
	for (i = 0; i <= DEPTH_MAX; i++)
		free(parser.levels[i].subtest);
	return parser.tests;
}
