// SPDX-License-Identifier: GPL-2.0-or-later
/* Causes of refused allocations: named only if the figures prove them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/results.h"

#define DMA_ZONE(free, blocks) \
	"{'name': 'DMA', 'node': 0, 'free_pages': " #free ", 'unusable_pages': 0, " \
	"'cma_pages': 0, 'mark_pages': 22, 'reserve_pages': 428, 'free_blocks': " blocks "}"
#define DMA32_ZONE(node, free, unusable, blocks) \
	"{'name': 'DMA32', 'node': " #node ", 'free_pages': " #free ", 'unusable_pages': " \
	#unusable ", 'cma_pages': 500, 'mark_pages': 1000, 'reserve_pages': 0, " \
	"'free_blocks': " blocks "}"
#define REFUSAL(order, members, zones) \
	"{'order': " #order ", " members "'zones_count': 2, 'zones': [" zones "]}"

#define LOW_ZONES	DMA_ZONE(450, "[450]") ", " DMA32_ZONE(0, 9, 0, "[9]")

/* Compare the text for a refusal, written with single quotes. */
static void assert_text(const char *refusal, const char *text)
{
	cleanup_free char *quoted = xstrdup(refusal), *actual = NULL;
	json_t *object;

	for (char *c = quoted; *c; c++)
		if (*c == '\'')
			*c = '"';
	object = json_loads(quoted, 0, NULL);
	if (!object)
		fail_msg("not JSON: %s", refusal);
	actual = refusal_text(object, 4096);
	json_decref(object);
	assert_string_equal(actual, text);
}

static void test_none(void **state)
{
	(void)state;
	assert_null(refusal_text(NULL, 4096));
}

static void test_fragmentation(void **state)
{
	(void)state;
	assert_text(REFUSAL(3, "", DMA_ZONE(1903, "[1903, 0, 0, 0, 0]") ", "
			    DMA32_ZONE(0, 53050, 0, "[53018, 6, 5, 0, 0]")),
		    "fragmentation: block of order 3 needed; DMA: 1,903 pages free, no block of "
		    "order 3 or more (largest: order 0, 1,903 blocks); DMA32: 53,050 pages free, "
		    "no block of order 3 or more (largest: order 2, 5 blocks)");
	/* The small zone is below its watermark too, which would not matter in the other one. */
	assert_text(REFUSAL(3, "", DMA_ZONE(400, "[400, 0, 0, 0, 0]") ", "
			    DMA32_ZONE(0, 53050, 0, "[53018, 6, 5, 0, 0]")),
		    "fragmentation: block of order 3 needed; DMA: 400 pages free, fewer than 8 "
		    "above watermark 22 + reserve 428, no block of order 3 or more (largest: "
		    "order 0, 400 blocks); DMA32: 53,050 pages free, no block of order 3 or more "
		    "(largest: order 2, 5 blocks)");
}

static void test_watermark(void **state)
{
	(void)state;
	assert_text(REFUSAL(0, "", DMA_ZONE(450, "[450, 0]") ", "
			    DMA32_ZONE(0, 1500, 500, "[1000, 0]")),
		    "too little free memory: single pages needed; DMA: 450 pages free, not above "
		    "watermark 22 + reserve 428; DMA32: 1,000 of 1,500 free pages usable, not "
		    "above watermark 1,000");
	/* With 2^order - 1 pages less, 1,007 free pages are 1,000: not above 1,000. */
	assert_text(REFUSAL(3, "", DMA_ZONE(450, "[450, 0, 0, 1]") ", "
			    DMA32_ZONE(1, 1007, 0, "[999, 0, 0, 1]")),
		    "too little free memory: block of order 3 needed; DMA of node 0: 450 pages "
		    "free, fewer than 8 above watermark 22 + reserve 428; DMA32 of node 1: 1,007 "
		    "pages free, fewer than 8 above watermark 1,000");
	assert_text(REFUSAL(3, "", DMA_ZONE(450, "[450, 0, 0, 1]") ", "
			    DMA32_ZONE(0, 5000, 0, "[5000, 0, 0, 0]")),
		    "fragmentation, and too little free memory: block of order 3 needed; DMA: "
		    "450 pages free, fewer than 8 above watermark 22 + reserve 428; DMA32: 5,000 "
		    "pages free, no block of order 3 or more (largest: order 0, 5,000 blocks)");
}

