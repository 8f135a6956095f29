/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fast 64-bit hash for tables and for detecting changes; not cryptographic. */
#ifndef KMEMLAB_LIB_HASH_H
#define KMEMLAB_LIB_HASH_H

#include <stdint.h>

#define HASH_INIT	0xcbf29ce484222325ULL
#define HASH_MULTIPLIER	0x9e3779b97f4a7c15ULL	/* 2^64 divided by the golden ratio */

/* Return hash, which starts as HASH_INIT, extended by value. */
static inline uint64_t hash_add(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * HASH_MULTIPLIER + (hash >> 32);
}

#endif
