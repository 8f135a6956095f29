/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about a kernel module that its file states, as modinfo prints them. */
#ifndef KMEMLAB_VM_MODULE_INFO_H
#define KMEMLAB_VM_MODULE_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/strbuf.h"

struct module_info {
	char *path;
	char *name;		/* in the kernel, whatever the file is called */
	char *release;		/* of the kernel that it was built for, or NULL */
	struct name_list depends;	/* modules that it needs */
	struct name_list params;
	bool has_kunit_tests;
	bool takes_spinlocks;
};

/* Read the facts. Return: 0, or -1 if the file is not a module. */
int module_info_read(struct module_info *info, const char *path);
void module_info_release(struct module_info *info);

/* Return whether the module describes a parameter, whose name has this length. */
bool module_info_has_param(const struct module_info *info, const char *name, size_t length);

/* Append the names of the parameters to a list, "nr_structs, debug". */
void module_info_add_params(const struct module_info *info, struct strbuf *list);

#endif
