// SPDX-License-Identifier: GPL-2.0-or-later
#include "translation.h"

#include <string.h>

#include "base/memory.h"
#include "format.h"

#define FULL_MAX 4	/* more answers than these make a table */
#define FRAMES_SHOWN 40

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name)) ?: "-";
}

static long long count_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static bool is_null(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return !value || json_is_null(value);
}

json_t *translation_document(const char *records, size_t bytes, const struct run_facts *facts,
			     char **error)
{
	static const char *const kinds[] = { "answer", "translation", "mapped", "refusal", NULL };
	json_t *collected = document_collect(records, bytes, facts, kinds, error);
	json_t *document;

	if (!collected)
		return NULL;
	document = json_pack("{s:s, s:O, s:O, s:O, s:O, s:O}", "schema", TRANSLATION_SCHEMA,
			     "environment", json_object_get(collected, "environment"),
			     "translations", json_object_get(collected, "translation"),
			     "answers", json_object_get(collected, "answer"),
			     "mapped", json_object_get(collected, "mapped"),
			     "refusals", json_object_get(collected, "refusal"));
	json_decref(collected);
	return document;
}

size_t translation_disagreements(const json_t *document)
{
	json_t *answer, *mapped;
	size_t i, wrong = 0;

	json_array_foreach(json_object_get(document, "answers"), i, answer)
		wrong += json_is_false(json_object_get(answer, "agree"));
	json_array_foreach(json_object_get(document, "mapped"), i, mapped)
		wrong += !json_is_true(json_object_get(mapped, "agree"));
	return wrong;
}

static void print_words(const json_t *words, const char *between, FILE *out)
{
	json_t *word;
	size_t i;

	json_array_foreach(words, i, word)
		fprintf(out, "%s%s", i ? between : "", json_string_value(word));
}

static void print_input(const json_t *answer, FILE *out)
{
	const json_t *input = json_object_get(answer, "input");
	const char *space = text_of(input, "space");

	if (!strcmp(space, "objects"))
		fprintf(out, "object %lld of %s, page %lld, at %s", count_of(input, "object"),
			text_of(input, "facility"), count_of(input, "page"),
			text_of(answer, "address"));
	else if (!strcmp(space, "process") && count_of(input, "pid"))
		fprintf(out, "address %s of process %lld", text_of(input, "address"),
			count_of(input, "pid"));
	else if (!strcmp(space, "process"))
		fprintf(out, "address %s of the process that asks", text_of(input, "address"));
	else if (!strcmp(space, "kernel"))
		fprintf(out, "kernel address %s", text_of(input, "address"));
	else
		fprintf(out, "physical address %s, page frame %lld", text_of(input, "address"),
			count_of(answer, "pfn"));
	fputc('\n', out);
}

static void print_levels(const json_t *levels, FILE *out)
{
	json_t *level;
	size_t i;

	if (!json_array_size(levels))
		return;
	fprintf(out, "  %-5s %-14s %5s  %-14s %-18s %s\n", "level", "table", "index", "entry",
		"raw", "is");
	json_array_foreach(levels, i, level) {
		const json_t *flags = json_object_get(level, "flags");

		fprintf(out, "  %-5s %-14s %5lld  %-14s %-18s %s%s", text_of(level, "name"),
			text_of(level, "table_phys"), count_of(level, "index"),
			text_of(level, "entry_phys"), text_of(level, "raw"), text_of(level, "kind"),
			json_array_size(flags) ? ": " : "");
		print_words(flags, " ", out);
		fputc('\n', out);
	}
}

static void print_leaf(const json_t *answer, FILE *out)
{
	if (is_null(answer, "leaf_bytes"))
		return;
	fprintf(out, "  maps    %s, %s", format_bytes(count_of(answer, "leaf_bytes")).text,
		text_of(answer, "permissions"));
	if (!is_null(answer, "contiguous_bytes"))
		fprintf(out, ", one of %s together",
			format_bytes(count_of(answer, "contiguous_bytes")).text);
	fputc('\n', out);
}

