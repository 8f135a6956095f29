// SPDX-License-Identifier: GPL-2.0-or-later
/* Files in the cache: damage of any kind is found, and the file is made again. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "vm/cache.h"

static char folder[] = "/tmp/kmemlab-cache-XXXXXX";
static char contents[100001];
static unsigned int fills;

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
	for (size_t i = 0; i < sizeof(contents); i++)
		contents[i] = i * i >> 7;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return directory_remove(folder);
}

static int fill(void *context, const char *directory, struct error *error)
{
	cleanup_free char *path = xasprintf("%s/file", directory);

	(void)error;
	fills++;
	return context ? file_write(path, contents, sizeof(contents)) : 0;
}

/* Return how often the entry was filled to get the file. */
static unsigned int ensure(const char *entry, void *context, char hex[SHA256_HEX_SIZE])
{
	struct error error = { 0 };
	unsigned int before = fills;

	assert_int_equal(cache_ensure_file(entry, "file", fill, context, hex, &error), 0);
	return fills - before;
}

static void change_byte(const char *path, long offset, char bit)
{
	struct timespec times[2];
	struct stat st;
	FILE *file = fopen(path, "r+");
	int byte;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	fseek(file, offset, SEEK_SET);
	byte = fgetc(file);
	fseek(file, offset, SEEK_SET);
	fputc(byte ^ bit, file);
	fclose(file);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* A changed bit is found wherever it is, although time and size of the file are the same. */
static void test_changed_bits(void **state)
{
	static const long offsets[] = { 0, 7, 8, 31, 32, 50000, 99999, sizeof(contents) - 1 };
	cleanup_free char *entry = cache_path("things/bits");
	cleanup_free char *path = xasprintf("%s/file", entry);
	char hex[SHA256_HEX_SIZE], expected[SHA256_HEX_SIZE];

	(void)state;
	sha256_bytes(contents, sizeof(contents), expected);
	assert_int_equal(ensure(entry, &fills, hex), 1);
	assert_int_equal(ensure(entry, &fills, hex), 0);
	assert_string_equal(hex, expected);
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		change_byte(path, offsets[i], 1 << i % 8);
		assert_int_equal(cache_check(path, hex), CACHE_DAMAGED);
		assert_int_equal(ensure(entry, &fills, hex), 1);
		assert_string_equal(hex, expected);
	}
}

static void test_lost_contents(void **state)
{
	cleanup_free char *entry = cache_path("things/lost");
	cleanup_free char *path = xasprintf("%s/file", entry);
	cleanup_free char *seal = xasprintf("%s/file.hash", entry);
	char hex[SHA256_HEX_SIZE];

	(void)state;
	assert_int_equal(ensure(entry, &fills, hex), 1);
	assert_int_equal(truncate(path, sizeof(contents) - 1), 0);
	assert_int_equal(ensure(entry, &fills, hex), 1);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(ensure(entry, &fills, hex), 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ensure(entry, &fills, hex), 1);
	assert_int_equal(unlink(seal), 0);
	assert_int_equal(ensure(entry, &fills, hex), 1);
	assert_int_equal(file_write(seal, "x", 1), 0);
	assert_int_equal(ensure(entry, &fills, hex), 1);
	assert_int_equal(ensure(entry, &fills, hex), 0);
}

/* An entry can need no file: an image that boots as it is. */
static void test_entry_without_file(void **state)
{
	cleanup_free char *entry = cache_path("things/none");
	cleanup_free char *path = xasprintf("%s/file", entry);
	char hex[SHA256_HEX_SIZE];

	(void)state;
	assert_int_equal(ensure(entry, NULL, hex), 1);
	assert_int_equal(ensure(entry, NULL, hex), 0);
	assert_string_equal(hex, "");
	assert_int_equal(file_write(path, "x", 1), 0);
	assert_int_equal(ensure(entry, NULL, hex), 1);
}

/* A file of the user's own is never trusted by a note next to it. */
static void test_file_elsewhere(void **state)
{
	cleanup_free char *path = xasprintf("%s/own", folder);
	char hex[SHA256_HEX_SIZE], expected[SHA256_HEX_SIZE];
	struct error error = { 0 };

	(void)state;
	assert_int_equal(file_write(path, "one", 3), 0);
	assert_int_equal(cache_seal(path, hex), 0);
	assert_int_equal(file_write(path, "two", 3), 0);
	sha256_bytes("two", 3, expected);
	assert_int_equal(sha256_file(path, hex, &error), 0);
	assert_string_equal(hex, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_bits),
		cmocka_unit_test(test_lost_contents),
		cmocka_unit_test(test_entry_without_file),
		cmocka_unit_test(test_file_elsewhere),
	};

	log_set_quiet(true);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
