// SPDX-License-Identifier: GPL-2.0-or-later
/* Pictures of a run: costs, memory and contiguity of each facility, and what they depend on. */
#include "html.h"

#include <math.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "document.h"
#include "format.h"
#include "metrics.h"

/* A page must stay readable with hundreds of experiments. */
#define ROWS_MAX	40

/* Rows of the first pictures, which differ in nothing but the facility if there are many. */
struct selection {
	struct results_rows rows;
	const json_t *results;
	const char *unit;
};

static const char *facility_of(const struct results_row *row)
{
	return json_str(row->first, "facility", "-");
}

bool html_same_except(const json_t *a, const json_t *b, const char *path)
{
	static const char *const paths[] = { "workload", "object_size", "objects", "facility" };
	const char *name;
	json_t *value;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (strcmp(paths[i], path) && !json_equal(json_at(a, paths[i]),
							  json_at(b, paths[i])))
			return false;
	json_object_foreach(json_object_get(a, "parameters"), name, value) {
		const json_t *other = json_object_get(json_object_get(b, "parameters"), name);

		if (strcmp(path, "parameters.cpus") || strcmp(name, "cpus"))
			if (!json_equal(value, other))
				return false;
	}
	return true;
}

static size_t count_equal(const struct results_rows *rows, const struct results_row *row)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		count += html_same_except(rows->list[i].first, row->first, "facility");
	return count;
}

/* Keep the parameters that most facilities were measured with, the middle ones of several. */
static void select_equal(struct results_rows *rows)
{
	cleanup_free size_t *counts = xcalloc(rows->count, sizeof(*counts));
	size_t most = 0, candidates = 0, kept = 0, i;
	struct results_row middle = { 0 };

	for (i = 0; i < rows->count; i++) {
		counts[i] = count_equal(rows, &rows->list[i]);
		most = counts[i] > most ? counts[i] : most;
	}
	for (i = 0; i < rows->count; i++)
		candidates += counts[i] == most;
	candidates /= 2;
	for (i = 0; i < rows->count && !middle.first; i++)
		if (counts[i] == most && !candidates--)
			middle = rows->list[i];
	for (i = 0; i < rows->count && kept < ROWS_MAX; i++)
		if (html_same_except(rows->list[i].first, middle.first, "facility"))
			rows->list[kept++] = rows->list[i];
	rows->count = kept;
}

static struct selection select_rows(const json_t *run)
{
	struct selection selection = {
		.rows = results_rows_build(document_results(run)),
		.results = document_results(run),
		.unit = unit_name(json_str(document_environment(run), "clock.unit", "-")),
	};

	if (selection.rows.count > ROWS_MAX)
		select_equal(&selection.rows);
	return selection;
}

/*
 * Return the facility, with the parameters in which the rows differ; the caller frees it. A row
 * of two workloads is not named after one of them.
 */
static char *row_label(const struct selection *selection, const struct results_row *row)
{
	const char *mark = row->objects_per_operation > 1 ? "*" : "";
	bool equal = count_equal(&selection->rows, row) == selection->rows.count;
	const json_t *named = row->cost ?: row->first;
	cleanup_free char *title = NULL;

	if (equal)
		return xasprintf("%s%s", facility_of(row), mark);
	title = row->pair && row->cost ? experiment_row_title(named, selection->results) :
					 experiment_short_title(named, selection->results);
	return xasprintf("%s%s", title, mark);
}

double html_mean(const json_t *result, const char *direction)
{
	return json_num(json_at(result, direction), "mean", NAN);
}

static double bytes_of(const struct results_row *row)
{
	double backing = json_num(row->memory, "memory.backing_bytes", NAN);
	long long held = row->memory ? objects_held(row->memory) : 0;

	return held ? backing / held : NAN;
}

/* Return alloc and free together. */
static double cost_of(const struct results_row *row)
{
	return html_mean(row->cost, "alloc") + html_mean(row->cost, "free");
}

static double extents_of(const struct results_row *row)
{
	return json_num(row->memory, "contiguity.extents", NAN);
}

/* Rows without a value come last. */
static int by(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return (a > b) - (a < b);
}

static int by_cost(const void *a, const void *b)
{
	return by(cost_of(a), cost_of(b));
}

