/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run a plan on /dev/kmemlab and write records: JSON objects, one per line. The same code runs
 * on the host and as the guest's init, so it links libc only.
 *
 * Records, in this order (docs/results.md has the fields):
 *   {"record":"samples", ...}      cost of each operation: two, "alloc" and "free", before
 *                                  the result of a marked experiment
 *   {"record":"result", ...}       one per experiment, in the order of the plan
 *   {"record":"lookup", ...}       one per translated address
 *   {"record":"translation", ...}  summary of the lookups of one "translate" line
 *   {"record":"mmap_check", ...}   verification of objects mapped to this process
 *   {"record":"map", ...}          physical memory: one, or three (before, held, after)
 *   {"record":"skipped", ...}      instead of translations or maps that are not possible
 *   {"record":"environment", ...}  last: the environment, except for what only the host knows
 */
#ifndef KMEMLAB_RUNNER_RUNNER_H
#define KMEMLAB_RUNNER_RUNNER_H

#include <stdio.h>

#include "runner/plan.h"

/*
 * Return: 0 if all experiments were run, with any status (the environment record has the
 * result of the self-check), or a negative errno after a message on standard error.
 */
int runner_run(const struct plan *plan, FILE *records);

#endif
