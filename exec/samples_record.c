// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "record_writer.h"
#include "records.h"

#define MODULE_TEXT	"/sys/module/kernel_memory/sections/.text"
#define TAG_SHIFT	28

/* Only root may read it; "0x0" where it stays hidden. */
static void write_module_text(struct record_writer *w)
{
	FILE *in = fopen(MODULE_TEXT, "re");
	char text[32] = "0x0";

	if (in) {
		if (!fgets(text, sizeof(text), in))
			strcpy(text, "0x0");
		fclose(in);
	}
	text[strcspn(text, "\n")] = '\0';
	writer_string(w, "module_text", text);
}

/* The exact value of a sample that is too large for its word; they come in order. */
static uint64_t exact_ticks(const struct kmemlab_samples *samples, uint64_t index, uint64_t *next)
{
	const uint32_t *words = (const uint32_t *)(uintptr_t)samples->samples;
	const struct kmemlab_overflow *overflows =
		(const struct kmemlab_overflow *)(uintptr_t)samples->overflows;
	uint32_t value = words[index] & KMEMLAB_SAMPLE_VALUE;

	if (value < KMEMLAB_SAMPLE_VALUE)
		return value;
	while (*next < samples->overflow_count && *next < samples->overflow_capacity)
		if (overflows[(*next)++].index == index)
			return overflows[*next - 1].value;
	return value;
}

void write_samples_record(FILE *out, const char *direction, uint32_t overhead,
			  const struct kmemlab_samples *samples)
{
	const uint32_t *words = (const uint32_t *)(uintptr_t)samples->samples;
	struct record_writer w = { .out = out };
	uint64_t overflow = 0, i = 0;

	writer_open(&w, NULL, '{');
	writer_string(&w, "record", "samples");
	writer_string(&w, "direction", direction);
	writer_unsigned(&w, "overhead", overhead);
	write_module_text(&w);
	writer_open(&w, "runs", '[');
	while (i < samples->count) {
		uint64_t ticks = exact_ticks(samples, i, &overflow), first = i;

		do {
			i++;
		} while (i < samples->count && words[i] == words[first] &&
			 (words[i] & KMEMLAB_SAMPLE_VALUE) < KMEMLAB_SAMPLE_VALUE);
		writer_open(&w, NULL, '[');
		writer_unsigned(&w, NULL, ticks);
		writer_unsigned(&w, NULL, words[first] >> TAG_SHIFT);
		writer_unsigned(&w, NULL, i - first);
		writer_close(&w, ']');
	}
	writer_close(&w, ']');
	writer_close(&w, '}');
	writer_end_line(&w);
}