static int by_memory(const void *a, const void *b)
{
	int order = by(bytes_of(a), bytes_of(b));

	return order ? order : by_cost(a, b);
}

static int by_extents(const void *a, const void *b)
{
	int order = by(extents_of(a), extents_of(b));

	return order ? order : by_cost(a, b);
}

static void print_value(double value, FILE *out)
{
	fprintf(out, "<td>%s</td>", isnan(value) ? "-" : format_real(value).text);
}

static void table_begin(const char *name, const char *heads, const struct html_scale *scale,
			FILE *out)
{
	cleanup_free char *copy = xstrdup(heads);
	char *rest = copy, *head;

	html_printf(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
		    "aria-label=\"%s\"><table class=\"plot\"><thead><tr><th>facility</th>", name);
	html_axis(scale, "", out);
	while ((head = strsep(&rest, "|")))
		fprintf(out, "<th>%s</th>", head);
	fputs("</tr></thead>\n<tbody>\n", out);
}

static void table_end(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

static void print_label(const struct selection *selection, const struct results_row *row,
			FILE *out)
{
	cleanup_free char *label = row_label(selection, row);

	html_printf(out, "<tr><th scope=\"row\">%s</th>", label);
}

const char *const html_directions[2] = { "alloc", "free" };

static void print_costs_row(const struct selection *selection, const struct results_row *row,
			    const struct html_scale *scale, FILE *out)
{
	static const char *const filled[] = { "a", "f" }, *const hollow[] = { "h", "f h" };
	double alloc = html_mean(row->cost, "alloc"), free = html_mean(row->cost, "free");

	print_label(selection, row, out);
	html_track_begin(scale, out);
	if (!isnan(alloc + free))
		html_bar(scale, alloc, free, "", out);
	for (size_t d = 0; d < 2; d++)
		if (!isnan(html_mean(row->pair, html_directions[d])))
			html_dot(scale, html_mean(row->pair, html_directions[d]), hollow[d], out);
	for (size_t d = 0; d < 2; d++)
		if (!isnan(html_mean(row->cost, html_directions[d])))
			html_dot(scale, html_mean(row->cost, html_directions[d]), filled[d], out);
	html_track_end(out);
	for (size_t d = 0; d < 2; d++)
		print_value(html_mean(row->cost, html_directions[d]), out);
	for (size_t d = 0; selection->rows.has_pairs && d < 2; d++)
		print_value(html_mean(row->pair, html_directions[d]), out);
	fputs("</tr>\n", out);
}

static void print_costs(struct selection *selection, FILE *out)
{
	struct results_rows *rows = &selection->rows;
	const char *workload = rows->cost_workload ?: "workload";
	struct html_range range = HTML_NO_RANGE;
	struct html_scale scale;

	qsort(rows->list, rows->count, sizeof(*rows->list), by_cost);
	for (size_t i = 0; i < rows->count; i++) {
		for (size_t d = 0; d < 2; d++) {
			html_range_add(&range, html_mean(rows->list[i].cost, html_directions[d]));
			html_range_add(&range, html_mean(rows->list[i].pair, html_directions[d]));
		}
	}
	scale = html_range_scale(&range);
	html_printf(out, "<section><h2>What an object costs</h2>\n<p class=\"note\">Mean %s per "
		    "object, deferred work included; logarithmic scale, the cheapest first.<br>",
		    selection->unit);
	html_key("a", "alloc", out);
	html_key("f", "free", out);
	if (rows->has_pairs) {
		html_printf(out, "(%s); hollow: pair, where each object is freed before the next "
			    "one is allocated", workload);
	}
	fputs("</p>\n", out);
	table_begin("Cost of an object", rows->has_pairs ? "alloc|free|pair alloc|pair free" :
		    "alloc|free", &scale, out);
	for (size_t i = 0; i < rows->count; i++)
		print_costs_row(selection, &rows->list[i], &scale, out);
	table_end(out);
	fputs("</section>\n", out);
}

/* Return true if no other row costs less memory and no more instructions, or the reverse. */
static bool is_on_edge(const struct results_rows *rows, const struct results_row *row)
{
	double cost = cost_of(row), bytes = bytes_of(row);

	if (isnan(cost + bytes))
		return false;
	for (size_t i = 0; i < rows->count; i++) {
		double other_cost = cost_of(&rows->list[i]), other = bytes_of(&rows->list[i]);

		if (other_cost <= cost && other <= bytes && (other_cost < cost || other < bytes))
			return false;
	}
	return true;
}

/* Cost against memory: the plot between two columns of labels, in units of the picture. */
#define SCATTER_WIDTH	560
#define SCATTER_HEIGHT	430
#define SCATTER_LEFT	132
#define SCATTER_RIGHT	428
#define SCATTER_TOP	14
#define SCATTER_BOTTOM	386
#define LABEL_STEP	16
#define LABELS_MAX	((SCATTER_BOTTOM - SCATTER_TOP) / LABEL_STEP + 1)	/* on each side */
#define LABEL_WIDTH	17	/* characters of a wide font between the plot and the edge */

struct point {
	const struct results_row *row;
	char *label;
	double x, y, label_y;
	bool left, on_edge;
	size_t shown;		/* bytes of the label outside the title, or 0 */
};

static double scatter_x(const struct html_scale *scale, double value)
{
	return SCATTER_LEFT + 10 + (SCATTER_RIGHT - SCATTER_LEFT - 20) *
	       html_position(scale, value) / 100;
}

static double scatter_y(const struct html_scale *scale, double value)
{
	return SCATTER_BOTTOM - 10 - (SCATTER_BOTTOM - SCATTER_TOP - 20) *
	       html_position(scale, value) / 100;
}

static int by_height(const void *a, const void *b)
{
	const struct point *first = a, *second = b;

	return by(first->y, second->y);
}

/* Return how many bytes of a label fit: all, those before its parameters, its first word, or 0. */
static size_t label_bytes(const char *label)
{
	static const char *const ends[] = { ", ", " " };

	if (text_width(label) <= LABEL_WIDTH)
		return strlen(label);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		const char *end = strstr(label, ends[i]);

		if (end && end - label < LABEL_WIDTH)
			return end - label;
	}
	return 0;
}

