/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Golden files: output must equal the file in tests/golden. KMEMLAB_GOLDEN=update rewrites the
 * files instead; read the difference before you commit it.
 */
#ifndef KMEMLAB_TESTS_GOLDEN_H
#define KMEMLAB_TESTS_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/files.h"
#include "base/memory.h"

typedef void golden_report(const json_t *document, FILE *out);

/* Return the output of a report; the caller frees it. */
static __attribute__((noinline, unused)) char *golden_output(golden_report *report,
							     const json_t *document)
{
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	report(document, out);
	fclose(out);
	return text;
}

/* Compare the output of a report with the file of this name. */
static inline void golden_check(const char *name, golden_report *report, const json_t *document)
{
	cleanup_free char *path = xasprintf("tests/golden/%s", name);
	cleanup_free char *text = golden_output(report, document);
	cleanup_free char *expected = NULL;
	size_t bytes;

	if (getenv("KMEMLAB_GOLDEN") && *getenv("KMEMLAB_GOLDEN")) {
		assert_int_equal(file_write(path, text, strlen(text)), 0);
		return;
	}
	expected = file_read(path, &bytes);
	assert_non_null(expected);
	if (strcmp(text, expected))
		fail_msg("%s differs from the output:\n%s", path, text);
}

#endif
