// SPDX-License-Identifier: GPL-2.0-or-later
#include "list_parse.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kmemlab.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "lib/catalog.h"
#include "lib/parse_number.h"
#include "lib/spelling.h"
#include "report/facility_info.h"

#define FACILITIES_EXTRA	16	/* of a user's file */

enum {
	FACILITIES_LISTED = 0
#define FACILITY(name, flags, description) + 1
#include "module/facilities/list.h"
};

/* The listed ones, then those of a user's file. */
static struct name_entry facilities[FACILITIES_LISTED + FACILITIES_EXTRA] = {
#define FACILITY(name, flags, description) { #name, description },
#include "module/facilities/list.h"
};

static const struct name_entry workloads[] = {
#define WORKLOAD(name, flags, description) { KMEMLAB_WORKLOAD_NAME(name, flags), description },
#include "module/workloads/list.h"
};

static const struct name_entry gfps[] = {
#define GFP_PROFILE(name, description) { #name, description },
#include "module/gfp_list.h"
#undef GFP_PROFILE
};

static const struct name_entry conditions[] = {
#define CONDITION(name, description) { name, description },
#include "module/condition_list.h"
#undef CONDITION
};

struct name_table facility_names = {
	"facility", "kmemlab list facilities", facilities, FACILITIES_LISTED
};

const struct name_table workload_names = {
	"workload", "kmemlab list workloads", workloads, ARRAY_SIZE(workloads)
};

const struct name_table gfp_names = {
	"GFP profile", "kmemlab list gfp", gfps, ARRAY_SIZE(gfps)
};

const struct name_table condition_names = {
	"condition", "kmemlab list conditions", conditions, ARRAY_SIZE(conditions)
};

/* "all" excludes the calibration facilities, which every run's self-check uses. */
bool name_only_on_request(const char *name)
{
	return facility_flags(name) & KMEMLAB_FACILITY_CALIBRATION || name_takes_number(name);
}

bool name_known(const struct name_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (name_matches(table->entries[i].name, name))
			return true;
	return false;
}

static char *facility_names_add(const char *path, char *name)
{
	if (name_known(&facility_names, name))
		return xasprintf("'%s' defines facility '%s', which exists already", path, name);
	if (strlen(name) >= KMEMLAB_NAME_MAX)
		return xasprintf("'%s' defines facility '%s': the name must have at most %d "
				 "characters", path, name, KMEMLAB_NAME_MAX - 1);
	if (facility_names.count == ARRAY_SIZE(facilities))
		return xasprintf("'%s' must define at most %d facilities", path, FACILITIES_EXTRA);
	facilities[facility_names.count++] = (struct name_entry) { xstrdup(name), "" };
	return NULL;
}

char *facility_names_add_file(const struct facility_file *file)
{
	struct name_list names = { 0 };
	char *error = NULL;

	while (facility_names.count > FACILITIES_LISTED)
		free((char *)facilities[--facility_names.count].name);
	facility_file_names(file->text, &names);
	if (!names.count)
		error = xasprintf("'%s' defines no facility (struct kmemlab_facility_ops "
				  "kmemlab_NAME)", file->path);
	for (size_t i = 0; i < names.count; i++)
		error = error ?: facility_names_add(file->path, names.names[i]);
	name_list_release(&names);
	return error;
}

char *unknown_name(const char *kind, const char *prefix, const char *name,
		   const char *const *valid, size_t count, const char *listed_by)
{
	const char *suggestion = closest_name(name, valid, count);

	if (suggestion && name_takes_number(suggestion))
		return xasprintf("unknown %s '%s' (valid: %sN with N from 2)", kind, name,
				 suggestion);
	if (suggestion)
		return xasprintf("unknown %s '%s%s' (closest match: '%s%s')", kind, prefix, name,
				 prefix, suggestion);
	return xasprintf("unknown %s '%s%s' (see '%s')", kind, prefix, name, listed_by);
}

/* Return true if the C code contains a call of the function. */
static bool calls_function(const char *code, const char *function)
{
	size_t length = strlen(function);
	const char *pos = code;

	while (pos && (pos = strstr(pos, function))) {
		if (pos[length] == '(' &&
		    (pos == code || (!isalnum((unsigned char)pos[-1]) && pos[-1] != '_')))
			return true;
		pos += length;
	}
	return false;
}

/* Return the facilities that measure a function of the kernel, or NULL; the caller frees it. */
static char *facilities_of_function(const char *function)
{
	struct strbuf users = STRBUF_INIT;
	size_t length = strlen(function);

	for (size_t i = 0; length && i < FACILITIES_LISTED; i++) {
		const struct facility_info *info = facility_info_find(facilities[i].name);
		const char *description = facilities[i].description;

		if ((strncmp(description, function, length) || description[length] != ':') &&
		    !calls_function(info->alloc, function) &&
		    !calls_function(info->zeroed, function) &&
		    !calls_function(info->free, function))
			continue;
		strbuf_separate(&users, ", ");
		strbuf_addstr(&users, facilities[i].name);
	}
	return users.length ? strbuf_detach(&users) : NULL;
}

