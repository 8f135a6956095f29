// SPDX-License-Identifier: GPL-2.0-or-later
#include "schema.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"

#define NAME_CHARACTERS	"abcdefghijklmnopqrstuvwxyz0123456789_:"

/* Return true if the field may be null or missing. */
static bool is_nullable(const struct field *field)
{
	return field->null_if || field->from_host;
}

/* Set the limits of an integer, or of each integer of a list. */
static void integer_limits(const struct field *field, json_int_t *min, json_int_t *max)
{
	const bool has_limits = field->min || field->max;

	*max = has_limits ? field->max : FIELD_COUNT_MAX;
	*min = has_limits ? field->min : field->type == FIELD_SIGNED ? -FIELD_COUNT_MAX : 0;
}

static bool is_in_limits(const struct field *field, const json_t *value)
{
	json_int_t min, max, number = json_integer_value(value);

	integer_limits(field, &min, &max);
	return json_is_integer(value) && number >= min && number <= max;
}

static bool is_valid_real(const json_t *value)
{
	return json_is_number(value) && fabs(json_number_value(value)) <= FIELD_COUNT_MAX;
}

static bool is_valid_text(const struct field *field, const json_t *value)
{
	const char *text = json_string_value(value);
	const char *const *choice = field->choices;

	if (!text)
		return false;
	if (field->type == FIELD_NAME)
		return strlen(text) <= SCHEMA_NAME_MAX && !text[strspn(text, NAME_CHARACTERS)];
	while (choice && *choice && strcmp(*choice, text))
		choice++;
	return !choice || *choice;
}

static bool is_valid_pair(const struct field *field, const json_t *value)
{
	return json_array_size(value) == 2 && is_in_limits(field, json_array_get(value, 0)) &&
	       is_in_limits(field, json_array_get(value, 1));
}

static bool is_valid_list(const struct field *field, const json_t *value)
{
	json_t *number;
	size_t i;

	json_array_foreach(value, i, number)
		if (!is_in_limits(field, number))
			return false;
	return json_is_array(value);
}

static bool is_valid_element(const struct field *field, const json_t *value)
{
	switch (field->type) {
	case FIELD_COUNTS:
		return is_in_limits(field, value);
	case FIELD_REALS:
		return is_valid_real(value);
	case FIELD_TEXTS:
		return json_is_string(value);
	case FIELD_PAIRS:
		return is_valid_pair(field, value);
	case FIELD_LISTS:
		return is_valid_list(field, value);
	default:
		return json_is_object(value);
	}
}

static bool is_valid_array(const struct field *field, const json_t *value)
{
	json_t *element;
	size_t i;

	json_array_foreach(value, i, element)
		if (!is_valid_element(field, element))
			return false;
	return json_is_array(value);
}

static bool is_valid(const struct field *field, const json_t *value)
{
	if (json_is_null(value))
		return is_nullable(field);
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_NAME:
		return is_valid_text(field, value);
	case FIELD_COUNT:
	case FIELD_SIGNED:
		return is_in_limits(field, value);
	case FIELD_REAL:
		return is_valid_real(value);
	case FIELD_FLAG:
		return json_is_boolean(value);
	case FIELD_COUNTS:
	case FIELD_REALS:
	case FIELD_TEXTS:
	case FIELD_PAIRS:
	case FIELD_LISTS:
	case FIELD_GROUPS:
		return is_valid_array(field, value);
	case FIELD_FREE:
	case FIELD_GROUP:
		return json_is_object(value);
	}
	return false;
}

/* Return what the field must be, as in "an integer from 0 to 9 or null". */
static char *describe_field(const struct field *field)
{
	static const char *const types[] = {
		[FIELD_TEXT] = "a string",
		[FIELD_NAME] = "a name of a-z, 0-9, '_' and ':'",
		[FIELD_COUNT] = "an integer",
		[FIELD_SIGNED] = "an integer",
		[FIELD_REAL] = "a number of at most 2^53 - 1",
		[FIELD_FLAG] = "true or false",
		[FIELD_COUNTS] = "an array of integers",
		[FIELD_REALS] = "an array of numbers",
		[FIELD_TEXTS] = "an array of strings",
		[FIELD_PAIRS] = "an array of pairs of integers",
		[FIELD_LISTS] = "an array of arrays of integers",
		[FIELD_FREE] = "an object",
		[FIELD_GROUP] = "an object",
		[FIELD_GROUPS] = "an array of objects",
	};
	struct strbuf text = STRBUF_INIT;
	json_int_t min, max;

	if (field->choices)
		strbuf_addstr(&text, "one of");
	else
		strbuf_addstr(&text, types[field->type]);
	for (const char *const *choice = field->choices; choice && *choice; choice++)
		strbuf_addf(&text, "%s '%s'", choice == field->choices ? "" : ",", *choice);
	integer_limits(field, &min, &max);
	if (field->type == FIELD_COUNT || field->type == FIELD_SIGNED ||
	    field->type == FIELD_COUNTS)
		strbuf_addf(&text, " from %lld to %lld", (long long)min, (long long)max);
	if (is_nullable(field))
		strbuf_addstr(&text, " or null");
	return strbuf_detach(&text);
}

