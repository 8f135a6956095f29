// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_subjects.h"

#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "kept.h"
#include "report/document.h"
#include "road.h"
#include "vm/own_kernel.h"

/* Takes the label and the document over. */
static void add(struct subject_list *list, char *label, json_t *document)
{
	list->subjects = xrealloc(list->subjects, (list->count + 1) * sizeof(*list->subjects));
	list->subjects[list->count++] = (struct subject) { label, document };
}

/* Tells apart kernels of one release that were built twice. */
static const json_t *kernel_build(const json_t *environment)
{
	return json_object_get(json_object_get(environment, "run"), "kernel_package_version");
}

static const json_t *value_at(const json_t *environment, const char *const path[2])
{
	const json_t *value = json_object_get(environment, path[0]);

	value = path[1] ? json_object_get(value, path[1]) : value;
	return value ?: json_null();
}

/* Whether two runs are boots of one thing: all but the layout is the same. */
static bool same_thing(const json_t *a, const json_t *b)
{
	/* Of the clock not all: its overhead is measured, in each boot anew. */
	static const char *const fields[][2] = {
		{ "kernel" }, { "target" }, { "accelerator" }, { "clock", "unit" },
		{ "clock", "source" }, { "module" }, { "memory_bytes" }, { "cpus" }, { "machine", "board" },
	};
	const json_t *first = document_environment(a), *second = document_environment(b);

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (!json_equal(value_at(first, fields[i]), value_at(second, fields[i])))
			return false;
	return json_equal(kernel_build(first), kernel_build(second));
}

/* A file by its name without folder and ".json". */
static char *label_of(const char *wanted)
{
	const char *slash = strrchr(wanted, '/');
	char *label = xstrdup(slash ? slash + 1 : wanted);
	size_t length = strlen(label);

	if (length > 5 && !strcmp(label + length - 5, ".json"))
		label[length - 5] = '\0';
	return label;
}

static void add_split(struct subject_list *list, const char *wanted, const json_t *document)
{
	size_t first = list->count;

	for (size_t i = 0; i < document_runs(document); i++) {
		json_t *run = document_run(document, i);
		size_t at = first;

		while (at < list->count && !same_thing(list->subjects[at].document, run))
			at++;
		if (at < list->count) {
			document_join((json_t *)list->subjects[at].document, run);
			json_decref(run);
		} else {
			add(list, label_of(wanted), run);
		}
	}
	for (size_t i = first; list->count - first > 1 && i < list->count; i++) {
		const json_t *environment = document_environment(list->subjects[i].document);
		const json_t *kernel = json_object_get(environment, "kernel");

		const char *board = json_string_value(json_object_get(
			json_object_get(environment, "machine"), "board"));

		free((char *)list->subjects[i].label);
		list->subjects[i].label = xasprintf(
			"%s%s%s", json_string_value(json_object_get(kernel, "release")),
			board ? " " : "", board ?: "");
	}
}

enum exit_code subjects_load(struct subject_list *list, char **wanted, int count)
{
	enum exit_code code = EXIT_FINE;

	for (int i = 0; !code && i < count; i++) {
		json_t *document;

		code = kept_load("compare", wanted[i], &document);
		if (!code)
			add_split(list, wanted[i], document);
		json_decref(document);
	}
	return code;
}

void subjects_release(struct subject_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free((char *)list->subjects[i].label);
		json_decref((json_t *)list->subjects[i].document);
	}
	free(list->subjects);
	*list = (struct subject_list) { 0 };
}

static void add_step(struct step_list *list, const char *label, const char *kernel,
		     const char *append)
{
	list->steps = xrealloc(list->steps, (list->count + 1) * sizeof(*list->steps));
	list->steps[list->count++] = (struct step) {
		xstrdup(label), xstrdup(kernel), append ? xstrdup(append) : NULL
	};
}

