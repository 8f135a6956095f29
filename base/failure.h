/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why something could not be done: the exit code and one line for people. */
#ifndef KMEMLAB_FAILURE_H
#define KMEMLAB_FAILURE_H

#include "exit_codes.h"

struct failure {
	enum exit_code code;
	char *message;
};

/* Notes the first failure (what follows from it is no news). Always returns -1. */
int fail_with(struct failure *failure, enum exit_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Ctrl-C or a signal: -1 like fail_with(). */
int fail_interrupted(struct failure *failure);

void failure_release(struct failure *failure);

#endif
