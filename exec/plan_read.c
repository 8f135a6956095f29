// SPDX-License-Identifier: GPL-2.0-or-later
/* From text to a plan, or to the one line that says what is wrong with it. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"
#include "number.h"
#include "plan_fields.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BLANKS " \t\r\n"

static const char *const directives[] = { "clock", "experiment", "translate", "map" };
static const char *const spaces[] = { "kernel", "process", "phys", "pfn", "objects" };
static const char *const clocks[] = { "instructions", "tsc" };

struct reader {
	size_t line;
	char *error;
	size_t error_size;
};

static int __attribute__((format(printf, 2, 3)))
fault(struct reader *reader, const char *format, ...)
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

static int fault_unknown(struct reader *reader, const char *what, const char *text,
			 const char *const *names, size_t count)
{
	const char *meant = nearest_name(text, names, count);
	char all[256] = "";

	if (meant)
		return fault(reader, "unknown %s '%s': did you mean '%s'?", what, text, meant);
	for (size_t i = 0; i < count; i++) {
		strncat(all, i ? ", " : "", sizeof(all) - strlen(all) - 1);
		strncat(all, names[i], sizeof(all) - strlen(all) - 1);
	}
	return fault(reader, "unknown %s '%s': it can be %s", what, text, all);
}

/* Names are short and plain, so that they need no quoting anywhere. */
static int read_name(struct reader *reader, const char *field, const char *text, char *name)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_:");

	if (!length || text[length])
		return fault(reader, "%s=%s: a name of a-z, 0-9, _ and : is wanted", field, text);
	if (length >= KMEMLAB_NAME_MAX)
		return fault(reader, "%s=%s: at most %d characters", field, text,
			     KMEMLAB_NAME_MAX - 1);
	memcpy(name, text, length + 1);
	return 0;
}

static int read_number(struct reader *reader, const struct field *field, const char *text,
		       uint64_t most, void *target)
{
	bool negative = field->least < 0 && *text == '-';
	uint64_t value = 0;
	const char *end;
	int error = number_parse(text + negative, &end, &value);

	if (error == -ERANGE || (!error && value > most))
		return fault(reader, "%s=%s: at most %" PRIu64, field->name, text, most);
	if (error || *end)
		return fault(reader, "%s=%s: a whole number is wanted", field->name, text);
	if (negative ? value > (uint64_t)-field->least :
		       field->least > 0 && value < (uint64_t)field->least)
		return fault(reader, "%s=%s: at least %" PRId64, field->name, text, field->least);
	if (field->type == FIELD_U64)
		*(uint64_t *)target = value;
	else
		*(uint32_t *)target = negative ? -(uint32_t)value : (uint32_t)value;
	return 0;
}

static int read_cpus(struct reader *reader, const char *text, struct experiment_spec *spec)
{
	const char *at = text;

	spec->cpu_count = 0;
	for (;; at++) {
		uint64_t cpu;

		if (number_parse(at, &at, &cpu) || cpu > INT32_MAX || (*at && *at != ','))
			return fault(reader, "cpus=%s: CPU numbers with commas are wanted", text);
		if (spec->cpu_count == PLAN_CPUS_MAX)
			return fault(reader, "cpus=%s: at most %d CPUs", text, PLAN_CPUS_MAX);
		spec->cpus[spec->cpu_count++] = cpu;
		if (!*at)
			return 0;
	}
}

static int read_address(struct reader *reader, const struct field *field, const char *text,
			void *target)
{
	if (address_parse(text, target))
		return fault(reader, "%s=%s: an address is wanted, decimal or 0x and hexadecimal",
			     field->name, text);
	return 0;
}

static int read_field(struct reader *reader, const struct field *field, const char *text,
		      void *spec)
{
	void *target = (char *)spec + field->offset;

	switch (field->type) {
	case FIELD_NAME:
		return read_name(reader, field->name, text, target);
	case FIELD_CPUS:
		return read_cpus(reader, text, spec);
	case FIELD_ADDRESS:
		return read_address(reader, field, text, target);
	case FIELD_U64:
		return read_number(reader, field, text, INT64_MAX, target);
	case FIELD_U32:
		return read_number(reader, field, text, UINT32_MAX, target);
	case FIELD_S32:
		return read_number(reader, field, text, INT32_MAX, target);
	case FIELD_FLAG:
		return read_number(reader, field, text, 1, target);
	}
	return -EINVAL;
}

static const struct field *find_field(struct reader *reader, const struct field *fields,
				      const char *name)
{
	const char *names[32];
	size_t count = 0;

	for (const struct field *field = fields; field->name; field++) {
		names[count++] = field->name;
		if (!strcmp(name, field->name))
			return field;
	}
	fault_unknown(reader, "field", name, names, count);
	return NULL;
}

