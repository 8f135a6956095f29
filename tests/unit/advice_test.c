// SPDX-License-Identifier: GPL-2.0-or-later
/* Advice: ranking, exclusion, notes, and the code of each facility. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "cli/list_parse.h"
#include "report/advice.h"
#include "report/document.h"
#include "report/facility_info.h"

#include <cmocka.h>

#include "tests/unit/golden.h"

static void set(json_t *result, const char *group, const char *inner, const char *name,
		long long value)
{
	json_t *at = json_object_get(result, group);

	json_object_set_new(inner ? json_object_get(at, inner) : at, name, json_integer(value));
}

/* Load default.json; page_packed (result 2) covers all objects by one operation. */
static json_t *load(void)
{
	cleanup_free char *error = NULL;
	size_t bytes;
	cleanup_free char *text = file_read("tests/golden/default.json", &bytes);
	json_t *document = document_read("FILE", text, bytes, &error);

	assert_non_null(document);
	set(json_array_get(document_results(document), 2), "alloc", "all", "samples", 1);
	set(json_array_get(document_results(document), 2), "free", "all", "samples", 1);
	return document;
}

/* Add a copy of kmalloc (results 4 and 5) with another name, cost and memory. */
static void add(json_t *document, const char *name, long long alloc, long long bytes,
		long long contiguous)
{
	json_t *results = document_results(document);

	for (size_t i = 4; i < 6; i++) {
		json_t *result = json_deep_copy(json_array_get(results, i));

		json_object_set_new(result, "facility", json_string(name));
		set(result, "alloc", NULL, "mean", alloc);
		if (i == 5) {
			set(result, "memory", NULL, "backing_bytes", bytes);
			json_object_set_new(json_object_get(result, "memory"), "utilization",
					    json_real(64000.0 / bytes));
			set(result, "contiguity", NULL, "contiguous_objects", contiguous);
		}
		json_array_append_new(results, result);
	}
}

/* Load page, page_packed and kmalloc as measured, and add four other facilities. */
static json_t *load_many(void)
{
	json_t *document = load();

	add(document, "kmem_cache", 94, 64000 * 100 / 98, 2000);
	add(document, "vmalloc", 4800, 8192000, 1990);
	add(document, "mempool", 130, 65536, 2000);
	add(document, "user", 3000, 65536, 2000);
	return document;
}

static json_t *advise(const json_t *document, const struct requirements *req)
{
	cleanup_free char *error = NULL;
	json_t *advice = advice_build(document, req, &error);

	assert_null(error);
	assert_non_null(advice);
	return advice;
}

static const char *ranked(const json_t *advice, size_t place)
{
	const json_t *entry = json_array_get(json_object_get(advice, "ranking"), place);

	return json_string_value(json_object_get(entry, "facility"));
}

static const json_t *exclusion_of(const json_t *advice, const char *facility)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(advice, "excluded"), i, entry)
		if (!strcmp(json_string_value(json_object_get(entry, "facility")), facility))
			return entry;
	fail_msg("%s is not excluded", facility);
	return NULL;
}

static void assert_excluded(const json_t *advice, const char *facility, const char *reason)
{
	assert_string_equal(json_string_value(json_object_get(exclusion_of(advice, facility),
							      "reason")), reason);
}

static void test_every_facility_has_info(void **state)
{
	(void)state;
	for (size_t i = 0; i < facility_names.count; i++) {
		const char *name = facility_names.entries[i].name;

		if (!name_only_on_request(name) && !facility_info_find(name))
			fail_msg("report/facility_info.c has no entry for %s", name);
	}
}

static struct requirements requirements_from(unsigned int bits)
{
	return (struct requirements) {
		.object_size = 32, .objects = 2000, .cpus = 1 + (bits & 1),
		.contiguous = bits & 2, .atomic = bits & 4, .dma32 = bits & 8, .zeroed = bits & 16,
		.lifetime = (bits >> 5) % 3,
	};
}

