/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In what the environments of the subjects differ. */
#ifndef KMEMLAB_COMPARISON_ENVIRONMENT_H
#define KMEMLAB_COMPARISON_ENVIRONMENT_H

#include "comparison.h"

/* A new array of {field, values, matters}. */
json_t *environment_differences(const struct subject *subjects, size_t count, bool asked);

#endif
