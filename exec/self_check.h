/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instrument measures itself: facilities null and delay, before and after each plan. */
#ifndef KMEMLAB_SELF_CHECK_H
#define KMEMLAB_SELF_CHECK_H

#include "records.h"

/*
 * Measures null and delay once more and adds what they read to check, which
 * keeps the worst of all calls. 0 or a negative errno.
 */
int self_check_add(int device, const char *clock_unit, struct self_check *check);

#endif
