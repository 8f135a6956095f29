// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_schema.h"

#include "base/memory.h"
#include "base/strbuf.h"
#include "schema.h"

static json_t *object_schema(const struct field *fields);

static json_t *integer_schema(const struct field *field)
{
	json_int_t min, max;

	schema_limits(field, &min, &max);
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

	if (schema_is_nullable(field))
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
		if (!schema_is_nullable(fields))
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
