// SPDX-License-Identifier: GPL-2.0-or-later
/* QEMU's machine protocol, with this test in the role of QEMU. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/process.h"
#include "vm/qmp.h"

#define GREETING	"{\"QMP\":{}}\n"
#define DONE		"{\"return\":{}}\n"

/* Connect to a QEMU that has already sent these lines. */
static int begin(struct qmp *qmp, const char *lines, int *qemu)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[1], lines, strlen(lines)), strlen(lines));
	*qemu = pair[1];
	return qmp_begin(qmp, pair[0], seconds_now() + 1);
}

static void test_command_status(void **state)
{
	struct qmp qmp;
	char *status;
	int qemu;

	(void)state;
	assert_int_equal(begin(&qmp, GREETING DONE "{\"event\":\"STOP\"}\n"
				     "{\"return\":{\"status\":\"paused\"}}\n", &qemu), 0);
	assert_int_equal(qmp_status(&qmp, "{}", &status), 0);
	assert_string_equal(status, "paused");
	free(status);
	qmp_end(&qmp);
	close(qemu);
}

static void test_rejected_command(void **state)
{
	struct qmp qmp;
	int qemu;

	(void)state;
	assert_int_equal(begin(&qmp, GREETING DONE "{\"error\":{\"class\":\"GenericError\"}}\n", &qemu),
			 0);
	assert_int_equal(qmp_command(&qmp, "{}"), -EPROTO);
	qmp_end(&qmp);
	close(qemu);
}

static void test_reply_timeout(void **state)
{
	struct qmp qmp;
	int qemu;

	(void)state;
	assert_int_equal(begin(&qmp, GREETING, &qemu), -ETIMEDOUT);
	qmp_end(&qmp);
	close(qemu);
}

/* QEMU's exit before a command is reported as -EPIPE, not as an interrupt. */
static void test_exited_qemu(void **state)
{
	struct qmp qmp;
	int qemu;

	(void)state;
	interrupt_catch();
	assert_int_equal(begin(&qmp, GREETING DONE, &qemu), 0);
	close(qemu);
	assert_int_equal(qmp_command(&qmp, "{}"), -EPIPE);
	assert_false(interrupted());
	qmp_end(&qmp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_status),
		cmocka_unit_test(test_rejected_command),
		cmocka_unit_test(test_reply_timeout),
		cmocka_unit_test(test_exited_qemu),
	};

	return cmocka_run_group_tests_name("qmp", tests, NULL, NULL);
}
