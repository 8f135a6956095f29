// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array_size.h"
#include "lib/parse_number.h"
#include "lib/spelling.h"

#define BLANKS		" \t\r\n"
#define NAME_CHARACTERS	"abcdefghijklmnopqrstuvwxyz0123456789_:"

static const char *const directives[] = { "clock", "experiment", "translate", "map" };
static const char *const spaces[] = { "kernel", "process", "phys", "pfn", "objects" };
static const char *const clocks[] = { "instructions", "tsc" };

#define DEFAULT_NAME(value)	.default_name = value
#define DEFAULT_ADDRESS(value)	.default_number = value
#define DEFAULT_U64(value)	.default_number = value
#define DEFAULT_U32(value)	.default_number = value
#define DEFAULT_S32(value)	.default_number = value
#define DEFAULT_CPUS(value)	.default_number = value

#define FIELD(spec, kind, member, minimum, value) \
	.name = #member, .type = PLAN_##kind, .offset = offsetof(struct spec, member), \
	.size = sizeof(((struct spec *)NULL)->member), .min = minimum, DEFAULT_##kind(value)

const struct plan_field experiment_params[] = {
#define PARAM(type, name, min, value, where, in_title, in_suffix, in_unit, text) \
	{ FIELD(experiment_spec, type, name, min, value), .place = PARAM_##where, \
	  .request_offset = offsetof(struct kmemlab_experiment, name), .title = in_title, \
	  .suffix = in_suffix, .unit = in_unit, .doc = text },
#define PARAM_FLAG(member, bit, result_group) \
	{ .name = #member, .type = PLAN_FLAG, .flag = bit, .group = result_group, \
	  .offset = offsetof(struct experiment_spec, member), .size = sizeof(uint32_t) },
#include "runner/experiment_params.def"
#undef PARAM
#undef PARAM_FLAG
	{ 0 }
};

static const struct plan_field translate_fields[] = {
	{ FIELD(translate_spec, NAME, space, 0, "kernel") },
	{ FIELD(translate_spec, ADDRESS, address, 0, 0) },
	{ FIELD(translate_spec, U64, pages, 1, 1) },
	{ FIELD(translate_spec, U32, pid, 0, 0) },
	{ FIELD(translate_spec, U32, routes, 0, 1) },
	{ FIELD(translate_spec, NAME, facility, 0, "") },
	{ FIELD(translate_spec, U64, object_size, 1, 32) },
	{ FIELD(translate_spec, U64, objects, 1, 2000) },
	{ FIELD(translate_spec, NAME, gfp, 0, "kernel") },
	{ FIELD(translate_spec, U32, mapped, 0, 0) },
	{ 0 }
};

static const struct plan_field map_fields[] = {
	{ FIELD(map_spec, NAME, facility, 0, "") },
	{ FIELD(map_spec, U64, object_size, 1, 32) },
	{ FIELD(map_spec, U64, objects, 1, 2000) },
	{ FIELD(map_spec, NAME, gfp, 0, "kernel") },
	{ FIELD(map_spec, NAME, condition, 0, "fresh") },
	{ 0 }
};

static void set_number(const struct plan_field *field, void *spec, uint64_t value)
{
	void *target = (char *)spec + field->offset;

	if (field->size == sizeof(uint64_t))
		*(uint64_t *)target = value;
	else
		*(uint32_t *)target = value;
}

static void set_defaults(const struct plan_field *fields, void *spec, size_t size)
{
	memset(spec, 0, size);
	for (const struct plan_field *field = fields; field->name; field++) {
		if (field->type == PLAN_NAME)
			strcpy((char *)spec + field->offset, field->default_name);
		else if (field->type != PLAN_CPUS)
			set_number(field, spec, field->default_number);
	}
}

void experiment_spec_init(struct experiment_spec *spec)
{
	set_defaults(experiment_params, spec, sizeof(*spec));
	spec->cpu_count = 1;
}

void translate_spec_init(struct translate_spec *spec)
{
	set_defaults(translate_fields, spec, sizeof(*spec));
}

void map_spec_init(struct map_spec *spec)
{
	set_defaults(map_fields, spec, sizeof(*spec));
}

void plan_init(struct plan *plan)
{
	*plan = (struct plan) { .clock = "instructions" };
}

void plan_release(struct plan *plan)
{
	free(plan->experiments);
	free(plan->translations);
	free(plan->maps);
	plan_init(plan);
}