/* Choose the dots of one side that have a label: those on the best edge first. */
static bool choose_labels(struct point *points, size_t count, bool left)
{
	size_t places = LABELS_MAX;
	bool complete = true;

	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count; i++) {
			if (points[i].left != left || points[i].on_edge == pass)
				continue;
			points[i].shown = places ? label_bytes(points[i].label) : 0;
			places -= points[i].shown > 0;
			complete = complete && !points[i].label[points[i].shown];
		}
	return complete;
}

/* Place the labels of one side, in the order of their dots and without an overlap. */
static void place_labels(struct point *points, size_t count, bool left)
{
	double next = SCATTER_TOP, limit = SCATTER_BOTTOM;

	for (size_t i = 0; i < count; i++) {
		if (points[i].left != left || !points[i].shown)
			continue;
		points[i].label_y = fmax(points[i].y, next);
		next = points[i].label_y + LABEL_STEP;
	}
	for (size_t i = count; i-- > 0;) {
		if (points[i].left != left || !points[i].shown)
			continue;
		points[i].label_y = fmin(points[i].label_y, limit);
		limit = points[i].label_y - LABEL_STEP;
	}
}

static void print_scatter_grid(const struct html_scale *x, const struct html_scale *y,
			       const char *unit, FILE *out)
{
	for (unsigned int i = 0; i <= x->steps; i++) {
		double value = pow(10, x->low + i), at = scatter_x(x, value);

		fprintf(out, "<path class=\"grid\" d=\"M%.1f %dV%d\"/><text class=\"m faint\" "
			"x=\"%.1f\" y=\"%d\">%s</text>\n", at, SCATTER_TOP, SCATTER_BOTTOM, at,
			SCATTER_BOTTOM + 15, html_short(value).text);
	}
	for (unsigned int i = 0; i <= y->steps; i++) {
		double value = pow(10, y->low + i), at = scatter_y(y, value);

		fprintf(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"faint\" "
			"x=\"%d\" y=\"%.1f\">%s</text>\n", SCATTER_LEFT, at, SCATTER_RIGHT,
			SCATTER_LEFT + 2, at - 2, html_short(value).text);
	}
	html_printf(out, "<text class=\"m\" x=\"%d\" y=\"%d\">bytes of page frames per object; "
		    "height: alloc + free, %s</text>\n", SCATTER_WIDTH / 2, SCATTER_HEIGHT - 6,
		    unit);
}

