// SPDX-License-Identifier: GPL-2.0-or-later
#include "translation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "format.h"
#include "lib/parse_number.h"
#include "table.h"

#define FULL_MAX	4	/* more lookups are printed as a table */
#define ROWS_MAX	40

#define COUNT(field_name)	{ .name = field_name, .type = FIELD_COUNT }
#define TEXT(field_name)	{ .name = field_name, .type = FIELD_TEXT }
#define UNLESS(field_name, kind)	{ .name = field_name, .type = kind, .null_if = "" }

static const struct field level_fields[] = {
	TEXT("name"), TEXT("table_phys"), COUNT("index"), TEXT("entry_phys"), TEXT("raw"),
	TEXT("kind"), { .name = "flags", .type = FIELD_TEXTS }, { 0 }
};

static const struct field route_fields[] = {
	TEXT("name"), UNLESS("pfn", FIELD_COUNT), { 0 }
};

static const struct field alias_fields[] = {
	TEXT("region"), TEXT("address"), { 0 }
};

static const struct field lookup_fields[] = {
	{ .name = "input", .type = FIELD_FREE }, UNLESS("address", FIELD_TEXT), TEXT("status"),
	{ .name = "levels", .type = FIELD_GROUPS, .members = level_fields },
	UNLESS("reason", FIELD_TEXT), UNLESS("permissions", FIELD_TEXT),
	UNLESS("leaf_bytes", FIELD_COUNT), UNLESS("contiguous_bytes", FIELD_COUNT),
	UNLESS("pfn", FIELD_COUNT), UNLESS("phys", FIELD_TEXT), UNLESS("page", FIELD_FREE),
	{ .name = "routes", .type = FIELD_GROUPS, .members = route_fields },
	UNLESS("agree", FIELD_FLAG),
	{ .name = "aliases", .type = FIELD_GROUPS, .members = alias_fields, .null_if = "" },
	{ 0 }
};

static const struct field translation_fields[] = {
	TEXT("space"), TEXT("format"), COUNT("format_levels"), COUNT("address_bits"),
	COUNT("requested"), COUNT("ok"), COUNT("route_mismatches"), COUNT("ticks"), { 0 }
};

static const struct field mmap_check_fields[] = {
	COUNT("pages"), COUNT("pfn_mismatches"), COUNT("kpageflags_mismatches"),
	COUNT("not_zeroed_words"), COUNT("kernel_read_wrong_words"),
	COUNT("process_read_wrong_words"), { .name = "agree", .type = FIELD_FLAG }, { 0 }
};

const struct field translation_document_fields[] = {
	{ .name = "schema", .type = FIELD_TEXT,
	  .choices = (const char *const[]) { TRANSLATION_SCHEMA, NULL } },
	{ .name = "environment", .type = FIELD_GROUP, .members = environment_fields },
	{ .name = "translations", .type = FIELD_GROUPS, .members = translation_fields },
	{ .name = "lookups", .type = FIELD_GROUPS, .members = lookup_fields },
	{ .name = "mmap_check", .type = FIELD_GROUPS, .members = mmap_check_fields },
	{ .name = "skipped", .type = FIELD_GROUPS, .members = skipped_fields },
	{ 0 }
};

json_t *translation_document(const char *records, size_t bytes, const struct run_facts *facts,
			     char **error)
{
	static const struct record_kind kinds[] = {
		{ "lookup", lookup_fields }, { "translation", translation_fields },
		{ "mmap_check", mmap_check_fields }, { "skipped", skipped_fields }, { NULL, NULL }
	};
	json_t *collected = document_collect(records, bytes, facts, kinds, error);
	json_t *document;

	if (!collected)
		return NULL;
	document = json_pack("{s:s, s:O, s:O, s:O, s:O, s:O}", "schema", TRANSLATION_SCHEMA,
			     "environment", json_object_get(collected, "environment"),
			     "translations", json_object_get(collected, "translation"),
			     "lookups", json_object_get(collected, "lookup"),
			     "mmap_check", json_object_get(collected, "mmap_check"),
			     "skipped", json_object_get(collected, "skipped"));
	json_decref(collected);
	return document;
}

