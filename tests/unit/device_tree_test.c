// SPDX-License-Identifier: GPL-2.0-or-later
/* A small device tree made here: three serial ports and what else there is in a real one. */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vm/device_tree.h"

enum token { TOKEN_BEGIN = 1, TOKEN_END = 2, TOKEN_PROPERTY = 3, TOKEN_NOP = 4, TOKEN_LAST = 9 };

#define WANTED	"brcm,bcm2835-aux-uart"
#define STRINGS	"compatible\0status\0reg"
#define COMPATIBLE	0
#define STATUS		11
#define REG		18

static unsigned char tree[1024];
static size_t size;

static void put(const void *data, size_t bytes)
{
	memcpy(tree + size, data, bytes);
	size = (size + bytes + 3) & ~(size_t)3;
}

static void put_cell(uint32_t value)
{
	value = htobe32(value);
	put(&value, sizeof(value));
}

static void begin(const char *name)
{
	put_cell(TOKEN_BEGIN);
	put(name, strlen(name) + 1);
}

static void property(uint32_t name, const char *value, size_t bytes)
{
	put_cell(TOKEN_PROPERTY);
	put_cell(bytes);
	put_cell(name);
	put(value, bytes);
}

static void node(const char *name, const char *compatible, size_t bytes, const char *status)
{
	begin(name);
	put_cell(TOKEN_NOP);
	if (status)
		property(STATUS, status, strlen(status) + 1);
	property(COMPATIBLE, compatible, bytes);
	property(REG, "\1\2\3\4", 4);
	put_cell(TOKEN_END);
}

static int make_tree(void **state)
{
	uint32_t strings;

	(void)state;
	memset(tree, 0, sizeof(tree));
	size = 40;
	begin("");
	property(COMPATIBLE, "raspberrypi,2-model-b", 22);
	node("serial@0", "arm,pl011\0" WANTED, 10 + sizeof(WANTED), "disabled");
	node("serial@1", "brcm,bcm2835-aux-uart-x", 24, "disabled");
	node("serial@2", WANTED, sizeof(WANTED), NULL);
	put_cell(TOKEN_END);
	put_cell(TOKEN_LAST);
	strings = size;
	put(STRINGS, sizeof(STRINGS));
	memcpy(tree, "\xd0\x0d\xfe\xed", 4);
	strings = htobe32(strings);
	memcpy(tree + 8, "\0\0\0\x28", 4);
	memcpy(tree + 12, &strings, sizeof(strings));
	return 0;
}

static bool has(const char *text, size_t bytes)
{
	return memmem(tree, size, text, bytes) != NULL;
}

static void test_enables(void **state)
{
	(void)state;
	assert_int_equal(device_tree_enable(tree, size, WANTED), 2);
	assert_true(has("okay\0\0\0\0", 9));
	/* The one that is only called nearly so stays off. */
	assert_true(has("disabled", 9));
	assert_int_equal(device_tree_enable(tree, size, "arm,pl011"), 1);
	assert_int_equal(device_tree_enable(tree, size, "arm"), 0);
}

static void test_twice(void **state)
{
	unsigned char before[sizeof(tree)];

	(void)state;
	device_tree_enable(tree, size, WANTED);
	memcpy(before, tree, size);
	assert_int_equal(device_tree_enable(tree, size, WANTED), 2);
	assert_memory_equal(tree, before, size);
}

/* Cut off anywhere, in memory of just that size, and with each byte wrong: no harm is done. */
static void test_damage(void **state)
{
	(void)state;
	for (size_t cut = 0; cut < size - sizeof(STRINGS); cut++) {
		unsigned char *part = malloc(cut + !cut);

		memcpy(part, tree, cut);
		assert_int_equal(device_tree_enable(part, cut, WANTED), -1);
		free(part);
	}
	for (size_t i = 0; i < size; i++) {
		unsigned char *copy = malloc(size);

		memcpy(copy, tree, size);
		copy[i] ^= 0xff;
		assert_true(device_tree_enable(copy, size, WANTED) <= 3);
		free(copy);
	}
	assert_int_equal(device_tree_enable("", 0, WANTED), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_enables, make_tree),
		cmocka_unit_test_setup(test_twice, make_tree),
		cmocka_unit_test_setup(test_damage, make_tree),
	};

	return cmocka_run_group_tests_name("device_tree", tests, NULL, NULL);
}
