/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about a kernel module that its file states, as modinfo prints them. */
#ifndef KMEMLAB_VM_MODULE_INFO_H
#define KMEMLAB_VM_MODULE_INFO_H

#include <stdbool.h>
#include <stddef.h>

struct module_info {
	char *path;
	char *name;
	char **depends;		/* names of the modules that it needs */
	size_t depends_count;
	char **params;		/* names of its parameters */
	size_t params_count;
	bool has_kunit_tests;
};

/* Read the facts. Return: 0, or -1 if the file is not a module. */
int module_info_read(struct module_info *info, const char *path);
void module_info_release(struct module_info *info);

#endif