/* Return true if the routes disagree; "agree" is null without a route. */
static bool routes_disagree(const json_t *lookup)
{
	return json_is_false(json_at(lookup, "agree"));
}

size_t translation_disagreements(const json_t *document)
{
	json_t *lookup, *check;
	size_t i, count = 0;

	json_array_foreach(json_at(document, "lookups"), i, lookup)
		count += routes_disagree(lookup);
	json_array_foreach(json_at(document, "mmap_check"), i, check)
		count += !json_flag(check, "agree");
	return count;
}

size_t translation_invalid(const json_t *document)
{
	json_t *lookup;
	size_t i, count = 0;

	json_array_foreach(json_at(document, "lookups"), i, lookup)
		/* Registers of a device that the kernel has mapped were found. */
		count += json_is(lookup, "status", "no_address") &&
			 !json_array_size(json_at(lookup, "aliases"));
	return count;
}

/* Return "walk, pagemap": a member of each entry, or the entries if member is NULL. */
static char *join_names(const json_t *entries, const char *member, const char *separator)
{
	struct strbuf names = STRBUF_INIT;
	json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry) {
		strbuf_separate(&names, separator);
		strbuf_addstr(&names, member ? json_str(entry, member, "-") :
					       json_string_value(entry));
	}
	return strbuf_detach(&names);
}

static bool is_physical(const json_t *lookup)
{
	return json_is(lookup, "input.space", "phys") || json_is(lookup, "input.space", "pfn");
}

static void print_input(const json_t *lookup, FILE *out)
{
	const json_t *input = json_at(lookup, "input");
	const char *address = json_str(input, "address", "-");
	long long pid = json_int(input, "pid", 0);

	if (json_is(lookup, "input.space", "objects"))
		fprintf(out, "object %lld of %s, page %lld, at %s\n", json_int(input, "object", 0),
			json_str(input, "facility", "-"), json_int(input, "page", 0),
			json_str(lookup, "address", "-"));
	else if (json_is(lookup, "input.space", "process") && pid)
		fprintf(out, "address %s of process %lld\n", address, pid);
	else if (json_is(lookup, "input.space", "process"))
		fprintf(out, "address %s of the calling process\n", address);
	else if (json_is(lookup, "input.space", "kernel"))
		fprintf(out, "kernel address %s\n", address);
	else
		fprintf(out, "physical address %s, PFN %lld\n", address,
			json_int(lookup, "pfn", 0));
}

/* Build the table of the page-table levels that were walked. */
static struct table levels_table(const json_t *levels)
{
	struct table table = { 0 };
	json_t *level;
	size_t i;

	table_columns(&table, "<level|<table|>index|<entry|<value|<kind");
	json_array_foreach(levels, i, level) {
		cleanup_free char *flags = join_names(json_at(level, "flags"), NULL, " ");

		table_cell(&table, json_str(level, "name", "-"));
		table_cell(&table, json_str(level, "table_phys", "-"));
		table_cellf(&table, "%lld", json_int(level, "index", 0));
		table_cell(&table, json_str(level, "entry_phys", "-"));
		table_cell(&table, json_str(level, "raw", "-"));
		table_cellf(&table, "%s%s%s", json_str(level, "kind", "-"), *flags ? ": " : "",
			    flags);
	}
	return table;
}

static void print_leaf(const json_t *lookup, FILE *out)
{
	long long contiguous = json_int(lookup, "contiguous_bytes", 0);

	if (!json_at(lookup, "leaf_bytes"))
		return;
	fprintf(out, "  maps    %s, %s", format_bytes(json_int(lookup, "leaf_bytes", 0)).text,
		json_str(lookup, "permissions", "-"));
	if (contiguous)
		fprintf(out, ", part of %s of contiguous entries", format_bytes(contiguous).text);
	fputc('\n', out);
}

