/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which results say something of what is needed. */
#ifndef KMEMLAB_ADVICE_FIT_H
#define KMEMLAB_ADVICE_FIT_H

#include "advice.h"

/* Such objects by pair or batch, with this gfp, and in the surroundings that are usual. */
bool advice_fits(const json_t *result, const struct need *need, const char *gfp);

/* Why no result fits: one line, to be freed. */
char *advice_no_fit(const json_t *document, const struct need *need);

#endif