static void check_entry(const json_t *entry, const struct requirements *req)
{
	const char *name = json_string_value(json_object_get(entry, "facility"));
	const char *call = json_string_value(json_object_get(entry, "call"));
	const struct facility_info *info = facility_info_find(name);

	assert_null(info->not_in_kernel);
	assert_false(req->atomic && !info->may_be_atomic);
	assert_false(req->dma32 && !info->dma32);
	assert_false(req->contiguous && !strcmp(name, "vmalloc"));
	assert_false(req->lifetime != LIFETIME_LONG && !strcmp(name, "page_packed"));
	assert_null(strchr(call, '{'));
	if (req->atomic)
		assert_null(strstr(call, "GFP_KERNEL"));
	if (req->zeroed)
		assert_true(strstr(call, "zalloc") || strstr(call, "__GFP_ZERO") ||
			    strstr(call, "memset"));
}

/* For all requirements: ranked facilities meet them, and all others are excluded. */
static void test_requirements_are_met(void **state)
{
	json_t *document = load_many();

	(void)state;
	for (unsigned int bits = 0; bits < 96; bits++) {
		const struct requirements req = requirements_from(bits);
		json_t *advice = advise(document, &req), *entry;
		cleanup_free char *text = json_dumps(advice, 0);
		const json_t *ranking = json_object_get(advice, "ranking");
		size_t i;

		json_array_foreach(ranking, i, entry)
			check_entry(entry, &req);
		assert_int_equal(json_array_size(ranking) +
				 json_array_size(json_object_get(advice, "excluded")), 7);
		assert_null(strstr(text, "fast"));
		json_decref(advice);
	}
	json_decref(document);
}

/* The code of every facility has no placeholder left. */
static void test_calls_for_requirements(void **state)
{
	(void)state;
	for (unsigned int bits = 0; bits < 32; bits++) {
		const struct requirements req = requirements_from(bits);

		for (size_t i = 0; i < facility_names.count; i++) {
			const struct facility_info *info =
				facility_info_find(facility_names.entries[i].name);
			cleanup_free char *call = NULL;

			if (!info || info->not_in_kernel)
				continue;
			call = facility_call(info, &req, 1, 4096);
			if (req.dma32 && info->dma32)
				assert_non_null(strstr(call, "32"));
			assert_null(strstr(call, "size}"));
			assert_null(strstr(call, "gfp}"));
			assert_null(strstr(call, "call}"));
		}
	}
}

static void assert_call_for(long long per_call, const char *facility,
			    const struct requirements *req,
			    const char *expected)
{
	cleanup_free char *call = facility_call(facility_info_find(facility), req, per_call, 4096);

	assert_string_equal(call, expected);
}

static void assert_call(const char *facility, const struct requirements *req, const char *expected)
{
	assert_call_for(1, facility, req, expected);
}

static void test_exact_calls(void **state)
{
	const struct requirements plain = { .object_size = 192, .objects = 10 };
	const struct requirements low = {
		.object_size = 8193, .objects = 1, .dma32 = true, .zeroed = true
	};

	(void)state;
	assert_call("kmalloc", &plain, "p = kmalloc(192, GFP_KERNEL);\nkfree(p);");
	assert_call("page", &low, "page = alloc_pages(GFP_KERNEL | __GFP_DMA32 | __GFP_ZERO, 2);\n"
		    "__free_pages(page, 2);");
	assert_call("kmem_cache", &low,
		    "cache = kmem_cache_create(\"mine\", 8193, 0, SLAB_CACHE_DMA32, NULL);\n"
		    "p = kmem_cache_zalloc(cache, GFP_KERNEL);\nkmem_cache_free(cache, p);");
	assert_call("vmalloc", &low, "p = vmalloc_32(8193);\nmemset(p, 0, 8193);\nvfree(p);");
}

/* A block has as many objects as one measured operation covered. */
static void test_calls_of_blocks(void **state)
{
	const struct requirements large = { .object_size = 100000, .objects = 50 };
	const struct requirements small = { .object_size = 32, .objects = 2000, .zeroed = true };

	(void)state;
	assert_call_for(41, "page_packed", &large,
			"page = alloc_pages(GFP_KERNEL, 10); /* for each 41 objects */\n"
			"__free_pages(page, 10);");
	assert_call_for(2000, "page_packed", &small,
			"page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 4); "
			"/* for all 2,000 objects */\n__free_pages(page, 4);");
	assert_call_for(1, "page_packed", &large,
			"page = alloc_pages(GFP_KERNEL, 5);\n__free_pages(page, 5);");
	assert_call_for(41, "contig", &large,
			"page = alloc_contig_pages(1001, GFP_KERNEL, numa_node_id(), NULL); "
			"/* for each 41 objects */\n"
			"free_contig_range(page_to_pfn(page), 1001);");
	assert_call_for(2000, "contig", &small,
			"page = alloc_contig_pages(16, GFP_KERNEL, numa_node_id(), NULL); "
			"/* for all 2,000 objects */\n"
			"memset(page_address(page), 0, 64000);\n"
			"free_contig_range(page_to_pfn(page), 16);");
}

