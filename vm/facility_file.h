/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A user's C file with facilities, which is built into the module. */
#ifndef KMEMLAB_VM_FACILITY_FILE_H
#define KMEMLAB_VM_FACILITY_FILE_H

#include <stdbool.h>
#include "base/memory.h"
#include "base/strbuf.h"

/* A C text; the sources of the module include it. */
struct facility_file {
	const char *path;	/* in messages of the compiler and of kmemlab */
	const char *text;
	bool has_headers;	/* it may include the headers next to it */
};

/* Append the paths of the headers (*.h) next to path in the order of names. */
void c_file_headers(const char *path, struct name_list *headers);

/*
 * Read a C file. Return its text, or NULL with *error, the reason as a sentence; the caller frees
 * either.
 */
char *c_file_read(const char *path, char **error);

/* Return a copy of a C text with blanks in place of comments; the caller frees it. */
char *c_without_comments(const char *text);

/* Add a #line directive: the next line is the first one of this file. */
void c_add_line(struct strbuf *text, const char *path);

/* Append what the pattern's first group matches in code without comments. */
void c_find_names(const char *code, const char *pattern, struct name_list *names);

/* Append the facilities that a C text defines, "struct kmemlab_facility_ops kmemlab_NAME = ...". */
void facility_file_names(const char *text, struct name_list *names);

#endif
