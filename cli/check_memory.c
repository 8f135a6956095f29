// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that a module has not freed, or freed wrongly, in the words of its source. */
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "cli/check_verdict.h"
#include "lib/array_size.h"

/* Functions of the source, by the beginning of a kernel function's name without underscores */
static const struct api {
	const char *name;	/* of the kernel's function */
	const char *call;	/* in the source */
	const char *counterpart;
} apis[] = {
	{ "get_free_page", "__get_free_pages()", "free_pages() with the same order" },
	{ "get_zeroed_page", "get_zeroed_page()", "free_page()" },
	{ "alloc_pages_exact", "alloc_pages_exact()", "free_pages_exact() with the same size" },
	{ "alloc_pages_bulk", "alloc_pages_bulk()", "__free_page() for each page" },
	{ "alloc_page", "alloc_pages()", "__free_pages() with the same order" },
	{ "alloc_frozen_pages", "alloc_pages()", "__free_pages() with the same order" },
	{ "folio_alloc", "folio_alloc()", "folio_put()" },
	{ "pcpu_alloc", "alloc_percpu()", "free_percpu()" },
	{ "alloc_percpu", "alloc_percpu()", "free_percpu()" },
	{ "kvmalloc", "kvmalloc()", "kvfree()" },
	{ "kvzalloc", "kvmalloc()", "kvfree()" },
	{ "vmalloc", "vmalloc()", "vfree()" },
	{ "vzalloc", "vmalloc()", "vfree()" },
	{ "kmem_cache_alloc_trace", "kmalloc()", "kfree()" },
	{ "kmem_cache_alloc_node_trace", "kmalloc()", "kfree()" },
	{ "kmem_cache_alloc", "kmem_cache_alloc()", "kmem_cache_free()" },
	{ "kmalloc", "kmalloc()", "kfree()" },
	{ "do_kmalloc", "kmalloc()", "kfree()" },
	{ "krealloc", "krealloc()", "kfree()" },
};

/* Return the row of the function that allocated, or NULL. Some kernels' stacks begin with the caller. */
static const struct api *find_api(const json_t *record)
{
	const char *kind = json_str(record, "kind", ""), *name = json_str(record, "api", "");

	if (!*name)
		name = !strcmp(kind, "pages") ? "alloc_pages" :
		       !strcmp(kind, "percpu") ? "alloc_percpu" : "kmalloc";
	name += strspn(name, "_");
	for (size_t i = 0; i < ARRAY_SIZE(apis); i++)
		if (!strncmp(name, apis[i].name, strlen(apis[i].name)))
			return &apis[i];
	return NULL;
}

/* Return the name by which the source calls the function, which the caller frees. */
static char *api_name(const json_t *record)
{
	const struct api *api = find_api(record);
	const char *name = json_str(record, "api", ""), *suffix = strstr(name, "_noprof");

	if (api)
		return xstrdup(api->call);
	/* Since Linux 6.10, functions have a suffix; others are of the compiler. */
	return xasprintf("%.*s()", (int)(suffix ? suffix - name : (int)strcspn(name, ".")), name);
}

/* Return what releases the memory, for a sentence that begins with "Call". */
static const char *counterpart(const json_t *record)
{
	const struct api *api = find_api(record);

	return api ? api->counterpart :
	       json_is(record, "kind", "object") ? "kfree()" : "its counterpart";
}

static const char *plural(unsigned long long count)
{
	return count == 1 ? "" : "s";
}

static void check_pages(struct check_verdict *verdict, const json_t *record)
{
	const char *site = json_str(record, "site", NULL);
	unsigned long long order = json_int(record, "size", 0), pages = 1ULL << order;
	unsigned long long count = json_int(record, "count", 1);
	cleanup_free char *api = api_name(record);

	if (verdict->failed_load)
		check_finding(verdict, "leak on the error path", site, true,
			      "%s took 2^%llu = %llu page%s%s, and none is freed although loading fails. "
			      "An init function must free all that it has allocated before it returns an "
			      "error.", api, order, pages, plural(pages),
			      count > 1 ? " (in several calls)" : "");
	else
		check_finding(verdict, "pages never freed", site, true,
			      "%s took 2^%llu = %llu page%s%s, and none is freed: they are lost with every "
			      "load. Call %s before the module is unloaded.", api, order, pages,
			      plural(pages), count > 1 ? " (in several calls)" : "", counterpart(record));
}

static void check_object(struct check_verdict *verdict, const json_t *record)
{
	long long count = json_int(record, "count", 1);
	const char *site = json_str(record, "site", NULL);
	const char *title = verdict->failed_load ? "leak on the error path" : "memory never freed";
	cleanup_free char *api = api_name(record);

	/* The object is the kernel's description of the area. */
	if (!strcmp(api, "vmalloc()"))
		check_finding(verdict, title, site, true,
			      "The memory that %s returns is never freed. Call %s for it, also "
			      "before an error is returned.", api, counterpart(record));
	else
		check_finding(verdict, title, site, true,
			      "%lld object%s of %lld bytes from %s %s never freed%s. Each allocation needs "
			      "its %s, also before an error is returned.", count, plural(count),
			      json_int(record, "size", 0), api, count == 1 ? "is" : "are",
			      verdict->failed_load ? " although loading fails" : "",
			      counterpart(record));
}

