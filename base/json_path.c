// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_path.h"

#include <string.h>

#include "memory.h"

json_t *json_at(const json_t *object, const char *path)
{
	json_t *value = (json_t *)object;
	const char *end;

	do {
		end = strchrnul(path, '.');
		value = json_object_getn(value, path, end - path);
		path = end + 1;
	} while (value && *end);
	return json_is_null(value) ? NULL : value;
}

const char *json_str(const json_t *object, const char *path, const char *fallback)
{
	const char *text = json_string_value(json_at(object, path));

	return text ? text : fallback;
}

long long json_int(const json_t *object, const char *path, long long fallback)
{
	const json_t *value = json_at(object, path);

	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

double json_num(const json_t *object, const char *path, double fallback)
{
	const json_t *value = json_at(object, path);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

bool json_flag(const json_t *object, const char *path)
{
	return json_is_true(json_at(object, path));
}

bool json_is(const json_t *object, const char *path, const char *text)
{
	return !strcmp(json_str(object, path, ""), text);
}

json_t *json_find(const json_t *array, const char *path, const char *text)
{
	json_t *element;
	size_t i;

	json_array_foreach(array, i, element)
		if (json_is(element, path, text))
			return element;
	return NULL;
}

void json_sort(json_t *array, int (*compare)(const void *a, const void *b))
{
	size_t count = json_array_size(array);
	cleanup_free json_t **items = xcalloc(count, sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = json_incref(json_array_get(array, i));
	qsort(items, count, sizeof(*items), compare);
	for (size_t i = 0; i < count; i++)
		json_array_set_new(array, i, items[i]);
}

bool json_has_text(const json_t *array, const char *text)
{
	json_t *element;
	size_t i;

	json_array_foreach(array, i, element)
		if (json_is_string(element) && !strcmp(json_string_value(element), text))
			return true;
	return false;
}

json_t *json_lines(const char *text)
{
	json_t *objects = json_array();

	for (size_t length; *text; text += length + !!text[length]) {
		length = strcspn(text, "\n");
		json_array_append_new(objects, json_loadb(text, length, 0, NULL));
	}
	return objects;
}

json_t *json_text(const char *text)
{
	json_t *string = text ? json_string(text) : json_null();
	cleanup_free char *ascii = string ? NULL : xstrdup(text);

	for (char *c = ascii; c && *c; c++)
		*c = *c & 0x80 ? '?' : *c;
	return string ?: json_string(ascii);
}
