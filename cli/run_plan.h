/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the options of kmemlab run to a plan. */
#ifndef KMEMLAB_RUN_PLAN_H
#define KMEMLAB_RUN_PLAN_H

#include "exec/plan.h"
#include "run_options.h"

/* EXIT_FINE, or another code with one line said. */
enum exit_code run_plan_make(struct plan *plan, const struct run_options *options);

#endif
