// SPDX-License-Identifier: GPL-2.0-or-later
#include "module_info.h"

#include <libkmod.h>
#include <string.h>

#include "base/memory.h"

static void add_words(struct name_list *list, const char *words)
{
	cleanup_free char *copy = xstrdup(words);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		if (*word)
			name_list_add(list, word);
}

bool module_info_has_param(const struct module_info *info, const char *name, size_t length)
{
	for (size_t i = 0; i < info->params.count; i++)
		if (!strncmp(info->params.names[i], name, length) && !info->params.names[i][length])
			return true;
	return false;
}

void module_info_add_params(const struct module_info *info, struct strbuf *list)
{
	for (size_t i = 0; i < info->params.count; i++) {
		strbuf_separate(list, ", ");
		strbuf_addstr(list, info->params.names[i]);
	}
}

/* Add "nr_structs:uint"; a parameter of a type of its own has only a text, "debug:be loud". */
static void add_param(struct module_info *info, const char *value)
{
	const size_t length = strcspn(value, ":");

	if (!module_info_has_param(info, value, length))
		*array_add(&info->params.names, &info->params.count) = xstrndup(value, length);
}

static void add_entry(struct module_info *info, const char *key, const char *value)
{
	if (!strcmp(key, "name") && !info->name)
		info->name = xstrdup(value);
	else if (!strcmp(key, "vermagic") && !info->release)
		info->release = xstrndup(value, strcspn(value, " "));
	else if (!strcmp(key, "depends"))
		add_words(&info->depends, value);
	else if (!strcmp(key, "parmtype") || !strcmp(key, "parm"))
		add_param(info, value);
}

/* Read what the symbols tell that the module needs. */
static void read_symbols(struct module_info *info, const struct kmod_module *module)
{
	struct kmod_list *list = NULL, *entry;

	if (kmod_module_get_dependency_symbols(module, &list) < 0)
		return;
	kmod_list_foreach(entry, list) {
		const char *symbol = kmod_module_dependency_symbol_get_symbol(entry);

		/* The tests may be part of the kernel: only they use KUnit's assertions. */
		info->has_kunit_tests |= strstr(symbol, "kunit_do_") ||
					 strstr(symbol, "__kunit_test_suites_");
		/* Some kernels have all of a lock inline, but for the wait. */
		info->takes_spinlocks |= !strncmp(symbol, "_raw_", 5) ||
					 !strncmp(symbol, "queued_", 7);
	}
	kmod_module_dependency_symbols_free_list(list);
}

int module_info_read(struct module_info *info, const char *path)
{
	const char *const no_config = NULL;
	struct kmod_ctx *context = kmod_new(NULL, &no_config);
	struct kmod_module *module = NULL;
	struct kmod_list *list = NULL, *entry;

	*info = (struct module_info) { .path = xstrdup(path) };
	if (context && kmod_module_new_from_path(context, path, &module) >= 0 &&
	    kmod_module_get_info(module, &list) >= 0)
		kmod_list_foreach(entry, list)
			add_entry(info, kmod_module_info_get_key(entry),
				  kmod_module_info_get_value(entry));
	kmod_module_info_free_list(list);
	if (info->name)
		read_symbols(info, module);
	if (module)
		kmod_module_unref(module);
	if (context)
		kmod_unref(context);
	if (info->name)
		return 0;
	module_info_release(info);
	return -1;
}

void module_info_release(struct module_info *info)
{
	name_list_release(&info->depends);
	name_list_release(&info->params);
	free(info->path);
	free(info->name);
	free(info->release);
	*info = (struct module_info) { 0 };
}
