/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes JSON, one value after the other, for a program that links libc only.
 * A NULL key is for the members of an array.
 */
#ifndef KMEMLAB_RECORD_WRITER_H
#define KMEMLAB_RECORD_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct record_writer {
	FILE *out;
	bool need_comma;
};

void writer_open(struct record_writer *w, const char *key, char bracket);	/* '{' or '[' */
void writer_close(struct record_writer *w, char bracket);			/* '}' or ']' */
void writer_unsigned(struct record_writer *w, const char *key, uint64_t value);
void writer_signed(struct record_writer *w, const char *key, int64_t value);
void writer_real(struct record_writer *w, const char *key, double value);	/* four decimals */
void writer_string(struct record_writer *w, const char *key, const char *value);
void writer_hex(struct record_writer *w, const char *key, uint64_t value);	/* "0x1f" */
void writer_bool(struct record_writer *w, const char *key, bool value);
void writer_null(struct record_writer *w, const char *key);

/* Ends a record: one line. */
void writer_end_line(struct record_writer *w);

#endif
