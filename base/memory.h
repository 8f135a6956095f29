/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of user-space programs that have nothing better to do without it than
 * to stop: the x*() calls exit with EXIT_TROUBLE. Not for lib/ and exec/.
 */
#ifndef KMEMLAB_MEMORY_H
#define KMEMLAB_MEMORY_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void cleanup_free_fn(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fclose_fn(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define cleanup_free	__attribute__((cleanup(cleanup_free_fn)))
#define cleanup_fclose	__attribute__((cleanup(cleanup_fclose_fn)))

#endif
