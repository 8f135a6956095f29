// SPDX-License-Identifier: GPL-2.0-or-later
/* Enables devices in a small device tree with three serial ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "vm/board.h"

#define UART	"brcm,bcm2835-aux-uart"

static unsigned char tree[1024];
static size_t size;

static void add_node(const char *name, const char *compatible, size_t bytes, const char *status)
{
	assert_int_equal(fdt_begin_node(tree, name), 0);
	if (status)
		fdt_property_string(tree, "status", status);
	fdt_property(tree, "compatible", compatible, bytes);
	fdt_property(tree, "reg", "\1\2\3\4", 4);
	assert_int_equal(fdt_end_node(tree), 0);
}

static int make_tree(void **state)
{
	(void)state;
	assert_int_equal(fdt_create(tree, sizeof(tree)), 0);
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	fdt_property_string(tree, "compatible", "raspberrypi,2-model-b");
	add_node("serial@0", "arm,pl011\0" UART, 10 + sizeof(UART), "disabled");
	add_node("serial@1", UART "-x", sizeof(UART "-x"), "disabled");
	add_node("serial@2", UART, sizeof(UART), NULL);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
	size = fdt_totalsize(tree);
	return 0;
}

static const char *status_of(const char *path)
{
	return fdt_getprop(tree, fdt_path_offset(tree, path), "status", NULL);
}

static void test_enabled_device(void **state)
{
	(void)state;
	assert_int_equal(device_tree_enable(tree, size, UART), 2);
	assert_string_equal(status_of("/serial@0"), "okay");
	/* "compatible" has UART as a prefix only. */
	assert_string_equal(status_of("/serial@1"), "disabled");
	assert_null(status_of("/serial@2"));
	assert_int_equal(device_tree_enable(tree, size, "arm,pl011"), 1);
	assert_int_equal(device_tree_enable(tree, size, "arm"), 0);
}

static void test_enabled_device_stays_enabled(void **state)
{
	unsigned char before[sizeof(tree)];

	(void)state;
	device_tree_enable(tree, size, UART);
	memcpy(before, tree, size);
	assert_int_equal(device_tree_enable(tree, size, UART), 2);
	assert_memory_equal(tree, before, size);
}

/* A tree that is truncated, or has a wrong byte, causes no access outside its memory. */
static void test_damaged_tree(void **state)
{
	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		unsigned char *part = malloc(cut + !cut);

		memcpy(part, tree, cut);
		assert_int_equal(device_tree_enable(part, cut, UART), -1);
		free(part);
	}
	for (size_t i = 0; i < size; i++) {
		unsigned char *copy = malloc(size);

		memcpy(copy, tree, size);
		copy[i] ^= 0xff;
		assert_true(device_tree_enable(copy, size, UART) <= 3);
		free(copy);
	}
	assert_int_equal(device_tree_enable("", 0, UART), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_enabled_device, make_tree),
		cmocka_unit_test_setup(test_enabled_device_stays_enabled, make_tree),
		cmocka_unit_test_setup(test_damaged_tree, make_tree),
	};

	return cmocka_run_group_tests_name("device_tree", tests, NULL, NULL);
}
