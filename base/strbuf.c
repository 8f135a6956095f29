// SPDX-License-Identifier: GPL-2.0-or-later
#include "strbuf.h"

#include <stdio.h>
#include <string.h>

#include "memory.h"

/* Shared by all empty buffers, which own no memory; never written. */
char strbuf_empty[1];

static void strbuf_reserve(struct strbuf *buf, size_t more)
{
	size_t capacity = buf->capacity ? buf->capacity : 64;

	if (buf->length + more < buf->capacity)
		return;
	while (capacity <= buf->length + more)
		capacity *= 2;
	buf->text = xrealloc(buf->capacity ? buf->text : NULL, capacity);
	buf->capacity = capacity;
}

void strbuf_add(struct strbuf *buf, const void *data, size_t count)
{
	strbuf_reserve(buf, count);
	memcpy(buf->text + buf->length, data, count);
	buf->length += count;
	buf->text[buf->length] = 0;
}

void strbuf_addstr(struct strbuf *buf, const char *text)
{
	strbuf_add(buf, text, strlen(text));
}

void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
{
	va_list copy;
	int length;

	va_copy(copy, args);
	length = vsnprintf(NULL, 0, format, args);
	if (length > 0) {
		strbuf_reserve(buf, length);
		vsnprintf(buf->text + buf->length, length + 1, format, copy);
		buf->length += length;
	}
	va_end(copy);
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_vaddf(buf, format, args);
	va_end(args);
}

void strbuf_add_replaced(struct strbuf *buf, const char *text, const char *from, const char *to)
{
	const char *found;

	while ((found = strstr(text, from))) {
		strbuf_add(buf, text, found - text);
		strbuf_addstr(buf, to);
		text = found + strlen(from);
	}
	strbuf_addstr(buf, text);
}

void strbuf_add_quoted(struct strbuf *buf, const char *word)
{
	strbuf_addstr(buf, "'");
	strbuf_add_replaced(buf, word, "'", "'\\''");
	strbuf_addstr(buf, "'");
}

void strbuf_separate(struct strbuf *buf, const char *separator)
{
	if (buf->length)
		strbuf_addstr(buf, separator);
}

char *strbuf_detach(struct strbuf *buf)
{
	char *text = buf->capacity ? buf->text : xstrdup("");

	*buf = (struct strbuf)STRBUF_INIT;
	return text;
}

void strbuf_release(struct strbuf *buf)
{
	if (buf->capacity)
		free(buf->text);
	*buf = (struct strbuf)STRBUF_INIT;
}

bool str_ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && !strcmp(text + length - end_length, end);
}
