// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"
#include "number.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BLANKS " \t\r\n"

enum field_type { FIELD_NAME, FIELD_U64, FIELD_U32, FIELD_S32, FIELD_FLAG, FIELD_CPUS };

/* What an experiment can say, in the order in which plan_write() says it. */
static const struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	int64_t least;
} fields[] = {
#define FIELD(name, type, least) { #name, type, offsetof(struct experiment_spec, name), least }
	FIELD(facility, FIELD_NAME, 0),
	FIELD(workload, FIELD_NAME, 0),
	FIELD(object_size, FIELD_U64, 1),
	FIELD(objects, FIELD_U64, 1),
	FIELD(cpus, FIELD_CPUS, 0),
	FIELD(gfp, FIELD_NAME, 0),
	FIELD(node, FIELD_S32, -1),
	FIELD(align, FIELD_U64, 0),
	FIELD(seed, FIELD_U64, 0),
	FIELD(free_order, FIELD_NAME, 0),
	FIELD(bulk, FIELD_U64, 0),
	FIELD(free_cpu, FIELD_S32, -1),
	FIELD(condition, FIELD_NAME, 0),
	FIELD(repeats, FIELD_U32, 1),
	FIELD(tails, FIELD_FLAG, 0),
#undef FIELD
};

static const char *const directives[] = { "clock", "experiment" };
static const char *const clocks[] = { "instructions", "tsc", "ns" };

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

void experiment_spec_init(struct experiment_spec *spec)
{
	*spec = (struct experiment_spec) {
		.gfp = "kernel",
		.condition = "fresh",
		.object_size = 32,
		.objects = 2000,
		.seed = 1,
		.repeats = 1,
		.node = -1,
		.free_cpu = -1,
		.cpu_count = 1,
	};
}

void plan_init(struct plan *plan)
{
	*plan = (struct plan) { .clock = "instructions" };
}

void plan_release(struct plan *plan)
{
	free(plan->experiments);
	plan_init(plan);
}

int plan_add(struct plan *plan, const struct experiment_spec *spec)
{
	/* Room doubles: count is a power of two exactly when it is used up. */
	if (!(plan->count & (plan->count - 1))) {
		size_t room = plan->count ? 2 * plan->count : 1;
		void *grown = reallocarray(plan->experiments, room, sizeof(*spec));

		if (!grown)
			return -ENOMEM;
		plan->experiments = grown;
	}
	plan->experiments[plan->count++] = *spec;
	return 0;
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

static int read_field(struct reader *reader, const struct field *field, const char *text,
		      struct experiment_spec *spec)
{
	void *target = (char *)spec + field->offset;

	switch (field->type) {
	case FIELD_NAME:
		return read_name(reader, field->name, text, target);
	case FIELD_CPUS:
		return read_cpus(reader, text, spec);
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

static int find_field(struct reader *reader, const char *name)
{
	const char *names[COUNT(fields)];

	for (size_t i = 0; i < COUNT(fields); i++) {
		names[i] = fields[i].name;
		if (!strcmp(name, names[i]))
			return i;
	}
	return fault_unknown(reader, "field", name, names, COUNT(names));
}

static int read_experiment(struct reader *reader, char **at, struct plan *plan)
{
	struct experiment_spec spec;
	unsigned int seen = 0;
	int64_t bytes;
	char *word;

	experiment_spec_init(&spec);
	while ((word = strtok_r(NULL, BLANKS, at))) {
		char *value = strchr(word, '=');
		int i, error;

		if (!value)
			return fault(reader, "'%s': FIELD=VALUE is wanted", word);
		*value++ = '\0';
		i = find_field(reader, word);
		if (i < 0)
			return i;
		if (seen & (1U << i))
			return fault(reader, "field '%s' is given twice", word);
		seen |= 1U << i;
		error = read_field(reader, &fields[i], value, &spec);
		if (error)
			return error;
	}
	if (!*spec.facility)
		return fault(reader, "the experiment names no facility: facility=NAME is missing");
	if (!*spec.workload)
		return fault(reader, "the experiment names no workload: workload=NAME is missing");
	if (__builtin_mul_overflow(spec.objects, spec.object_size, &bytes))
		return fault(reader, "objects x object_size is beyond 2^63 - 1 bytes");
	return plan_add(plan, &spec);
}

static int read_clock(struct reader *reader, char **at, struct plan *plan)
{
	const char *name = strtok_r(NULL, BLANKS, at);

	if (!name || strtok_r(NULL, BLANKS, at))
		return fault(reader, "one word is wanted: clock instructions, tsc or ns");
	for (size_t i = 0; i < COUNT(clocks); i++) {
		if (!strcmp(name, clocks[i])) {
			strcpy(plan->clock, name);
			return 0;
		}
	}
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
	if (!plan->count)
		return fault(&reader, "no experiment: 'experiment facility=NAME workload=NAME' is wanted");
	return 0;
}

static void write_cpus(const struct experiment_spec *spec, FILE *out)
{
	if (!spec->cpu_count)
		return;
	for (uint32_t i = 0; i < spec->cpu_count; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : " cpus=", spec->cpus[i]);
}

static void write_field(const struct field *field, const struct experiment_spec *spec, FILE *out)
{
	const void *value = (const char *)spec + field->offset;

	switch (field->type) {
	case FIELD_NAME:
		if (*(const char *)value)
			fprintf(out, " %s=%s", field->name, (const char *)value);
		break;
	case FIELD_CPUS:
		write_cpus(spec, out);
		break;
	case FIELD_U64:
		fprintf(out, " %s=%" PRIu64, field->name, *(const uint64_t *)value);
		break;
	case FIELD_U32:
		fprintf(out, " %s=%" PRIu32, field->name, *(const uint32_t *)value);
		break;
	case FIELD_S32:
		fprintf(out, " %s=%" PRId32, field->name, *(const int32_t *)value);
		break;
	case FIELD_FLAG:
		if (*(const uint32_t *)value)
			fprintf(out, " %s=1", field->name);
		break;
	}
}

int plan_write(const struct plan *plan, FILE *out)
{
	fprintf(out, "clock %s\n", plan->clock);
	for (size_t i = 0; i < plan->count; i++) {
		fputs("experiment", out);
		for (size_t j = 0; j < COUNT(fields); j++)
			write_field(&fields[j], &plan->experiments[i], out);
		fputc('\n', out);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}
