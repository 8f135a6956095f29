// SPDX-License-Identifier: GPL-2.0-or-later
#include "table_remarks.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "figures.h"
#include "format.h"

/* Packing a handle is in the loop and not in a sample; another round finds other slabs. */
#define TOLERATED_SHARE	0.1
#define TOLERATED_UNITS	5

/* Of one kind; a plan of hundreds of experiments may give as many. */
#define REMARKS_MAX	5

static const char *const directions[] = { "alloc", "free" };

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static double mean_of(const json_t *direction, const char *group)
{
	return json_number_value(json_object_get(json_object_get(direction, group), "mean"));
}

static json_int_t samples_of(const json_t *direction, const char *group)
{
	return json_integer_value(json_object_get(json_object_get(direction, group), "samples"));
}

static void print_ends(const json_t *results, FILE *out)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		cleanup_free char *words = experiment_short(result, results);

		if (strcmp(text_of(result, "status"), "ok") || !text_of(result, "reason"))
			continue;
		fprintf(out, "Ended: %s: %s\n", words, text_of(result, "reason"));
	}
}

/* What interrupts added is in one of the two only. */
static bool disagree(const json_t *direction)
{
	const json_t *loop = json_object_get(direction, "loop_mean");
	double clean = mean_of(direction, "clean"), all = mean_of(direction, "all");

	return json_is_number(loop) &&
	       fabs(json_number_value(loop) - clean) >
	       fabs(all - clean) + TOLERATED_SHARE * clean + TOLERATED_UNITS;
}

static void print_disagreement(const json_t *direction, FILE *out)
{
	const json_t *clean = json_object_get(direction, "clean");

	fprintf(out, "%s on average in a loop",
		format_json(json_object_get(direction, "loop_mean")).text);
	fprintf(out, ", %s by its samples", format_json(json_object_get(clean, "mean")).text);
}

/* A long operation meets the timer's tick each time: no sample is clean, and the table has a dash. */
static bool always_interrupted(const json_t *direction)
{
	return samples_of(direction, "all") && !samples_of(direction, "clean");
}

static void print_interrupted(const json_t *direction, FILE *out)
{
	const json_t *p50 = json_object_get(json_object_get(direction, "all"), "p50");

	fprintf(out, "each time; p50 %s with what interrupted it", format_json(p50).text);
}

static const struct remark {
	const char *word;
	bool (*applies)(const json_t *direction);
	void (*print)(const json_t *direction, FILE *out);
	const char *why;	/* said once, below them; or NULL */
} remarks[] = {
	{ "Loop", disagree, print_disagreement,
	  "its round comes after the timed ones and finds other free pages and slabs than they did" },
	{ "Interrupted", always_interrupted, print_interrupted, NULL },
};

/* Return: how many there would be, of which the first REMARKS_MAX are printed. */
static unsigned int print_remark(const struct remark *remark, const json_t *results, FILE *out)
{
	unsigned int count = 0;
	const json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		cleanup_free char *words = experiment_short(result, results);

		for (unsigned int d = 0; d < 2; d++) {
			const json_t *direction = json_object_get(result, directions[d]);

			if (!remark->applies(direction) || ++count > REMARKS_MAX)
				continue;
			fprintf(out, "%s: %s, %s: ", remark->word, words, directions[d]);
			remark->print(direction, out);
			fputc('\n', out);
		}
	}
	return count;
}

void remarks_print(const json_t *results, FILE *out)
{
	print_ends(results, out);
	for (size_t i = 0; i < sizeof(remarks) / sizeof(*remarks); i++) {
		unsigned int count = print_remark(&remarks[i], results, out);

		if (count > REMARKS_MAX)
			fprintf(out, "%s: so %u more; --verbose has the figures of each\n",
				remarks[i].word, count - REMARKS_MAX);
		if (count && remarks[i].why)
			fprintf(out, "%s: %s\n", remarks[i].word, remarks[i].why);
	}
}