static char *find_unknown_field(const struct field *fields, const char *prefix, json_t *object)
{
	const struct field *field;
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		for (field = fields; field->name; field++)
			if (!strcmp(field->name, name))
				break;
		if (!field->name)
			return xasprintf("unknown field '%s%s'", prefix, name);
	}
	return NULL;
}

/* Percentiles that descend would make differences between them negative. */
static char *check_percentiles(const char *prefix, json_t *stats)
{
	static const char *const names[] = { "min", "p50", "p90", "p99", "p999", "max" };

	for (size_t i = 1; i < ARRAY_SIZE(names); i++)
		if (json_integer_value(json_object_get(stats, names[i])) <
		    json_integer_value(json_object_get(stats, names[i - 1])))
			return xasprintf("field '%s%s' must not be less than '%s'", prefix,
					 names[i], names[i - 1]);
	return NULL;
}

static char *check_total_size(const char *prefix, json_t *result)
{
	json_int_t bytes;

	if (__builtin_mul_overflow(json_integer_value(json_object_get(result, "objects")),
				   json_integer_value(json_object_get(result, "object_size")),
				   &bytes))
		return xasprintf("field '%sobjects' x object_size must be less than 2^63 bytes",
				 prefix);
	return NULL;
}

/* Check relations between the fields of a group. */
static char *check_group(const struct field *fields, const char *prefix, json_t *object)
{
	if (json_object_get(object, "p50"))
		return check_percentiles(prefix, object);
	return fields == result_fields ? check_total_size(prefix, object) : NULL;
}

static json_t *copy_groups(const struct field *field, const char *path, json_t *groups,
			   char **error)
{
	json_t *copies = json_array(), *group;
	size_t i;

	json_array_foreach(groups, i, group) {
		cleanup_free char *prefix = xasprintf("%s[%zu].", path, i);

		if (!*error)
			json_array_append_new(copies,
					      schema_copy(field->members, prefix, group, error));
	}
	return copies;
}

static json_t *copy_value(const struct field *field, const char *prefix, json_t *value,
			  char **error)
{
	cleanup_free char *path = xasprintf("%s%s", prefix, field->name);
	cleanup_free char *member_prefix = xasprintf("%s.", path);
	cleanup_free char *description = describe_field(field);

	if (!value && is_nullable(field))
		return json_null();
	if (!value)
		*error = xasprintf("missing field '%s'", path);
	else if (!is_valid(field, value))
		*error = xasprintf("field '%s' must be %s", path, description);
	else if (field->type == FIELD_GROUP && json_is_object(value))
		return schema_copy(field->members, member_prefix, value, error);
	else if (field->type == FIELD_GROUPS && json_is_array(value))
		return copy_groups(field, path, value, error);
	return json_incref(value);
}

json_t *schema_copy(const struct field *fields, const char *prefix, json_t *object, char **error)
{
	json_t *copy = json_object();

	*error = find_unknown_field(fields, prefix, object);
	for (const struct field *field = fields; !*error && field->name; field++)
		json_object_set_new(copy, field->name,
				    copy_value(field, prefix, json_object_get(object, field->name),
					       error));
	if (!*error)
		*error = check_group(fields, prefix, copy);
	if (!*error)
		return copy;
	json_decref(copy);
	return NULL;
}

char *schema_check(const struct field *fields, const char *prefix, const json_t *object)
{
	char *error = NULL;

	for (const struct field *field = fields; !error && field->name; field++)
		json_decref(copy_value(field, prefix, json_object_get(object, field->name),
				       &error));
	return error;
}

