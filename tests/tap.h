/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TAP for C programs that run in the guest. */
#ifndef KMEMLAB_TESTS_TAP_H
#define KMEMLAB_TESTS_TAP_H

#include <stdbool.h>

/* Report one test. The format makes its name. */
__attribute__((format(printf, 2, 3))) void ok(bool passed, const char *format, ...);

/* Report one test, with the reason that the module gave unless it is empty. */
void ok_reason(bool passed, const char *name, const char *reason);

void skip(const char *name, const char *reason);

/* Print the plan. Return: the program's exit status. */
int done_testing(void);

#endif
