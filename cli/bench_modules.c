// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/bench_modules.h"

#include <string.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "cli/result_store.h"
#include "vm/kernels.h"
#include "vm/source_build.h"

static enum exit_code add_module(struct bench_modules *modules, const char *path,
				 const char *option)
{
	struct module_info info;

	if (module_info_read(&info, path)) {
		log_error("%s'%s' is not a kernel module", option, path);
		return EXIT_USAGE;
	}
	modules->files = array_reserve(modules->files, modules->count, sizeof(*modules->files));
	modules->files[modules->count] = (struct vm_file) { info.path, option };
	*array_add(&modules->list, &modules->count) = info;
	return EXIT_OK;
}

static enum exit_code build_modules(struct bench_modules *modules, const struct options *options)
{
	struct source_build build = { 0 };
	enum exit_code code = EXIT_OK;
	struct error failure = { 0 };
	struct kernel kernel;

	modules->directory = directory_temporary(&failure);
	if (!modules->directory)
		return report_error(&failure);
	if (kernel_find(options->kernels.names[0], options->headers, options->archs.names[0],
			false, &kernel, &failure))
		return report_error(&failure);
	if (source_build(&kernel, options->operands[0], modules->directory, &build, &failure))
		code = report_error(&failure);
	if (build.output)
		fputs(build.output, stderr);
	for (size_t i = 0; i < build.module_count && !code; i++)
		code = add_module(modules, build.modules[i], "");
	source_build_release(&build);
	kernel_release(&kernel);
	return code;
}

/* Report a parameter that no module of the operand has. */
static enum exit_code unknown_param(const struct bench_modules *modules,
				    const struct options *options, const char *param)
{
	cleanup_strbuf struct strbuf known = STRBUF_INIT;

	for (size_t i = 0; i < modules->count; i++)
		if (!*modules->files[i].option)
			module_info_add_params(&modules->list[i], &known);
	return usage_error(options, "unknown parameter '%.*s' (known: %s)",
			   (int)strcspn(param, "="), param, known.length ? known.text : "none");
}

static enum exit_code check_params(const struct bench_modules *modules,
				   const struct options *options)
{
	for (size_t i = 0; i < options->params.count; i++) {
		const char *param = options->params.names[i];
		size_t length = strcspn(param, "=");
		bool known = false;

		if (!param[length] || !length || strpbrk(param, "\t\n"))
			return usage_error(options, "--param must be NAME=VALUE, got '%s'", param);
		/* The kernel ends a value at a blank unless quotes enclose it, and has no escapes. */
		if (strchr(param, '"'))
			return usage_error(options, "--param values cannot contain '\"', got '%s'",
					   param);
		for (size_t k = 0; k < modules->count; k++)
			known |= !*modules->files[k].option &&
				 module_info_has_param(&modules->list[k], param, length);
		if (!known)
			return unknown_param(modules, options, param);
	}
	return EXIT_OK;
}

static bool is_before(const struct bench_modules *modules, const char *name, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (!strcmp(modules->list[i].name, name))
			return true;
	return false;
}

/* Return a module that this one needs and that is not among the first ones, or NULL. */
static const char *missing_before(const struct bench_modules *modules, size_t index, size_t end)
{
	const struct module_info *info = &modules->list[index];

	for (size_t i = 0; i < info->depends.count; i++)
		if (!is_before(modules, info->depends.names[i], end))
			return info->depends.names[i];
	return NULL;
}

static void swap_modules(struct bench_modules *modules, size_t a, size_t b)
{
	struct module_info info = modules->list[a];
	struct vm_file file = modules->files[a];

	modules->list[a] = modules->list[b];
	modules->files[a] = modules->files[b];
	modules->list[b] = info;
	modules->files[b] = file;
}

/* Sort the modules so that each follows those that it needs. */
static enum exit_code sort_modules(struct bench_modules *modules)
{
	for (size_t end = 0; end < modules->count; end++) {
		size_t next = end;

		while (next < modules->count && missing_before(modules, next, end))
			next++;
		if (next == modules->count) {
			log_error("'%s' needs module %s, which is not in the guest (use --add "
				  "MODULE.ko)", modules->files[end].path,
				  missing_before(modules, end, end));
			return EXIT_USAGE;
		}
		swap_modules(modules, end, next);
	}
	return EXIT_OK;
}

/* Add a parameter as the kernel parses it: quotes enclose a value with blanks. */
static void add_param(struct strbuf *text, const char *param)
{
	size_t length = strcspn(param, "=") + 1;

	if (strpbrk(param + length, " \v\f\r"))
		strbuf_addf(text, "%.*s\"%s\" ", (int)length, param, param + length);
	else
		strbuf_addf(text, "%s ", param);
}

static char *job_text(const struct bench_modules *modules, const struct options *options)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < modules->count; i++) {
		const struct module_info *info = &modules->list[i];

		strbuf_addf(&text, "/%s\t%s\t%s\t", basename(info->path), info->name,
			    *modules->files[i].option ? "add" : "operand");
		/* Kernels may disable the tests by default. */
		if (!strcmp(info->name, "kunit") &&
		    module_info_has_param(info, "enable", strlen("enable")))
			strbuf_addstr(&text, "enable=1 ");
		for (size_t k = 0; !*modules->files[i].option && k < options->params.count; k++)
			if (module_info_has_param(info, options->params.names[k],
						  strcspn(options->params.names[k], "=")))
				add_param(&text, options->params.names[k]);
		strbuf_addstr(&text, "\n");
	}
	return strbuf_detach(&text);
}

enum exit_code bench_modules_find(struct bench_modules *modules, const struct options *options)
{
	const char *operand = options->operands[0];
	enum exit_code code = EXIT_OK;

	for (size_t i = 0; i < options->files.count && !code; i++)
		code = add_module(modules, options->files.names[i], "--add ");
	if (!code)
		code = str_ends_with(operand, ".ko") ? add_module(modules, operand, "") :
						       build_modules(modules, options);
	code = code ?: sort_modules(modules) ?: check_params(modules, options);
	if (!code)
		modules->job = job_text(modules, options);
	return code;
}

bool bench_modules_have_tests(const struct bench_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++)
		if (!*modules->files[i].option && modules->list[i].has_kunit_tests)
			return true;
	return false;
}

void bench_modules_release(struct bench_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++)
		module_info_release(&modules->list[i]);
	free(modules->list);
	free(modules->files);
	free(modules->job);
	if (modules->directory)
		directory_remove(modules->directory);
	free(modules->directory);
	*modules = (struct bench_modules) { 0 };
}