static void add_append_steps(struct step_list *list, const struct run_options *options, bool each)
{
	cleanup_free char *words = xstrdup(options->append);
	cleanup_free char *all = NULL;
	char *rest = words, *word;

	add_step(list, "without", options->kernel, NULL);
	while (each && (word = strsep(&rest, " "))) {
		cleanup_free char *label = xasprintf("+ %s", word);
		char *more;

		if (!*word)
			continue;
		more = xasprintf("%s%s%s", all ?: "", all ? " " : "", word);
		free(all);
		all = more;
		add_step(list, label, options->kernel, all);
	}
	if (!each)
		add_step(list, options->append, options->kernel, options->append);
}

/* How far all paths among the names have the same folders. */
static size_t common_folders(const struct name_list *kernels)
{
	const char *first = NULL;
	size_t common = 0;

	for (size_t i = 0; i < kernels->count; i++) {
		const char *name = kernels->names[i];
		size_t length = strrchr(name, '/') ? (size_t)(strrchr(name, '/') - name + 1) : 0;

		if (!own_kernel_is(name))
			continue;
		if (!first)
			common = length;
		while (first && (common > length || strncmp(first, name, common) ||
				 (common && name[common - 1] != '/')))
			common--;
		first = name;
	}
	return common;
}

/* A path by what tells it from the others: columns are narrow. */
static void add_kernel_steps(struct step_list *list, const struct name_list *kernels,
			     const char *append)
{
	size_t common = common_folders(kernels);

	for (size_t i = 0; i < kernels->count; i++) {
		const char *name = kernels->names[i];
		bool is_short = own_kernel_is(name) && name[common];

		add_step(list, is_short ? name + common : name, name, append);
	}
}

enum exit_code steps_from(struct step_list *list, const struct run_options *options, bool each)
{
	struct name_list kernels = { 0 };
	cleanup_free char *error = name_list_read(&kernels, options->kernel, NULL);

	if (error) {
		say_error("compare: --kernel %s: %s", options->kernel, error);
		return EXIT_USAGE;
	}
	if (options->append && !options->append[strspn(options->append, " ")]) {
		say_error("compare: --append has no word for the kernel command line");
		name_list_release(&kernels);
		return EXIT_USAGE;
	}
	if (kernels.count == 1 && options->append)
		add_append_steps(list, options, each);
	if (kernels.count > 1)
		add_kernel_steps(list, &kernels, options->append);
	name_list_release(&kernels);
	if (list->count > 1)
		return EXIT_FINE;
	say_error("compare: two results are wanted, or --kernel with two kernels, or --append");
	return EXIT_USAGE;
}

void steps_release(struct step_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->steps[i].label);
		free(list->steps[i].kernel);
		free(list->steps[i].append);
	}
	free(list->steps);
	*list = (struct step_list) { 0 };
}

/* One boot of a step, which joins its subject or begins it. */
static enum exit_code add_boot(struct subject_list *list, size_t index, const struct step *step,
			       unsigned int layout, const struct plan *plan,
			       const struct run_options *options, const char *command)
{
	struct run_options own = *options;
	enum exit_code code;
	json_t *document;

	own.kernel = step->kernel;
	own.append = step->append;
	if (options->layouts > 1)
		say_progress("measuring %s, boot %u of %u", step->label, layout + 1,
			     options->layouts);
	else
		say_progress("measuring %s", step->label);
	code = road_boot(plan, &own, layout, command, &document);
	if (!code && index < list->count) {
		document_join((json_t *)list->subjects[index].document, document);
		json_decref(document);
	} else if (!code) {
		add(list, xstrdup(step->label), document);
	}
	return code;
}

enum exit_code subjects_measure(struct subject_list *list, const struct step *steps, size_t count,
				const struct plan *plan, const struct run_options *options,
				const char *command)
{
	enum exit_code code = EXIT_FINE;
	size_t first = list->count;

	for (unsigned int layout = 0; layout < options->layouts; layout++)
		for (size_t i = 0; !code && i < count; i++)
			code = add_boot(list, first + i, &steps[i], layout, plan, options,
					command);
	for (size_t i = first; !code && !options->no_store && i < list->count; i++)
		kept_add(list->subjects[i].document, NULL, &options->tags);
	return code;
}