static void print_page(const json_t *answer, FILE *out)
{
	const json_t *page = json_object_get(answer, "page");

	if (is_null(answer, "page")) {
		if (!is_null(answer, "pfn"))
			fputs("  page    none: the frame has no struct page (a hole, or a device's memory)\n",
			      out);
		return;
	}
	fprintf(out, "  page    %s, zone %s, node %lld, %lld reference%s", text_of(page, "kind"),
		text_of(page, "zone"), count_of(page, "node"), count_of(page, "refcount"),
		count_of(page, "refcount") == 1 ? "" : "s");
	if (!is_null(page, "mapcount"))
		fprintf(out, ", mapped %lld time%s", count_of(page, "mapcount"),
			count_of(page, "mapcount") == 1 ? "" : "s");
	if (!is_null(page, "order"))
		fprintf(out, ", order %lld from frame %lld", count_of(page, "order"),
			count_of(page, "head_pfn"));
	fprintf(out, "\n  flags   %s", text_of(page, "flags_raw"));
	if (json_array_size(json_object_get(page, "flags"))) {
		fputs(" = ", out);
		print_words(json_object_get(page, "flags"), " ", out);
	}
	if (!is_null(page, "migrate_type"))
		fprintf(out, "\n  block   %s", text_of(page, "migrate_type"));
	fputc('\n', out);
}

static void print_route_names(const json_t *routes, FILE *out)
{
	json_t *route;
	size_t i;

	json_array_foreach(routes, i, route)
		fprintf(out, "%s%s", i ? ", " : "", text_of(route, "name"));
}

static void print_routes(const json_t *answer, FILE *out)
{
	const json_t *routes = json_object_get(answer, "routes");
	json_t *route;
	size_t i;

	if (!json_array_size(routes))
		return;
	if (json_is_true(json_object_get(answer, "agree"))) {
		fprintf(out, "  routes  %zu agree: ", json_array_size(routes));
		print_route_names(routes, out);
		fputc('\n', out);
		return;
	}
	fputs("  routes  DISAGREE:", out);
	json_array_foreach(routes, i, route)
		fprintf(out, "%s %s says %s", i ? "," : "", text_of(route, "name"),
			is_null(route, "pfn") ? "no frame" :
			format_json(json_object_get(route, "pfn")).text);
	fputc('\n', out);
}

static void print_aliases(const json_t *answer, FILE *out)
{
	const json_t *aliases = json_object_get(answer, "aliases");
	const long long mapped = count_of(json_object_get(answer, "page"), "mapcount");
	json_t *alias;
	size_t i;

	if (!json_is_array(aliases))
		return;
	fputs("  aliases ", out);
	json_array_foreach(aliases, i, alias)
		fprintf(out, "%s%s %s", i ? ", " : "", text_of(alias, "region"),
			text_of(alias, "address"));
	fputs(i ? "" : "none in the kernel's tables beside the direct map", out);
	if (mapped > 0)
		fprintf(out, "; mapped %lld time%s to processes, whose tables are not searched",
			mapped, mapped == 1 ? "" : "s");
	fputc('\n', out);
}

static void print_full(const json_t *answer, FILE *out)
{
	print_input(answer, out);
	print_levels(json_object_get(answer, "levels"), out);
	if (!is_null(answer, "reason"))
		fprintf(out, "  %-7s %s\n", text_of(answer, "status"), text_of(answer, "reason"));
	print_leaf(answer, out);
	if (!is_null(answer, "pfn"))
		fprintf(out, "  frame   %lld, physical address %s\n", count_of(answer, "pfn"),
			text_of(answer, "phys"));
	if (text_of(json_object_get(answer, "input"), "space")[0] == 'p' &&
	    strcmp(text_of(json_object_get(answer, "input"), "space"), "process") &&
	    !is_null(answer, "address"))
		fprintf(out, "  shown   at kernel address %s\n", text_of(answer, "address"));
	print_page(answer, out);
	print_routes(answer, out);
	print_aliases(answer, out);
	fputc('\n', out);
}

static void print_row(const json_t *answer, FILE *out)
{
	const json_t *input = json_object_get(answer, "input");
	const json_t *page = json_object_get(answer, "page");

	if (!strcmp(text_of(input, "space"), "objects"))
		fprintf(out, "%7lld %5lld  ", count_of(input, "object"), count_of(input, "page"));
	fprintf(out, "%-18s ", text_of(answer, is_null(answer, "address") ? "phys" : "address"));
	if (is_null(answer, "pfn")) {
		fprintf(out, "%s: %s\n", text_of(answer, "status"), text_of(answer, "reason"));
		return;
	}
	fprintf(out, "%10lld  %-8s %-9s", count_of(answer, "pfn"),
		is_null(answer, "leaf_bytes") ? "-" :
		format_bytes(count_of(answer, "leaf_bytes")).text,
		json_is_null(page) ? "none" : text_of(page, "kind"));
	fprintf(out, " %s%zu ", json_is_false(json_object_get(answer, "agree")) ? "DISAGREE: " : "",
		json_array_size(json_object_get(answer, "routes")));
	print_route_names(json_object_get(answer, "routes"), out);
	fputc('\n', out);
}

