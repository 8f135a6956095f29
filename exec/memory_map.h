/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who uses physical memory: carries out the plan's map lines. */
#ifndef KMEMLAB_MEMORY_MAP_H
#define KMEMLAB_MEMORY_MAP_H

#include <stdio.h>

#include "plan.h"

/* 0, or a negative errno with one line on standard error. */
int map_memory(int device, const struct map_spec *spec, FILE *records);

#endif
