// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include <stdarg.h>
#include <string.h>

#include "error.h"
#include "lib/hash.h"
#include "log.h"

static void *exit_if_null(void *p)
{
	if (!p) {
		log_error("out of memory");
		exit(EXIT_HOST_ERROR);
	}
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	return exit_if_null(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return exit_if_null(realloc(p, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return exit_if_null(strdup(s));
}

char *xstrndup(const char *s, size_t length)
{
	return exit_if_null(strndup(s, length));
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	if (vasprintf(&s, format, args) < 0)
		s = NULL;
	va_end(args);
	return exit_if_null(s);
}

void *array_reserve(void *array, size_t count, size_t size)
{
	if (!(count & (count - 1)))
		array = xrealloc(array, (count ? 2 * count : 1) * size);
	memset((char *)array + count * size, 0, size);
	return array;
}

/* Return the slot of number, or the empty slot where it belongs (linear probing). */
static size_t *find_slot(const struct number_set *set, uint64_t number)
{
	size_t slot = (number * HASH_MULTIPLIER >> 20) & (set->slot_count - 1);

	while (set->slots[slot] && set->numbers[set->slots[slot] - 1] != number)
		slot = (slot + 1) & (set->slot_count - 1);
	return &set->slots[slot];
}

static void grow_slots(struct number_set *set)
{
	free(set->slots);
	set->slot_count = set->slot_count ? 2 * set->slot_count : 256;
	set->slots = xcalloc(set->slot_count, sizeof(*set->slots));
	for (size_t i = 0; i < set->count; i++)
		*find_slot(set, set->numbers[i]) = i + 1;
}

size_t number_set_add(struct number_set *set, uint64_t number)
{
	size_t *slot;

	/* At least half of the slots stay empty. */
	if (2 * set->count >= set->slot_count)
		grow_slots(set);
	slot = find_slot(set, number);
	if (!*slot) {
		*array_add(&set->numbers, &set->count) = number;
		*slot = set->count;
	}
	return *slot - 1;
}

void number_set_release(struct number_set *set)
{
	free(set->numbers);
	free(set->slots);
	*set = (struct number_set) { 0 };
}

void name_list_add(struct name_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->names[i], name))
			return;
	*array_add(&list->names, &list->count) = xstrdup(name);
}

void name_list_release(struct name_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct name_list) { 0 };
}
