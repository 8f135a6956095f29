// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan_fields.h"

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

void translate_spec_init(struct translate_spec *spec)
{
	*spec = (struct translate_spec) {
		.space = "kernel",
		.pages = 1,
		.routes = 1,
		.gfp = "kernel",
		.object_size = 32,
		.objects = 2000,
	};
}

void map_spec_init(struct map_spec *spec)
{
	*spec = (struct map_spec) {
		.gfp = "kernel",
		.condition = "fresh",
		.object_size = 32,
		.objects = 2000,
	};
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

static int append(void *list, size_t *count, const void *spec, size_t size)
{
	/* Room doubles: count is a power of two exactly when it is used up. */
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
	return append(&plan->experiments, &plan->count, spec, sizeof(*spec));
}

int plan_add_translation(struct plan *plan, const struct translate_spec *spec)
{
	return append(&plan->translations, &plan->translation_count, spec, sizeof(*spec));
}

int plan_add_map(struct plan *plan, const struct map_spec *spec)
{
	return append(&plan->maps, &plan->map_count, spec, sizeof(*spec));
}

static void write_cpus(const struct experiment_spec *spec, FILE *out)
{
	if (!spec->cpu_count)
		return;
	for (uint32_t i = 0; i < spec->cpu_count; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : " cpus=", spec->cpus[i]);
}

static void write_field(const struct field *field, const void *spec, FILE *out)
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
	case FIELD_ADDRESS:
		fprintf(out, " %s=0x%" PRIx64, field->name, *(const uint64_t *)value);
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

static void write_line(const char *directive, const struct field *fields, const void *spec,
		       FILE *out)
{
	fputs(directive, out);
	for (const struct field *field = fields; field->name; field++)
		write_field(field, spec, out);
	fputc('\n', out);
}

int plan_write(const struct plan *plan, FILE *out)
{
	fprintf(out, "clock %s\n", plan->clock);
	for (size_t i = 0; i < plan->count; i++)
		write_line("experiment", experiment_fields, &plan->experiments[i], out);
	for (size_t i = 0; i < plan->translation_count; i++)
		write_line("translate", translate_fields, &plan->translations[i], out);
	for (size_t i = 0; i < plan->map_count; i++)
		write_line("map", map_fields, &plan->maps[i], out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}
