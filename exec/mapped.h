/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proof that the kernel and this process see the same frames of a mapped set. */
#ifndef KMEMLAB_MAPPED_H
#define KMEMLAB_MAPPED_H

#include <stdio.h>

#include "held.h"

/* Writes {"record":"mapped"}. 0, or a negative errno with one line in reason. */
int prove_mapped(const struct held *held, int device, uint64_t objects, uint64_t object_size,
		 uint32_t page_size, FILE *records, struct refusal *reason);

#endif