char *name_error(const struct name_table *table, const char *name)
{
	cleanup_free const char **names = xcalloc(table->count, sizeof(*names));
	cleanup_free char *users = table == &facility_names ? facilities_of_function(name) : NULL;

	if (users)
		return xasprintf("unknown %s '%s' (a function that is measured by: %s)",
				 table->kind, name, users);
	for (size_t i = 0; i < table->count; i++)
		names[i] = table->entries[i].name;
	return unknown_name(table->kind, "", name, names, table->count, table->listed_by);
}

static char *number_add(struct number_list *list, uint64_t value)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->values[i] == value)
			return NULL;
	if (list->count == LIST_MAX)
		return xasprintf("must have at most %d values", LIST_MAX);
	*array_add(&list->values, &list->count) = value;
	return NULL;
}

/* Return the length of the element, for messages. */
static int element_length(const char *text)
{
	return strcspn(text, ",");
}

static char *syntax_error(const char *text)
{
	return xasprintf("must be numbers separated by commas, or ranges A..BxK or A..B+K, got "
			 "'%.*s'",
			 element_length(text), text);
}

/* Parse a number; element is the whole list element, for messages. */
static char *parse_element_number(const char *element, const char *text, const char **end,
				  uint64_t *value)
{
	int err = parse_number(text, end, value);

	if (err == -ERANGE)
		return xasprintf("must be at most 2^63 - 1, got '%.*s'", element_length(element),
				 element);
	if (err)
		return syntax_error(element);
	if (isalpha((unsigned char)**end) && **end != 'x')
		return xasprintf("must have no suffix other than K, M and G, got '%.*s'",
				 element_length(element), element);
	if (!strncmp(text, "0x", 2))
		return xasprintf("must be decimal, got '%.*s'", element_length(element), element);
	if (!*value)
		return xasprintf("must be at least 1%s, got '%.*s'",
				 text == element ? "" : " after '..', 'x' and '+'",
				 element_length(element), element);
	return NULL;
}

static char *add_range(struct number_list *list, uint64_t first, uint64_t last, char operator,
		       uint64_t step)
{
	char *error = NULL;

	if (first > last)
		return xasprintf("must be an ascending range, got '%" PRIu64 "..%" PRIu64 "'",
				 first, last);
	if (operator == 'x' && step < 2)
		return xasprintf("must have a range factor of at least x2, got 'x1'");
	for (uint64_t value = first; !error && value <= last; ) {
		error = number_add(list, value);
		if (operator == '+')
			value += step;
		else if (__builtin_mul_overflow(value, step, &value))
			break;
	}
	return error;
}

/* Parse a number or a range. */
static char *parse_element(struct number_list *list, const char *text, const char **end)
{
	uint64_t first, last, step;
	char operator, *error;

	error = parse_element_number(text, text, end, &first);
	if (error)
		return error;
	if (strncmp(*end, "..", 2))
		return number_add(list, first);
	error = parse_element_number(text, *end + 2, end, &last);
	if (error)
		return error;
	operator = **end;
	if (operator != 'x' && operator != '+')
		return xasprintf("must have a step in a range, A..BxK or A..B+K, got '%.*s'",
				 element_length(text), text);
	error = parse_element_number(text, *end + 1, end, &step);
	return error ? error : add_range(list, first, last, operator, step);
}

/* Return true for the "000" of "2,000". */
static bool is_thousands_group(const char *list, const char *element)
{
	return element > list && *element == '0' && element_length(element) == 3;
}

char *number_list_read(struct number_list *list, const char *text)
{
	const char *pos = text;
	char *error;

	*list = (struct number_list) { 0 };
	if (!*text)
		return xasprintf("must not be empty");
	for (;; pos++) {
		const char *element = pos;

		if (is_thousands_group(text, element))
			return xasprintf("must not have thousands separators, got '%s' (commas "
					 "separate values)",
					 text);
		error = parse_element(list, element, &pos);
		if (!error && *pos && *pos != ',')
			error = syntax_error(element);
		if (error || !*pos)
			return error;
	}
}

void number_list_release(struct number_list *list)
{
	free(list->values);
	*list = (struct number_list) { 0 };
}

static void name_list_add_all(struct name_list *list, const struct name_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		if (!name_only_on_request(table->entries[i].name))
			name_list_add(list, table->entries[i].name);
}

char *name_list_read(struct name_list *list, const char *text, const struct name_table *table)
{
	cleanup_free char *copy = xstrdup(text);
	char *rest = copy, *name;

	*list = (struct name_list) { 0 };
	if (!*text)
		return xasprintf("must not be empty");
	while ((name = strsep(&rest, ","))) {
		if (!*name)
			return xasprintf("must be names separated by commas, got '%s'", text);
		if (table && !strcmp(name, "all"))
			name_list_add_all(list, table);
		else if (!table || name_known(table, name))
			name_list_add(list, name);
		else
			return name_error(table, name);
	}
	return NULL;
}
