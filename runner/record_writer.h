/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A writer of records: JSON objects, one per line, in a program that links libc only.
 * docs/results.md describes their fields.
 */
#ifndef KMEMLAB_RUNNER_RECORD_WRITER_H
#define KMEMLAB_RUNNER_RECORD_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct record_writer {
	FILE *out;
	bool need_comma;
	const void *record;	/* structure of write_record(), for callbacks of fields */
};

/* Start {"record":RECORD, ...} and end it with a newline. */
void writer_begin(struct record_writer *w, const char *record);
void writer_end(struct record_writer *w);

/* Value of an unsigned integer that is not known. */
#define NO_COUNT UINT64_MAX

/*
 * Write a member of an object, or with a NULL key an element of an array. NO_COUNT, NAN and a
 * NULL string are written as null.
 */
void writer_open(struct record_writer *w, const char *key, char bracket);	/* '{' or '[' */
void writer_close(struct record_writer *w, char bracket);			/* '}' or ']' */
void writer_unsigned(struct record_writer *w, const char *key, uint64_t value);
void writer_signed(struct record_writer *w, const char *key, int64_t value);
void writer_real(struct record_writer *w, const char *key, double value);	/* four decimals */
void writer_string(struct record_writer *w, const char *key, const char *value);
void writer_hex(struct record_writer *w, const char *key, uint64_t value);	/* "0x1f" */
void writer_bool(struct record_writer *w, const char *key, bool value);
void writer_null(struct record_writer *w, const char *key);

/* Why a translation or a map was skipped; empty: it was not. */
struct skip_reason {
	char text[320];
};

/* Set the reason and return err. */
int skip_with(struct skip_reason *reason, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * If there is a reason, write {"record":"skipped"} and return 0, so that the plan continues.
 * Otherwise return err.
 */
int write_skip_record(FILE *out, const struct skip_reason *reason, int err);

#endif
