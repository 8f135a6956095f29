/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory that one operation touched, and which of its functions did. */
#ifndef KMEMLAB_EXPLAIN_FOOTPRINT_H
#define KMEMLAB_EXPLAIN_FOOTPRINT_H

#include "analysis.h"

/* Adds to the nodes what each touched itself; the clock's and interrupts' own accesses are left out. */
void footprint_take(struct footprint *footprint, const struct operation *operation,
		    const struct placed *placed, struct cache_model *model);

#endif
