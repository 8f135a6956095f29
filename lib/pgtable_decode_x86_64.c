// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>

#include "pgtable_decode.h"
#include "pgtable_decode_formats.h"

#define PRESENT		(UINT64_C(1) << 0)
#define WRITE		(UINT64_C(1) << 1)
#define USER		(UINT64_C(1) << 2)
#define HUGE		(UINT64_C(1) << 7)
#define NO_EXECUTE	(UINT64_C(1) << 63)

static const struct flag_name table_flags[] = {
	{ 0, "present" }, { 1, "write" }, { 2, "user" }, { 3, "write_through" },
	{ 4, "cache_disable" }, { 5, "accessed" }, { 63, "no_execute" }, { 0 }
};

/* Bits that the architecture leaves to software have the names of Linux. */
static const struct flag_name leaf_flags[] = {
	{ 0, "present" }, { 1, "write" }, { 2, "user" }, { 3, "write_through" },
	{ 4, "cache_disable" }, { 5, "accessed" }, { 6, "dirty" }, { 8, "global" },
	{ 9, "special" }, { 10, "uffd_wp" }, { 11, "soft_dirty" }, { 58, "software4" },
	{ 63, "no_execute" }, { 0 }
};

static unsigned int entry_permissions(uint64_t raw)
{
	unsigned int allows = PGTABLE_ALL;

	if (!(raw & WRITE))
		allows &= ~(DECODED_KERNEL_WRITE | DECODED_USER_WRITE);
	if (!(raw & USER))
		allows &= ~(DECODED_USER_READ | DECODED_USER_WRITE | DECODED_USER_EXEC);
	if (raw & NO_EXECUTE)
		allows &= ~(DECODED_KERNEL_EXEC | DECODED_USER_EXEC);
	return allows;
}

static void decode_leaf(const struct kmemlab_table_format *format,
		      const struct kmemlab_walk_level *step,
		      uint64_t phys, struct pgtable_entry *entry)
{
	const bool last = step->shift == format->page_shift;

	entry->shift = step->shift;
	/* In a huge leaf, the low bits of the address are flags. */
	entry->phys = get_field(phys, format->phys_bits - 1, step->shift);
	decoded_add_flags(entry, step->raw, leaf_flags);
	if (!last)
		decoded_add_flag(entry, "huge");
	if (step->raw >> (last ? 7 : 12) & 1)
		decoded_add_flag(entry, "pat");
}

void decode_x86_64(const struct kmemlab_table_format *format, const struct kmemlab_walk_level *step,
		   struct pgtable_entry *entry)
{
	const uint64_t raw = step->raw;
	const bool last = step->shift == format->page_shift;
	const bool prot_none = format->prot_none_bit >= 0 && raw >> format->prot_none_bit & 1;

	if (raw & PRESENT) {
		entry->allows = entry_permissions(raw);
		if (last || raw & HUGE) {
			entry->kind = DECODED_LEAF;
			decode_leaf(format, step, raw, entry);
		} else {
			entry->kind = DECODED_TABLE;
			entry->phys = get_field(raw, format->phys_bits - 1, 12);
			decoded_add_flags(entry, raw, table_flags);
		}
	} else if (raw && (prot_none || (!last && raw & HUGE))) {
		/* The address is stored inverted, as a mitigation of L1TF. */
		entry->kind = DECODED_PROT_NONE;
		decode_leaf(format, step, ~raw, entry);
	} else {
		decode_non_present(format, raw, entry);
	}
}
