/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal interface of the decoders. */
#ifndef KMEMLAB_LIB_PGTABLE_DECODE_FORMATS_H
#define KMEMLAB_LIB_PGTABLE_DECODE_FORMATS_H

#include <stdint.h>

struct kmemlab_table_format;
struct kmemlab_walk_level;
struct pgtable_entry;

struct flag_name {
	unsigned int bit;
	const char *name;	/* NULL ends a list */
};

static inline uint64_t bits(unsigned int count)
{
	return count < 64 ? (UINT64_C(1) << count) - 1 : ~UINT64_C(0);
}

/* Return bits high to low of raw, without shifting them. */
static inline uint64_t get_field(uint64_t raw, unsigned int high, unsigned int low)
{
	return raw & bits(high + 1) & ~bits(low);
}

void decoded_add_flags(struct pgtable_entry *entry, uint64_t raw, const struct flag_name *names);
void decoded_add_flag(struct pgtable_entry *entry, const char *name);

/* ARM and arm64: add the memory type, an index of 0 to 7 that registers define. */
void decoded_add_attributes(struct pgtable_entry *entry, unsigned int index);

/* Decode an entry that maps nothing: empty, swap, migration or special. */
void decode_non_present(const struct kmemlab_table_format *format, uint64_t raw,
			struct pgtable_entry *entry);

void decode_x86_64(const struct kmemlab_table_format *format,
		   const struct kmemlab_walk_level *step, struct pgtable_entry *entry);
void decode_arm64(const struct kmemlab_table_format *format,
		  const struct kmemlab_walk_level *step, struct pgtable_entry *entry);
void decode_arm_lpae(const struct kmemlab_table_format *format,
		     const struct kmemlab_walk_level *step, struct pgtable_entry *entry);
void decode_arm_short(const struct kmemlab_table_format *format,
		      const struct kmemlab_walk_level *step, struct pgtable_entry *entry);

#endif
