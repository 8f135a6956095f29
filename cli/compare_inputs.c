// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_inputs.h"

#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "cli/result_store.h"
#include "report/document.h"
#include "vm/kernel.h"

/* Add the runs to the input at index, or to a new one. Takes ownership of the document. */
static void input_join(struct input_list *list, size_t index, const char *label, json_t *document)
{
	if (index == list->count)
		array_add(&list->inputs, &list->count)->label = xstrdup(label);
	measure_join((json_t **)&list->inputs[index].document, document);
}

/* Return true if two runs differ in the memory layout only. */
static bool same_boot_spec(const json_t *a, const json_t *b)
{
	/* The clock's overhead is measured, so it differs between boots. */
	static const char *const paths[] = {
		"kernel", "target", "accelerator", "clock.unit", "clock.source", "module",
		"memory_bytes", "cpus", "cpus_possible", "machine.board", "machine.qemu_cpu",
		"run.kernel_package_version",
	};
	const json_t *first = document_environment(a), *second = document_environment(b);

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (!json_equal(json_at(first, paths[i]) ?: json_null(),
				json_at(second, paths[i]) ?: json_null()))
			return false;
	return true;
}

/* Return a file's name without its directory and ".json" as UTF-8; the caller frees it. */
static char *label_from_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *end = strrchr(name, '.');

	cleanup_free char *base = xasprintf("%.*s", end && end > name && !strcmp(end, ".json") ?
					    (int)(end - name) : -1, name);
	json_t *text = json_text(base);
	char *label = xstrdup(json_string_value(text));

	json_decref(text);
	return label;
}

/* Label inputs from the same file by their kernel and board. */
static void relabel(struct input *input)
{
	const json_t *environment = document_environment(input->document);
	const char *board = json_str(environment, "machine.board", NULL);

	free((char *)input->label);
	input->label = xasprintf("%s%s%s", json_str(environment, "kernel.release", ""),
				 board ? " " : "", board ?: "");
}

static void add_runs(struct input_list *list, const char *name, const json_t *document)
{
	cleanup_free char *label = label_from_path(name);
	size_t first = list->count;

	for (size_t i = 0; i < document_runs(document); i++) {
		json_t *run = document_run(document, i);
		size_t pos = first;

		while (pos < list->count && !same_boot_spec(list->inputs[pos].document, run))
			pos++;
		input_join(list, pos, label, run);
	}
	for (size_t i = first; list->count - first > 1 && i < list->count; i++)
		relabel(&list->inputs[i]);
}

enum exit_code inputs_load(struct input_list *list, char **names, int count)
{
	enum exit_code code = EXIT_OK;

	for (int i = 0; !code && i < count; i++) {
		json_t *document;

		code = result_load("compare", names[i], &document);
		if (!code)
			add_runs(list, names[i], document);
		json_decref(document);
	}
	return code;
}

void inputs_release(struct input_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free((char *)list->inputs[i].label);
		json_decref((json_t *)list->inputs[i].document);
	}
	free(list->inputs);
	*list = (struct input_list) { 0 };
}

static void boot_spec_add(struct boot_spec_list *list, const char *label, const char *kernel,
			  const char *append)
{
	*array_add(&list->specs, &list->count) = (struct boot_spec) {
		xstrdup(label), xstrdup(kernel), append ? xstrdup(append) : NULL, NULL
	};
}

static void add_append_specs(struct boot_spec_list *list, const struct options *options,
			     bool stepwise)
{
	const char *kernel = options->kernels.names[0];
	cleanup_free char *copy = xstrdup(options->append);
	cleanup_strbuf struct strbuf append = STRBUF_INIT;
	char *rest = copy, *word;

	boot_spec_add(list, "without", kernel, NULL);
	if (!stepwise) {
		boot_spec_add(list, options->append, kernel, options->append);
		return;
	}
	while ((word = strsep(&rest, " "))) {
		cleanup_free char *label = xasprintf("+ %s", word);

		if (!*word)
			continue;
		strbuf_separate(&append, " ");
		strbuf_addstr(&append, word);
		boot_spec_add(list, label, kernel, append.text);
	}
}

