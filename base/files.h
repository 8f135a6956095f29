/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files and directories. Calls return 0 or a negative errno unless said. */
#ifndef KMEMLAB_FILES_H
#define KMEMLAB_FILES_H

#include <stdbool.h>
#include <stddef.h>

bool file_exists(const char *path);

/* The file's bytes and a terminating zero, or NULL with errno set; size may be NULL. */
char *file_read(const char *path, size_t *size);

/* Writes all of it or nothing: a temporary file beside it, then rename. */
int file_write(const char *path, const void *data, size_t size);

int file_copy(const char *from, const char *to);

int directory_make(const char *path);	/* and its parents */
int directory_remove(const char *path);	/* and all in it */

/* A new one of our own in $TMPDIR or /tmp, for the caller to free; NULL with errno set. */
char *directory_temporary(void);

/* Bytes on disk of all that lies in it. */
unsigned long long directory_bytes(const char *path);

/* An absolute path of a program in PATH, or NULL. */
char *program_find(const char *name);

/* What a tool that failed there does not always say. */
bool disk_is_full(const char *directory);

#endif
