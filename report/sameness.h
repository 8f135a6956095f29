/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether two runs of one plan say the same, to the last digit. Pure. */
#ifndef KMEMLAB_SAMENESS_H
#define KMEMLAB_SAMENESS_H

#include <jansson.h>

/* One line on the first difference between the results of both first runs, to be freed, or NULL. */
char *sameness_difference(const json_t *before, const json_t *now);

#endif
