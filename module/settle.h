/* SPDX-License-Identifier: GPL-2.0 */
/* What operations have put off, and what it cost until it was done. */
#ifndef KMEMLAB_SETTLE_H
#define KMEMLAB_SETTLE_H

#include <linux/types.h>

/**
 * struct kmemlab_deferred - cost that came after the operations
 * @ticks: of the clock, while no CPU idled
 * @known: it could be told from other work
 */
struct kmemlab_deferred {
	u64 ticks;
	bool known;
};

/*
 * Calls @wait, which sleeps until what was put off is done, and adds to @deferred what
 * the CPU executed meanwhile, less what it executes in such a wait with nothing to do:
 * so @wait is called twice. Where several CPUs are online the work may be anybody's,
 * and it is called once.
 */
void kmemlab_settle(void (*wait)(void), struct kmemlab_deferred *deferred);

#endif