static void check_order(struct check_verdict *verdict, const json_t *record)
{
	unsigned long long order = json_int(record, "size", 0), pages = 1ULL << order;
	unsigned long long freed_order = json_int(record, "free_order", 0);
	unsigned long long lost = json_int(record, "lost_pages", 0);
	const char *site = json_str(record, "free_site", NULL) ?: json_str(record, "site", NULL);
	cleanup_free char *api = api_name(record);

	/* A single free with a lower order loses all other pages. */
	if (freed_order < order &&
	    (!strcmp(api, "alloc_pages_exact()") || lost % (pages - (1ULL << freed_order))))
		check_finding(verdict, "pages never freed", json_str(record, "site", NULL), true,
			      "Of the pages that %s returns, %llu %s never freed. Call %s%s.", api, lost,
			      lost == 1 ? "is" : "are", counterpart(record),
			      strcmp(api, "alloc_pages()") ? "" :
			      ", or after split_page() __free_page() for each page");
	else if (freed_order > order)
		check_finding(verdict, "freed with another order", site, true,
			      "2^%llu = %llu page%s were allocated, 2^%llu = %llu are freed: %llu "
			      "page%s of others are freed, too. Free with the order of the allocation.",
			      order, pages, plural(pages), freed_order, 1ULL << freed_order, lost,
			      plural(lost));
	else
		check_finding(verdict, "freed with another order", site, true,
			      "2^%llu = %llu pages were allocated, and freed with order %llu: %llu "
			      "page%s lost with every load. The second argument of __free_pages() "
			      "is the order of the allocation, %llu; after split_page(), each page "
			      "needs its own free.", order, pages, freed_order, lost,
			      lost == 1 ? " is" : "s are", order);
}

/* Return whether a record is of memory that the same call of the kernel has left behind. */
static bool is_same_leak(const json_t *record, const json_t *other)
{
	return json_is(other, "record", "memory") && !json_flag(other, "own") &&
	       json_is(other, "fault", "leak") &&
	       json_is(other, "site", json_str(record, "site", "")) &&
	       json_is(other, "api", json_str(record, "api", ""));
}

/* Count loads with these parameters, and those that left the memory of a record. */
static void count_loads(const json_t *records, const json_t *record, const char *values,
			size_t *loads, size_t *left)
{
	bool counts = false, is_left = false;
	const json_t *other;
	size_t i;

	*loads = *left = 0;
	json_array_foreach(records, i, other) {
		const char *kind = json_str(other, "record", "");

		if (!strcmp(kind, "cycle")) {
			*left += is_left;
			is_left = false;
			counts = json_is(other, "values", values);
		} else if (counts && !strcmp(kind, "end")) {
			/* A load that fails has no other end. */
			*loads += json_is(other, "phase", "unload") ||
				  json_str(other, "error", NULL);
		} else if (counts && is_same_leak(record, other)) {
			is_left = true;
		}
	}
	*left += is_left;
}

/*
 * Memory that a function of the kernel allocates may be a cache: it counts if each load with the same
 * parameters leaves it.
 */
static bool is_repeated(const struct check_verdict *verdict, const json_t *records,
			const json_t *record)
{
	size_t loads, left;

	count_loads(records, record, verdict->values, &loads, &left);
	return loads >= CHECK_LOADS_MIN && left >= loads;
}

void check_memory(struct check_verdict *verdict, const json_t *record, const json_t *records)
{
	const char *fault = json_str(record, "fault", "");
	const char *site = json_str(record, "site", NULL);
	cleanup_free char *api = api_name(record);

	if (!strcmp(fault, "twice")) {
		check_finding(verdict, "freed twice", json_str(record, "free_site", NULL), true,
			      "Memory that is free already is freed again%s. Another user may own it "
			      "by then, and loses it. Free once, and set the pointer to NULL.",
			      json_str(record, "free_site", NULL) ? "" :
			      " by the last call of a function");
	} else if (!strcmp(fault, "atomic")) {
		check_finding(verdict, "sleeps in atomic context", site, true,
			      "%s may sleep here, but a spinlock is held, or preemption or interrupts "
			      "are disabled. Allocate before taking the lock, or use GFP_ATOMIC.",
			      api);
	} else if (!json_flag(record, "own")) {
		if (is_repeated(verdict, records, record))
			check_finding(verdict, "resources never released", site, true,
				      "%s allocates memory for the module, and each load leaves it "
				      "behind. Call its counterpart before the module is unloaded.",
				      api);
	} else if (!strcmp(fault, "order")) {
		check_order(verdict, record);
	} else if (json_is(record, "kind", "pages")) {
		check_pages(verdict, record);
	} else {
		check_object(verdict, record);
	}
}
