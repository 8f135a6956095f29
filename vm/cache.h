/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache: kernels, builds, kernel ELF files. An entry is made in partial/
 * and renamed into place, so that one that exists is whole; one lock guards
 * the making, and none is needed to read.
 */
#ifndef KMEMLAB_VM_CACHE_H
#define KMEMLAB_VM_CACHE_H

#include "base/failure.h"

/* A path in the cache, for the caller to free. */
char *cache_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Waits for the lock and removes what a killed run left. A descriptor, or -1. */
int cache_lock(struct failure *failure);
void cache_unlock(int lock);

/* A new directory to build an entry in; call with the lock held. NULL on failure. */
char *cache_partial(struct failure *failure);

/* Renames it into place, or removes it where the entry exists by now. */
int cache_commit(const char *partial, const char *entry, struct failure *failure);

#endif