static int append_spec(void *list, size_t *count, const void *spec, size_t size)
{
	/* The capacity is the next power of two: count is one exactly when it is full. */
	if (!(*count & (*count - 1))) {
		void *grown = reallocarray(*(void **)list, *count ? 2 * *count : 1, size);

		if (!grown)
			return -ENOMEM;
		*(void **)list = grown;
	}
	memcpy(*(char **)list + (*count)++ * size, spec, size);
	return 0;
}

int plan_add(struct plan *plan, const struct experiment_spec *spec)
{
	return append_spec(&plan->experiments, &plan->count, spec, sizeof(*spec));
}

int plan_add_translation(struct plan *plan, const struct translate_spec *spec)
{
	return append_spec(&plan->translations, &plan->translation_count, spec, sizeof(*spec));
}

int plan_add_map(struct plan *plan, const struct map_spec *spec)
{
	return append_spec(&plan->maps, &plan->map_count, spec, sizeof(*spec));
}

static void write_cpus(const struct experiment_spec *spec, FILE *out)
{
	for (uint32_t i = 0; i < spec->cpu_count; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : " cpus=", spec->cpus[i]);
}

static void write_field(const struct plan_field *field, const void *spec, FILE *out)
{
	const void *value = (const char *)spec + field->offset;

	switch (field->type) {
	case PLAN_NAME:
		if (*(const char *)value)
			fprintf(out, " %s=%s", field->name, (const char *)value);
		break;
	case PLAN_CPUS:
		write_cpus(spec, out);
		break;
	case PLAN_ADDRESS:
		fprintf(out, " %s=0x%" PRIx64, field->name, *(const uint64_t *)value);
		break;
	case PLAN_U64:
		fprintf(out, " %s=%" PRIu64, field->name, *(const uint64_t *)value);
		break;
	case PLAN_U32:
		fprintf(out, " %s=%" PRIu32, field->name, *(const uint32_t *)value);
		break;
	case PLAN_S32:
		fprintf(out, " %s=%" PRId32, field->name, *(const int32_t *)value);
		break;
	case PLAN_FLAG:
		if (*(const uint32_t *)value)
			fprintf(out, " %s=1", field->name);
		break;
	}
}

static void write_directive(const char *directive, const struct plan_field *fields,
			    const void *spec, FILE *out)
{
	fputs(directive, out);
	for (const struct plan_field *field = fields; field->name; field++)
		write_field(field, spec, out);
	fputc('\n', out);
}