static void test_unknown(void **state)
{
	(void)state;
	assert_text(REFUSAL(3, "", DMA_ZONE(450, "[450, 0, 0, 0]") ", "
			    DMA32_ZONE(0, 1008, 0, "[1000, 0, 0, 1]")),
		    "the figures do not show why: block of order 3 needed; DMA: 450 pages free, "
		    "fewer than 8 above watermark 22 + reserve 428, no block of order 3 or more "
		    "(largest: order 0, 450 blocks); DMA32: 1,008 pages free, enough above "
		    "watermark 1,000, largest block of order 3");
	/* A zone is missing. */
	assert_text(REFUSAL(3, "", DMA_ZONE(450, "[450, 0, 0, 0]")),
		    "the figures do not show why: block of order 3 needed; DMA: 450 pages free, "
		    "fewer than 8 above watermark 22 + reserve 428, no block of order 3 or more "
		    "(largest: order 0, 450 blocks)");
	assert_text(REFUSAL(null, "'retried': ['same'], 'granted': [], ",
			    DMA_ZONE(450, "[450]") ", " DMA32_ZONE(0, 9, 0, "[9]")),
		    "the figures do not show why");
	assert_text(REFUSAL(0, "'retried': ['same'], 'granted': ['same'], ",
			    DMA_ZONE(450, "[450]") ", " DMA32_ZONE(0, 5000, 0, "[5000]")),
		    "the figures do not show why: repeated, the request succeeded");
}

static void test_retries(void **state)
{
	(void)state;
	assert_text(REFUSAL(0, "'retried': ['same', 'unaccounted'], 'granted': ['unaccounted'], ",
			    DMA32_ZONE(0, 5000, 0, "[5000]") ", " DMA_ZONE(0, "[0]")),
		    "the figures do not show why: not charged to a memory cgroup, the same request "
		    "succeeded");
	assert_text(REFUSAL(null, "'retried': ['same', 'sleeping'], 'granted': ['sleeping'], "
			    "'populated_only': true, ",
			    DMA32_ZONE(0, 5000, 0, "[5000]") ", " DMA_ZONE(0, "[0]")),
		    "it must not sleep, and the populated per-CPU pages have no room: allowed to "
		    "sleep, the same request succeeded");
	assert_text(REFUSAL(0, "'retried': ['same', 'sleeping'], 'granted': ['sleeping'], ",
			    DMA32_ZONE(0, 5000, 0, "[5000]") ", " DMA_ZONE(0, "[0]")),
		    "it must not sleep: allowed to sleep, the same request succeeded");
}

/* A repeated request says less than the zones: later, or in another cache, memory may be free. */
static void test_zones_win(void **state)
{
	static const char *const granted[] = {
		REFUSAL(0, "'retried': ['same'], 'granted': ['same'], ", LOW_ZONES),
		REFUSAL(0, "'retried': ['same', 'unaccounted'], 'granted': ['unaccounted'], ",
			LOW_ZONES),
		REFUSAL(0, "'retried': ['same', 'sleeping'], 'granted': ['sleeping'], ",
			LOW_ZONES),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(granted); i++)
		assert_text(granted[i],
			    "too little free memory: single pages needed; DMA: 450 pages free, "
			    "not above watermark 22 + reserve 428; DMA32: 9 pages free, not "
			    "above watermark 1,000");
}

#define VMALLOC(gap, granted) \
	"'vmalloc_bytes': 67108864, 'vmalloc_gap_bytes': " #gap ", 'vmalloc_needed_bytes': " \
	"1052672, 'retried': ['mapping'], 'granted': " granted ", 'vmalloc_range_bytes': 430080, "

