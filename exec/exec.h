/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries out a plan against /dev/kmemlab and writes result records: one JSON
 * object a line. The same code runs on the host and as the guest's init, so it
 * links libc only.
 *
 * Records, in this order:
 *   {"record":"result", ...}       one for each experiment, in the plan's order:
 *                                  the fields of "results" in docs/results.md
 *   {"record":"answer", ...}       one for each address translated, and then
 *   {"record":"translation", ...}  what was asked of all of them, and their cost
 *   {"record":"mapped", ...}       what mapping objects to this process showed
 *   {"record":"refusal", ...}      instead of these, where they could not be had
 *   {"record":"map", ...}          physical memory: one, or before, held, after
 *   {"record":"samples", ...}      two before the result of an experiment that is
 *                                  marked, "alloc" and "free": each operation's cost
 *   {"record":"environment", ...}  last: the fields of "environment" that the
 *                                  running kernel knows, self_check and
 *                                  taint_delta included
 */
#ifndef KMEMLAB_EXEC_H
#define KMEMLAB_EXEC_H

#include <stdio.h>

#include "plan.h"

/*
 * 0 when each experiment was carried out: its record says with what outcome, and
 * the environment record says whether the self-check was right. A negative errno,
 * with one line on standard error, when the plan could not be carried out.
 */
int exec_plan(const struct plan *plan, FILE *records);

#endif
