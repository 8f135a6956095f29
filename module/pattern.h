/* SPDX-License-Identifier: GPL-2.0-only */
/* Contents of objects during verification, to detect objects that overlap. */
#ifndef KMEMLAB_PATTERN_H
#define KMEMLAB_PATTERN_H

#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#define KMEMLAB_GOLDEN	0x9e3779b97f4a7c15ULL

/*
 * Return the first word of an object; word w is the first one plus w * KMEMLAB_GOLDEN.
 * Mixed so that equal words within a set are very unlikely.
 */
static __always_inline u64 kmemlab_pattern(u64 seed, u64 object)
{
	u64 x = seed + object * KMEMLAB_GOLDEN;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	return x ^ (x >> 27);
}

/* Write the pattern that begins with @word. */
static __always_inline void kmemlab_pattern_write(u8 *to, size_t bytes, u64 word)
{
	for (; bytes >= sizeof(word); bytes -= sizeof(word), to += sizeof(word)) {
		memcpy(to, &word, sizeof(word));
		word += KMEMLAB_GOLDEN;
	}
	if (bytes)
		memcpy(to, &word, bytes);
}

/* Check the pattern that begins with @word. */
static __always_inline bool kmemlab_pattern_ok(const u8 *from, size_t bytes, u64 word)
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

static inline size_t kmemlab_pattern_wrong_word(const u8 *from, size_t bytes, u64 word)
{
	const u8 *expected = (const u8 *)&word;
	size_t i, wrong = 0;

	for (i = 0; i < bytes; i++)
		wrong += from[i] != expected[i];
	return wrong;
}

/*
 * Count the wrong bytes of a part of an object. @word is the first word of the object,
 * @offset the offset of the part in the object.
 */
static noinline size_t kmemlab_pattern_wrong(const u8 *from, size_t bytes, u64 word,
					     size_t offset)
{
	size_t wrong = 0, skip = offset % sizeof(word);

	word += offset / sizeof(word) * KMEMLAB_GOLDEN;
	if (skip) {
		size_t head = min(bytes, sizeof(word) - skip);

		wrong = kmemlab_pattern_wrong_word(from, head,
						   word >> (skip * BITS_PER_BYTE));
		from += head;
		bytes -= head;
		word += KMEMLAB_GOLDEN;
	}
	for (; bytes >= sizeof(word); bytes -= sizeof(word), from += sizeof(word)) {
		if (unlikely(!kmemlab_pattern_ok(from, sizeof(word), word)))
			wrong += kmemlab_pattern_wrong_word(from, sizeof(word), word);
		word += KMEMLAB_GOLDEN;
	}
	return wrong + kmemlab_pattern_wrong_word(from, bytes, word);
}

#endif
