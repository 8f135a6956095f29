// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The field tables of docs/results.md are those of runner/record_fields.h. With KMEMLAB_GOLDEN
 * set, update the document instead of comparing ("make docs/results.md").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "runner/record_fields.h"

#define DOCUMENT	"docs/results.md"
#define BEGIN		"<!-- fields: "
#define END		"<!-- end of fields -->"

/* Add one row per field. Groups without a description are expanded in place. */
static void add_rows(struct strbuf *text, const struct field *fields, const char *prefix,
		     const char *null_if)
{
	for (const struct field *field = fields; field->name; field++) {
		const char *list = field->type == FIELD_GROUPS ? "[]" : "";
		cleanup_free char *path = xasprintf("%s%s%s", prefix, field->name, list);
		cleanup_free char *member_prefix = xasprintf("%s.", path);

		if (field->members && !field->doc)
			add_rows(text, field->members, member_prefix, field->null_if ?: null_if);
		else
			strbuf_addf(text, "| `%s` |%s%s | %s | %s |\n", path, field->unit ? " " : "",
				    field->unit ?: "", field->doc, field->null_if ?: null_if);
	}
}

/* Find the members of a group by its path: "environment", "results.tail.alloc". */
static const struct field *find_members(const char *path)
{
	cleanup_free char *copy = xstrdup(path);
	char *rest = copy, *name = strsep(&rest, ".");
	const struct field *fields = !strcmp(name, "results") ? result_fields : environment_fields;

	while ((name = strsep(&rest, "."))) {
		while (fields->name && strcmp(fields->name, name))
			fields++;
		if (!fields->members)
			fail_msg("no group of fields '%s'", path);
		fields = fields->members;
	}
	return fields;
}

/* Return the document with all tables generated. */
static char *generate_document(const char *document)
{
	struct strbuf text = STRBUF_INIT;
	const char *begin;

	while ((begin = strstr(document, BEGIN))) {
		const char *path = begin + strlen(BEGIN), *path_end = strstr(path, " -->\n");
		const char *end = strstr(path, END);
		cleanup_free char *name = NULL;

		if (!path_end || !end)
			fail_msg("a table in " DOCUMENT " has no end");
		name = strndup(path, path_end - path);
		strbuf_add(&text, document, path_end + strlen(" -->\n") - document);
		strbuf_addstr(&text, "| field | unit | meaning | null |\n|---|---|---|---|\n");
		add_rows(&text, find_members(name), "", "never");
		document = end;
		strbuf_addstr(&text, END);
		document += strlen(END);
	}
	strbuf_addstr(&text, document);
	return strbuf_detach(&text);
}

static void test_field_tables(void **state)
{
	size_t bytes;
	cleanup_free char *document = file_read(DOCUMENT, &bytes);
	cleanup_free char *expected = NULL;

	(void)state;
	assert_non_null(document);
	expected = generate_document(document);
	if (getenv("KMEMLAB_GOLDEN") && *getenv("KMEMLAB_GOLDEN"))
		assert_int_equal(file_write(DOCUMENT, expected, strlen(expected)), 0);
	else if (strcmp(document, expected))
		fail_msg(DOCUMENT " is outdated: run 'make docs/results.md'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