static void print_routes(const json_t *lookup, FILE *out)
{
	const json_t *routes = json_at(lookup, "routes");
	cleanup_free char *names = join_names(routes, "name", ", ");
	json_t *route;
	size_t i;

	if (!json_array_size(routes))
		return;
	if (json_flag(lookup, "agree")) {
		fprintf(out, "  routes  %zu agree: %s\n", json_array_size(routes), names);
		return;
	}
	fputs("  routes  DISAGREE:", out);
	json_array_foreach(routes, i, route)
		fprintf(out, "%s %s: PFN %s", i ? "," : "", json_str(route, "name", "-"),
			json_at(route, "pfn") ? format_at(route, "pfn").text : "none");
	fputc('\n', out);
}

static void print_aliases(const json_t *lookup, FILE *out)
{
	const json_t *aliases = json_at(lookup, "aliases");
	long long mapcount = json_int(lookup, "page.mapcount", 0);
	json_t *alias;
	size_t i;

	if (!json_is_array(aliases))
		return;
	fputs("  aliases ", out);
	json_array_foreach(aliases, i, alias)
		fprintf(out, "%s%s %s", i ? ", " : "", json_str(alias, "region", "-"),
			json_str(alias, "address", "-"));
	fputs(i ? "" : "none in the kernel's page tables except the direct map", out);
	if (mapcount > 0)
		fprintf(out, "; mapped %s by processes (their page tables are not searched)",
			format_counted(mapcount, "time").text);
	fputc('\n', out);
}

static uint64_t address_at(const json_t *object, const char *path)
{
	uint64_t address;

	return parse_address(json_str(object, path, ""), &address) ? 0 : address;
}

/* Return true if the kernel computes the address from the frame, without page tables. */
static bool is_direct(const json_t *lookup)
{
	return json_find(json_at(lookup, "routes"), "name", "direct_map");
}

/* Print how the kernel computes frame and addresses from a struct page. */
static void print_chain(const json_t *lookup, long long page_size, FILE *out)
{
	uint64_t page = address_at(lookup, "page.struct_page"), pfn = json_int(lookup, "pfn", 0);
	uint64_t phys = address_at(lookup, "phys"), address = address_at(lookup, "address");
	long long bytes = json_int(lookup, "page.struct_page_bytes", 0);
	unsigned int shift = 0;

	if (!page || bytes <= 0)
		return;
	while (page_size >> shift > 1)
		shift++;
	fprintf(out, "  chain   (struct page 0x%" PRIx64 " - 0x%" PRIx64 ") / %lld = PFN %" PRIu64
		"\n          %" PRIu64 " << %u = physical 0x%" PRIx64, page,
		page - pfn * (uint64_t)bytes, bytes, pfn, pfn, shift, pfn << shift);
	if (is_direct(lookup))
		fprintf(out, ", + 0x%" PRIx64 " = virtual 0x%" PRIx64, address - phys,
			address - phys + (pfn << shift));
	fputc('\n', out);
}

static void print_lookup(const json_t *lookup, long long page_size, FILE *out)
{
	cleanup_table struct table levels = levels_table(json_at(lookup, "levels"));

	print_input(lookup, out);
	if (levels.cell_count)
		table_text(&levels, "  ", out);
	if (json_at(lookup, "reason"))
		fprintf(out, "  %-7s %s\n", json_str(lookup, "status", "-"),
			json_str(lookup, "reason", "-"));
	print_leaf(lookup, out);
	if (json_at(lookup, "pfn"))
		fprintf(out, "  frame   PFN %lld, physical address %s\n",
			json_int(lookup, "pfn", 0), json_str(lookup, "phys", "-"));
	if (is_physical(lookup) && json_at(lookup, "address"))
		fprintf(out, "  mapped  at kernel address %s\n", json_str(lookup, "address", "-"));
	if (json_at(lookup, "pfn") && !json_at(lookup, "page"))
		fputs("  page    none: no struct page (hole or device memory)\n", out);
	print_members("page   ", json_at(lookup, "page"), out);
	print_chain(lookup, page_size, out);
	print_routes(lookup, out);
	print_aliases(lookup, out);
	fputc('\n', out);
}

