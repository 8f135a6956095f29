// SPDX-License-Identifier: GPL-2.0-or-later
/* The exercise: pages, order and values as they are against what is right. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "cli/check_verdict.h"

#define OBJECT_BYTES	32
#define ELEMENTS	8

static unsigned int order_of(unsigned long long pages)
{
	unsigned int order = 0;

	while (1ULL << order < pages)
		order++;
	return order;
}

static unsigned long long pages_needed(const json_t *record)
{
	unsigned long long per_page = json_int(record, "page_bytes", 4096) / OBJECT_BYTES;

	return (json_int(record, "structs", 0) + per_page - 1) / per_page;
}

void check_studio_pages(struct check_verdict *verdict, const json_t *record)
{
	unsigned long long needed = pages_needed(record);
	const char *site = json_str(record, "site", NULL);
	unsigned long long pages = json_int(record, "pages", 0), order = json_int(record, "order", 0);
	unsigned long long structs = json_int(record, "structs", 0);
	unsigned int right = order_of(needed);

	/* A thread may allocate later. */
	if (!json_int(record, "blocks", 0))
		return;
	if (!structs)
		check_finding(verdict, "too many pages", site, true,
			      "%llu page%s allocated, but no structs need none. Refuse nr_structs=0, or "
			      "load without pages.", pages, pages == 1 ? " is" : "s are");
	else if (json_int(record, "blocks", 0) == 1 && order == needed && order != right)
		check_finding(verdict, "page count as order", site, true,
			      "The allocation of order %llu took 2^%llu = %llu pages, but nr_structs=%llu "
			      "needs %llu. The second argument of alloc_pages() is the order: %u, as "
			      "get_order() returns it for the bytes.", order, order, pages, structs,
			      needed, right);
	else if (pages < needed)
		check_finding(verdict, "too few pages", site, true,
			      "%llu page%s allocated, but %llu structs of %d bytes need %llu. A page that "
			      "is only partly used counts as well: DIV_ROUND_UP(structs, structs per page).",
			      pages, pages == 1 ? " is" : "s are", structs, OBJECT_BYTES, needed);
	else if (pages > 1ULL << right)
		check_finding(verdict, "too many pages", site, true,
			      "%llu pages are allocated, but %llu structs of %d bytes need %llu, which "
			      "order %u holds.", pages, structs, OBJECT_BYTES, needed, right);
}

static void check_values(struct check_verdict *verdict, const json_t *record)
{
	long long index = json_int(record, "wrong_index", 0), wrong = json_int(record, "wrong", 0);
	long long per_page = json_int(record, "page_bytes", 4096) / OBJECT_BYTES;
	long long object = index / ELEMENTS;

	if (json_flag(record, "pfn_as_address"))
		check_finding(verdict, "frame number as address", NULL, false,
			      "The pages that the module allocated do not hold the values: they lie at "
			      "physical address PFN. A frame's address is PFN * page size, PFN_PHYS(pfn); "
			      "__va() takes a physical address.");
	else if (wrong)
		check_finding(verdict, "wrong values", NULL, false,
			      "%lld of %lld elements are wrong in memory, whatever the module's own check "
			      "says. Element %lld of struct %lld on page %lld (PFN %s, offset %lld) is "
			      "%lld, not (%lld * %lld + %lld) * 8 + %lld = %lld.", wrong,
			      json_int(record, "right", 0) + wrong, index % ELEMENTS, object % per_page,
			      object / per_page, json_str(record, "wrong_pfn", "?"),
			      json_int(record, "wrong_offset", 0), json_int(record, "found", 0),
			      object / per_page, per_page, object % per_page, index % ELEMENTS, index);
}

bool check_studio_seen(const struct check_verdict *verdict, const char *values)
{
	const char *current = "";
	const json_t *record;
	size_t i;

	json_array_foreach(verdict->records, i, record) {
		const char *kind = json_str(record, "record", "");

		if (!strcmp(kind, "cycle"))
			current = json_str(record, "values", "");
		else if (!strcmp(kind, "studio") && json_int(record, "blocks", 0) &&
			 (!values || !strcmp(current, values)))
			return true;
	}
	return false;
}

/*
 * Judge a load without pages. A trace can lack events, on a busy host or with a busy thread: a module
 * that has pages in another load has allocated them here, too.
 */
