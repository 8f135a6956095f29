/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations on entire files and directories. Functions of type int return 0 or a
 * negative errno.
 */
#ifndef KMEMLAB_FILES_H
#define KMEMLAB_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

bool file_exists(const char *path);

/*
 * Return the contents of the file with a terminating zero, or NULL with errno set; the
 * caller frees it. size, in bytes without the zero, may be NULL.
 */
char *file_read(const char *path, size_t *size);

/* Write the file atomically, through a temporary file in the same directory. */
int file_write(const char *path, const void *data, size_t size);

int file_copy(const char *from, const char *to);

/* Create a directory and its parents. It may exist. */
int directory_create(const char *path);

/* Remove a directory and its contents. It may be missing. */
int directory_remove(const char *path);

/*
 * Create a private directory in $TMPDIR or /tmp. Return its path, which the caller frees, or NULL
 * with errno and the error set. error may be NULL.
 */
char *directory_temporary(struct error *error);

/*
 * Append the paths of the files below a directory of which accept() returns true for the name, in
 * the order of names. The caller frees each path and the array.
 */
void directory_find(const char *directory, bool (*accept)(const char *name), char ***paths,
		    size_t *count);

/* Return the disk usage of the directory in bytes. */
unsigned long long directory_bytes(const char *path);

/* Return the absolute path of a program in PATH or sbin, or NULL; the caller frees it. */
char *program_find(const char *name);

/* Return true if less than 64 KiB are free. Programs often fail without naming the cause. */
bool disk_is_full(const char *directory);

#endif