static void test_ranking_by_cost_and_memory(void **state)
{
	struct requirements req = { .object_size = 32, .objects = 2000, .cpus = 1 };
	json_t *document = load_many(), *advice = advise(document, &req);

	(void)state;
	assert_string_equal(ranked(advice, 0), "kmem_cache");
	assert_string_equal(ranked(advice, 1), "kmalloc");
	assert_excluded(advice, "user",
			"process memory, which kernel code does not allocate");
	json_decref(advice);
	req.lifetime = LIFETIME_LONG;
	req.dma32 = true;
	advice = advise(document, &req);
	assert_excluded(advice, "kmalloc", "it cannot allocate below 4 GiB");
	/* 98 % and 97.7 % utilization are equal, so the cost decides. */
	assert_string_equal(ranked(advice, 0), "page_packed");
	assert_string_equal(ranked(advice, 1), "kmem_cache");
	json_decref(advice);
	req.atomic = req.contiguous = true;
	req.dma32 = false;
	advice = advise(document, &req);
	assert_excluded(advice, "vmalloc", "it may sleep");
	json_decref(advice);
	req.atomic = false;
	advice = advise(document, &req);
	assert_excluded(advice, "vmalloc", "its objects are not contiguous");
	json_decref(advice);
	json_decref(document);
}

static void set_skipped(json_t *document, const char *facility, const char *code,
			const char *reason)
{
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result) {
		if (strcmp(json_string_value(json_object_get(result, "facility")), facility))
			continue;
		json_object_set_new(result, "status", json_string("skipped"));
		json_object_set_new(result, "reason", json_string(reason));
		json_object_set_new(result, "reason_code", json_string(code));
	}
}

/* A facility that kmemlab could not measure may meet the requirements; one with a limit cannot. */
static void test_reason_codes(void **state)
{
	static const char *const possible[] = { "own_size", "budget", "no_memory", "prepare",
						"alloc_failed", "no_free_block", "timeout",
						"cpus_busy", "cpu_offline" };
	static const char *const impossible[] = { "unavailable", "too_large", "size", "gfp",
						  "mismatch" };
	const struct requirements req = { .object_size = 32, .objects = 2000 };
	json_t *document = load_many();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(possible) + ARRAY_SIZE(impossible); i++) {
		bool limited = i >= ARRAY_SIZE(possible);
		const char *code = limited ? impossible[i - ARRAY_SIZE(possible)] : possible[i];
		json_t *advice;

		set_skipped(document, "vmalloc", code, "vmalloc is skipped");
		advice = advise(document, &req);
		if (json_is_true(json_object_get(exclusion_of(advice, "vmalloc"), "measured")) !=
		    limited)
			fail_msg("reason_code %s", code);
		json_decref(advice);
	}
	json_decref(document);
}

/* Without a result of pair, the limit that the result of batch shows is the reason. */
static void test_limit_of_one_result(void **state)
{
	const struct requirements req = { .object_size = 32, .objects = 2000 };
	json_t *document = load_many(), *results = document_results(document), *advice;

	(void)state;
	set_skipped(document, "vmalloc", "size", "vmalloc has a limit");
	for (size_t i = json_array_size(results); i-- > 0;) {
		json_t *result = json_array_get(results, i);

		if (!strcmp(json_string_value(json_object_get(result, "facility")), "vmalloc") &&
		    !strcmp(json_string_value(json_object_get(result, "workload")), "pair"))
			json_array_remove(results, i);
	}
	advice = advise(document, &req);
	assert_excluded(advice, "vmalloc", "vmalloc has a limit");
	json_decref(advice);
	json_decref(document);
}

