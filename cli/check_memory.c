// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that a module has not freed, or freed wrongly, in the words of its source. */
#include <string.h>

#include "base/json_path.h"
#include "cli/check_verdict.h"

/* Return the name by which the source calls the function. */
static const char *api_name(const json_t *record)
{
	const char *name = json_str(record, "api", "");

	if (strstr(name, "alloc_page") && !strstr(name, "exact") && !strstr(name, "bulk"))
		return "alloc_pages()";
	if (!strcmp(json_str(record, "kind", ""), "object") &&
	    (strstr(name, "kmalloc") || strstr(name, "kmem_cache_alloc_trace")))
		return "kmalloc()";
	if (strstr(name, "vmalloc") && !strstr(name, "kvmalloc"))
		return "vmalloc()";
	if (*name)
		return name;
	/* Some kernels' stacks begin with the caller. */
	return strcmp(json_str(record, "kind", ""), "pages") ? "kmalloc()" : "alloc_pages()";
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

	check_finding(verdict, verdict->failed_load ? "leak on the error path" : "pages never freed",
		      site, true,
		      "%s took 2^%llu = %llu page%s%s, and none is freed%s. %s",
		      api_name(record), order, pages, plural(pages),
		      count > 1 ? " (in several calls)" : "",
		      verdict->failed_load ? " although loading fails" : ": they are lost with every load",
		      verdict->failed_load ?
		      "An init function must free all that it has allocated before it returns an error." :
		      "Call __free_pages() with the same order before the module is unloaded.");
}

static void check_object(struct check_verdict *verdict, const json_t *record)
{
	long long count = json_int(record, "count", 1);

	/* The object is the kernel's description of the area. */
	if (!strcmp(api_name(record), "vmalloc()")) {
		check_finding(verdict, verdict->failed_load ? "leak on the error path" :
			      "memory never freed", json_str(record, "site", NULL), true,
			      "The memory that %s returns is never freed. Call vfree() for it, also "
			      "before an error is returned.", api_name(record));
		return;
	}
	check_finding(verdict, verdict->failed_load ? "leak on the error path" : "memory never freed",
		      json_str(record, "site", NULL), true,
		      "%lld object%s of %lld bytes from %s %s never freed%s. Each allocation needs "
		      "its free, also before an error is returned.", count, plural(count),
		      json_int(record, "size", 0), api_name(record),
		      count == 1 ? "is" : "are",
		      verdict->failed_load ? " although loading fails" : "");
}

static void check_order(struct check_verdict *verdict, const json_t *record)
{
	unsigned long long order = json_int(record, "size", 0), pages = 1ULL << order;
	unsigned long long freed_order = json_int(record, "free_order", 0);
	unsigned long long lost = json_int(record, "lost_pages", 0);
	const char *site = json_str(record, "free_site", NULL) ?: json_str(record, "site", NULL);

	if (freed_order > order)
		check_finding(verdict, "freed with another order", site, true,
			      "2^%llu = %llu page%s were allocated, 2^%llu = %llu are freed: %llu "
			      "page%s of others are freed, too. Free with the order of the allocation.",
			      order, pages, plural(pages), freed_order, 1ULL << freed_order, lost,
			      plural(lost));
	else
		check_finding(verdict, "freed with another order", site, true,
			      "2^%llu = %llu pages were allocated, and freed with order %llu: %llu "
			      "page%s lost with every load. The second argument of __free_pages() "
			      "is the order of the allocation, %llu.", order, pages, freed_order, lost,
			      lost == 1 ? " is" : "s are", order);
}

/* Memory that a function of the kernel allocates may be a cache: it counts if each load leaves it. */
static bool is_repeated(const json_t *records, const json_t *record)
{
	const json_t *other;
	size_t i, loads = 0, left = 0;

	json_array_foreach(records, i, other) {
		const char *kind = json_str(other, "record", "");

		loads += !strcmp(kind, "end") && !strcmp(json_str(other, "phase", ""), "unload");
		left += !strcmp(kind, "memory") && !json_flag(other, "own") &&
			!strcmp(json_str(other, "fault", ""), "leak") &&
			!strcmp(json_str(other, "site", ""), json_str(record, "site", "")) &&
			!strcmp(json_str(other, "api", ""), json_str(record, "api", ""));
	}
	return loads > 2 && left >= loads;
}

void check_memory(struct check_verdict *verdict, const json_t *record, const json_t *records)
{
	const char *fault = json_str(record, "fault", "");
	const char *site = json_str(record, "site", NULL);

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
			      api_name(record));
	} else if (!json_flag(record, "own")) {
		if (is_repeated(records, record))
			check_finding(verdict, "resources never released", site, true,
				      "%s allocates memory for the module, and each load leaves it "
				      "behind. Call its counterpart before the module is unloaded.",
				      api_name(record));
	} else if (!strcmp(fault, "order")) {
		check_order(verdict, record);
	} else if (!strcmp(json_str(record, "kind", ""), "pages")) {
		check_pages(verdict, record);
	} else {
		check_object(verdict, record);
	}
}
