/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's own pages: which frames they are, and whether what was written is there. */
#ifndef KMEMLAB_USER_PAGES_H
#define KMEMLAB_USER_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kmemlab.h>

/* Objects in memory of this process, each beginning at a page of its own. */
struct user_pages {
	char *base;
	size_t page_size;
	size_t object_pages;	/* from one object to the next */
	size_t object_size;	/* bytes */
	uint64_t seed;
	int device;		/* /dev/kmemlab, open */
	int pagemap;		/* open files of /proc */
	int memory;
	uint64_t *frames;	/* room for one of each page */
};

/* Opens the files, with room for so many objects. 0 or -errno; close it either way. */
int user_pages_open(struct user_pages *pages, size_t objects);
void user_pages_close(struct user_pages *pages);

/*
 * Writes a pattern into each object through its address, finds each page's
 * frame, by pagemap and by the module's walk of the process's tables, and reads
 * the pattern back through the kernel's own access to the process. Adds to the verification fields of result; with whole, fills
 * backing_bytes and contiguity as well. 0 or -errno.
 */
int user_pages_prove(struct user_pages *pages, size_t objects, size_t first_number, bool whole,
		     struct kmemlab_result *result);

#endif
