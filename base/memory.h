/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that cannot fail, and containers: the calls exit with EXIT_HOST_ERROR when
 * memory runs out. lib/ and runner/ must not use them.
 */
#ifndef KMEMLAB_BASE_MEMORY_H
#define KMEMLAB_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/array_size.h"

void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t length);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Append a zeroed element to an array of count elements and return its address:
 * "*array_add(&list->items, &list->count) = item". The capacity is the next power
 * of two, so it needs no variable.
 */
#define array_add(array, count) \
	(*(array) = array_reserve(*(array), *(count), sizeof(**(array))), &(*(array))[(*(count))++])

/* Return array, reallocated to hold element number count, which is zeroed. Use array_add(). */
void *array_reserve(void *array, size_t count, size_t size);

/* A set of 64-bit numbers in the order in which they were added. Starts as zeros. */
struct number_set {
	uint64_t *numbers;
	size_t count;
	/* private: */
	size_t *slots;		/* hash table of index in numbers + 1; 0: empty */
	size_t slot_count;	/* power of two */
};

/* Add number unless it is in the set. Return its index in set->numbers. */
size_t number_set_add(struct number_set *set, uint64_t number);
void number_set_release(struct number_set *set);

/* A list of strings. Starts as zeros. */
struct name_list {
	char **names;
	size_t count;
};

/* Append a copy of the name unless the list has it. */
void name_list_add(struct name_list *list, const char *name);
void name_list_release(struct name_list *list);

static inline void cleanup_free_fn(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fclose_fn(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define cleanup_free	__attribute__((cleanup(cleanup_free_fn)))
#define cleanup_fclose	__attribute__((cleanup(cleanup_fclose_fn)))

#endif
