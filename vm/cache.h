/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache: kernels, modules, chroots, snapshots. An entry is a directory that is
 * filled in partial/ and renamed, so that an existing entry is always complete. One
 * lock protects the creation of entries; reading them needs none. Entries are named
 * after the SHA-256 of their input.
 */
#ifndef KMEMLAB_VM_CACHE_H
#define KMEMLAB_VM_CACHE_H

#include <stddef.h>

#include "base/error.h"

/* Fill the empty directory of a new entry. Return: 0 or -1. */
typedef int cache_fill_fn(void *context, const char *directory, struct error *error);

/* Return a path in the cache, which the caller frees. */
char *cache_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Check that the cache's path can be passed to Kbuild and to a shell. Return: 0 or -1. */
int cache_check_path(struct error *error);

/* Check a path that is passed to Kbuild; name describes it. Return: 0 or -1. */
int build_path_check(const char *name, const char *path, const char *hint, struct error *error);

/* Wait for the lock and delete the leftovers of killed runs. Return: a descriptor or -1. */
int cache_lock(struct error *error);
void cache_unlock(int lock);

/* Create the entry; the caller holds the lock. Return: 0 or -1. */
int cache_create(const char *entry, cache_fill_fn *fill, void *context, struct error *error);

/* Create the entry, under the lock, unless it exists. Return: 0 or -1. */
int cache_ensure(const char *entry, cache_fill_fn *fill, void *context, struct error *error);

#define SHA256_HEX_SIZE 65

/*
 * Like cache_ensure(), for an entry with one file, which may be missing if fill does not create
 * it. A damaged file is created again. hex is set to its SHA-256, or "".
 */
int cache_ensure_file(const char *entry, const char *name, cache_fill_fn *fill, void *context,
		      char hex[SHA256_HEX_SIZE], struct error *error);

/* State of a file in the cache, by what was stored about its contents */
enum cache_state { CACHE_GOOD, CACHE_DAMAGED, CACHE_UNKNOWN };

/*
 * Store a file's SHA-256 and a fast hash next to it, and check them: all bytes are read each
 * time, so that the file's times do not matter. Return of cache_seal(): 0 or a negative errno.
 */
int cache_seal(const char *path, char hex[SHA256_HEX_SIZE]);
enum cache_state cache_check(const char *path, char hex[SHA256_HEX_SIZE]);

void sha256_bytes(const void *data, size_t size, char hex[SHA256_HEX_SIZE]);

/* Hash a file. The SHA-256 of an undamaged file in the cache is known. */
int sha256_file(const char *path, char hex[SHA256_HEX_SIZE], struct error *error);

#endif
