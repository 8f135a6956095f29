// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inputs that once crashed a reader or kept it busy, in tests/fuzz/regressions/READER/, and the
 * fuzzer's seeds. SANITIZE=address,undefined finds more than a plain build.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/files.h"
#include "base/memory.h"
#include "tests/fuzz/readers.h"

#define SECONDS_MAX	60	/* for an input, which takes a hundredth of a second */

/* Return the number of files of a folder that were read. */
static size_t read_files(const char *folder, const struct reader *reader)
{
	cleanup_free char *path = xasprintf("tests/fuzz/%s/%s", folder, reader->name);
	DIR *directory = opendir(path);
	struct dirent *entry;
	size_t count = 0;

	while (directory && (entry = readdir(directory))) {
		cleanup_free char *name = xasprintf("%s/%s", path, entry->d_name);
		size_t bytes;
		cleanup_free char *data = *entry->d_name == '.' ? NULL : file_read(name, &bytes);

		if (!data)
			continue;
		printf("# %s\n", name);
		fflush(stdout);
		alarm(SECONDS_MAX);
		reader->read(data, bytes);
		alarm(0);
		count++;
	}
	if (directory)
		closedir(directory);
	return count;
}

static void test_folder(const char *folder, size_t expected)
{
	size_t count = 0;

	for (const struct reader *reader = readers; reader->name; reader++)
		count += read_files(folder, reader);
	assert_true(count >= expected);
}

static void test_regressions(void **state)
{
	(void)state;
	test_folder("regressions", 15);
}

static void test_seeds(void **state)
{
	(void)state;
	test_folder("seeds", 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regressions),
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