static void check_no_pages(struct check_verdict *verdict, const json_t *record)
{
	if (check_studio_seen(verdict, verdict->values))
		return;
	if (verdict->busy || check_studio_seen(verdict, NULL))
		check_unchecked(verdict, "the pages were not checked: the module's allocations could "
				"not be followed in one load");
	else
		check_finding(verdict, "no pages", NULL, false,
			      "%lld structs need %llu pages, but the module holds none from the page "
			      "allocator while it is loaded.", json_int(record, "structs", 0),
			      pages_needed(record));
}

void check_studio(struct check_verdict *verdict, const json_t *record)
{
	unsigned long long structs = json_int(record, "structs", 0);
	long long beyond = json_int(record, "beyond", 0);

	verdict->seen_studio = true;
	/* The module may load without its structs if there is too little memory for them. */
	if (!structs || check_must_refuse(verdict))
		return;
	verdict->has_studio = true;
	if (!json_int(record, "blocks", 0)) {
		check_no_pages(verdict, record);
		return;
	}
	check_studio_pages(verdict, record);
	if (!json_flag(record, "readable")) {
		check_unchecked(verdict, "the values were not checked: the guest cannot read the pages");
		return;
	}
	check_values(verdict, record);
	if (beyond)
		check_finding(verdict, "writes beyond the last struct", NULL, false,
			      "%lld element%s behind the last struct %s written as well, of number %llu %s. "
			      "The first number is 0: a loop over structs ends before nr_structs, and one "
			      "over elements before %d.", beyond, beyond == 1 ? "" : "s",
			      beyond == 1 ? "was" : "were", structs,
			      json_flag(record, "beyond_pages") ? "in a page that the module does not own" :
			      "in the unused end of the page", ELEMENTS);
}

/* Find the number behind a word ("order 4", "page size: 4096"), or before it. -1: none. */
static long long figure(const char *text, const char *word, bool before)
{
	const char *found = strcasestr(text, word), *digit;

	if (!found)
		return -1;
	if (before) {
		for (digit = found; digit > text && isspace((unsigned char)digit[-1]); digit--)
			;
		if (digit == text || !isdigit((unsigned char)digit[-1]))
			return -1;
		while (digit > text && isdigit((unsigned char)digit[-1]))
			digit--;
		return atoll(digit);
	}
	digit = found + strlen(word);
	digit += strspn(digit, " =:\t");
	return isdigit((unsigned char)*digit) ? atoll(digit) : -1;
}

/* Return the record of the exercise in the same load, or NULL. */
static const json_t *studio_of(const json_t *records, size_t index)
{
	size_t count = json_array_size(records);

	for (size_t i = index; i < count; i++) {
		const json_t *record = json_array_get(records, i);

		if (json_is(record, "record", "studio"))
			return record;
		if (json_is(record, "record", "cycle"))
			return NULL;
	}
	return NULL;
}

static void check_figure(struct check_verdict *verdict, const char *name, long long logged,
			 long long right)
{
	if (logged >= 0 && logged != right) {
		cleanup_free char *title = xasprintf("%s logged wrong", name);

		check_finding(verdict, title, NULL, false, "The module logs %s %lld, right is %lld.",
			      name, logged, right);
	}
}

void check_studio_log(struct check_verdict *verdict, const json_t *record, const json_t *records,
		      size_t index)
{
	const json_t *studio = studio_of(records, index);
	const char *text = json_str(record, "text", "");
	long long page_bytes, per_page, needed, structs, objects, pages;

	if (json_is(record, "phase", "unload"))
		verdict->logged_at_unload = true;
	if (!studio || json_flag(record, "warning") || !json_is(record, "phase", "load"))
		return;
	structs = json_int(studio, "structs", 0);
	page_bytes = json_int(studio, "page_bytes", 4096);
	per_page = page_bytes / OBJECT_BYTES;
	needed = pages_needed(studio);
	objects = figure(text, "objects per page", true);
	if (objects < 0)
		objects = figure(text, "objects per page", false);
	pages = figure(text, " pages", true);
	check_figure(verdict, "page size", figure(text, "page size", false), page_bytes);
	check_figure(verdict, "objects per page", objects, per_page);
	if (!structs)
		return;
	/* Pages that are needed, or those that the order allocates */
	if (pages != 1LL << order_of(needed))
		check_figure(verdict, "number of pages", pages, needed);
	if (pages >= 0)
		check_figure(verdict, "order", figure(text, "order", false), order_of(needed));
}
