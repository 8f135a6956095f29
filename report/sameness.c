// SPDX-License-Identifier: GPL-2.0-or-later
#include "sameness.h"

#include "base/memory.h"
#include "document.h"
#include "figures.h"

static char *text_of(const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
					       JSON_REAL_PRECISION(12)) : NULL;

	return text ? text : xstrdup("nothing");
}

/* As json_equal(), but 170 and 170.0 are one number: not every program tells them apart. */
static bool same(const json_t *before, const json_t *now)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_real(before) || json_is_real(now))
		return json_is_number(before) && json_is_number(now) &&
		       json_number_value(before) == json_number_value(now);
	if (!json_is_object(before) && !json_is_array(before))
		return json_equal(before, now);
	if (!now || json_typeof(before) != json_typeof(now) ||
	    json_array_size(before) != json_array_size(now) ||
	    json_object_size(before) != json_object_size(now))
		return false;
	json_array_foreach(before, i, member)
		if (!same(member, json_array_get(now, i)))
			return false;
	json_object_foreach((json_t *)before, name, member)
		if (!same(member, json_object_get(now, name)))
			return false;
	return true;
}

/* "alloc.clean.p50: 114 then, 116 now" of the first member that differs. */
static char *difference(const char *path, const json_t *before, const json_t *now)
{
	cleanup_free char *first = NULL, *second = NULL;
	const char *name;
	json_t *member;

	if (same(before, now))
		return NULL;
	if (json_is_object(before) && json_is_object(now)) {
		json_object_foreach((json_t *)before, name, member) {
			cleanup_free char *inner = xasprintf("%s%s%s", path, *path ? "." : "",
							     name);
			char *found = difference(inner, member, json_object_get(now, name));

			if (found)
				return found;
		}
	}
	first = text_of(before);
	second = text_of(now);
	return xasprintf("%s: %s then, %s now", path, first, second);
}

char *sameness_difference(const json_t *before, const json_t *now)
{
	const json_t *first = document_results(before), *second = document_results(now);
	json_t *result;
	size_t i;

	json_array_foreach(first, i, result) {
		cleanup_free char *found = difference("", result, json_array_get(second, i));
		cleanup_free char *words = experiment_words(result);

		if (found)
			return xasprintf("%s: %s", words, found);
	}
	if (json_array_size(second) > json_array_size(first))
		return xasprintf("%zu results then, %zu now", json_array_size(first),
				 json_array_size(second));
	return NULL;
}
