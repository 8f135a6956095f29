// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/crc32.h"
#include "vm/channel.h"

#define PAYLOAD "{\"record\":\"result\"}\n1 aGVsbG8K\n2 b29wcw==\n"

struct heard {
	char text[2][64];
};

static void hear(void *context, int stream, const void *data, size_t size)
{
	struct heard *heard = context;

	strncat(heard->text[stream - 1], data, size);
}

static void feed(struct channel *channel, const char *text)
{
	channel_feed(channel, text, strlen(text));
}

static void make_trailer(char *trailer, size_t size, int status)
{
	snprintf(trailer, size, "KMEMLAB END %zu %08x %d\n", strlen(PAYLOAD),
		 crc32_update(0, PAYLOAD, strlen(PAYLOAD)), status);
}

static void test_crc(void **state)
{
	(void)state;
	assert_int_equal(crc32_update(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32_update(crc32_update(0, "1234", 4), "56789", 5), 0xcbf43926);
}

static void test_complete(void **state)
{
	struct heard heard = { 0 };
	struct channel channel = { .output = hear, .context = &heard };
	char trailer[64];

	(void)state;
	make_trailer(trailer, sizeof(trailer), 3);
	feed(&channel, "KMEMLAB READY 1\n");
	assert_true(channel.ready);
	feed(&channel, ". a heartbeat\n");
	feed(&channel, PAYLOAD);
	assert_false(channel.complete);
	feed(&channel, trailer);
	assert_true(channel.complete);
	assert_null(channel.fault);
	assert_int_equal(channel.status, 3);
	assert_string_equal(channel.records, "{\"record\":\"result\"}\n");
	assert_string_equal(heard.text[0], "hello\n");
	assert_string_equal(heard.text[1], "oops");
	channel_release(&channel);
}

static void test_byte_by_byte(void **state)
{
	struct channel channel = { 0 };
	char trailer[64];

	(void)state;
	make_trailer(trailer, sizeof(trailer), 0);
	/* What a driver wrote there first is nobody's line. */
	for (const char *c = "\xb2\n{junk\nKMEMLAB READY 1\n" PAYLOAD; *c; c++)
		channel_feed(&channel, c, 1);
	for (const char *c = trailer; *c; c++) {
		assert_false(channel.complete);
		channel_feed(&channel, c, 1);
	}
	assert_true(channel.complete);
	channel_release(&channel);
}

/* A cut trailer, a wrong checksum, a wrong length, junk: none is a success. */
static void test_damage(void **state)
{
	static const char *const damaged[] = {
		PAYLOAD "KMEMLAB END 47 00000000 0\n",
		"{}\nKMEMLAB END 4 00000000 0\n",
		"KMEMLAB END 0 00000000\n",
		"KMEMLAB END\n",
		"KMEMLAB READY 2\n",
		"hello\n",
		"1 ????\n",
		"1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
		struct channel channel = { .ready = true };

		feed(&channel, damaged[i]);
		assert_false(channel.complete);
		assert_non_null(channel.fault);
		channel_release(&channel);
	}
}

static void test_cut(void **state)
{
	struct channel channel = { 0 };

	(void)state;
	feed(&channel, "KMEMLAB END 0 00000000 0");
	assert_false(channel.complete);
	channel_release(&channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