/* Return the length of the directories that all paths among the names have in common. */
static size_t common_directory_length(const struct name_list *kernels)
{
	const char *first = NULL;
	size_t common = 0;

	for (size_t i = 0; i < kernels->count; i++) {
		const char *name = kernels->names[i];
		const char *slash = strrchr(name, '/');
		size_t length = slash ? (size_t)(slash - name + 1) : 0;

		if (!kernel_is_local(name))
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

/* Label paths without their common directory, since columns are narrow. */
static void add_kernel_specs(struct boot_spec_list *list, const struct options *options)
{
	const struct name_list *kernels = &options->kernels;
	size_t common = common_directory_length(kernels);

	for (size_t i = 0; i < kernels->count; i++) {
		const char *name = kernels->names[i];
		bool is_short = kernel_is_local(name) && name[common];

		boot_spec_add(list, is_short ? name + common : name, name, options->append);
	}
}

static void add_cpu_specs(struct boot_spec_list *list, const struct options *options)
{
	for (size_t i = 0; i < options->cpus.count; i++) {
		boot_spec_add(list, options->cpus.names[i], options->kernels.names[0],
			      options->append);
		list->specs[list->count - 1].cpu = options->cpus.names[i];
	}
}

enum exit_code boot_specs_build(struct boot_spec_list *list, const struct options *options,
				bool stepwise)
{
	const char *append = options->append;

	if (append && !append[strspn(append, " ")])
		return usage_error(options, "--append must not be empty");
	if (options->cpus.count > 1 && options->kernels.count > 1)
		return usage_error(options, "several --cpu cannot be compared with several --kernel");
	if (options->cpus.count > 1)
		add_cpu_specs(list, options);
	else if (options->kernels.count > 1)
		add_kernel_specs(list, options);
	else if (append)
		add_append_specs(list, options, stepwise);
	else
		return usage_error(options, "nothing to compare (give two results, two kernels "
				   "with --kernel, two CPUs with --cpu, or --append)");
	return EXIT_OK;
}

void boot_specs_release(struct boot_spec_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->specs[i].label);
		free(list->specs[i].kernel);
		free(list->specs[i].append);
	}
	free(list->specs);
	*list = (struct boot_spec_list) { 0 };
}

/* Boot and measure once. Add the run to the input at index, or to a new one. */
static enum exit_code measure_boot(struct input_list *list, size_t index,
				   const struct boot_spec *spec, unsigned int layout,
				   const struct plan *plan, const struct options *options)
{
	struct measure_target target = target_from_options(options, plan);
	enum exit_code code;
	json_t *document;

	target.vm.kernel = spec->kernel;
	target.vm.append = spec->append;
	if (spec->cpu)
		target.vm.cpu = spec->cpu;
	target.vm.layout = layout;
	if (options->layouts > 1)
		log_progress("measuring %s, boot %u of %u", spec->label, layout + 1,
			     options->layouts);
	else
		log_progress("measuring %s", spec->label);
	code = measure_once(options, plan, &target, &document);
	if (code)
		return code;
	input_join(list, index, spec->label, document);
	return EXIT_OK;
}

enum exit_code inputs_measure(struct input_list *list, const struct boot_spec *specs, size_t count,
			      const struct plan *plan, const struct options *options)
{
	enum exit_code code = EXIT_OK;
	size_t first = list->count;

	for (unsigned int layout = 0; layout < options->layouts; layout++)
		for (size_t i = 0; !code && i < count; i++)
			code = measure_boot(list, first + i, &specs[i], layout, plan, options);
	for (size_t i = first; !code && !options->no_store && i < list->count; i++)
		result_keep(list->inputs[i].document, NULL, &options->tags);
	return code;
}
