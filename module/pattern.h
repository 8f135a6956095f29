/* SPDX-License-Identifier: GPL-2.0 */
/* What objects are filled with, so that bytes which two of them share show themselves. */
#ifndef KMEMLAB_PATTERN_H
#define KMEMLAB_PATTERN_H

#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#define KMEMLAB_GOLDEN	0x9e3779b97f4a7c15ULL

/*
 * Word w of object k is this of k, plus w * KMEMLAB_GOLDEN; mixed so that two words of a
 * set are the same by rare chance only.
 */
static __always_inline u64 kmemlab_pattern(u64 seed, u64 object)
{
	u64 x = seed + object * KMEMLAB_GOLDEN;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	return x ^ (x >> 27);
}

/* Fills @bytes with what begins with @word. */
static __always_inline void kmemlab_pattern_write(u8 *to, size_t bytes, u64 word)
{
	for (; bytes >= sizeof(word); bytes -= sizeof(word), to += sizeof(word)) {
		memcpy(to, &word, sizeof(word));
		word += KMEMLAB_GOLDEN;
	}
	if (bytes)
		memcpy(to, &word, bytes);
}

/* Whether @bytes are what begins with @word. */
static __always_inline bool kmemlab_pattern_right(const u8 *from, size_t bytes, u64 word)
{
	u64 found, differs = 0;

	for (; bytes >= sizeof(word); bytes -= sizeof(word), from += sizeof(word)) {
		memcpy(&found, from, sizeof(found));
		differs |= found ^ word;
		word += KMEMLAB_GOLDEN;
	}
	if (bytes) {
		found = word;
		memcpy(&found, from, bytes);
		differs |= found ^ word;
	}
	return !differs;
}

static inline size_t kmemlab_pattern_wrong_in_word(const u8 *from, size_t bytes, u64 word)
{
	const u8 *right = (const u8 *)&word;
	size_t i, wrong = 0;

	for (i = 0; i < bytes; i++)
		wrong += from[i] != right[i];
	return wrong;
}

/*
 * How many of the bytes are wrong. @word: the object's first; @at: where in the
 * object @from lies; words begin at multiples of 8 there.
 */
static noinline size_t kmemlab_pattern_wrong(const u8 *from, size_t bytes, u64 word, size_t at)
{
	size_t wrong = 0, skip = at % sizeof(word);

	word += at / sizeof(word) * KMEMLAB_GOLDEN;
	if (skip) {
		size_t head = min(bytes, sizeof(word) - skip);

		wrong = kmemlab_pattern_wrong_in_word(from, head,
						      word >> (skip * BITS_PER_BYTE));
		from += head;
		bytes -= head;
		word += KMEMLAB_GOLDEN;
	}
	for (; bytes >= sizeof(word); bytes -= sizeof(word), from += sizeof(word)) {
		if (unlikely(!kmemlab_pattern_right(from, sizeof(word), word)))
			wrong += kmemlab_pattern_wrong_in_word(from, sizeof(word), word);
		word += KMEMLAB_GOLDEN;
	}
	return wrong + kmemlab_pattern_wrong_in_word(from, bytes, word);
}

#endif
