// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/tap.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned int tests, failures;

void ok(bool passed, const char *format, ...)
{
	va_list args;

	printf("%sok %u - ", passed ? "" : "not ", ++tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	failures += !passed;
}

void ok_reason(bool passed, const char *name, const char *reason)
{
	ok(passed, "%s%s%s", name, *reason ? ": " : "", reason);
}

void skip(const char *name, const char *reason)
{
	printf("ok %u - %s # SKIP %s\n", ++tests, name, reason);
}

int done_testing(void)
{
	printf("1..%u\n", tests);
	return failures > 0;
}