static void test_vmalloc(void **state)
{
	(void)state;
	assert_text(REFUSAL(0, VMALLOC(2031616, "[]"),
			    DMA_ZONE(5000, "[5000]") ", " DMA32_ZONE(0, 9, 0, "[9]")),
		    "vmalloc address space: 1,052,672 bytes of addresses needed, the longest free "
		    "range of the 64 MiB has 430,080 bytes");
	/* Even if the mapping proves nothing, a gap that is too short does. */
	assert_text(REFUSAL(0, VMALLOC(900000, "[]"), LOW_ZONES),
		    "vmalloc address space: 1,052,672 bytes of addresses needed, the longest free "
		    "range of the 64 MiB has at most 900,000 bytes");
	/* The mapping shows that there were addresses. */
	assert_text(REFUSAL(null, VMALLOC(900000, "['mapping']"), LOW_ZONES),
		    "the figures do not show why");
	/* The page tables of a mapping may be what could not be allocated. */
	assert_text(REFUSAL(0, VMALLOC(2031616, "[]"),
			    DMA_ZONE(1, "[1]") ", " DMA32_ZONE(0, 9, 0, "[9]")),
		    "too little free memory: 256 single pages needed, at most 0 available; DMA: 1 "
		    "page free, not above watermark 22 + reserve 428; DMA32: 9 pages free, not "
		    "above watermark 1,000");
	/* 256 pages can need 5 page tables. */
	assert_text(REFUSAL(null, VMALLOC(2031616, "[]"),
			    DMA_ZONE(454, "[454]") ", " DMA32_ZONE(0, 9, 0, "[9]")),
		    "the figures do not show why");
	assert_text(REFUSAL(null, VMALLOC(2031616, "[]"),
			    DMA_ZONE(455, "[455]") ", " DMA32_ZONE(0, 9, 0, "[9]")),
		    "vmalloc address space: 1,052,672 bytes of addresses needed, the longest free "
		    "range of the 64 MiB has 430,080 bytes");
}

#define LISTED_ZONE(free, listed) \
	"{'name': 'Normal', 'node': 0, 'free_pages': " #free ", 'unusable_pages': 0, " \
	"'cma_pages': 0, 'listed_pages': " #listed ", 'mark_pages': 800, 'reserve_pages': 0, " \
	"'free_blocks': [" #free "]}"

/* When a mapped object was refused, the pages that it had already are free again. */
static void test_mapped_pages(void **state)
{
	(void)state;
	assert_text(REFUSAL(0, VMALLOC(2031616, "['mapping']"),
			    DMA_ZONE(440, "[440]") ", " LISTED_ZONE(1000, 55)),
		    "too little free memory: 256 single pages needed, at most 255 available; DMA: "
		    "440 pages free, not above watermark 22 + reserve 428; Normal: 1,000 pages "
		    "free, 200 above watermark 800, 55 in lists of CPUs");
	assert_text(REFUSAL(0, VMALLOC(2031616, "['mapping']"),
			    DMA_ZONE(440, "[440]") ", " LISTED_ZONE(1000, 56)),
		    "the figures do not show why: 256 single pages needed, at most 256 available; "
		    "DMA: 440 pages free, not above watermark 22 + reserve 428; Normal: 1,000 "
		    "pages free, 200 above watermark 800, 56 in lists of CPUs");
	/* A zone is missing. */
	assert_text(REFUSAL(0, VMALLOC(2031616, "['mapping']"), LISTED_ZONE(1000, 0)),
		    "the figures do not show why: 256 single pages needed; Normal: 1,000 pages "
		    "free, 200 above watermark 800");
}

static void test_cma(void **state)
{
	(void)state;
	assert_text(REFUSAL(3, "'cma': true, ", DMA_ZONE(9000, "[9000, 0]") ", "
			    DMA32_ZONE(0, 9000, 500, "[8500, 0]")),
		    "larger than any block of the page allocator: block of order 3 needed; CMA "
		    "refused first, with 500 pages free");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none), cmocka_unit_test(test_fragmentation),
		cmocka_unit_test(test_watermark), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_retries), cmocka_unit_test(test_zones_win),
		cmocka_unit_test(test_vmalloc), cmocka_unit_test(test_mapped_pages),
		cmocka_unit_test(test_cma),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
