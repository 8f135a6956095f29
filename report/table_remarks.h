/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader of the table should know of single experiments that went well. */
#ifndef KMEMLAB_TABLE_REMARKS_H
#define KMEMLAB_TABLE_REMARKS_H

#include <stdio.h>

#include <jansson.h>

/* What ended those without an end of their own; where loop and samples disagree. */
void remarks_print(const json_t *results, FILE *out);

#endif
