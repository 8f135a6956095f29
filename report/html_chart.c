// SPDX-License-Identifier: GPL-2.0-or-later
/* Distributions from their percentiles: cost upwards, on a logarithmic scale. */
#include "html_parts.h"

#include <math.h>

#include "format.h"

#define LEFT	60
#define TOP	12
#define WIDTH	320
#define HEIGHT	110
#define STEPS	6

static const char *const names[STEPS] = { "min", "p50", "p90", "p99", "p999", "max" };
static const char *const labels[STEPS] = { "min", "p50", "p90", "p99", "p99.9", "max" };

/* The scale: from a power of ten to another, and 0 stands where 1 does. */
struct scale {
	int low, high;
};

static double logarithm(const json_t *statistics, size_t step)
{
	double value = json_number_value(json_object_get(statistics, names[step]));

	return value > 1 ? log10(value) : 0;
}

static const json_t *clean_of(const json_t *result, const char *direction)
{
	return json_object_get(json_object_get(result, direction), "clean");
}

static struct scale scale_for(const json_t *result)
{
	static const char *const directions[] = { "alloc", "free" };
	double low = INFINITY, high = 0;

	for (size_t i = 0; i < 2; i++) {
		const json_t *statistics = clean_of(result, directions[i]);

		if (!json_is_number(json_object_get(statistics, "min")))
			continue;
		low = fmin(low, logarithm(statistics, 0));
		high = fmax(high, logarithm(statistics, STEPS - 1));
	}
	return (struct scale) { floor(low), fmax(ceil(high), floor(low) + 1) };
}

static double y_of(const struct scale *scale, double value)
{
	return TOP + HEIGHT * (scale->high - value) / (scale->high - scale->low);
}

static double x_of(size_t step)
{
	return LEFT + WIDTH * (step + 0.5) / STEPS;
}

static void print_axes(const struct scale *scale, const char *unit, FILE *out)
{
	for (int power = scale->low; power <= scale->high; power++)
		fprintf(out, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
			"<text class=\"y\" x=\"%d\" y=\"%.1f\">%s</text>\n", LEFT, LEFT + WIDTH,
			y_of(scale, power), y_of(scale, power), LEFT - 6, y_of(scale, power) + 4,
			format_count(llround(pow(10, power))).text);
	for (size_t step = 0; step < STEPS; step++)
		fprintf(out, "<text class=\"x\" x=\"%.1f\" y=\"%d\">%s</text>\n", x_of(step),
			TOP + HEIGHT + 16, labels[step]);
	fprintf(out, "<text class=\"x\" x=\"%d\" y=\"%d\">", LEFT + WIDTH / 2, TOP + HEIGHT + 32);
	html_text(unit, out);
	fputs("</text>\n", out);
}

static void print_line(const struct scale *scale, const json_t *statistics, const char *direction,
		       FILE *out)
{
	if (!json_is_number(json_object_get(statistics, "min")))
		return;
	fprintf(out, "<polyline class=\"%s\" points=\"", direction);
	for (size_t step = 0; step < STEPS; step++)
		fprintf(out, "%s%.1f,%.1f", step ? " " : "", x_of(step),
			y_of(scale, logarithm(statistics, step)));
	fputs("\"/>\n", out);
	for (size_t step = 0; step < STEPS; step++)
		fprintf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\">"
			"<title>%s %s: %s</title></circle>\n", direction, x_of(step),
			y_of(scale, logarithm(statistics, step)), direction, labels[step],
			format_json(json_object_get(statistics, names[step])).text);
}

void html_chart(const json_t *result, const char *unit, FILE *out)
{
	const json_t *alloc = clean_of(result, "alloc"), *release = clean_of(result, "free");
	struct scale scale;

	if (!json_is_number(json_object_get(alloc, "min")) &&
	    !json_is_number(json_object_get(release, "min")))
		return;
	scale = scale_for(result);
	fprintf(out, "<svg role=\"img\" width=\"%d\" height=\"%d\">\n", LEFT + WIDTH + 10,
		TOP + HEIGHT + 40);
	print_axes(&scale, unit, out);
	print_line(&scale, alloc, "alloc", out);
	print_line(&scale, release, "free", out);
	fputs("</svg>\n", out);
}
