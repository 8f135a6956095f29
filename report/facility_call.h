/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C call that gives what is needed. */
#ifndef KMEMLAB_FACILITY_CALL_H
#define KMEMLAB_FACILITY_CALL_H

#include "advice.h"
#include "facility_facts.h"

/* Set-up, allocation and release, one line each, to be freed; @covers objects by each call. */
char *facility_call(const struct facility_facts *facts, const struct need *need,
		    long long covers, long long page_size);

#endif