int plan_write(const struct plan *plan, FILE *out)
{
	fprintf(out, "clock %s\n", plan->clock);
	for (size_t i = 0; i < plan->count; i++)
		write_directive("experiment", experiment_params, &plan->experiments[i], out);
	for (size_t i = 0; i < plan->translation_count; i++)
		write_directive("translate", translate_fields, &plan->translations[i], out);
	for (size_t i = 0; i < plan->map_count; i++)
		write_directive("map", map_fields, &plan->maps[i], out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

struct plan_reader {
	size_t line;		/* current line, from 1; 0: the plan as a whole */
	char *error;
	size_t error_size;
};

static int __attribute__((format(printf, 2, 3)))
plan_error(struct plan_reader *reader, const char *format, ...)
{
	va_list args;
	int used = 0;

	if (reader->line)
		used = snprintf(reader->error, reader->error_size, "line %zu: ", reader->line);
	if (used < 0 || (size_t)used >= reader->error_size)
		return -EINVAL;
	va_start(args, format);
	vsnprintf(reader->error + used, reader->error_size - used, format, args);
	va_end(args);
	return -EINVAL;
}

static int unknown_name_error(struct plan_reader *reader, const char *kind, const char *text,
			      const char *const *names, size_t count)
{
	const char *suggestion = closest_name(text, names, count);
	char known[256] = "";

	if (suggestion)
		return plan_error(reader, "unknown %s '%s' (closest match: '%s')", kind, text,
				  suggestion);
	for (size_t i = 0; i < count; i++) {
		strncat(known, i ? ", " : "", sizeof(known) - strlen(known) - 1);
		strncat(known, names[i], sizeof(known) - strlen(known) - 1);
	}
	return plan_error(reader, "unknown %s '%s' (known: %s)", kind, text, known);
}

static bool is_listed(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* The allowed characters need no quoting in shells, JSON and CSV. */
static int read_name(struct plan_reader *reader, const char *field, const char *text, char *name)
{
	size_t length = strspn(text, NAME_CHARACTERS);

	if (!length || text[length])
		return plan_error(reader, "%s must consist of a-z, 0-9, '_' and ':', got '%s'",
				  field, text);
	if (length >= KMEMLAB_NAME_MAX)
		return plan_error(reader, "%s must have at most %d characters, got '%s'", field,
				  KMEMLAB_NAME_MAX - 1, text);
	memcpy(name, text, length + 1);
	return 0;
}

static int read_number(struct plan_reader *reader, const struct plan_field *field,
		       const char *text, uint64_t max, void *spec)
{
	bool negative = field->min < 0 && *text == '-';
	uint64_t value = 0;
	const char *end;
	bool valid = !parse_number(text + negative, &end, &value) && !*end && value <= max;

	if (valid && negative)
		valid = value <= (uint64_t)-field->min;
	else if (valid && field->min > 0)
		valid = value >= (uint64_t)field->min;
	if (!valid)
		return plan_error(reader,
				  "%s must be between %" PRId64 " and %" PRIu64 ", got '%s'",
				  field->name, field->min, max, text);
	set_number(field, spec, negative ? -value : value);
	return 0;
}

static int read_cpus(struct plan_reader *reader, const char *text, struct experiment_spec *spec)
{
	const char *pos = text;

	spec->cpu_count = 0;
	for (;; pos++) {
		uint64_t cpu;

		if (parse_number(pos, &pos, &cpu) || cpu > INT32_MAX || (*pos && *pos != ','))
			return plan_error(reader,
					  "cpus must be CPU numbers separated by commas, got '%s'",
					  text);
		if (spec->cpu_count == PLAN_CPUS_MAX)
			return plan_error(reader, "cpus must be at most %d CPUs, got '%s'",
					  PLAN_CPUS_MAX, text);
		spec->cpus[spec->cpu_count++] = cpu;
		if (!*pos)
			return 0;
	}
}

static int read_field(struct plan_reader *reader, const struct plan_field *field,
		      const char *text, void *spec)
{
	void *target = (char *)spec + field->offset;

	switch (field->type) {
	case PLAN_NAME:
		return read_name(reader, field->name, text, target);
	case PLAN_CPUS:
		return read_cpus(reader, text, spec);
	case PLAN_ADDRESS:
		if (parse_address(text, target))
			return plan_error(reader,
					  "%s must be decimal, or hexadecimal with 0x, got '%s'",
					  field->name, text);
		return 0;
	case PLAN_U64:
		return read_number(reader, field, text, INT64_MAX, spec);
	case PLAN_U32:
		return read_number(reader, field, text, UINT32_MAX, spec);
	case PLAN_S32:
		return read_number(reader, field, text, INT32_MAX, spec);
	case PLAN_FLAG:
		return read_number(reader, field, text, 1, spec);
	}
	return -EINVAL;
}

static const struct plan_field *find_field(struct plan_reader *reader,
					   const struct plan_field *fields, const char *name)
{
	const char *names[32];
	size_t count = 0;

	for (const struct plan_field *field = fields; field->name; field++) {
		names[count++] = field->name;
		if (!strcmp(name, field->name))
			return field;
	}
	unknown_name_error(reader, "field", name, names, count);
	return NULL;
}

/* Read "FIELD=VALUE ..." from *pos into *spec. */
static int read_fields(struct plan_reader *reader, char **pos, const struct plan_field *fields,
		       void *spec)
{
	unsigned int seen = 0;
	char *word;

	while ((word = strtok_r(NULL, BLANKS, pos))) {
		char *value = strchr(word, '=');
		const struct plan_field *field;
		int err;

		if (!value)
			return plan_error(reader, "expected FIELD=VALUE, got '%s'", word);
		*value++ = '\0';
		field = find_field(reader, fields, word);
		if (!field)
			return -EINVAL;
		if (seen & 1U << (field - fields))
			return plan_error(reader, "duplicate field '%s'", word);
		seen |= 1U << (field - fields);
		err = read_field(reader, field, value, spec);
		if (err)
			return err;
	}
	return 0;
}

static int check_bytes(struct plan_reader *reader, uint64_t objects, uint64_t object_size)
{
	int64_t bytes;

	if (__builtin_mul_overflow(objects, object_size, &bytes))
		return plan_error(reader, "objects x object_size must be less than 2^63 bytes");
	return 0;
}

static int read_experiment(struct plan_reader *reader, char **pos, struct plan *plan)
{
	struct experiment_spec spec;
	int err;

	experiment_spec_init(&spec);
	err = read_fields(reader, pos, experiment_params, &spec);
	if (err)
		return err;
	if (!*spec.facility)
		return plan_error(reader, "missing facility=NAME");
	if (!*spec.workload)
		return plan_error(reader, "missing workload=NAME");
	err = check_bytes(reader, spec.objects, spec.object_size);
	return err ? err : plan_add(plan, &spec);
}

static int read_translate(struct plan_reader *reader, char **pos, struct plan *plan)
{
	struct translate_spec spec;
	uint64_t last;
	int err;

	translate_spec_init(&spec);
	err = read_fields(reader, pos, translate_fields, &spec);
	if (!err && !is_listed(spec.space, spaces, ARRAY_SIZE(spaces)))
		err = unknown_name_error(reader, "space", spec.space, spaces, ARRAY_SIZE(spaces));
	if (!err)
		err = check_bytes(reader, spec.objects, spec.object_size);
	if (err)
		return err;
	if (!strcmp(spec.space, "objects") != !!*spec.facility)
		return plan_error(reader, "space=objects and facility=NAME require each other");
	/* Pages have at least 4 KiB on all architectures. */
	if (__builtin_mul_overflow(spec.pages - 1, (uint64_t)4096, &last) ||
	    __builtin_add_overflow(spec.address, last, &last))
		return plan_error(reader, "the pages end beyond the last address");
	return plan_add_translation(plan, &spec);
}

static int read_map(struct plan_reader *reader, char **pos, struct plan *plan)
{
	struct map_spec spec;
	int err;

	map_spec_init(&spec);
	err = read_fields(reader, pos, map_fields, &spec);
	if (!err)
		err = check_bytes(reader, spec.objects, spec.object_size);
	return err ? err : plan_add_map(plan, &spec);
}

static int read_clock(struct plan_reader *reader, char **pos, struct plan *plan)
{
	const char *name = strtok_r(NULL, BLANKS, pos);

	if (!name || strtok_r(NULL, BLANKS, pos))
		return plan_error(reader,
				  "expected 'clock NAME' with one name (known: instructions, tsc)");
	if (!is_listed(name, clocks, ARRAY_SIZE(clocks)))
		return unknown_name_error(reader, "clock", name, clocks, ARRAY_SIZE(clocks));
	strcpy(plan->clock, name);
	return 0;
}

static int read_line(struct plan_reader *reader, char *line, struct plan *plan, bool *clock_seen)
{
	char *word, *rest;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, BLANKS, &rest);
	if (!word)
		return 0;
	if (!strcmp(word, "experiment"))
		return read_experiment(reader, &rest, plan);
	if (!strcmp(word, "translate"))
		return read_translate(reader, &rest, plan);
	if (!strcmp(word, "map"))
		return read_map(reader, &rest, plan);
	if (strcmp(word, "clock"))
		return unknown_name_error(reader, "directive", word, directives,
					  ARRAY_SIZE(directives));
	if (*clock_seen)
		return plan_error(reader, "duplicate directive 'clock'");
	*clock_seen = true;
	return read_clock(reader, &rest, plan);
}

int plan_read(struct plan *plan, FILE *in, char *error, size_t error_size)
{
	struct plan_reader reader = { .error = error, .error_size = error_size };
	bool clock_seen = false;
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	int err = 0;

	while (!err && (length = getline(&line, &capacity, in)) >= 0) {
		reader.line++;
		if (strlen(line) != (size_t)length)
			err = plan_error(&reader, "unexpected NUL byte (a plan is plain text)");
		else
			err = read_line(&reader, line, plan, &clock_seen);
	}
	free(line);
	if (err == -ENOMEM)
		plan_error(&reader, "out of memory");
	if (err)
		return err;
	reader.line = 0;
	if (ferror(in))
		return plan_error(&reader, "cannot read: %s", strerror(errno));
	if (!plan->count && !plan->translation_count && !plan->map_count)
		return plan_error(&reader, "empty plan (expected an 'experiment', 'translate' or "
					   "'map' line)");
	return 0;
}
