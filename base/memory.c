// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include <stdarg.h>
#include <string.h>

#include "exit_codes.h"
#include "message.h"

static void *or_exit(void *p)
{
	if (!p) {
		say_error("out of memory");
		exit(EXIT_TROUBLE);
	}
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	return or_exit(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return or_exit(realloc(p, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return or_exit(strdup(s));
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	if (vasprintf(&s, format, args) < 0)
		s = NULL;
	va_end(args);
	return or_exit(s);
}