static int compare_objects(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	long long order = json_int(x, "input.object", 0) - json_int(y, "input.object", 0);

	if (!order)
		order = json_int(x, "input.page", 0) - json_int(y, "input.page", 0);
	return (order > 0) - (order < 0);
}

/* Return the lookups by object and page; they were made page by page. The caller frees it. */
static json_t *sort_by_object(const json_t *lookups)
{
	json_t *sorted = json_copy((json_t *)lookups);

	json_sort(sorted, compare_objects);
	return sorted;
}

/* Return true if the lookups differ at most in their object and address. */
static bool have_same_frame(const json_t *a, const json_t *b)
{
	return json_at(a, "pfn") && json_int(a, "pfn", 0) == json_int(b, "pfn", 0) &&
	       json_int(a, "input.page", 0) == json_int(b, "input.page", 0) &&
	       json_is(a, "input.facility", json_str(b, "input.facility", "")) &&
	       json_int(a, "leaf_bytes", 0) == json_int(b, "leaf_bytes", 0) &&
	       json_is(a, "page.kind", json_str(b, "page.kind", "")) &&
	       json_equal(json_at(a, "routes"), json_at(b, "routes"));
}

/* Return the number of objects from first on, in their order, that are in one frame. */
static size_t count_in_frame(const json_t *lookups, size_t first)
{
	size_t end = first + 1;

	while (end < json_array_size(lookups) &&
	       have_same_frame(json_array_get(lookups, first), json_array_get(lookups, end)))
		end++;
	return end - first;
}

/* Add the objects of one frame: "0 to 127", their page, and their lowest to highest address. */
static void add_objects(struct table *table, const json_t *lookups, size_t first, size_t count)
{
	const json_t *lookup = json_array_get(lookups, first);
	const char *lowest = json_str(lookup, "address", "-"), *highest = lowest;
	const long long object = json_int(lookup, "input.object", 0);
	const long long last = json_int(json_array_get(lookups, first + count - 1), "input.object", 0);

	if (last > object)
		table_cellf(table, "%lld to %lld", object, last);
	else
		table_cellf(table, "%lld", object);
	table_cellf(table, "%lld", json_int(lookup, "input.page", 0));
	for (size_t i = first; i < first + count; i++) {
		const char *address = json_str(json_array_get(lookups, i), "address", "-");

		if (strcmp(address, lowest) < 0)
			lowest = address;
		if (strcmp(address, highest) > 0)
			highest = address;
	}
	if (lowest == highest)
		table_cell(table, lowest);
	else
		table_cellf(table, "%s to %s", lowest, highest);
}

/* Add what is known of the frame. A lookup without a frame has its status as last cell. */
static void add_frame(struct table *table, const json_t *lookup)
{
	const json_t *routes = json_at(lookup, "routes");
	cleanup_free char *names = join_names(routes, "name", ", ");
	long long leaf = json_int(lookup, "leaf_bytes", 0);

	if (!json_at(lookup, "pfn")) {
		for (int i = 0; i < 3; i++)
			table_cell(table, "-");
		table_cellf(table, "%s: %s", json_str(lookup, "status", "-"),
			    json_str(lookup, "reason", "-"));
		return;
	}
	table_cellf(table, "%lld", json_int(lookup, "pfn", 0));
	table_cell(table, leaf ? format_bytes(leaf).text : "-");
	table_cell(table, json_str(lookup, "page.kind", "none"));
	table_cellf(table, "%s%zu: %s", routes_disagree(lookup) ? "DISAGREE: " : "",
		    json_array_size(routes), names);
}