/* Draw the edge as steps: all that lies above and to the right of it is worse. */
static void print_edge(const struct point *points, size_t count, FILE *out)
{
	double last = -1;

	fputs("<path class=\"edge\" d=\"", out);
	for (size_t i = 0; i < count; i++) {	/* points are sorted from the top */
		if (!points[i].on_edge)
			continue;
		if (last < 0)
			fprintf(out, "M%.1f %dV%.1f", points[i].x, SCATTER_TOP, points[i].y);
		else
			fprintf(out, "H%.1fV%.1f", points[i].x, points[i].y);
		last = points[i].x;
	}
	fprintf(out, "%s\"/>\n", last < 0 ? "" : "H" "428");
}

static void print_point_label(const struct point *point, FILE *out)
{
	cleanup_free char *shown = xstrndup(point->label, point->shown);

	fprintf(out, "<text%s x=\"%d\" y=\"%.1f\">", point->left ? " class=\"e\"" : "",
		point->left ? SCATTER_LEFT - 8 : SCATTER_RIGHT + 8, point->label_y + 4);
	html_printf(out, "%s%s</text>", shown, point->label[point->shown] ? "\u2026" : "");
}

static void print_points(const struct point *points, size_t count, FILE *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct point *point = &points[i];
		int end = point->left ? SCATTER_LEFT - 6 : SCATTER_RIGHT + 6;

		if (point->shown)
			fprintf(out, "<path class=\"lead\" d=\"M%.1f %.1fL%d %.1f\"/>", point->x,
				point->y, end, point->label_y);
	}
	for (size_t i = 0; i < count; i++) {
		const struct point *point = &points[i];

		fprintf(out, "<circle%s cx=\"%.1f\" cy=\"%.1f\" r=\"5\"><title>",
			point->on_edge ? " class=\"a\"" : "", point->x, point->y);
		html_printf(out, "%s: %s, %s bytes</title></circle>", point->label,
			    format_real(cost_of(point->row)).text,
			    format_real(bytes_of(point->row)).text);
		if (point->shown)
			print_point_label(point, out);
		fputc('\n', out);
	}
}

static void print_memory(struct selection *selection, FILE *out)
{
	struct results_rows *rows = &selection->rows;
	struct html_range range = HTML_NO_RANGE;
	struct html_scale scale;

	qsort(rows->list, rows->count, sizeof(*rows->list), by_memory);
	for (size_t i = 0; i < rows->count; i++)
		html_range_add(&range, bytes_of(&rows->list[i]));
	if (!range.max)
		return;
	scale = html_range_scale(&range);
	html_fold_begin("Values: memory of an object", out);
	fputs("<p class=\"note\">Bytes of page frames behind an object; used: the share that was "
	      "requested. Best edge: nothing takes less memory and costs less.</p>\n", out);
	table_begin("Memory of an object", "bytes|used|best edge", &scale, out);
	for (size_t i = 0; i < rows->count; i++) {
		const struct results_row *row = &rows->list[i];

		if (isnan(bytes_of(row)))
			continue;
		print_label(selection, row, out);
		html_track_begin(&scale, out);
		html_dot(&scale, bytes_of(row), "a", out);
		html_track_end(out);
		print_value(bytes_of(row), out);
		fprintf(out, "<td>%s</td><td>%s</td></tr>\n",
			format_share_at(row->memory, "memory.utilization").text,
			is_on_edge(rows, row) ? "yes" : "");
	}
	table_end(out);
	html_fold_end(out);
}

