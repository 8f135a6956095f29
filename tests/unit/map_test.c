// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps: statistics calculated by hand, owners of frames, and the picture's curve. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "report/format.h"
#include "report/map.h"

/* Zone 1: two free blocks of order 2, one frame in use, free and slab frames. Zone 2: reserved. */
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

static void test_zone_stats(void **state)
{
	struct zone_stats zones[4];
	struct frames frames = read_map(sixteen);

	(void)state;
	assert_int_equal(frames_zone_stats(&frames, zones, 4), 2);
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

/* One frame is in use in the block at frame 0, and four in the block at frame 8. */
static void test_next_block(void **state)
{
	struct zone_stats zones[4];
	struct frames frames = read_map(sixteen);

	(void)state;
	frames_zone_stats(&frames, zones, 4);
	assert_int_equal(zones[0].next.order, 3);
	assert_int_equal(zones[0].next.pfn, 0);
	assert_int_equal(zones[0].next.used, 1);
	assert_int_equal(zones[0].next.count, 1);
	assert_int_equal(zones[0].next.runs[0].pfn, 4);
	assert_int_equal(zones[0].next.runs[0].kind, KIND_OF_OWNER(KMEMLAB_REGION_VMALLOC));
	/* Reserved memory is never freed. */
	assert_int_equal(zones[1].next.order, 0);
	frames_release(&frames);
}

/* Frame 20 stays reserved although vmalloc maps it. */
static void test_owned_frames(void **state)
{
	struct zone_stats zones[4];
	struct frames frames = read_map(sixteen);

	(void)state;
	frames_zone_stats(&frames, zones, 4);
	assert_int_equal(zones[0].kinds[KMEMLAB_PAGE_KERNEL], 0);
	assert_int_equal(zones[0].kinds[KIND_OF_OWNER(KMEMLAB_REGION_VMALLOC)], 1);
	assert_int_equal(zones[1].kinds[KIND_OF_OWNER(KMEMLAB_REGION_IMAGE)], 2);
	assert_int_equal(zones[1].kinds[KIND_OF_OWNER(KMEMLAB_REGION_PERCPU)], 2);
	assert_int_equal(zones[1].kinds[KIND_OF_OWNER(KMEMLAB_REGION_VMALLOC)], 0);
	assert_int_equal(zones[1].kinds[KMEMLAB_PAGE_RESERVED], 12);
	frames_release(&frames);
}

/* A run of 2^52 frames takes no time, and the blocks at its ends are considered. */
static void test_next_block_after_long_run(void **state)
{
	struct frames frames = read_map("{\"runs\": [[1, 39, 8, 0, 0, 0], [40, 1, 1, 0, 0, 0],"
					" [41, 4503599627370454, 8, 0, 0, 0]]}");
	struct zone_stats zone;

	(void)state;
	frames_zone_stats(&frames, &zone, 1);
	assert_int_equal(zone.next.order, 1);
	assert_int_equal(zone.next.pfn, 40);
	assert_int_equal(zone.next.used, 1);
	frames_release(&frames);
}

/* The list of orders ends with the order_max of the map. */
static void test_largest_order(void **state)
{
	struct frames frames = read_map("{\"order_max\": 11, \"runs\":"
					" [[4096, 4096, 1, 11, 0, 0], [8192, 1024, 1, 10, 1, 0],"
					" [9216, 1024, 4, 0, 1, 0]]}");
	struct zone_stats zones[4];

	(void)state;
	assert_int_equal(frames.order_max, 11);
	assert_int_equal(frames_zone_stats(&frames, zones, 4), 2);
	assert_int_equal(zones[0].free_blocks[11], 2);
	assert_int_equal(zones[0].next.order, 0);
	assert_int_equal(zones[1].next.order, 11);
	assert_int_equal(zones[1].next.used, 1024);
	frames_release(&frames);
}

static void test_fragmentation_indices(void **state)
{
	struct zone_stats zones[4];
	struct frames frames = read_map(sixteen);

	(void)state;
	frames_zone_stats(&frames, zones, 4);
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

/*
 * Frames 0 to 15: single free frames in movable blocks, and a free CMA block of order 3 with a
 * used one in front. Frames 16 to 19: highatomic, 20 to 23: isolated, all free.
 */
#define TYPED_MAP(gfp)								\
	"{\"gfp\": \"" gfp "\", \"order_max\": 4,"					\
	" \"migrate_types\": [\"unmovable\", \"movable\", \"reclaimable\", \"highatomic\","	\
	" \"cma\", \"isolate\", \"\", \"\"], \"runs\": ["				\
	"[0, 1, 1, 0, 0, 0, 1], [1, 1, 8, 0, 0, 0, 1], [2, 1, 1, 0, 0, 0, 0],"	\
	"[3, 1, 8, 0, 0, 0, 0], [4, 3, 6, 0, 0, 0, 4], [7, 1, 8, 0, 0, 0, 4],"	\
	"[8, 8, 1, 3, 0, 0, 4], [16, 4, 1, 2, 0, 0, 3], [20, 4, 1, 2, 0, 0, 5]]}"

static void check_usable(const char *text, int largest, double unusable, uint64_t usable_pages)
{
	struct zone_stats zones[4];
	struct frames frames = read_map(text);
	uint64_t pages = 0;

	assert_int_equal(frames_zone_stats(&frames, zones, 4), 1);
	assert_int_equal(zones[0].largest_order, largest);
	assert_true(fabs(zone_unusable(&zones[0], 2) - unusable) < 1e-9);
	for (unsigned int order = 0; order <= frames.order_max; order++)
		pages += zones[0].usable_blocks[order] << order;
	assert_int_equal(pages, usable_pages);
	assert_int_equal(zones[0].free_blocks[0] + 8 * zones[0].free_blocks[3], 10);
	assert_int_equal(zones[0].free_blocks[2], 2);
	frames_release(&frames);
}

/* The largest block is CMA's, which only movable pages may use. */
static void test_usable_types(void **state)
{
	(void)state;
	check_usable(TYPED_MAP("kernel"), 0, 1, 2);
	check_usable(TYPED_MAP("zeroed"), 0, 1, 2);
	check_usable(TYPED_MAP("atomic"), 2, 2 / 6.0, 6);
	check_usable(TYPED_MAP("movable"), 3, 2 / 10.0, 10);
}

static void test_cma(void **state)
{
	struct zone_stats zones[4];
	struct frames frames = read_map(TYPED_MAP("kernel"));

	(void)state;
	frames_zone_stats(&frames, zones, 4);
	assert_int_equal(zones[0].cma_pages, 12);
	assert_int_equal(zones[0].cma_kinds[KIND_FREE_CMA], 8);
	assert_int_equal(zones[0].cma_kinds[KMEMLAB_PAGE_ANON], 3);
	assert_int_equal(zones[0].cma_kinds[KMEMLAB_PAGE_KERNEL], 1);
	assert_int_equal(zones[0].kinds[KMEMLAB_PAGE_FREE], 10);
	assert_int_equal(zones[0].kinds[KIND_FREE_CMA], 8);
	/* The next block of GFP_KERNEL is not in CMA, although that has fewer frames in use. */
	assert_int_equal(zones[0].next.order, 1);
	assert_int_equal(zones[0].next.pfn, 0);
	assert_int_equal(zones[0].next.used, 1);
	assert_true(fabs(zone_fragmentation(&zones[0], 1) - 0) < 1e-9);
	frames_release(&frames);
}

/* 25,722 of 25,730 frames are not 100 %. */
static void test_percentages(void **state)
{
	(void)state;
	assert_true(percent_of(25722.0 / 25730) == 99.9);
	assert_true(percent_of(0.9996) == 99.9);
	assert_true(percent_of(1) == 100);
	assert_true(percent_of(1.5) == 150);
	assert_true(percent_of(0.25) == 25);
	assert_string_equal(format_share(25722.0 / 25730).text, "99.9 %");
}

/* All frames of a block can be free in smaller blocks or in other lists. */
static void test_free_next_block(void **state)
{
	static const char document[] =
		"{\"maps\": [{\"page_size\": 4096, \"runs\": [], \"statistics\": [{\"name\": \"DMA\","
		" \"largest_free_order\": 1, \"next_larger\": {\"order\": 2, \"pfn\": 8,"
		" \"pages_in_use\": 0, \"first_in_use\": []}}]}]}";
	json_t *map = json_loads(document, 0, NULL);
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	map_print(map, false, out);
	fclose(out);
	assert_non_null(strstr(text, "  order 2: the block at PFN 8 is free, but not merged: "
			       "its halves have different migrate types, or one was split\n"));
	json_decref(map);
}

static void check_invalid(const char *text, const char *expected)
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

static void test_invalid_maps(void **state)
{
	(void)state;
	check_invalid("{}", "the map has no runs");
	check_invalid("{\"runs\": [[0, 4, 1, 2, 1, 0], [3, 1, 1, 0, 1, 0]]}",
		    "run 1 of the map is invalid");
	check_invalid("{\"runs\": [[0, 4, 99, 2, 1, 0]]}",
		    "run 0 of the map is invalid");
	check_invalid("{\"runs\": [[0, 4, 8, 0, 1, 0]], \"owners\": [[0, 4]]}",
		    "owner 0 of the map is invalid");
	check_invalid("{\"runs\": [[0, 4503599627370497, 1, 0, 0, 0]]}",
		    "run 0 of the map is invalid");
	check_invalid("{\"runs\": [], \"owners\": [[8, 4, 1], [0, 4, 1]]}",
		    "owner 1 of the map is invalid");
	check_invalid("{\"runs\": [[0, 4, 8, 0, 1, 0, 8]]}", "run 0 of the map is invalid");
	check_invalid("{\"runs\": [[0, 4, 1, 2, 1]]}", "run 0 of the map is invalid");
	check_invalid("{\"runs\": [], \"objects\": [[8, 4], [0, 4]]}",
		    "object 1 of the map is invalid");
	check_invalid("{\"runs\": [], \"objects\": [[8]]}", "object 0 of the map is invalid");
}

#define SIDE 32	/* letters, each printed twice */

/* Set the position of one slab frame in a picture with one frame per letter. */
static void find_letter(unsigned int pfn, int *x, int *y)
{
	struct frames_run runs[3] = {
		{ 0, pfn, KMEMLAB_PAGE_FREE, 0, 1, 0, false, true, false },
		{ pfn, 1, KMEMLAB_PAGE_SLAB, 0, 1, 0, false, true, false },
		{ pfn + 1, SIDE * SIDE - pfn - 1, KMEMLAB_PAGE_FREE, 0, 1, 0, false, true, false },
	};
	struct frames frames = { .runs = runs, .count = 3 };
	char *text = NULL, *letter;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (pfn == SIDE * SIDE - 1)
		frames.count = 2;
	map_picture_print(&frames, 4096, false, out);
	fclose(out);
	letter = strchr(text, 'S');
	assert_non_null(letter);
	*y = (letter - text) / (2 * SIDE + 1);
	*x = (letter - text) % (2 * SIDE + 1) / 2;
	assert_true(*y < SIDE && letter[1] == 'S' && letter[2] != 'S');
	free(text);
}

/* Consecutive frames are adjacent in the picture, and every position is used once. */
static void test_hilbert_curve(void **state)
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
	map_picture_print(&frames, 4096, false, out);
	fclose(out);
	assert_int_equal(strspn(text, " \n"), size);
	free(text);
}

static char *picture_of(const char *map)
{
	struct frames frames = read_map(map);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	map_picture_print(&frames, 4096, false, out);
	fclose(out);
	frames_release(&frames);
	return text;
}

/* One frame per cell: free blocks of order 0, 1 and 2, the last one in another zone. */
static void test_shades(void **state)
{
	cleanup_free char *text =
		picture_of("{\"order_max\": 0, \"runs\": [[0, 1, 1, 0, 1, 0], [1, 3, 8, 0, 1, 0],"
			   " [4, 2, 1, 1, 1, 0], [6, 2, 8, 0, 1, 0], [8, 4, 8, 0, 1, 0],"
			   " [12, 4, 1, 2, 2, 0]]}");

	(void)state;
	assert_string_equal(text, ".0KK.|.2\n"
				  "KKKK.|.2\n"
				  ".1KKK|K|\n"
				  ".1KKKKKK\n"
				  ". free  K kernel  \n"
				  "Second character: order of the largest free block in the cell "
				  "(+: 10 and more),\n"
				  "  | border of a zone\n"
				  "1 cell = 1 frame = 4 KiB\n\n");
}

/* With one free frame of four in each cell, no cell looks like one in use. */
static void test_fragmented_picture(void **state)
{
	cleanup_strbuf struct strbuf map = STRBUF_INIT;
	cleanup_free char *text = NULL;

	(void)state;
	strbuf_addstr(&map, "{\"order_max\": 0, \"runs\": [");
	for (int pfn = 0; pfn < 4096; pfn += 4)
		strbuf_addf(&map, "%s[%d, 1, 1, 0, 1, 0], [%d, 3, 8, 0, 1, 0]", pfn ? ", " : "",
			    pfn, pfn + 1);
	strbuf_addstr(&map, "]}");
	text = picture_of(map.text);
	assert_non_null(strstr(text, "K0K0K0K0"));
	assert_null(strstr(text, "KK"));
	assert_non_null(strstr(text, "\n1 cell = 4 frames = 16 KiB\n"));
}

/* Return true if the picture of this number of used frames has the text. */
static bool picture_has(unsigned int frames, const char *text)
{
	cleanup_free char *map = xasprintf("{\"order_max\": 0, \"runs\": [[0, %u, 8, 0, 1, 0]]}",
					   frames);
	cleanup_free char *picture = picture_of(map);

	return strstr(picture, text);
}

/* With 31.97 frames in a cell, blocks of 32 would straddle cells. */
static void test_whole_cells(void **state)
{
	(void)state;
	assert_true(picture_has(32 * 1024 - 30, "\n1 cell = 32 frames = 128 KiB\n"));
	/* A quarter of the picture would be empty. */
	assert_true(picture_has(1536, "\n1 cell = about 1.5 frames\n"));
}

/* The frames of objects are a kind of their own, whatever kind they have; free frames are not. */
static void test_objects(void **state)
{
	struct zone_stats zones[4];
	struct frames frames = read_map("{\"runs\": [[0, 8, 4, 0, 1, 0], [8, 4, 1, 2, 1, 0],"
					" [12, 4, 8, 0, 1, 0]], \"objects\": [[2, 3], [7, 6]]}");

	(void)state;
	assert_int_equal(frames_zone_stats(&frames, zones, 4), 1);
	assert_int_equal(zones[0].kinds[KIND_OBJECT], 5);
	assert_int_equal(zones[0].kinds[KMEMLAB_PAGE_SLAB], 4);
	assert_int_equal(zones[0].kinds[KMEMLAB_PAGE_FREE], 4);
	assert_int_equal(zones[0].kinds[KMEMLAB_PAGE_KERNEL], 3);
	frames_release(&frames);
}

/* Frame 0 is allocated, frame 1 freed, frame 2 stays free, and frame 3 changes its kind. */
static void test_difference_picture(void **state)
{
	json_t *before = json_loads("{\"order_max\": 0, \"page_size\": 4096, \"runs\":"
				    " [[0, 1, 1, 0, 1, 0], [1, 1, 4, 0, 1, 0], [2, 1, 1, 0, 1, 0],"
				    " [3, 1, 4, 0, 1, 0]]}", 0, NULL);
	json_t *after = json_loads("{\"order_max\": 0, \"page_size\": 4096, \"runs\":"
				   " [[0, 1, 8, 0, 1, 0], [1, 2, 1, 0, 1, 0], [3, 1, 8, 0, 1, 0]]}",
				   0, NULL);
	cleanup_free char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	map_picture_print_diff(before, after, false, out);
	fclose(out);
	assert_string_equal(text, "++~~\n--..\n. free before  + allocated  - freed  "
			    "~ other kind  \n1 cell = 1 frame = 4 KiB\n\n");
	json_decref(before);
	json_decref(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shades),
		cmocka_unit_test(test_fragmented_picture),
		cmocka_unit_test(test_whole_cells),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_difference_picture),
		cmocka_unit_test(test_zone_stats),
		cmocka_unit_test(test_next_block),
		cmocka_unit_test(test_owned_frames),
		cmocka_unit_test(test_largest_order),
		cmocka_unit_test(test_fragmentation_indices),
		cmocka_unit_test(test_next_block_after_long_run),
		cmocka_unit_test(test_usable_types),
		cmocka_unit_test(test_cma),
		cmocka_unit_test(test_percentages),
		cmocka_unit_test(test_free_next_block),
		cmocka_unit_test(test_invalid_maps),
		cmocka_unit_test(test_hilbert_curve),
		cmocka_unit_test(test_empty_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