static void test_not_measured(void **state)
{
	const char *reason = "vmalloc needs more memory than the budget has";
	struct requirements req = { .object_size = 32, .objects = 2000 };
	json_t *document = load_many(), *advice, *entry;
	cleanup_free char *text = NULL;
	size_t i, size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	set_skipped(document, "vmalloc", "budget", reason);
	advice = advise(document, &req);
	assert_excluded(advice, "vmalloc", reason);
	json_array_foreach(json_object_get(advice, "excluded"), i, entry)
		assert_int_equal(json_is_true(json_object_get(entry, "measured")),
				 strcmp(json_string_value(json_object_get(entry, "facility")),
					"vmalloc") != 0);
	advice_table(advice, out);
	fclose(out);
	assert_non_null(strstr(text, "Not measured: vmalloc needs more memory"));
	assert_null(strstr(text, "Excluded: vmalloc"));
	json_decref(advice);
	/* With more memory, its objects would not be contiguous either. */
	json_object_set_new(document_environment(document), "facilities",
			    json_pack("[{s:s, s:[s]}]", "name", "vmalloc", "capabilities",
				      "shared_frames"));
	req.contiguous = true;
	advice = advise(document, &req);
	assert_excluded(advice, "vmalloc", "its objects are not guaranteed to be contiguous");
	assert_true(json_is_true(json_object_get(exclusion_of(advice, "vmalloc"), "measured")));
	json_decref(advice);
	json_decref(document);
}

/* Capabilities reported by the module override the table of facilities. */
static void test_missing_capability(void **state)
{
	const struct requirements req = { .object_size = 32, .objects = 2000, .atomic = true };
	json_t *document = load_many(), *advice;

	(void)state;
	json_object_set_new(document_environment(document), "facilities",
			    json_pack("[{s:s, s:[s]}]", "name", "kmem_cache", "capabilities",
				      "contiguous"));
	advice = advise(document, &req);
	assert_excluded(advice, "kmem_cache", "it may sleep");
	json_decref(advice);
	json_decref(document);
}

/* Objects that were contiguous by chance are not guaranteed to be. */
static void check_guarantee(size_t object_size)
{
	const struct requirements req = {
		.object_size = object_size, .objects = 2000, .contiguous = true
	};
	json_t *document = load_many(), *result, *advice;
	size_t i;

	json_object_set_new(document_environment(document), "facilities",
			    json_pack("[{s:s, s:[s]}, {s:s, s:[s]}]",
				      "name", "kmem_cache", "capabilities", "contiguous",
				      "name", "mempool", "capabilities", "shared_frames"));
	json_array_foreach(document_results(document), i, result)
		json_object_set_new(result, "object_size", json_integer(req.object_size));
	advice = advise(document, &req);
	assert_excluded(advice, "mempool",
			"its objects were contiguous, but that is not guaranteed");
	assert_string_equal(ranked(advice, 0), "kmem_cache");
	json_decref(advice);
	json_decref(document);
}

static void test_guaranteed_contiguity(void **state)
{
	(void)state;
	check_guarantee(32);	/* in a shared page, a small object can cross pages as well */
	check_guarantee(5000);
}

static bool tie_at(const json_t *advice, size_t place)
{
	const json_t *entry = json_array_get(json_object_get(advice, "ranking"), place);

	return json_is_true(json_object_get(entry, "within_noise_of_previous"));
}

/* Two boots: 128 and 132 instructions of mempool do not differ from 131 of kmalloc. */
static void test_ranks_within_noise(void **state)
{
	const struct requirements req = {
		.object_size = 32, .objects = 2000, .lifetime = LIFETIME_SHORT,
	};
	json_t *first = load(), *second = load(), *advice;

	(void)state;
	for (size_t i = 4; i < 6; i++) {
		set(json_array_get(document_results(first), i), "alloc", NULL, "mean", 131);
		set(json_array_get(document_results(second), i), "alloc", NULL, "mean", 131);
	}
	add(first, "mempool", 128, 65536, 2000);
	add(second, "mempool", 132, 65536, 2000);
	document_join(first, second);
	advice = advise(first, &req);
	assert_string_equal(ranked(advice, 0), "mempool");
	assert_true(tie_at(advice, 1));
	assert_false(tie_at(advice, 2));
	json_decref(advice);
	json_decref(first);
	json_decref(second);
}