static void print_scatter(struct selection *selection, FILE *out)
{
	struct results_rows *rows = &selection->rows;
	cleanup_free struct point *points = xcalloc(rows->count, sizeof(*points));
	struct html_range bytes = HTML_NO_RANGE, costs = HTML_NO_RANGE;
	struct html_scale x, y;
	size_t count = 0, i;
	bool complete;

	for (i = 0; i < rows->count; i++) {
		if (isnan(bytes_of(&rows->list[i]) + cost_of(&rows->list[i])))
			continue;
		html_range_add(&bytes, bytes_of(&rows->list[i]));
		html_range_add(&costs, cost_of(&rows->list[i]));
		points[count++].row = &rows->list[i];
	}
	if (count < 2)
		return;
	x = html_range_scale(&bytes);
	y = html_range_scale(&costs);
	for (i = 0; i < count; i++) {
		points[i].x = scatter_x(&x, bytes_of(points[i].row));
		points[i].y = scatter_y(&y, cost_of(points[i].row));
		points[i].left = points[i].x < (SCATTER_LEFT + SCATTER_RIGHT) / 2;
		points[i].on_edge = is_on_edge(rows, points[i].row);
		points[i].label = row_label(selection, points[i].row);
	}
	qsort(points, count, sizeof(*points), by_height);
	complete = choose_labels(points, count, true) & choose_labels(points, count, false);
	place_labels(points, count, true);
	place_labels(points, count, false);
	fprintf(out, "<section><h2>Cost against memory</h2>\n<p class=\"note\">Lower left is better. "
		"Filled dots on the dotted line are the best edge: nothing is better in both. "
		"%s</p>\n"
		"<svg role=\"img\" aria-label=\"Cost against memory of each facility; the table "
		"below has the values\" viewBox=\"0 0 %d %d\" width=\"%d\">\n",
		complete ? "" : "Point at a dot to see its whole name.", SCATTER_WIDTH, SCATTER_HEIGHT,
		SCATTER_WIDTH);
	print_scatter_grid(&x, &y, selection->unit, out);
	print_edge(points, count, out);
	print_points(points, count, out);
	for (i = 0; i < count; i++)
		free(points[i].label);
	fputs("</svg>\n", out);
	print_memory(selection, out);
	fputs("</section>\n", out);
}

static void print_contiguity(struct selection *selection, FILE *out)
{
	struct results_rows *rows = &selection->rows;
	struct html_range range = HTML_NO_RANGE;
	struct html_scale scale;

	qsort(rows->list, rows->count, sizeof(*rows->list), by_extents);
	for (size_t i = 0; i < rows->count; i++)
		html_range_add(&range, extents_of(&rows->list[i]));
	if (!range.max)
		return;
	scale = html_range_scale(&range);
	fputs("<section><h2>Contiguity</h2>\n<p class=\"note\">Pieces (extents) of physical memory "
	      "that all objects lie in; fewer are better.</p>\n", out);
	table_begin("Contiguity", "extents|largest, bytes|contiguous objects", &scale, out);
	for (size_t i = 0; i < rows->count; i++) {
		const struct results_row *row = &rows->list[i];
		long long contiguous = json_int(row->memory, "contiguity.contiguous_objects", -1);

		if (isnan(extents_of(row)))
			continue;
		print_label(selection, row, out);
		html_track_begin(&scale, out);
		html_dot(&scale, extents_of(row), "a", out);
		html_track_end(out);
		fprintf(out, "<td>%s</td><td>%s</td><td>%s</td></tr>\n",
			format_at(row->memory, "contiguity.extents").text,
			format_at(row->memory, "contiguity.largest_extent_bytes").text,
			contiguous < 0 ? "-" :
			format_share((double)contiguous / objects_held(row->memory)).text);
	}
	table_end(out);
	fputs("</section>\n", out);
}

void html_pictures(const json_t *run, FILE *out)
{
	struct selection selection = select_rows(run);
	struct results_rows all = results_rows_build(selection.results);
	cleanup_free char *note = results_rows_note(&selection.rows);

	if (!all.count)
		goto release;
	if (selection.rows.count < all.count) {
		const json_t *first = selection.rows.list[0].cost ?: selection.rows.list[0].first;
		cleanup_free char *parameters = experiment_parameters(first);

		html_printf(out, "<p>The first pictures show %s of %s rows: %s of %s%s.</p>\n",
			    format_count(selection.rows.count).text, format_count(all.count).text,
			    format_counted(json_int(first, "objects", 0), "object").text,
			    format_counted(json_int(first, "object_size", 0), "byte").text,
			    parameters);
	}
	print_costs(&selection, out);
	if (note)
		html_text(note, out);
	fputs("<div class=\"pair\">\n", out);
	print_scatter(&selection, out);
	print_contiguity(&selection, out);
	fputs("</div>\n", out);
	qsort(selection.rows.list, selection.rows.count, sizeof(*selection.rows.list), by_cost);
	html_multiples(&selection.rows, &all, selection.unit, out);
release:
	results_rows_release(&all);
	results_rows_release(&selection.rows);
}
