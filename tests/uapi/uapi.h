/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the contract share. */
#ifndef KMEMLAB_TESTS_UAPI_H
#define KMEMLAB_TESTS_UAPI_H

#include <stdbool.h>

extern int device;

/* One line of TAP. */
void ok(bool passed, const char *what);

/* The errno of an ioctl on the device, or 0. */
int say(unsigned long number, void *argument);

/* Addresses, pages, and what is held for them. */
void test_questions(void);

#endif
