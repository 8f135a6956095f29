// SPDX-License-Identifier: GPL-2.0-or-later
/* QEMU's machine protocol against the other end of a socket pair. */
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

#include "base/interrupt.h"
#include "vm/qmp.h"
#include "vm/watch.h"

#define GREETING	"{\"QMP\":{}}\n"
#define DONE		"{\"return\":{}}\n"

/* One whose QEMU has said all that already, and is there or has ended. */
static int begin(struct qmp *qmp, const char *said, int *qemu)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[1], said, strlen(said)), strlen(said));
	*qemu = pair[1];
	return qmp_begin(qmp, pair[0], seconds_now() + 1);
}

static void test_status(void **state)
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

static void test_refused(void **state)
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

static void test_silent(void **state)
{
	struct qmp qmp;
	int qemu;

	(void)state;
	assert_int_equal(begin(&qmp, GREETING, &qemu), -ETIMEDOUT);
	qmp_end(&qmp);
	close(qemu);
}

/* It ends between its answer and the next command: told as such, and taken for no Ctrl-C. */
static void test_ended(void **state)
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
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_ended),
	};

	return cmocka_run_group_tests_name("qmp", tests, NULL, NULL);
}
