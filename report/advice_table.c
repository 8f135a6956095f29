// SPDX-License-Identifier: GPL-2.0-or-later
/* Advice for people: the ranking with its reasons, what is ruled out, the call to write. */
#include "advice.h"

#include <string.h>

#include "base/memory.h"
#include "format.h"

#define COLUMNS_MAX 100

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void print_need(const json_t *advice, FILE *out)
{
	static const char *const flags[] = { "contiguous", "atomic", "dma32", "zeroed" };
	const json_t *need = json_object_get(advice, "need");

	fprintf(out, "Needed: %s objects of %s bytes",
		format_json(json_object_get(need, "objects")).text,
		format_json(json_object_get(need, "object_size")).text);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (json_is_true(json_object_get(need, flags[i])))
			fprintf(out, ", %s", flags[i]);
	if (strcmp(text_of(need, "lifetime"), "any"))
		fprintf(out, ", %s-lived", text_of(need, "lifetime"));
	fprintf(out, "; measured on Linux %s\n\n", text_of(advice, "kernel"));
}

static void print_ranked(const json_t *entry, size_t place, FILE *out)
{
	size_t column = fprintf(out, "%zu. %s:", place, text_of(entry, "facility")), i;
	const json_t *reasons = json_object_get(entry, "reasons");
	json_t *reason;

	json_array_foreach(reasons, i, reason) {
		const char *words = json_string_value(reason);

		if (column + strlen(words) + 2 > COLUMNS_MAX)
			column = fprintf(out, "\n  ") - 1;
		column += fprintf(out, " %s%s", words, i + 1 < json_array_size(reasons) ? "," : "");
	}
	fputc('\n', out);
	if (json_is_true(json_object_get(entry, "within_noise_of_previous")))
		fprintf(out, "   (no difference to the one above is shown)\n");
}

static void print_call(const json_t *entry, FILE *out)
{
	cleanup_free char *call = xstrdup(text_of(entry, "call"));

	fprintf(out, "\nWrite, for %s:\n", text_of(entry, "facility"));
	for (char *line = strtok(call, "\n"); line; line = strtok(NULL, "\n"))
		fprintf(out, "\t%s\n", line);
}

static void print_excluded(const json_t *entry, FILE *out)
{
	cleanup_free char *refusal = refusal_of(entry);

	fprintf(out, "Ruled out: %s\n", refusal);
}

static void print_lines(const json_t *advice, FILE *out)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(advice, "excluded"), i, entry) {
		if (!i)
			fputc('\n', out);
		print_excluded(entry, out);
	}
	json_array_foreach(json_object_get(advice, "notes"), i, entry)
		fprintf(out, "%s%s\n", i ? "" : "\n", json_string_value(entry));
}

void advice_table(const json_t *advice, FILE *out)
{
	const json_t *ranking = json_object_get(advice, "ranking");
	json_t *entry;
	size_t i;

	print_need(advice, out);
	json_array_foreach(ranking, i, entry)
		print_ranked(entry, i + 1, out);
	if (json_array_size(ranking))
		print_call(json_array_get(ranking, 0), out);
	else
		fputs("No facility that was measured can give this.\n", out);
	print_lines(advice, out);
}
