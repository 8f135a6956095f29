// SPDX-License-Identifier: GPL-2.0-or-later
#include "lists.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "exec/number.h"

#define SYNTAX "numbers with commas, or ranges A..BxK and A..B+K, are wanted"

static char *number_add(struct number_list *list, uint64_t value)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->values[i] == value)
			return NULL;
	if (list->count == LIST_MAX)
		return xasprintf("more than %d values", LIST_MAX);
	list->values = xrealloc(list->values, (list->count + 1) * sizeof(*list->values));
	list->values[list->count++] = value;
	return NULL;
}

static char *read_number(const char *text, const char **end, uint64_t *value)
{
	int error = number_parse(text, end, value);

	if (error == -ERANGE)
		return xasprintf("at most 2^63 - 1 is possible");
	if (error)
		return xasprintf("%s", *text ? SYNTAX : "a number is missing");
	if (!*value)
		return xasprintf("0 is not possible: at least 1");
	if (isalpha((unsigned char)**end) && **end != 'x')
		return xasprintf("K, M or G may follow a number, not %c", **end);
	return NULL;
}

static char *add_range(struct number_list *list, uint64_t first, uint64_t last, char how,
		       uint64_t step)
{
	char *error = NULL;

	if (first > last)
		return xasprintf("%" PRIu64 "..%" PRIu64 " runs backwards", first, last);
	if (how == 'x' && step < 2)
		return xasprintf("x1 never reaches the end of the range: at least x2");
	for (uint64_t value = first; !error && value <= last; ) {
		error = number_add(list, value);
		if (how == '+')
			value += step;
		else if (__builtin_mul_overflow(value, step, &value))
			break;
	}
	return error;
}

/* One element between commas: a number or a range. */
static char *read_element(struct number_list *list, const char *text, const char **end)
{
	uint64_t first, last, step;
	char how, *error;

	error = read_number(text, end, &first);
	if (error)
		return error;
	if (strncmp(*end, "..", 2))
		return number_add(list, first);
	error = read_number(*end + 2, end, &last);
	if (error)
		return error;
	how = **end;
	if (how != 'x' && how != '+')
		return xasprintf("a range needs its step: A..BxK or A..B+K");
	error = read_number(*end + 1, end, &step);
	return error ? error : add_range(list, first, last, how, step);
}

char *number_list_read(struct number_list *list, const char *text)
{
	const char *at = text;
	char *error;

	*list = (struct number_list) { 0 };
	if (!*text)
		return xasprintf("the list is empty");
	for (;; at++) {
		error = read_element(list, at, &at);
		if (!error && *at && *at != ',')
			error = xasprintf(SYNTAX);
		if (error || !*at)
			return error;
	}
}

void number_list_release(struct number_list *list)
{
	free(list->values);
	*list = (struct number_list) { 0 };
}

static void name_add(struct name_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->names[i], name))
			return;
	list->names = xrealloc(list->names, (list->count + 1) * sizeof(*list->names));
	list->names[list->count++] = xstrdup(name);
}

static void name_add_all(struct name_list *list, const struct name_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		if (!name_only_on_request(table->entries[i].name))
			name_add(list, table->entries[i].name);
}

char *name_list_read(struct name_list *list, const char *text, const struct name_table *table)
{
	cleanup_free char *copy = xstrdup(text);
	char *rest = copy, *name;

	*list = (struct name_list) { 0 };
	if (!*text)
		return xasprintf("the list is empty");
	while ((name = strsep(&rest, ","))) {
		if (!*name)
			return xasprintf("a name is missing: names with commas are wanted");
		if (table && !strcmp(name, "all"))
			name_add_all(list, table);
		else if (!table || name_known(table, name))
			name_add(list, name);
		else
			return name_error(table, name);
	}
	return NULL;
}

void name_list_release(struct name_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct name_list) { 0 };
}
