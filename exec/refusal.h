/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a question was not answered: for people, in a record of its own. */
#ifndef KMEMLAB_REFUSAL_H
#define KMEMLAB_REFUSAL_H

#include <stdio.h>

struct refusal {
	char text[320];		/* empty: none */
};

/* Notes the text and returns error. */
int refuse(struct refusal *refusal, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Writes {"record":"refusal"} and returns 0 where there is a text, so that the
 * plan goes on; else returns error.
 */
int write_refusal_record(FILE *out, const struct refusal *refusal, int error);

#endif
