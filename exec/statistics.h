/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From samples to figures: exact percentiles by nearest rank. */
#ifndef KMEMLAB_STATISTICS_H
#define KMEMLAB_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kmemlab.h>

/* In ticks of the clock, net of its overhead. Nothing but samples counts when that is 0. */
struct distribution {
	uint64_t samples;
	uint64_t min, p50, p90, p99, p999, max;
	double mean;
};

struct cost {
	uint64_t interrupted;		/* samples that an interrupt, a switch or a migration hit */
	uint64_t slept;			/* samples in which the operation waited */
	struct distribution clean;	/* operations that nothing hit */
	struct distribution all;	/* operations that did not sleep */
};

/*
 * samples[count] as the module gives them; overflows[overflow_count] hold the
 * exact values of those that read KMEMLAB_SAMPLE_VALUE. 0 or -ENOMEM.
 */
int cost_from_samples(const uint32_t *samples, size_t count,
		      const struct kmemlab_overflow *overflows, size_t overflow_count,
		      uint32_t overhead, struct cost *cost);

#endif
