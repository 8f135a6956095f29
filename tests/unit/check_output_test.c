// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the kernel as records of a check. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/check_output.h"

/* A packet socket, like /dev/kmsg, returns one record for each read. */
static int sockets[2];

/* Write this many messages to the log. */
static void write_log(unsigned int count, const char *record)
{
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(write(sockets[0], record, strlen(record)), strlen(record));
}

static unsigned int count_text(const char *output, const char *text)
{
	unsigned int count = 0;

	while ((output = strstr(output, text))) {
		output++;
		count++;
	}
	return count;
}

/* Report the log. Return the records, which the caller frees. */
static char *report(struct check_log *log, const char *phase)
{
	struct check_output output = { .cycle = 2 };
	char *text;
	size_t size;

	output.w.out = open_memstream(&text, &size);
	assert_non_null(output.w.out);
	check_log_report(log, &output, phase);
	fclose(output.w.out);
	return text;
}

/* Assert the numbers of records in a report of the log. */
static void assert_records(struct check_log *log, const char *phase, unsigned int lines,
			   unsigned int warnings, const char *truncated)
{
	char *text = report(log, phase);

	assert_int_equal(count_text(text, "\"warning\":false"), lines);
	assert_int_equal(count_text(text, "\"warning\":true"), warnings);
	assert_int_equal(count_text(text, "\"truncated\""), truncated ? 1 : 0);
	assert_true(!truncated || strstr(text, truncated));
	free(text);
}

static void test_limit(void **state)
{
	struct check_log log = { 0 };
	int size = 1 << 20;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, sockets), 0);
	setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	log.fd = sockets[1];
	check_log_restart(&log);
	for (unsigned int i = 0; i < 30; i++) {
		write_log(10, "6,200,5000000,-;demo: a line\n");
		if (i < 20)
			assert_records(&log, "load", 10, 0, NULL);
		else
			assert_records(&log, "load", 0, 0, "\"dropped\":10");
	}
	write_log(1, "4,201,5000000,-;WARNING: CPU: 0 PID: 80 at demo.c:5\n");
	assert_records(&log, "load", 0, 1, NULL);
	write_log(1, "6,202,5000000,-;demo: all values are right\n");
	assert_records(&log, "unload", 1, 0, NULL);
	check_log_restart(&log);
	write_log(1, "6,203,5000000,-;demo: loaded\n");
	assert_records(&log, "load", 1, 0, NULL);
	close(sockets[0]);
	close(sockets[1]);
}

static void test_alive(void **state)
{
	struct check_output output = { .cycle = 2 };
	char *text;
	size_t size;

	(void)state;
	output.w.out = open_memstream(&text, &size);
	assert_non_null(output.w.out);
	output_begin(&output, "begin");
	output_end(&output);
	output_alive(&output);
	assert_null(strstr(text, "alive"));
	output.last_s -= 2;
	output_alive(&output);
	output_alive(&output);
	assert_int_equal(count_text(text, "{\"record\":\"alive\",\"cycle\":2}"), 1);
	fclose(output.w.out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_limit), cmocka_unit_test(test_alive) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
