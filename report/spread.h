/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One figure over several boots: how far they lie apart, and what two such rows tell. */
#ifndef KMEMLAB_SPREAD_H
#define KMEMLAB_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

struct spread {
	size_t boots;
	double least, most;
	double median, mean;
	double variance;	/* of the boots, with boots - 1; 0 for one */
};

/* Sorts the values. */
struct spread spread_of(double *values, size_t count);

/* How wide it is, in shares of its median. */
double spread_share(const struct spread *spread);

struct difference {
	double before, after, change;
	double noise;		/* half the interval where that is the kind */
	bool shown;
};

/* Counted figures: the medians differ by more than either spread. */
struct difference difference_counted(const struct spread *before, const struct spread *after);

/* Timed ones, by Welch: 0 lies outside the interval of the means' difference. */
struct difference difference_timed(const struct spread *before, const struct spread *after);

#endif
