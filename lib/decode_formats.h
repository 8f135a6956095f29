/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the decoders of the single formats share. */
#ifndef KMEMLAB_LIB_DECODE_FORMATS_H
#define KMEMLAB_LIB_DECODE_FORMATS_H

#include "decode.h"

struct flag_name {
	unsigned int bit;
	const char *name;	/* NULL ends a list */
};

static inline uint64_t bits(unsigned int count)
{
	return count < 64 ? (UINT64_C(1) << count) - 1 : ~UINT64_C(0);
}

/* The bits from low to high, in place. */
static inline uint64_t field_in_place(uint64_t raw, unsigned int high, unsigned int low)
{
	return raw & bits(high + 1) & ~bits(low);
}

void decoded_add_flags(struct decoded *entry, uint64_t raw, const struct flag_name *names);
void decoded_add_flag(struct decoded *entry, const char *name);
void decode_absent(const struct kmemlab_table_format *format, uint64_t raw,
		   struct decoded *entry);

void decode_x86_64(const struct kmemlab_table_format *format, const struct kmemlab_step *step,
		   struct decoded *entry);
void decode_arm64(const struct kmemlab_table_format *format, const struct kmemlab_step *step,
		  struct decoded *entry);
void decode_arm_lpae(const struct kmemlab_table_format *format, const struct kmemlab_step *step,
		     struct decoded *entry);
void decode_arm_short(const struct kmemlab_table_format *format, const struct kmemlab_step *step,
		      struct decoded *entry);

#endif
