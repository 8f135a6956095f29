// SPDX-License-Identifier: GPL-2.0-or-later
/* Records of /dev/kmsg: those that a shell reports. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/array_size.h"
#include "runner/kernel_log.h"

static void expect_line(const char *record, const char *expected)
{
	char line[KERNEL_LOG_LINE_MAX];

	if (!expected) {
		assert_false(kernel_log_line(record, line, sizeof(line)));
		return;
	}
	assert_true(kernel_log_line(record, line, sizeof(line)));
	assert_string_equal(line, expected);
}

static void test_warnings(void **state)
{
	(void)state;
	expect_line("4,512,3456789,-;WARNING: CPU: 0 PID: 71 at f+0x1/0x2 [hello]\n",
		    "[    3.456789] WARNING: CPU: 0 PID: 71 at f+0x1/0x2 [hello]");
	expect_line("1,9,12000001,-,caller=T1;BUG: kernel NULL pointer dereference; 0\n SUBSYSTEM=x\n",
		    "[   12.000001] BUG: kernel NULL pointer dereference; 0");
	expect_line("4,513,0,-;\n", "[    0.000000] ");
}

static void test_other_messages(void **state)
{
	(void)state;
	expect_line("6,512,3456789,-;hello: loaded\n", NULL);
	expect_line("5,512,3456789,-;random: crng init done\n", NULL);
	/* By a program */
	expect_line("12,512,3456789,-;a message\n", NULL);
	/* For every module of a user, and our own */
	expect_line("4,512,3456789,-;hello: loading out-of-tree module taints kernel.\n", NULL);
	/* By an emulator on a busy host */
	expect_line("4,512,3456789,-;clocksource: timekeeping watchdog on CPU0: skew\n", NULL);
	expect_line("garbage\n", NULL);
	expect_line("x,y;z\n", NULL);
}

/* A log of all messages has those that a shell does not report. */
static void test_all_messages(void **state)
{
	static const char *const records[] = {
		"7,512,3456789,-;hello: debug\n",
		"4,513,3456789,-;hello: loading out-of-tree module taints kernel.\n",
		"4,514,3456789,-;workqueue: f hogged CPU for >10000us 4 times\n",
	};
	char line[KERNEL_LOG_LINE_MAX];
	bool lost = false;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		size_t length = strlen(records[i]);

		assert_int_equal(write(ends[1], records[i], length), length);
		assert_true(kernel_log_next_any(ends[0], line, sizeof(line), &lost));
		assert_non_null(strstr(records[i], strstr(line, "] ") + 2));
	}
	close(ends[1]);
	assert_false(kernel_log_next_any(ends[0], line, sizeof(line), &lost));
	assert_false(lost);
	close(ends[0]);
}

static void test_taints(void **state)
{
	char text[512];

	(void)state;
	assert_false(kernel_taints_text(0, text, sizeof(text)));
	assert_false(kernel_taints_text(1 << 12 | 1 << 13, text, sizeof(text)));
	assert_true(kernel_taints_text(1 << 9 | 1 << 12 | 1 << 5, text, sizeof(text)));
	assert_string_equal(text, "B (bad page), W (warning)");
	/* All of them fit, and so does a part */
	assert_true(kernel_taints_text(~0UL, text, sizeof(text)));
	assert_true(kernel_taints_text(~0UL, text, 8));
	assert_string_equal(text, "P (prop");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_other_messages),
		cmocka_unit_test(test_all_messages),
		cmocka_unit_test(test_taints),
	};

	return cmocka_run_group_tests_name("kernel_log", tests, NULL, NULL);
}
