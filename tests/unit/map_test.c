// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps: what follows from runs of frames, by hand, and the curve of the picture. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/map.h"

/* Zone 1 from frame 0: two free blocks of order 2, one frame in use, the rest slab; then zone 2. */
static const char sixteen[] =
	"{\"runs\": [[0, 4, 1, 2, 1, 0], [4, 1, 8, 0, 1, 0], [5, 1, 1, 0, 1, 0],"
	" [6, 2, 1, 1, 1, 0], [8, 4, 4, 0, 1, 0], [12, 4, 1, 2, 1, 0],"
	" [16, 16, 3, 0, 2, 0]],"
	" \"owners\": [[4, 1, 2], [18, 2, 0], [20, 1, 2], [30, 9, 3]]}";

static struct frames read_map(const char *text)
{
	json_t *map = json_loads(text, 0, NULL);
	struct frames frames;

	assert_non_null(map);
	assert_null(frames_read(map, &frames));
	json_decref(map);
	return frames;
}

static void test_figures(void **state)
{
	struct zone_figures zones[4];
	struct frames frames = read_map(sixteen);

	(void)state;
	assert_int_equal(frames_figures(&frames, zones, 4), 2);
	assert_int_equal(zones[0].pages, 16);
	assert_int_equal(zones[0].kinds[KMEMLAB_PAGE_FREE], 11);
	assert_int_equal(zones[0].kinds[KMEMLAB_PAGE_SLAB], 4);
	assert_int_equal(zones[0].free_blocks[0], 1);
	assert_int_equal(zones[0].free_blocks[1], 1);
	assert_int_equal(zones[0].free_blocks[2], 2);
	assert_int_equal(zones[0].largest_order, 2);
	assert_int_equal(zones[1].largest_order, -1);
	frames_release(&frames);
}

/* The block from 0 on lacks one frame, the one from 8 on lacks four. */
static void test_next_block(void **state)
{
	struct zone_figures zones[4];
	struct frames frames = read_map(sixteen);

	(void)state;
	frames_figures(&frames, zones, 4);
	assert_int_equal(zones[0].next.order, 3);
	assert_int_equal(zones[0].next.pfn, 0);
	assert_int_equal(zones[0].next.used, 1);
	assert_int_equal(zones[0].next.count, 1);
	assert_int_equal(zones[0].next.runs[0].pfn, 4);
	assert_int_equal(zones[0].next.runs[0].kind, KIND_OF_OWNER(KMEMLAB_REGION_VMALLOC));
	/* Reserved memory is never given back. */
	assert_int_equal(zones[1].next.order, 0);
	frames_release(&frames);
}

/* Frame 20 is mapped by vmalloc and reserved: so it was there before, and remains reserved. */
static void test_owners_are_cut_out(void **state)
{
	struct zone_figures zones[4];
	struct frames frames = read_map(sixteen);

	(void)state;
	frames_figures(&frames, zones, 4);
	assert_int_equal(zones[0].kinds[KMEMLAB_PAGE_KERNEL], 0);
	assert_int_equal(zones[0].kinds[KIND_OF_OWNER(KMEMLAB_REGION_VMALLOC)], 1);
	assert_int_equal(zones[1].kinds[KIND_OF_OWNER(KMEMLAB_REGION_IMAGE)], 2);
	assert_int_equal(zones[1].kinds[KIND_OF_OWNER(KMEMLAB_REGION_PERCPU)], 2);
	assert_int_equal(zones[1].kinds[KIND_OF_OWNER(KMEMLAB_REGION_VMALLOC)], 0);
	assert_int_equal(zones[1].kinds[KMEMLAB_PAGE_RESERVED], 12);
	frames_release(&frames);
}

/* Where blocks are larger than usual, the largest free one is in the list, and the last. */
static void test_largest_order(void **state)
{
	struct frames frames = read_map("{\"order_max\": 11, \"runs\":"
					" [[4096, 4096, 1, 11, 0, 0], [8192, 1024, 1, 10, 1, 0],"
					" [9216, 1024, 4, 0, 1, 0]]}");
	struct zone_figures zones[4];

	(void)state;
	assert_int_equal(frames.order_max, 11);
	assert_int_equal(frames_figures(&frames, zones, 4), 2);
	assert_int_equal(zones[0].free_blocks[11], 2);
	assert_int_equal(zones[0].next.order, 0);
	assert_int_equal(zones[1].next.order, 11);
	assert_int_equal(zones[1].next.used, 1024);
	frames_release(&frames);
}