/* Print a table of lookups, one per row, and small objects one row per frame. */
static void print_lookups(const json_t *lookups, FILE *out)
{
	const bool objects = json_is(json_array_get(lookups, 0), "input.space", "objects");
	json_t *sorted = objects ? sort_by_object(lookups) : json_incref((json_t *)lookups);
	const size_t count = json_array_size(sorted);
	cleanup_table struct table table = { 0 };
	size_t rows = 0, i, step;

	if (objects)
		table_columns(&table, ">object|>page");
	table_columns(&table, "<address|>PFN|<leaf|<kind|<routes");
	for (i = 0; i < count && rows < ROWS_MAX; i += step, rows++) {
		const json_t *lookup = json_array_get(sorted, i);

		step = objects ? count_in_frame(sorted, i) : 1;
		if (objects)
			add_objects(&table, sorted, i, step);
		else
			table_cell(&table, json_str(lookup, "address", json_str(lookup, "phys", "-")));
		add_frame(&table, lookup);
	}
	table_text(&table, "", out);
	json_decref(sorted);
	if (i < count)
		fprintf(out, "... and %s more (shown by --verbose and --json)\n",
			format_count(count - i).text);
	fputc('\n', out);
}

static void print_mmap_check(const json_t *check, FILE *out)
{
	long long wrong_words = json_int(check, "not_zeroed_words", 0) +
				json_int(check, "kernel_read_wrong_words", 0) +
				json_int(check, "process_read_wrong_words", 0);

	fprintf(out, "mmap check of %s: %s in pagemap, %s in kpageflags, %s read through the other "
		"mapping\n", format_counted(json_int(check, "pages", 0), "page").text,
		format_counted(json_int(check, "pfn_mismatches", 0), "wrong PFN").text,
		format_counted(json_int(check, "kpageflags_mismatches", 0), "wrong kind").text,
		format_counted(wrong_words, "wrong word").text);
}

/* Sum of the translations that use the same page tables. */
struct totals {
	const json_t *first;
	unsigned long long requested, ok, disagreements, ticks;
};

static bool same_tables(const json_t *a, const json_t *b)
{
	return !strcmp(json_str(a, "format", "-"), json_str(b, "format", "-")) &&
	       json_int(a, "address_bits", 0) == json_int(b, "address_bits", 0);
}

static void print_totals(const struct totals *totals, bool counted, FILE *out)
{
	fprintf(out, "%s of %s translated (%s, %lld levels, %lld bits), %s disagree%s",
		format_count(totals->ok).text, format_count(totals->requested).text,
		json_str(totals->first, "format", "-"), json_int(totals->first, "format_levels", 0),
		json_int(totals->first, "address_bits", 0),
		format_count(totals->disagreements).text, totals->disagreements == 1 ? "s" : "");
	if (counted && totals->requested)
		fprintf(out, ", %s instructions per address",
			format_count(totals->ticks / totals->requested).text);
	fputc('\n', out);
}

static void print_all_totals(const json_t *document, FILE *out)
{
	const bool counted = json_is(document, "environment.clock.unit", "instructions");
	struct totals totals = { .first = NULL };
	json_t *translation;
	size_t i;

	json_array_foreach(json_at(document, "translations"), i, translation) {
		if (totals.first && !same_tables(totals.first, translation))
			print_totals(&totals, counted, out);
		if (!totals.first || !same_tables(totals.first, translation))
			totals = (struct totals) { .first = translation };
		totals.requested += json_int(translation, "requested", 0);
		totals.ok += json_int(translation, "ok", 0);
		totals.disagreements += json_int(translation, "route_mismatches", 0);
		totals.ticks += json_int(translation, "ticks", 0);
	}
	if (totals.first)
		print_totals(&totals, counted, out);
}

void translation_print(const json_t *document, bool verbose, FILE *out)
{
	const json_t *environment = json_at(document, "environment");
	const json_t *lookups = json_at(document, "lookups");
	json_t *entry;
	size_t i;

	fprintf(out, "Linux %s, %s, %s\n\n", json_str(environment, "kernel.release", "-"),
		json_str(environment, "kernel.arch", "-"), json_str(environment, "target", "-"));
	if (verbose || json_array_size(lookups) <= FULL_MAX) {
		json_array_foreach(lookups, i, entry)
			print_lookup(entry, json_int(environment, "page_size", 0), out);
	} else {
		print_lookups(lookups, out);
	}
	json_array_foreach(json_at(document, "mmap_check"), i, entry)
		print_mmap_check(entry, out);
	print_all_totals(document, out);
}
