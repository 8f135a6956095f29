// SPDX-License-Identifier: GPL-2.0-or-later
/* Documents of translate and map, built from records: golden files of JSON and of text. */
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
	.kernel_sha256 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
	.module_sha256 = "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
	.guest_sha256 = "a4e624d686e03ed2767c0abd85c14426b0b1157d2ce81d27bb4fe4f6f01d688a",
	.command = "./lab translate 0xffffffff81000000",
	.date = "2026-01-02T03:04:05Z",
	.kmemlab_version = "0.1",
	.qemu_version = "7.2.22",
	.boot_s = 2.25,
	.total_s = 3.5,
};

static json_t *read_document(const char *name,
			     json_t *(*build)(const char *, size_t, const struct run_facts *,
					      char **))
{
	cleanup_free char *path = xasprintf("tests/golden/%s.records", name);
	size_t bytes;
	cleanup_free char *records = file_read(path, &bytes);
	char *error = NULL;
	json_t *document;

	assert_non_null(records);
	document = build(records, bytes, &facts, &error);
	if (!document)
		fail_msg("%s: %s", path, error);
	return document;
}

static void print_all_lookups(const json_t *document, FILE *out)
{
	translation_print(document, true, out);
}

static void print_lookups(const json_t *document, FILE *out)
{
	translation_print(document, false, out);
}

static void print_maps(const json_t *document, FILE *out)
{
	map_print(document, false, out);
}

/* One address that all routes agree on, one that a route contradicts, one that is not mapped. */
static void test_translation(void **state)
{
	json_t *document = read_document("translation", translation_document);

	(void)state;
	golden_check("translation.json", report_json, document);
	golden_check("translation.text", print_all_lookups, document);
	assert_int_equal(translation_disagreements(document), 1);
	json_decref(document);
}

/* Append an object of 32 bytes; 128 of them share a frame. */
static void add_small_object(json_t *lookups, long long object)
{
	json_t *lookup = json_deep_copy(json_array_get(lookups, 0));
	cleanup_free char *address = xasprintf("0xffff8880075d%04llx", object * 32);

	json_object_set_new(json_object_get(lookup, "input"), "object", json_integer(object));
	json_object_set_new(lookup, "address", json_string(address));
	json_object_set_new(lookup, "pfn", json_integer(30044 + object / 128));
	json_array_append_new(lookups, lookup);
}

/* Objects as a table, a check of their mapping that fails, and a skipped facility. */
static void test_objects(void **state)
{
	json_t *document = read_document("objects", translation_document);
	json_t *lookups = json_object_get(document, "lookups");

	(void)state;
	for (long long object = 1; object <= 200; object++)
		add_small_object(lookups, object);
	golden_check("objects.text", print_lookups, document);
	json_decref(document);
}

/* Fragmented memory with objects and without them: picture, statistics, differences. */
static void test_map(void **state)
{
	json_t *document = read_document("map", map_document);

	(void)state;
	golden_check("map.json", report_json, document);
	golden_check("map.text", print_maps, document);
	json_decref(document);
}

/* Change the first text in a golden file's first record, and return the error. */
static char *error_with(const char *name, const char *from, const char *to,
			json_t *(*build)(const char *, size_t, const struct run_facts *, char **))
{
	cleanup_free char *path = xasprintf("tests/golden/%s.records", name);
	cleanup_free char *records = file_read(path, &(size_t) { 0 });
	cleanup_free char *changed = NULL;
	char *at = strstr(records, from), *error = NULL;
	json_t *document;

	assert_non_null(at);
	*at = '\0';
	changed = xasprintf("%s%s%s", records, to, at + strlen(from));
	document = build(changed, strlen(changed), &facts, &error);
	json_decref(document);
	return error;
}

static void test_records_of_wrong_type(void **state)
{
	static const struct {
		const char *name, *from, *to, *error;
	} cases[] = {
		{ "translation", "[\"present\"", "[null",
		  "record line 1: field 'levels[0].flags' must be an array of strings" },
		{ "translation", "2097152", "9007199254740992",
		  "record line 1: field 'leaf_bytes' must be an integer from 0 to 9007199254740991 "
		  "or null" },
		{ "translation", "4096", "\"4096\"",
		  "record line 1: field 'pfn' must be an integer from 0 to 9007199254740991 or null" },
		{ "map", "\"held\"", "\"\\u001b[2J\"",
		  "record line 1: a string contains control characters" },
		{ "map", "4096", "0",
		  "record line 1: field 'page_size' must be an integer from 1 to 1048576" },
		{ "map", "\"DMA\"", "1", "record line 1: field 'zones' must be an array of strings" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *error = error_with(cases[i].name, cases[i].from, cases[i].to,
						      strcmp(cases[i].name, "map") ?
						      translation_document : map_document);

		assert_non_null(error);
		assert_string_equal(error, cases[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_translation),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_records_of_wrong_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