/* Return true if UTF-8 text has characters that control a terminal: C0, DEL or C1. */
static bool has_control(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0))
			return true;
	return false;
}

bool schema_has_control(json_t *value)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_string(value))
		return has_control(json_string_value(value));
	json_array_foreach(value, i, member)
		if (schema_has_control(member))
			return true;
	json_object_foreach(value, name, member)
		if (has_control(name) || schema_has_control(member))
			return true;
	return false;
}

static json_t *object_schema(const struct field *fields);

static json_t *integer_schema(const struct field *field)
{
	json_int_t min, max;

	integer_limits(field, &min, &max);
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", min, "maximum", max);
}

static json_t *real_schema(void)
{
	return json_pack("{s:s, s:I, s:I}", "type", "number",
			 "minimum", (json_int_t)-FIELD_COUNT_MAX,
			 "maximum", (json_int_t)FIELD_COUNT_MAX);
}

static json_t *array_schema(json_t *items)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *pair_schema(const struct field *field)
{
	json_t *pair = array_schema(integer_schema(field));

	json_object_set_new(pair, "minItems", json_integer(2));
	json_object_set_new(pair, "maxItems", json_integer(2));
	return pair;
}

static json_t *text_schema(const struct field *field)
{
	json_t *schema = json_pack("{s:s}", "type", "string"), *choices = json_array();

	for (const char *const *choice = field->choices; choice && *choice; choice++)
		json_array_append_new(choices, json_string(*choice));
	if (field->choices)
		json_object_set(schema, "enum", choices);
	json_decref(choices);
	return schema;
}

/* Return the schema of a value that is not null. */
static json_t *value_schema(const struct field *field)
{
	switch (field->type) {
	case FIELD_TEXT:
		return text_schema(field);
	case FIELD_NAME:
		return json_pack("{s:s, s:s, s:i}", "type", "string", "pattern", "^[a-z0-9_:]*$",
				 "maxLength", SCHEMA_NAME_MAX);
	case FIELD_COUNT:
	case FIELD_SIGNED:
		return integer_schema(field);
	case FIELD_REAL:
		return real_schema();
	case FIELD_REALS:
		return array_schema(real_schema());
	case FIELD_FLAG:
		return json_pack("{s:s}", "type", "boolean");
	case FIELD_COUNTS:
		return array_schema(integer_schema(field));
	case FIELD_TEXTS:
		return array_schema(json_pack("{s:s}", "type", "string"));
	case FIELD_PAIRS:
		return array_schema(pair_schema(field));
	case FIELD_LISTS:
		return array_schema(array_schema(integer_schema(field)));
	case FIELD_FREE:
		return json_pack("{s:s}", "type", "object");
	case FIELD_GROUP:
		return object_schema(field->members);
	case FIELD_GROUPS:
		return array_schema(object_schema(field->members));
	}
	return json_object();
}

/* Accept null as well. */
static void add_null(json_t *schema)
{
	json_t *type = json_object_get(schema, "type"), *choices = json_object_get(schema, "enum");

	json_object_set_new(schema, "type", json_pack("[O, s]", type, "null"));
	if (choices)
		json_array_append_new(choices, json_null());
}

static json_t *field_schema(const struct field *field)
{
	json_t *schema = value_schema(field);
	cleanup_strbuf struct strbuf text = STRBUF_INIT;

	if (is_nullable(field))
		add_null(schema);
	if (field->unit)
		strbuf_addf(&text, "%s: ", field->unit);
	strbuf_addstr(&text, field->doc ?: "");
	if (field->null_if && *field->null_if)
		strbuf_addf(&text, "%snull: %s", text.length ? "; " : "", field->null_if);
	if (text.length)
		json_object_set_new(schema, "description", json_string(text.text));
	return schema;
}

static json_t *object_schema(const struct field *fields)
{
	json_t *properties = json_object(), *required = json_array();

	for (; fields->name; fields++) {
		json_object_set_new(properties, fields->name, field_schema(fields));
		if (!is_nullable(fields))
			json_array_append_new(required, json_string(fields->name));
	}
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties,
			 "required", required, "additionalProperties", false);
}

json_t *json_schema(const struct field *fields)
{
	json_t *schema = json_pack("{s:s}", "$schema",
				   "https://json-schema.org/draft/2020-12/schema");
	json_t *object = object_schema(fields);

	json_object_update(schema, object);
	json_decref(object);
	return schema;
}