/* Facilities with equal memory are ranked by cost. */
static void test_ranks_within_noise_of_two_keys(void **state)
{
	const struct requirements req = {
		.object_size = 32, .objects = 2000, .lifetime = LIFETIME_LONG,
	};
	json_t *document = load(), *advice;

	(void)state;
	add(document, "mempool", 40, 4130, 2000);
	add(document, "kmem_cache", 80, 4096, 2000);
	add(document, "kmalloc_const", 80, 4096, 2000);
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 0), "mempool");
	assert_false(tie_at(advice, 1));
	assert_true(tie_at(advice, 2));
	json_decref(advice);
	json_decref(document);
}

static bool has_reason(const json_t *advice, size_t place, const char *text)
{
	const json_t *entry = json_array_get(json_object_get(advice, "ranking"), place);
	json_t *reason;
	size_t i;

	json_array_foreach(json_object_get(entry, "reasons"), i, reason)
		if (!strcmp(json_string_value(reason), text))
			return true;
	return false;
}

/* Without an uninterrupted sample the cost includes interrupts. */
static void test_interrupted_costs(void **state)
{
	const struct requirements req = {
		.object_size = 32, .objects = 2000, .lifetime = LIFETIME_SHORT,
	};
	json_t *document = load(), *pair, *advice, *alloc;

	(void)state;
	add(document, "mempool", 130, 65536, 2000);
	pair = json_array_get(document_results(document),
			      json_array_size(document_results(document)) - 2);
	alloc = json_object_get(pair, "alloc");
	json_object_set_new(json_object_get(alloc, "uninterrupted"), "p50", json_null());
	set(pair, "alloc", NULL, "mean", 538590);
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 2), "mempool");
	assert_true(has_reason(advice, 2, "always interrupted, so the cost includes interrupts"));
	json_decref(advice);
	json_object_set_new(alloc, "mean", json_null());
	advice = advise(document, &req);
	assert_excluded(advice, "mempool",
			"its cost is unknown: all operations slept, or an older kmemlab measured "
			"it");
	assert_true(json_is_false(json_object_get(exclusion_of(advice, "mempool"), "measured")));
	json_decref(advice);
	json_decref(document);
}

/* The ranking states a drawback that no metric shows. */
static void test_caveat_is_a_reason(void **state)
{
	const struct requirements req = { .object_size = 32, .objects = 2000 };
	json_t *document = load(), *advice;

	(void)state;
	add(document, "page_frag", 44, 65536, 2000);
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 2), "page_frag");
	assert_true(has_reason(advice, 2,
			       "a block is freed only after all of its objects; "
			      "the cache has no lock and does not align"));
	json_decref(advice);
	json_decref(document);
}

static double cost_at(const json_t *advice, size_t place)
{
	const json_t *entry = json_array_get(json_object_get(advice, "ranking"), place);

	return json_real_value(json_object_get(entry, "cost"));
}

/* One operation of up to 41 objects: the cost is per object. */
static void test_cost_of_several_objects(void **state)
{
	const struct requirements req = {
		.object_size = 100000, .objects = 50, .lifetime = LIFETIME_LONG,
	};
	json_t *document = load(), *result, *advice;
	size_t i;

	(void)state;
	json_array_foreach(document_results(document), i, result) {
		json_object_set_new(result, "object_size", json_integer(req.object_size));
		json_object_set_new(result, "objects", json_integer(req.objects));
		set(result, "alloc", NULL, "objects_per_operation", 41);
		for (size_t d = 0; d < 2; d++)
			json_object_set_new(json_object_get(result, d ? "alloc" : "free"), "mean",
					    json_real(d ? 13824.78 : 477.1));
	}
	advice = advise(document, &req);
	assert_true(cost_at(advice, 0) > 14301.8 && cost_at(advice, 0) < 14302);
	assert_true(has_reason(advice, 0, "on average 13,824.8 instructions to allocate, 477.1 to "
			       "free"));
	assert_true(has_reason(advice, 0, "one operation covers 41 objects"));
	json_decref(advice);
	json_decref(document);
}

static bool ranked_separately(const json_t *advice, size_t place)
{
	const json_t *entry = json_array_get(json_object_get(advice, "ranking"), place);

	return json_is_true(json_object_get(entry, "ranked_separately"));
}

