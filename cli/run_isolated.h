/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --isolate: each experiment of a plan in a machine of its own. */
#ifndef KMEMLAB_RUN_ISOLATED_H
#define KMEMLAB_RUN_ISOLATED_H

#include "exec/plan.h"
#include "vm/vm.h"

/*
 * Like vm_run() with the plan as its job; job->plan is not looked at. The
 * results stand in the plan's order; the environment is of the first machine,
 * or of one whose self-check read something else.
 */
void isolated_run(const struct plan *plan, const struct vm_job *job, struct vm_result *result);

#endif