static void test_indices(void **state)
{
	struct zone_figures zones[4];
	struct frames frames = read_map(sixteen);

	(void)state;
	frames_figures(&frames, zones, 4);
	assert_true(zone_unusable(&zones[0], 0) == 0);
	assert_true(fabs(zone_unusable(&zones[0], 1) - 1 / 11.0) < 1e-9);
	assert_true(fabs(zone_unusable(&zones[0], 2) - 3 / 11.0) < 1e-9);
	assert_true(zone_unusable(&zones[0], 3) == 1);
	assert_true(zone_fragmentation(&zones[0], 2) == -1);
	/* 1 - (1 + 11 / 8) / 4 */
	assert_true(fabs(zone_fragmentation(&zones[0], 3) - 0.40625) < 1e-9);
	assert_true(zone_fragmentation(&zones[1], 0) == 0);
	frames_release(&frames);
}

static void check_fault(const char *text, const char *expected)
{
	json_t *map = json_loads(text, 0, NULL);
	struct frames frames;
	char *error = frames_read(map, &frames);

	assert_non_null(error);
	assert_string_equal(error, expected);
	assert_int_equal(frames.count, 0);
	free(error);
	json_decref(map);
}

static void test_faults(void **state)
{
	(void)state;
	check_fault("{}", "the map has no runs");
	check_fault("{\"runs\": [[0, 4, 1, 2, 1, 0], [3, 1, 1, 0, 1, 0]]}",
		    "run 1 of the map is not what it should be");
	check_fault("{\"runs\": [[0, 4, 99, 2, 1, 0]]}",
		    "run 0 of the map is not what it should be");
	check_fault("{\"runs\": [[0, 4, 8, 0, 1, 0]], \"owners\": [[0, 4]]}",
		    "owner 0 of the map is not what it should be");
	check_fault("{\"runs\": [[0, 4, 1, 2, 1]]}", "run 0 of the map is not what it should be");
}

#define SIDE 32	/* letters, each twice, as in the picture without colour */

/* Memory whose frame @pfn alone is slab, a frame a letter; where that letter is. */
static void find_letter(unsigned int pfn, int *x, int *y)
{
	struct frames_run runs[3] = {
		{ 0, pfn, KMEMLAB_PAGE_FREE, 0, 1, 0, false },
		{ pfn, 1, KMEMLAB_PAGE_SLAB, 0, 1, 0, false },
		{ pfn + 1, SIDE * SIDE - pfn - 1, KMEMLAB_PAGE_FREE, 0, 1, 0, false },
	};
	struct frames frames = { .runs = runs, .count = 3 };
	char *text = NULL, *at;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (pfn == SIDE * SIDE - 1)
		frames.count = 2;
	map_picture_print(&frames, false, out);
	fclose(out);
	at = strchr(text, 'S');
	assert_non_null(at);
	*y = (at - text) / (2 * SIDE + 1);
	*x = (at - text) % (2 * SIDE + 1) / 2;
	assert_true(*y < SIDE && at[1] == 'S' && at[2] != 'S');
	free(text);
}

/* A Hilbert curve: frames that follow each other are neighbours, and no place is used twice. */
static void test_curve(void **state)
{
	bool seen[SIDE][SIDE] = { 0 };
	int x, y, last_x = 0, last_y = 0;

	(void)state;
	for (unsigned int pfn = 0; pfn < SIDE * SIDE; pfn++) {
		find_letter(pfn, &x, &y);
		assert_false(seen[y][x]);
		seen[y][x] = true;
		assert_int_equal(abs(x - last_x) + abs(y - last_y), pfn ? 1 : 0);
		last_x = x;
		last_y = y;
	}
}

static void test_empty_picture(void **state)
{
	struct frames frames = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	map_picture_print(&frames, false, out);
	fclose(out);
	assert_int_equal(strspn(text, " \n"), size);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_next_block),
		cmocka_unit_test(test_owners_are_cut_out),
		cmocka_unit_test(test_largest_order),
		cmocka_unit_test(test_indices),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_curve),
		cmocka_unit_test(test_empty_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
