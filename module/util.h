/* SPDX-License-Identifier: GPL-2.0-only */
/* Small helpers without state: arrays, block orders, random numbers and numbers in names. */
#ifndef KMEMLAB_UTIL_H
#define KMEMLAB_UTIL_H

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

/**
 * kmemlab_kvarray_create() - allocate a zeroed array without contiguous pages
 * @count: number of elements
 * @size: bytes per element
 *
 * The array is always larger than a page: up to a page, kvmalloc() insists on a
 * slab. With slub_debug or KASAN such a slab takes several pages, and if memory
 * is too fragmented for that order, the OOM killer runs.
 *
 * Return: the array, to be freed with kvfree(), or NULL.
 */
static inline void *kmemlab_kvarray_create(size_t count, size_t size)
{
	return kvcalloc(max_t(size_t, count, PAGE_SIZE / size + 1), size, GFP_KERNEL);
}

/**
 * kmemlab_block_order() - order of the next block of the page allocator
 * @pages: pages still needed, at least 1
 * @order_limit: largest order that may be returned
 *
 * Splits a request into blocks of the largest order, followed by the smallest
 * order that holds the rest.
 *
 * Return: the order.
 */
static inline unsigned int kmemlab_block_order(u64 pages, unsigned int order_limit)
{
	if (pages >> order_limit)
		return order_limit;
	return order_base_2((unsigned long)pages);
}

/**
 * kmemlab_plural() - suffix of a noun after a number
 * @count: the number
 *
 * Return: "" or "s".
 */
static inline const char *kmemlab_plural(u64 count)
{
	return count == 1 ? "" : "s";
}

#define KMEMLAB_AMOUNT_MAX	24

/**
 * kmemlab_amount_write() - write an amount of memory in MiB, or in KiB below 10 MiB
 * @text: buffer
 * @pages: number of pages; MiB are rounded down
 *
 * Return: @text.
 */
static inline const char *kmemlab_amount_write(char text[KMEMLAB_AMOUNT_MAX], u64 pages)
{
	const bool small = pages < (10ULL << 20 >> PAGE_SHIFT);

	snprintf(text, KMEMLAB_AMOUNT_MAX, "%llu %s",
		 small ? pages << (PAGE_SHIFT - 10) : pages >> (20 - PAGE_SHIFT),
		 small ? "KiB" : "MiB");
	return text;
}

/* kmemlab_amount() - the text of kmemlab_amount_write(), valid in the enclosing block */
#define kmemlab_amount(pages) \
	kmemlab_amount_write((char [KMEMLAB_AMOUNT_MAX]) { "" }, pages)

/**
 * kmemlab_amount_needed() - round up an amount of memory that is needed
 * @pages: number of pages
 *
 * Return: the pages for kmemlab_amount(); as text they exceed any smaller amount.
 */
static inline u64 kmemlab_amount_needed(u64 pages)
{
	const u64 mib = 1ULL << (20 - PAGE_SHIFT);

	return pages < 10 * mib ? pages : round_up(min(pages, U64_MAX - mib), mib);
}

/**
 * kmemlab_prng_next() - next number of a splitmix64 generator
 * @state: generator state; any seed is valid
 *
 * Return: the same sequence for the same seed on every kernel.
 */
static inline u64 kmemlab_prng_next(u64 *state)
{
	u64 x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/**
 * kmemlab_prng_below() - random index
 * @state: generator state
 * @count: number of indices
 *
 * Return: a number from 0 to @count - 1.
 */
static inline size_t kmemlab_prng_below(u64 *state, size_t count)
{
	return mul_u64_u64_shr(kmemlab_prng_next(state) >> 1, count, 63);
}

/**
 * kmemlab_number_after() - number at the end of a name
 * @name: name with a number, "partial:32"
 * @prefix: the part before the number, "partial:"
 *
 * Return: the number, or 0 if @name is no @prefix with a number of at least 2.
 */
static inline unsigned int kmemlab_number_after(const char *name, const char *prefix)
{
	const size_t length = strlen(prefix);
	unsigned int number;

	/* kstrtouint() accepts a sign and a final newline. */
	if (strncmp(name, prefix, length) || !isdigit(name[length]) || strchr(name, '\n') ||
	    kstrtouint(name + length, 10, &number) || number < 2)
		return 0;
	return number;
}

#endif
