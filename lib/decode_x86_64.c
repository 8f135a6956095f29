// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>

#include "decode_formats.h"

#define PRESENT		(UINT64_C(1) << 0)
#define WRITE		(UINT64_C(1) << 1)
#define USER		(UINT64_C(1) << 2)
#define HUGE		(UINT64_C(1) << 7)
#define NO_EXECUTE	(UINT64_C(1) << 63)

static const struct flag_name table_flags[] = {
	{ 0, "present" }, { 1, "write" }, { 2, "user" }, { 3, "write_through" },
	{ 4, "cache_disable" }, { 5, "accessed" }, { 63, "no_execute" }, { 0 }
};

/* The bits that hardware leaves to software have Linux' names. */
static const struct flag_name leaf_flags[] = {
	{ 0, "present" }, { 1, "write" }, { 2, "user" }, { 3, "write_through" },
	{ 4, "cache_disable" }, { 5, "accessed" }, { 6, "dirty" }, { 8, "global" },
	{ 9, "special" }, { 10, "uffd_wp" }, { 11, "soft_dirty" }, { 58, "software4" },
	{ 63, "no_execute" }, { 0 }
};

static unsigned int allowed(uint64_t raw)
{
	unsigned int allows = DECODED_ALL;

	if (!(raw & WRITE))
		allows &= ~(DECODED_KERNEL_WRITE | DECODED_USER_WRITE);
	if (!(raw & USER))
		allows &= ~(DECODED_USER_READ | DECODED_USER_WRITE | DECODED_USER_EXEC);
	if (raw & NO_EXECUTE)
		allows &= ~(DECODED_KERNEL_EXEC | DECODED_USER_EXEC);
	return allows;
}

static void take_leaf(const struct kmemlab_table_format *format, const struct kmemlab_step *step,
		      uint64_t phys, struct decoded *entry)
{
	const bool last = step->shift == format->page_shift;

	entry->shift = step->shift;
	/* In a huge leaf the bits below its size are flags. */
	entry->phys = field_in_place(phys, format->phys_bits - 1, step->shift);
	decoded_add_flags(entry, step->raw, leaf_flags);
	if (!last)
		decoded_add_flag(entry, "huge");
	if (step->raw >> (last ? 7 : 12) & 1)
		decoded_add_flag(entry, "pat");
}

void decode_x86_64(const struct kmemlab_table_format *format, const struct kmemlab_step *step,
		   struct decoded *entry)
{
	const uint64_t raw = step->raw;
	const bool last = step->shift == format->page_shift;
	const bool prot_none = format->prot_none_bit >= 0 && raw >> format->prot_none_bit & 1;

	if (raw & PRESENT) {
		entry->allows = allowed(raw);
		if (last || raw & HUGE) {
			entry->kind = DECODED_LEAF;
			take_leaf(format, step, raw, entry);
		} else {
			entry->kind = DECODED_TABLE;
			entry->phys = field_in_place(raw, format->phys_bits - 1, 12);
			decoded_add_flags(entry, raw, table_flags);
		}
	} else if (raw && (prot_none || (!last && raw & HUGE))) {
		/* Stored inverted, so that no CPU guesses its way to the frame (L1TF). */
		entry->kind = DECODED_PROT_NONE;
		take_leaf(format, step, ~raw, entry);
	} else {
		decode_absent(format, raw, entry);
	}
}