/* FIELD=VALUE ... into a spec. */
static int read_fields(struct reader *reader, char **at, const struct field *fields, void *spec)
{
	unsigned int seen = 0;
	char *word;

	while ((word = strtok_r(NULL, BLANKS, at))) {
		char *value = strchr(word, '=');
		const struct field *field;
		int error;

		if (!value)
			return fault(reader, "'%s': FIELD=VALUE is wanted", word);
		*value++ = '\0';
		field = find_field(reader, fields, word);
		if (!field)
			return -EINVAL;
		if (seen & 1U << (field - fields))
			return fault(reader, "field '%s' is given twice", word);
		seen |= 1U << (field - fields);
		error = read_field(reader, field, value, spec);
		if (error)
			return error;
	}
	return 0;
}

static int check_bytes(struct reader *reader, uint64_t objects, uint64_t object_size)
{
	int64_t bytes;

	if (__builtin_mul_overflow(objects, object_size, &bytes))
		return fault(reader, "objects x object_size is beyond 2^63 - 1 bytes");
	return 0;
}

static int read_experiment(struct reader *reader, char **at, struct plan *plan)
{
	struct experiment_spec spec;
	int error;

	experiment_spec_init(&spec);
	error = read_fields(reader, at, experiment_fields, &spec);
	if (error)
		return error;
	if (!*spec.facility)
		return fault(reader, "the experiment names no facility: facility=NAME is missing");
	if (!*spec.workload)
		return fault(reader, "the experiment names no workload: workload=NAME is missing");
	error = check_bytes(reader, spec.objects, spec.object_size);
	return error ? error : plan_add(plan, &spec);
}

static int check_space(struct reader *reader, const struct translate_spec *spec)
{
	for (size_t i = 0; i < COUNT(spaces); i++)
		if (!strcmp(spec->space, spaces[i]))
			return 0;
	return fault_unknown(reader, "space", spec->space, spaces, COUNT(spaces));
}

static int read_translate(struct reader *reader, char **at, struct plan *plan)
{
	struct translate_spec spec;
	uint64_t last;
	int error;

	translate_spec_init(&spec);
	error = read_fields(reader, at, translate_fields, &spec);
	if (!error)
		error = check_space(reader, &spec);
	if (!error)
		error = check_bytes(reader, spec.objects, spec.object_size);
	if (error)
		return error;
	if (!strcmp(spec.space, "objects") != !!*spec.facility)
		return fault(reader, "space=objects and facility=NAME go together");
	/* Whatever the page size, at least 4 KiB. */
	if (__builtin_mul_overflow(spec.pages - 1, (uint64_t)4096, &last) ||
	    __builtin_add_overflow(spec.address, last, &last))
		return fault(reader, "the pages go beyond the last address");
	return plan_add_translation(plan, &spec);
}

static int read_map(struct reader *reader, char **at, struct plan *plan)
{
	struct map_spec spec;
	int error;

	map_spec_init(&spec);
	error = read_fields(reader, at, map_fields, &spec);
	if (!error)
		error = check_bytes(reader, spec.objects, spec.object_size);
	return error ? error : plan_add_map(plan, &spec);
}

static int read_clock(struct reader *reader, char **at, struct plan *plan)
{
	const char *name = strtok_r(NULL, BLANKS, at);

	if (!name || strtok_r(NULL, BLANKS, at))
		return fault(reader, "one word is wanted: clock instructions or tsc");
	for (size_t i = 0; i < COUNT(clocks); i++) {
		if (!strcmp(name, clocks[i])) {
			strcpy(plan->clock, name);
			return 0;
		}
	}
	if (!strcmp(name, "ns"))
		return fault(reader, "clock ns: the kernel's clock is read in ticks of its own: "
			     "'clock tsc' is wanted");
	return fault_unknown(reader, "clock", name, clocks, COUNT(clocks));
}

static int read_line(struct reader *reader, char *line, struct plan *plan, bool *clock_seen)
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
		return fault_unknown(reader, "directive", word, directives, COUNT(directives));
	if (*clock_seen)
		return fault(reader, "the clock is given twice");
	*clock_seen = true;
	return read_clock(reader, &rest, plan);
}

int plan_read(struct plan *plan, FILE *in, char *error, size_t error_size)
{
	struct reader reader = { .error = error, .error_size = error_size };
	bool clock_seen = false;
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	int status = 0;

	while (!status && (length = getline(&line, &room, in)) >= 0) {
		reader.line++;
		if (strlen(line) != (size_t)length)
			status = fault(&reader, "a zero byte: a plan is plain text");
		else
			status = read_line(&reader, line, plan, &clock_seen);
	}
	free(line);
	if (status == -ENOMEM)
		fault(&reader, "out of memory");
	if (status)
		return status;
	reader.line = 0;
	if (ferror(in))
		return fault(&reader, "cannot be read: %s", strerror(errno));
	if (!plan->count && !plan->translation_count && !plan->map_count)
		return fault(&reader, "no experiment: 'experiment facility=NAME workload=NAME' is wanted");
	return 0;
}
