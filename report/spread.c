// SPDX-License-Identifier: GPL-2.0-or-later
#include "spread.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

struct spread spread_of(double *values, size_t count)
{
	struct spread spread = { .boots = count };
	double squares = 0;

	if (!count)
		return spread;
	qsort(values, count, sizeof(*values), compare);
	spread.least = values[0];
	spread.most = values[count - 1];
	spread.median = (values[(count - 1) / 2] + values[count / 2]) / 2;
	for (size_t i = 0; i < count; i++)
		spread.mean += values[i] / count;
	for (size_t i = 0; i < count; i++)
		squares += (values[i] - spread.mean) * (values[i] - spread.mean);
	spread.variance = count > 1 ? squares / (count - 1) : 0;
	return spread;
}

double spread_share(const struct spread *spread)
{
	return spread->median ? (spread->most - spread->least) / spread->median : 0;
}

struct difference difference_counted(const struct spread *before, const struct spread *after)
{
	double first = before->most - before->least, second = after->most - after->least;
	struct difference difference = {
		.before = before->median,
		.after = after->median,
		.change = after->median - before->median,
		.noise = first > second ? first : second,
	};

	difference.shown = fabs(difference.change) > difference.noise;
	return difference;
}

/* Student's t for 95 %, both sides; between two entries the wider one holds. */
static double student(double freedom)
{
	static const struct {
		double freedom, t;
	} quantiles[] = {
		{ 1, 12.706 }, { 2, 4.303 }, { 3, 3.182 }, { 4, 2.776 }, { 5, 2.571 },
		{ 6, 2.447 }, { 7, 2.365 }, { 8, 2.306 }, { 9, 2.262 }, { 10, 2.228 },
		{ 12, 2.179 }, { 14, 2.145 }, { 16, 2.120 }, { 18, 2.101 }, { 20, 2.086 },
		{ 25, 2.060 }, { 30, 2.042 }, { 40, 2.021 }, { 60, 2.000 }, { 120, 1.980 },
		{ INFINITY, 1.960 },
	};
	double t = quantiles[0].t;

	for (size_t i = 0; i < sizeof(quantiles) / sizeof(*quantiles); i++)
		if (quantiles[i].freedom <= freedom)
			t = quantiles[i].t;
	return t;
}

struct difference difference_timed(const struct spread *before, const struct spread *after)
{
	struct difference difference = {
		.before = before->mean,
		.after = after->mean,
		.change = after->mean - before->mean,
	};
	double first = before->variance / before->boots, second = after->variance / after->boots;
	double error = first + second, freedom;

	if (before->boots < 2 || after->boots < 2)
		return difference;
	if (error > 0) {
		freedom = error * error / (first * first / (before->boots - 1) +
					   second * second / (after->boots - 1));
		difference.noise = student(freedom) * sqrt(error);
	}
	difference.shown = fabs(difference.change) > difference.noise;
	return difference;
}
