// SPDX-License-Identifier: GPL-2.0-or-later
#include "comparison_environment.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "document.h"

static const struct {
	const char *path[2];
	bool matters;	/* else it is named and no more: kernels differ in it by nature */
} fields[] = {
	{ { "clock", "unit" }, true },
	{ { "kernel", "arch" }, true },
	{ { "target" }, true },
	{ { "page_size" }, true },
	{ { "cpus" }, true },
	{ { "accelerator" }, true },
	{ { "machine", "memory_mib" }, true },
	{ { "page_table_levels" }, false },
	{ { "clock", "overhead" }, false },
	{ { "module", "srcversion" }, false },
	{ { "run", "qemu_version" }, false },
};

static const json_t *at(const struct subject *subject, const char *first, const char *second)
{
	const json_t *value = json_object_get(document_environment(subject->document), first);

	return second ? json_object_get(value, second) : value;
}

static void add(json_t *differences, const char *field, json_t *values, bool matters)
{
	json_array_append_new(differences, json_pack("{s:s, s:O, s:b}", "field", field, "values",
						     values, "matters", matters));
}

/* Null is not known or not there, which no value contradicts. */
static bool differ(const json_t *values, bool null_counts)
{
	const json_t *first = NULL;
	json_t *value;
	size_t i;

	json_array_foreach(values, i, value) {
		if (json_is_null(value) && !null_counts)
			continue;
		if (first && !json_equal(first, value))
			return true;
		first = value;
	}
	return false;
}

/* Whether they differ. */
static bool add_field(json_t *differences, const struct subject *subjects, size_t count,
		      const char *const path[2], bool matters)
{
	cleanup_free char *name = xasprintf("%s%s%s", path[0], path[1] ? "." : "", path[1] ?: "");
	json_t *values = json_array();
	bool differs;

	for (size_t i = 0; i < count; i++) {
		const json_t *value = at(&subjects[i], path[0], path[1]);

		json_array_append(values, value ? (json_t *)value : json_null());
	}
	differs = differ(values, false);
	if (differs)
		add(differences, name, values, matters);
	json_decref(values);
	return differs;
}

/* A setting that only some of the kernels know is none that was set differently. */
static void add_setting(json_t *differences, const struct subject *subjects, size_t count,
			const char *setting, bool matters)
{
	cleanup_free char *name = xasprintf("kernel.config.%s", setting);
	json_t *values = json_array();
	json_t *listed;
	size_t i;

	for (i = 0; i < count; i++) {
		const json_t *value = json_object_get(at(&subjects[i], "kernel", "config"),
						      setting);

		json_array_append(values, value ? (json_t *)value : json_null());
	}
	json_array_foreach(differences, i, listed)
		if (!strcmp(json_string_value(json_object_get(listed, "field")), name))
			goto out;
	if (differ(values, true))
		add(differences, name, values, matters && differ(values, false));
out:
	json_decref(values);
}

static bool has_word(const char *line, const char *word, size_t length)
{
	for (; *line; line += strcspn(line, " "), line += strspn(line, " "))
		if (strcspn(line, " ") == length && !strncmp(line, word, length))
			return true;
	return false;
}

static const char *cmdline_of(const struct subject *subject)
{
	const char *line = json_string_value(at(subject, "kernel", "cmdline"));

	return line ? line : "";
}

/* The words of one command line that not all the others have. */
static char *own_words(const struct subject *subjects, size_t count, size_t index)
{
	const char *line = cmdline_of(&subjects[index]);
	char *own = xstrdup("");

	for (; *line; line += strcspn(line, " "), line += strspn(line, " ")) {
		size_t length = strcspn(line, " "), i = 0;

		while (i < count && has_word(cmdline_of(&subjects[i]), line, length))
			i++;
		if (i < count) {
			char *more = xasprintf("%s%s%.*s", own, *own ? " " : "", (int)length, line);

			free(own);
			own = more;
		}
	}
	return own;
}

static void add_cmdline(json_t *differences, const struct subject *subjects, size_t count)
{
	json_t *values = json_array();
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		cleanup_free char *own = own_words(subjects, count, i);

		json_array_append_new(values, *own ? json_string(own) : json_null());
		any = any || *own;
	}
	if (any)
		add(differences, "kernel.cmdline", values, false);
	json_decref(values);
}

/* Memory that is not the same machine's: the kernel's own share of it differs by less. */
static void add_memory(json_t *differences, const struct subject *subjects, size_t count)
{
	json_t *values = json_array();
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < count; i++) {
		const json_t *value = at(&subjects[i], "memory_bytes", NULL);
		double bytes = json_number_value(value);

		json_array_append(values, (json_t *)value);
		least = bytes && bytes < least ? bytes : least;
		most = bytes > most ? bytes : most;
	}
	if (least < most * 3 / 4)
		add(differences, "memory_bytes", values, true);
	json_decref(values);
}

/* Null is the architecture's usual board, which others differ from, where there is a machine. */
static void add_board(json_t *differences, const struct subject *subjects, size_t count)
{
	json_t *values = json_array(), *machines = json_array();

	for (size_t i = 0; i < count; i++) {
		const json_t *board = at(&subjects[i], "machine", "board");
		json_t *value = board ? (json_t *)board : json_null();

		json_array_append(values, value);
		if (json_is_object(at(&subjects[i], "machine", NULL)))
			json_array_append(machines, value);
	}
	if (differ(machines, true))
		add(differences, "machine.board", values, true);
	json_decref(machines);
	json_decref(values);
}

/* An instrument that was wrong matters even where it was wrong in all of them. */
static void add_self_check(json_t *differences, const struct subject *subjects, size_t count)
{
	json_t *values = json_array();
	bool wrong = false;

	for (size_t i = 0; i < count; i++) {
		const json_t *ok = at(&subjects[i], "self_check", "ok");

		json_array_append(values, (json_t *)ok);
		wrong = wrong || !json_is_true(ok);
	}
	if (wrong)
		add(differences, "self_check.ok", values, true);
	json_decref(values);
}

json_t *environment_differences(const struct subject *subjects, size_t count, bool asked)
{
	/* Two builds of one release; of two releases it goes without saying. */
	static const char *const release_path[] = { "kernel", "release" };
	static const char *const build_path[] = { "run", "kernel_package_version" };
	json_t *differences = json_array();

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		add_field(differences, subjects, count, fields[i].path,
			  fields[i].matters);
	if (!add_field(differences, subjects, count, release_path, false))
		add_field(differences, subjects, count, build_path, false);
	add_board(differences, subjects, count);
	add_self_check(differences, subjects, count);
	add_cmdline(differences, subjects, count);
	add_memory(differences, subjects, count);
	for (size_t i = 0; i < count; i++) {
		const char *setting;
		json_t *value;

		json_object_foreach((json_t *)at(&subjects[i], "kernel", "config"), setting, value)
			add_setting(differences, subjects, count, setting, !asked);
	}
	return differences;
}