/* A cheaper facility is not the answer if it is made for another purpose. */
static void test_special_purpose(void **state)
{
	struct requirements req = {
		.object_size = 32, .objects = 2000, .lifetime = LIFETIME_SHORT,
	};
	json_t *document = load(), *advice;

	(void)state;
	add(document, "page_frag", 20, 65536, 2000);
	add(document, "dma_pool", 30, 65536, 2000);
	add(document, "gen_pool", 10, 65536, 2000);
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 0), "kmalloc");
	assert_string_equal(ranked(advice, 1), "page");
	assert_string_equal(ranked(advice, 2), "page_frag");
	assert_string_equal(ranked(advice, 3), "dma_pool");
	assert_string_equal(ranked(advice, 4), "gen_pool");
	assert_false(ranked_separately(advice, 1));
	assert_true(ranked_separately(advice, 2));
	assert_true(has_reason(advice, 2, "ranked separately: for network buffers"));
	assert_true(has_reason(advice, 3, "ranked separately: for memory shared with a device"));
	json_decref(advice);
	/* Contiguous objects are meant for a device. */
	req.contiguous = true;
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 0), "dma_pool");
	assert_false(ranked_separately(advice, 0));
	assert_string_equal(ranked(advice, 3), "page_frag");
	json_decref(advice);
	json_decref(document);
}

/* A facility whose memory the caller allocates is ranked after all others. */
static void test_memory_of_the_caller(void **state)
{
	const struct requirements req = {
		.object_size = 32, .objects = 2000, .lifetime = LIFETIME_SHORT,
	};
	json_t *document = load(), *advice;

	(void)state;
	add(document, "gen_pool", 20, 65536, 2000);
	add(document, "vmap", 20, 8192000, 2000);
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 0), "kmalloc");
	assert_string_equal(ranked(advice, 1), "page");
	assert_string_equal(ranked(advice, 2), "gen_pool");
	assert_false(ranked_separately(advice, 1));
	assert_true(ranked_separately(advice, 2) && ranked_separately(advice, 3));
	assert_false(tie_at(advice, 2));
	assert_true(tie_at(advice, 3));
	assert_true(has_reason(advice, 1, "7.4 times the instructions of kmalloc"));
	assert_true(has_reason(advice, 2, "the cost does not include allocating the pool's memory"));
	assert_true(has_reason(advice, 3, "ranked separately: the cost does not include "
					  "allocating its pages"));
	json_decref(advice);
	json_decref(document);
}

static bool has_note(const json_t *advice, const char *text)
{
	json_t *note;
	size_t i;

	json_array_foreach(json_object_get(advice, "notes"), i, note)
		if (strstr(json_string_value(note), text))
			return true;
	return false;
}

/* Long-lived objects are ranked by the costs of batch: pair reuses the object just freed. */
static void test_costs_of_long_lived(void **state)
{
	struct requirements req = { .object_size = 32, .objects = 2000, .lifetime = LIFETIME_LONG };
	json_t *document = load(), *advice;

	(void)state;
	add(document, "kmem_cache", 20, 65536, 2000);
	set(json_array_get(document_results(document),
			   json_array_size(document_results(document)) - 1),
	    "alloc", NULL, "mean", 300);
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 1), "kmalloc");
	assert_string_equal(ranked(advice, 2), "kmem_cache");
	assert_true(cost_at(advice, 2) > 381.2 && cost_at(advice, 2) < 381.3);
	assert_true(has_reason(advice, 1, "on average 126.3 instructions to allocate, 81.3 to free"));
	assert_true(has_note(advice, "Costs are those of workload batch"));
	json_decref(advice);
	req.lifetime = LIFETIME_SHORT;
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 0), "kmem_cache");
	assert_true(has_note(advice, "Costs are those of workload pair"));
	json_decref(advice);
	json_decref(document);
}

/* A pool's reserve counts as memory of its objects, but not memory of other users or on a host. */
static void check_reserve(const char *target, long long system_bytes, long long expected)
{
	const struct requirements req = { .object_size = 32, .objects = 2000, .lifetime = LIFETIME_LONG };
	json_t *document = load(), *advice;
	const json_t *last;

	add(document, "mempool", 130, 65536, 2000);
	json_object_set_new(document_environment(document), "target", json_string(target));
	set(json_array_get(document_results(document),
			   json_array_size(document_results(document)) - 1),
	    "memory", NULL, "system_bytes", system_bytes);
	advice = advise(document, &req);
	last = json_array_get(json_object_get(advice, "ranking"), 2);
	assert_string_equal(ranked(advice, 2), "mempool");
	assert_true(json_real_value(json_object_get(last, "bytes_per_object")) * 2000 == expected);
	assert_true(has_reason(advice, 2, expected == 65536 ? "97.7 % of its memory used" :
							      "32.6 % of its memory used"));
	assert_true(has_reason(advice, 2,
			       "also keeps a reserve (of 16 objects in this measurement)"));
	json_decref(advice);
	json_decref(document);
}

