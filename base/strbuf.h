/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A string that grows. Start with STRBUF_INIT; release with strbuf_release(), by
 * declaring the variable cleanup_strbuf, or take the text with strbuf_detach().
 * Running out of memory exits with EXIT_HOST_ERROR.
 */
#ifndef KMEMLAB_BASE_STRBUF_H
#define KMEMLAB_BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* text is always terminated; length is in bytes, without the terminating zero. */
struct strbuf {
	char *text;
	size_t length, capacity;
};

extern char strbuf_empty[];

#define STRBUF_INIT	{ .text = strbuf_empty }
#define cleanup_strbuf	__attribute__((cleanup(strbuf_release)))

/* Append count bytes of data, a string, or formatted text. */
void strbuf_add(struct strbuf *buf, const void *data, size_t count);
void strbuf_addstr(struct strbuf *buf, const char *text);
void strbuf_addf(struct strbuf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args);

/* Append text with each occurrence of from replaced by to. */
void strbuf_add_replaced(struct strbuf *buf, const char *text, const char *from, const char *to);

/* Append a word in the quotes of a shell, which takes it as it is. */
void strbuf_add_quoted(struct strbuf *buf, const char *word);

/* Append separator unless the buffer is empty: for lists. */
void strbuf_separate(struct strbuf *buf, const char *separator);

/* Return the text, which the caller frees, and leave an empty buffer. */
char *strbuf_detach(struct strbuf *buf);
void strbuf_release(struct strbuf *buf);

bool str_ends_with(const char *text, const char *end);

#endif
