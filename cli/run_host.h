/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --target host: carries a plan out in the running kernel. */
#ifndef KMEMLAB_RUN_HOST_H
#define KMEMLAB_RUN_HOST_H

#include "exec/plan.h"
#include "vm/vm.h"

/*
 * Loads the module where it is not loaded, and unloads it again. Fills the
 * result as vm_run() does, so that nobody else needs to know where it ran.
 */
void host_run(const struct plan *plan, unsigned int timeout_s, struct vm_result *result);

#endif
