/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes JSON, one value after the other, for a program that links libc only.
 * A NULL key is for the members of an array.
 */
#ifndef KMEMLAB_JSON_WRITER_H
#define KMEMLAB_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer {
	FILE *out;
	bool need_comma;
};

void json_open(struct json_writer *w, const char *key, char bracket);	/* '{' or '[' */
void json_close(struct json_writer *w, char bracket);			/* '}' or ']' */
void json_unsigned(struct json_writer *w, const char *key, uint64_t value);
void json_signed(struct json_writer *w, const char *key, int64_t value);
void json_real(struct json_writer *w, const char *key, double value);	/* four decimals */
void json_string(struct json_writer *w, const char *key, const char *value);
void json_bool(struct json_writer *w, const char *key, bool value);
void json_null(struct json_writer *w, const char *key);

/* Ends a record: one line. */
void json_end_line(struct json_writer *w);

#endif
