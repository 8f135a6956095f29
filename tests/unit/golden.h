/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Golden files: what comes out must be exactly what the file has. With
 * "KMEMLAB_GOLDEN=update" the file is written instead; then read the difference.
 */
#ifndef KMEMLAB_TESTS_GOLDEN_H
#define KMEMLAB_TESTS_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"

static inline void golden_check(const char *name, const char *suffix, const char *text)
{
	cleanup_free char *path = xasprintf("tests/golden/%s.%s", name, suffix);
	cleanup_free char *expected = NULL;
	size_t bytes;

	if (getenv("KMEMLAB_GOLDEN") && *getenv("KMEMLAB_GOLDEN")) {
		assert_int_equal(file_write(path, text, strlen(text)), 0);
		return;
	}
	expected = file_read(path, &bytes);
	assert_non_null(expected);
	if (strcmp(text, expected))
		fail_msg("%s is not what comes out:\n%s", path, text);
}

#endif