static void print_rows(const json_t *answers, FILE *out)
{
	const json_t *first = json_array_get(answers, 0);
	const json_t *input = json_object_get(first, "input");
	json_t *answer;
	size_t i;

	if (!strcmp(text_of(input, "space"), "objects"))
		fprintf(out, "%7s %5s  ", "object", "page");
	fprintf(out, "%-18s %10s  %-8s %-9s %s\n", "address", "frame", "leaf", "page is", "routes");
	json_array_foreach(answers, i, answer) {
		if (i >= FRAMES_SHOWN)
			break;
		print_row(answer, out);
	}
	if (json_array_size(answers) > FRAMES_SHOWN)
		fprintf(out, "... and %s more: --verbose or --json shows them all\n",
			format_count(json_array_size(answers) - FRAMES_SHOWN).text);
	fputc('\n', out);
}

static void print_mapped(const json_t *mapped, FILE *out)
{
	const long long wrong = count_of(mapped, "not_zeroed_words") +
				count_of(mapped, "kernel_read_wrong_words") +
				count_of(mapped, "process_read_wrong_words");

	fprintf(out, "%s page%s shown to the process as well: %lld of another frame by pagemap, %lld "
		"of wrong kind by kpageflags; written on each side and read on the other, "
		"%lld word%s wrong\n", format_count(count_of(mapped, "pages")).text,
		count_of(mapped, "pages") == 1 ? "" : "s", count_of(mapped, "frames_differ"),
		count_of(mapped, "kpageflags_wrong"), wrong, wrong == 1 ? "" : "s");
}

/* What questions of the same tables have in common. */
struct summary {
	const json_t *translation;	/* the first one */
	long long asked, ok, disagreements, ticks;
};

static bool is_of(const struct summary *sum, const json_t *translation)
{
	return !strcmp(text_of(sum->translation, "format"), text_of(translation, "format")) &&
	       count_of(sum->translation, "address_bits") == count_of(translation, "address_bits");
}

static void print_summary(const struct summary *sum, bool counted, FILE *out)
{
	fprintf(out, "%s of %s translated (%s, %lld levels, %lld bits), %s disagree%s",
		format_count(sum->ok).text, format_count(sum->asked).text,
		text_of(sum->translation, "format"), count_of(sum->translation, "format_levels"),
		count_of(sum->translation, "address_bits"), format_count(sum->disagreements).text,
		sum->disagreements == 1 ? "s" : "");
	if (counted && sum->asked)
		fprintf(out, ", %s instructions an address",
			format_count(sum->ticks / sum->asked).text);
	fputc('\n', out);
}

static void print_summaries(const json_t *document, FILE *out)
{
	const json_t *clock = json_object_get(json_object_get(document, "environment"), "clock");
	const bool counted = !strcmp(text_of(clock, "unit"), "instructions");
	struct summary sum = { .translation = NULL };
	json_t *translation;
	size_t i;

	json_array_foreach(json_object_get(document, "translations"), i, translation) {
		if (sum.translation && !is_of(&sum, translation))
			print_summary(&sum, counted, out);
		if (!sum.translation || !is_of(&sum, translation))
			sum = (struct summary) { .translation = translation };
		sum.asked += count_of(translation, "asked");
		sum.ok += count_of(translation, "ok");
		sum.disagreements += count_of(translation, "disagreements");
		sum.ticks += count_of(translation, "ticks");
	}
	if (sum.translation)
		print_summary(&sum, counted, out);
}

void translation_print(const json_t *document, bool verbose, FILE *out)
{
	const json_t *environment = json_object_get(document, "environment");
	const json_t *kernel = json_object_get(environment, "kernel");
	const json_t *answers = json_object_get(document, "answers");
	json_t *answer;
	size_t i;

	fprintf(out, "Linux %s, %s, %s\n\n", text_of(kernel, "release"), text_of(kernel, "arch"),
		text_of(environment, "target"));
	if (verbose || json_array_size(answers) <= FULL_MAX) {
		json_array_foreach(answers, i, answer)
			print_full(answer, out);
	} else {
		print_rows(answers, out);
	}
	json_array_foreach(json_object_get(document, "mapped"), i, answer)
		print_mapped(answer, out);
	print_summaries(document, out);
}
