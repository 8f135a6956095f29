// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/process.h"
#include "lib/hash.h"
#include "vm/guest_monitor.h"
#include "vm/qemu.h"

#define PAYLOAD "{\"record\":\"result\"}\n1 aGVsbG8K\n2 b29wcw==\n"

struct captured_output {
	char text[2][64];
};

static int collect_output(void *context, int stream, const void *data, size_t size)
{
	struct captured_output *output = context;

	strncat(output->text[stream - 1], data, size);
	return 0;
}

static int fail_output(void *context, int stream, const void *data, size_t size)
{
	(void)context;
	(void)stream;
	(void)data;
	(void)size;
	return -EPIPE;
}

static void feed(struct guest_channel *channel, const char *text)
{
	guest_channel_feed(channel, text, strlen(text));
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

static void test_complete_transfer(void **state)
{
	struct captured_output output = { 0 };
	struct guest_channel channel = { .output = collect_output, .context = &output };
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
	assert_string_equal(channel.records.text, "{\"record\":\"result\"}\n");
	assert_int_equal(channel.results, 1);
	assert_string_equal(output.text[0], "hello\n");
	assert_string_equal(output.text[1], "oops");
	guest_channel_release(&channel);
}

static void test_transfer_byte_by_byte(void **state)
{
	struct guest_channel channel = { 0 };
	char trailer[64];

	(void)state;
	make_trailer(trailer, sizeof(trailer), 0);
	/* Data that a driver wrote to its port before init ran is ignored. */
	for (const char *c = "\xb2\n{junk\nKMEMLAB READY 1\n" PAYLOAD; *c; c++)
		guest_channel_feed(&channel, c, 1);
	for (const char *c = trailer; *c; c++) {
		assert_false(channel.complete);
		guest_channel_feed(&channel, c, 1);
	}
	assert_true(channel.complete);
	guest_channel_release(&channel);
}

/* Truncated trailers, wrong checksums and lengths, and unknown lines are faults. */
static void test_damaged_transfer(void **state)
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
		struct guest_channel channel = { .ready = true };

		feed(&channel, damaged[i]);
		assert_false(channel.complete);
		assert_non_null(channel.fault);
		guest_channel_release(&channel);
	}
}

/* An error of the output function is stored, and later output is dropped. */
static void test_output_error(void **state)
{
	struct guest_channel channel = { .ready = true, .output = fail_output };

	(void)state;
	feed(&channel, "1 aGVsbG8K\n1 aGVsbG8K\n");
	assert_int_equal(channel.output_err, -EPIPE);
	assert_null(channel.fault);
	guest_channel_release(&channel);
}

static void test_truncated_trailer(void **state)
{
	struct guest_channel channel = { 0 };

	(void)state;
	feed(&channel, "KMEMLAB END 0 00000000 0");
	assert_false(channel.complete);
	guest_channel_release(&channel);
}

static void append(const char *path, const char *text)
{
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

struct fake_guest {
	char console[64], results[64];
	FILE *printed;		/* stands in for standard error */
	off_t printed_first;	/* bytes before the line was finished */
};

/* Once the first half of a console line was read, only the whole line before it is printed. */
static void finish_line(void *context, size_t results)
{
	struct fake_guest *guest = context;

	(void)results;
	fflush(stderr);
	guest->printed_first = lseek(fileno(guest->printed), 0, SEEK_END);
	append(guest->console, "o\nthree");
	append(guest->results, "KMEMLAB END 0 00000000 0\n");
}

static void test_console_lines(void **state)
{
	char directory[] = "/tmp/kmemlab-monitor-XXXXXX", printed[32] = "";
	struct guest_channel channel = { 0 };
	struct fake_guest guest = { .printed = tmpfile() };
	struct guest_monitor monitor = {
		.directory = mkdtemp(directory), .channel = &channel, .show_console = true,
		.progress = finish_line, .progress_context = &guest,
	};
	const char *const sleep[] = { "sleep", "1000", NULL };
	struct error error = { 0 };
	int saved = dup(STDERR_FILENO), status;

	(void)state;
	snprintf(guest.console, sizeof(guest.console), "%s/" QEMU_CONSOLE, directory);
	snprintf(guest.results, sizeof(guest.results), "%s/" QEMU_RESULTS, directory);
	append(guest.console, "one\ntw");
	append(guest.results, "KMEMLAB READY 1\n");
	monitor.qemu = process_start(sleep, directory, 0, 1, 2, -1);
	assert_true(monitor.qemu > 0);
	dup2(fileno(guest.printed), STDERR_FILENO);
	status = guest_monitor_run(&monitor, &error);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_int_equal(status, 0);
	assert_int_equal(guest.printed_first, strlen("one\n"));
	assert_true(pread(fileno(guest.printed), printed, sizeof(printed) - 1, 0) > 0);
	assert_string_equal(printed, "one\ntwo\nthree\n");
	fclose(guest.printed);
	unlink(guest.console);
	unlink(guest.results);
	rmdir(directory);
	guest_channel_release(&channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_complete_transfer),
		cmocka_unit_test(test_transfer_byte_by_byte),
		cmocka_unit_test(test_damaged_transfer),
		cmocka_unit_test(test_output_error),
		cmocka_unit_test(test_truncated_trailer),
		cmocka_unit_test(test_console_lines),
	};

	return cmocka_run_group_tests_name("guest_channel", tests, NULL, NULL);
}