/* The share of used memory counts all copies of an object, as the table of run does. */
static void test_memory_of_copies(void **state)
{
	const struct requirements req = { .object_size = 32, .objects = 2000 };
	json_t *document = load(), *advice, *batch;

	(void)state;
	add(document, "percpu", 130, 8 * 65536, 2000);
	batch = json_array_get(document_results(document),
			       json_array_size(document_results(document)) - 1);
	set(batch, "verification", NULL, "bytes", 8 * 64000);
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 2), "percpu");
	assert_true(has_reason(advice, 2,
			       "97.7 % of its memory used by 8 copies of each object"));
	json_decref(advice);
	json_decref(document);
}

static void test_memory_of_a_reserve(void **state)
{
	(void)state;
	check_reserve("vm", 65536 * 3, 65536 * 3);
	check_reserve("vm", 65536 * 2, 65536);
	check_reserve("host", 65536 * 3, 65536);
	check_reserve("vm", -65536, 65536);
}

/* A facility that the caller has to clear is ranked separately, since memset() is not measured. */
static void check_clearing(const char *gfp, struct requirements req, bool expected)
{
	json_t *document = load(), *advice, *result;
	size_t i;

	add(document, "page_frag", 20, 65536, 2000);
	json_array_foreach(document_results(document), i, result)
		json_object_set_new(json_object_get(result, "parameters"), "gfp", json_string(gfp));
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 0), req.dma32 ? "page" : "kmalloc");
	assert_string_equal(ranked(advice, req.dma32 ? 1 : 2), "page_frag");
	assert_true(ranked_separately(advice, req.dma32 ? 1 : 2));
	assert_true(has_reason(advice, req.dma32 ? 1 : 2,
			       "the cost does not include the memset()"));
	assert_int_equal(has_note(advice, "include clearing only if the kernel clears"), expected);
	json_decref(advice);
	json_decref(document);
}

static void test_clearing_by_the_caller(void **state)
{
	struct requirements req = {
		.object_size = 32, .objects = 2000, .zeroed = true, .lifetime = LIFETIME_SHORT,
	};

	(void)state;
	check_clearing("zeroed", req, false);
	check_clearing("kernel", req, true);
	req.dma32 = true;
	check_clearing("kernel", req, true);
	req.atomic = true;
	check_clearing("atomic", req, true);
	req.dma32 = false;
	check_clearing("atomic", req, true);
	check_clearing("kernel", req, true);
}

/* Facilities that are ranked separately are ranked among each other. */
static void test_all_ranked_separately(void **state)
{
	const struct requirements req = {
		.object_size = 32, .objects = 2000, .lifetime = LIFETIME_SHORT,
	};
	json_t *document = load(), *advice, *result;
	size_t i;

	(void)state;
	json_array_foreach(document_results(document), i, result)
		json_object_set_new(result, "facility", json_string("gen_pool"));
	add(document, "vmap", 2000, 8192000, 2000);
	advice = advise(document, &req);
	assert_string_equal(ranked(advice, 0), "gen_pool");
	assert_string_equal(ranked(advice, 1), "vmap");
	assert_null(ranked(advice, 2));
	assert_false(tie_at(advice, 1));
	assert_true(ranked_separately(advice, 0) && ranked_separately(advice, 1));
	json_decref(advice);
	json_decref(document);
}

static void test_no_matching_results(void **state)
{
	const struct requirements other = { .object_size = 33, .objects = 2000 };
	json_t *document = load();
	cleanup_free char *error = NULL;

	(void)state;
	assert_null(advice_build(document, &other, &error));
	assert_string_equal(error,
			    "the results have no 2,000 objects of 33 bytes (pair and batch)");
	json_decref(document);
}

