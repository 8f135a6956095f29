/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was refused, in one line below the table. */
#ifndef KMEMLAB_TABLE_REFUSALS_H
#define KMEMLAB_TABLE_REFUSALS_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/* Each reason once, with the facilities that gave it; verbose: the results stand above in full. */
void refusals_print(const json_t *results, bool verbose, FILE *out);

#endif
