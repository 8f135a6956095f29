/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facility user: the cost of growing a process. An object is anonymous memory with pages of
 * its own; allocating it touches each page for the first time, freeing it is MADV_DONTNEED.
 * It runs in this process instead of the module, with the same results.
 */
#ifndef KMEMLAB_RUNNER_ANON_H
#define KMEMLAB_RUNNER_ANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct experiment_run;
struct kmemlab_result;

/* Run run->spec on the current CPU, as experiment_run() does. */
int anon_bench(int device, struct experiment_run *run);

/* Objects in memory of this process, each starting at a page boundary. */
struct anon_pages {
	char *base;
	size_t page_size;
	size_t object_pages;	/* pages from one object to the next */
	size_t object_size;	/* bytes */
	uint64_t seed;
	int device;		/* /dev/kmemlab */
	int pagemap;		/* /proc/self/pagemap */
	int memory;		/* /proc/self/mem */
	uint64_t *pfns;		/* one per page */
};

/*
 * Open the files and allocate pfns for this number of objects. Close in any case. Return: 0
 * or a negative errno.
 */
int anon_pages_open(struct anon_pages *pages, size_t objects);
void anon_pages_close(struct anon_pages *pages);

/*
 * Write a pattern to each object, find the PFN of each page by pagemap and by the module's
 * page-table walk, and read the pattern back through /proc/self/mem. Add to the verification
 * fields of *result, and with all_objects also set backing_bytes and contiguity.
 *
 * first: number of the first object in the pattern. Return: 0 or a negative errno.
 */
int anon_pages_verify(struct anon_pages *pages, size_t objects, size_t first, bool all_objects,
		      struct kmemlab_result *result);

#endif