/* Results with other parameters are rejected with the parameter that differs. */
static void check_other(const char *name, json_t *value, const char *expected)
{
	const struct requirements req = { .object_size = 32, .objects = 2000 };
	json_t *document = load(), *result;
	cleanup_free char *error = NULL, *line = NULL;
	size_t i;

	json_array_foreach(document_results(document), i, result)
		json_object_set(json_object_get(result, "parameters"), name, value);
	assert_null(advice_build(document, &req, &error));
	line = xasprintf("the results have 2,000 objects of 32 bytes only with %s "
			 "(advice needs condition fresh, gfp kernel, no align, one CPU)", expected);
	assert_string_equal(error, line);
	json_decref(value);
	json_decref(document);
}

static void test_other_parameters_are_rejected(void **state)
{
	(void)state;
	check_other("condition", json_string("fragmented:2"), "condition fragmented:2");
	check_other("align", json_integer(64), "align 64");
	check_other("gfp", json_string("atomic"), "gfp atomic");
	check_other("cpus", json_pack("[i, i]", 0, 1), "2 CPUs");
}

/* Results with other parameters are ignored if suitable ones exist. */
static void test_aligned_results_are_ignored(void **state)
{
	const struct requirements req = { .object_size = 32, .objects = 2000 };
	json_t *document = load(), *results = document_results(document), *advice, *before;

	(void)state;
	before = advise(document, &req);
	for (size_t i = 4; i < 6; i++) {
		json_t *result = json_deep_copy(json_array_get(results, i));

		json_object_set_new(json_object_get(result, "parameters"), "align",
				    json_integer(64));
		json_object_set_new(result, "status", json_string("skipped"));
		json_array_append_new(results, result);
	}
	advice = advise(document, &req);
	assert_true(json_equal(before, advice));
	json_decref(before);
	json_decref(advice);
	json_decref(document);
}

/* An empty ranking has no notes. */
static void test_all_excluded(void **state)
{
	const struct requirements req = { .object_size = 32, .objects = 2000, .atomic = true };
	json_t *document = load(), *result, *advice;
	size_t i;

	(void)state;
	json_array_foreach(document_results(document), i, result)
		json_object_set_new(result, "facility", json_string("user"));
	advice = advise(document, &req);
	assert_int_equal(json_array_size(json_object_get(advice, "ranking")), 0);
	assert_int_equal(json_array_size(json_object_get(advice, "excluded")), 1);
	assert_int_equal(json_array_size(json_object_get(advice, "notes")), 0);
	json_decref(advice);
	json_decref(document);
}

static void test_text_table(void **state)
{
	const struct requirements req = {
		.object_size = 32, .objects = 2000, .cpus = 4, .contiguous = true
	};
	json_t *document = load_many(), *advice = advise(document, &req);

	(void)state;
	golden_check("advice.table", advice_table, advice);
	json_decref(advice);
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_facility_has_info),
		cmocka_unit_test(test_requirements_are_met),
		cmocka_unit_test(test_calls_for_requirements),
		cmocka_unit_test(test_exact_calls),
		cmocka_unit_test(test_calls_of_blocks),
		cmocka_unit_test(test_ranking_by_cost_and_memory),
		cmocka_unit_test(test_reason_codes), cmocka_unit_test(test_not_measured),
		cmocka_unit_test(test_limit_of_one_result),
		cmocka_unit_test(test_missing_capability),
		cmocka_unit_test(test_guaranteed_contiguity),
		cmocka_unit_test(test_ranks_within_noise),
		cmocka_unit_test(test_ranks_within_noise_of_two_keys),
		cmocka_unit_test(test_interrupted_costs),
		cmocka_unit_test(test_caveat_is_a_reason),
		cmocka_unit_test(test_cost_of_several_objects),
		cmocka_unit_test(test_special_purpose),
		cmocka_unit_test(test_memory_of_the_caller),
		cmocka_unit_test(test_costs_of_long_lived),
		cmocka_unit_test(test_memory_of_a_reserve),
		cmocka_unit_test(test_memory_of_copies),
		cmocka_unit_test(test_clearing_by_the_caller),
		cmocka_unit_test(test_all_ranked_separately),
		cmocka_unit_test(test_no_matching_results),
		cmocka_unit_test(test_other_parameters_are_rejected),
		cmocka_unit_test(test_aligned_results_are_ignored),
		cmocka_unit_test(test_all_excluded),
		cmocka_unit_test(test_text_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
