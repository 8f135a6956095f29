// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "vm/initramfs.h"
#include "vm/watch.h"

static const struct initramfs_entry entries[] = {
	{ .path = "dev", .mode = S_IFDIR | 0755 },
	{ .path = "dev/console", .mode = S_IFCHR | 0600, .device = 0x501 },
	{ .path = "init", .mode = S_IFREG | 0755, .data = "#!/bin/sh\n", .size = 10 },
};

/* A newc header, field by field: the format, and all that must not vary. */
static void test_bytes(void **state)
{
	static const char dev[] = "070701" "00000001" "000041ed" "00000000" "00000000" "00000002"
				  "00000000" "00000000" "00000000" "00000000" "00000000" "00000000"
				  "00000004" "00000000" "dev";
	static const char console[] = "070701" "00000002" "00002180" "00000000" "00000000" "00000001"
				      "00000000" "00000000" "00000000" "00000000" "00000005" "00000001"
				      "0000000c" "00000000" "dev/console";
	size_t size;
	char *archive = initramfs_pack(entries, 3, &size);

	(void)state;
	assert_non_null(archive);
	assert_memory_equal(archive, dev, sizeof(dev));
	assert_memory_equal(archive + 116, console, sizeof(console));
	free(archive);
}

static void test_same_twice(void **state)
{
	size_t first_size, second_size;
	char *first = initramfs_pack(entries, 3, &first_size), *second;

	(void)state;
	sleep(1);	/* no time must enter */
	second = initramfs_pack(entries, 3, &second_size);
	assert_int_equal(first_size, second_size);
	assert_memory_equal(first, second, first_size);
	free(first);
	free(second);
}

static void test_size(void **state)
{
	size_t size, larger_size;
	char *data = calloc(1, INITRAMFS_STEP_BYTES);
	struct initramfs_entry file = { .path = "x", .mode = S_IFREG | 0644, .data = data };

	(void)state;
	file.size = 1000;
	free(initramfs_pack(&file, 1, &size));
	file.size = 1000000;
	free(initramfs_pack(&file, 1, &larger_size));
	assert_int_equal(size, INITRAMFS_STEP_BYTES);
	assert_int_equal(larger_size, size);
	file.size = INITRAMFS_STEP_BYTES;
	free(initramfs_pack(&file, 1, &larger_size));
	assert_int_equal(larger_size, 2 * size);
	free(data);
}

/* A layout changes nothing but how many zeros stand behind the archive. */
static void test_layouts(void **state)
{
	size_t size, other_size, step = INITRAMFS_STEP_BYTES;
	char *archive = initramfs_pack(entries, 3, &size);
	char *other = initramfs_lay_out(initramfs_pack(entries, 3, &other_size), 2, &other_size);

	(void)state;
	assert_int_equal(other_size, size + 2 * INITRAMFS_LAYOUT_BYTES);
	assert_memory_equal(archive, other, size);
	for (size_t i = step; i < other_size; i++)
		assert_int_equal(other[i], 0);
	archive = initramfs_lay_out(archive, 0, &size);
	assert_int_equal(size, step);
	free(archive);
	free(other);
}

static void test_console(void **state)
{
	static const char oops[] = "[1] fine\n[2] BUG: kernel NULL pointer\n[3] Kernel panic - not "
				   "syncing: x\n";

	(void)state;
	assert_ptr_equal(console_trouble(oops), oops + strlen("[1] fine\n"));
	assert_null(console_trouble("[1] Linux version\n"));
	assert_null(console_trouble(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_same_twice),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_console),
	};

	return cmocka_run_group_tests_name("initramfs", tests, NULL, NULL);
}
