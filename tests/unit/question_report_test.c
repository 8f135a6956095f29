// SPDX-License-Identifier: GPL-2.0-or-later
/* Reports of translate and map: tests/golden/NAME.records makes exactly NAME.json and .text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/map.h"
#include "report/report.h"
#include "report/translation.h"
#include "tests/unit/golden.h"

static const struct run_facts facts = {
	.target = "vm",
	.accelerator = "tcg",
	.input_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	.command = "./lab translate 0xffffffff81000000",
	.date = "2026-01-02T03:04:05Z",
	.kmemlab_version = "0.1",
	.qemu_version = "7.2.22",
	.boot_s = 2.25,
	.total_s = 3.5,
};

/* Built, written as JSON, and shown: with @verbose as the command would. */
static void check(const char *name, bool verbose,
		  json_t *(*build)(const char *, size_t, const struct run_facts *, char **),
		  void (*print)(const json_t *, bool, FILE *))
{
	cleanup_free char *path = xasprintf("tests/golden/%s.records", name);
	size_t bytes, length;
	cleanup_free char *records = file_read(path, &bytes);
	cleanup_free char *json = NULL, *text = NULL;
	char *error = NULL;
	json_t *document;
	FILE *out;

	assert_non_null(records);
	document = build(records, bytes, &facts, &error);
	if (!document)
		fail_msg("%s: %s", path, error);
	out = open_memstream(&json, &length);
	report_json(document, out);
	fclose(out);
	golden_check(name, "json", json);
	out = open_memstream(&text, &length);
	print(document, verbose, out);
	fclose(out);
	golden_check(name, "text", text);
	json_decref(document);
}

/* One that all agree on, one that a route contradicts, one that is not there. */
static void test_translation(void **state)
{
	(void)state;
	check("translation", true, translation_document, translation_print);
}

/* A table, its summary, a set shown to a process that reads wrong, and a refusal. */
static void test_objects(void **state)
{
	(void)state;
	check("objects", false, translation_document, translation_print);
}

/* Before, held and after, of aged memory: the picture in letters, figures and differences. */
static void test_map(void **state)
{
	(void)state;
	check("map", false, map_document, map_print);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_translation),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
