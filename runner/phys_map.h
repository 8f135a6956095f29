/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps of physical memory: the plan's "map" lines. */
#ifndef KMEMLAB_RUNNER_PHYS_MAP_H
#define KMEMLAB_RUNNER_PHYS_MAP_H

#include <stdio.h>

#include "runner/plan.h"

/*
 * Scan physical memory and write the records of one line. Return: 0, even if it was skipped,
 * or a negative errno.
 */
int phys_map(int device, const struct map_spec *spec, FILE *records);

#endif
