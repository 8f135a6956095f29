// SPDX-License-Identifier: GPL-2.0-or-later
/* Long descriptors of ARM: arm64, and LPAE on 32 bits. */
#include <stdbool.h>

#include "pgtable_decode.h"
#include "pgtable_decode_formats.h"

#define VALID		(UINT64_C(1) << 0)
#define TABLE		(UINT64_C(1) << 1)	/* at the last level: page descriptor */
#define USER		(UINT64_C(1) << 6)
#define READ_ONLY	(UINT64_C(1) << 7)
#define DIRTY_MODIFIER	(UINT64_C(1) << 51)
#define CONTIGUOUS	(UINT64_C(1) << 52)
#define NO_KERNEL_EXEC	(UINT64_C(1) << 53)
#define NO_EXEC		(UINT64_C(1) << 54)

#define TABLE_NO_KERNEL_EXEC	(UINT64_C(1) << 59)
#define TABLE_NO_EXEC		(UINT64_C(1) << 60)
#define TABLE_NO_USER		(UINT64_C(1) << 61)
#define TABLE_READ_ONLY		(UINT64_C(1) << 62)

#define USER_ALL	(DECODED_USER_READ | DECODED_USER_WRITE | DECODED_USER_EXEC)
#define WRITE_ALL	(DECODED_KERNEL_WRITE | DECODED_USER_WRITE)

static const struct flag_name table_flags[] = {
	{ 0, "valid" }, { 59, "privileged_execute_never" }, { 60, "execute_never" },
	{ 61, "no_user" }, { 62, "read_only" }, { 0 }
};

static const struct flag_name leaf_flags[] = {
	{ 0, "valid" }, { 6, "user" }, { 7, "read_only" }, { 10, "accessed" },
	{ 11, "not_global" }, { 50, "guarded" }, { 51, "dirty_modifier" }, { 52, "contiguous" },
	{ 53, "privileged_execute_never" }, { 54, "execute_never" }, { 55, "dirty" },
	{ 56, "special" }, { 0 }
};

static void add_attributes(uint64_t raw, unsigned int controls, struct pgtable_entry *entry)
{
	static const char *const shared[] = { "not_shareable", NULL, "outer_shareable",
					      "inner_shareable" };
	const unsigned int field = controls & KMEMLAB_CONTROL_LPA2 ?
				   controls & KMEMLAB_CONTROL_SHAREABILITY : raw >> 8 & 3;

	decoded_add_attributes(entry, raw >> 2 & 7);
	if (shared[field])
		decoded_add_flag(entry, shared[field]);
}

static unsigned int table_permissions(uint64_t raw, unsigned int controls)
{
	unsigned int allows = PGTABLE_ALL;

	if (controls & KMEMLAB_CONTROL_FLAT)
		return allows;
	if (raw & TABLE_NO_KERNEL_EXEC)
		allows &= ~DECODED_KERNEL_EXEC;
	if (raw & TABLE_NO_EXEC)
		allows &= ~DECODED_USER_EXEC;
	if (raw & TABLE_NO_USER)
		allows &= ~USER_ALL;
	if (raw & TABLE_READ_ONLY)
		allows &= ~WRITE_ALL;
	return allows;
}

/*
 * If hardware manages the dirty state, it makes a read-only entry with the dirty modifier writable
 * on the first write. arm64 lets a process execute code that it cannot read, and the kernel never
 * execute memory that a process can write.
 */
static unsigned int leaf_permissions(uint64_t raw, unsigned int controls, bool wide)
{
	unsigned int allows = PGTABLE_ALL;

	if (!(raw & USER))
		allows &= wide ? ~(DECODED_USER_READ | DECODED_USER_WRITE) : ~USER_ALL;
	if (raw & READ_ONLY && !(controls & KMEMLAB_CONTROL_DIRTY && raw & DIRTY_MODIFIER))
		allows &= ~WRITE_ALL;
	if (raw & NO_KERNEL_EXEC || (wide && allows & DECODED_USER_WRITE))
		allows &= ~DECODED_KERNEL_EXEC;
	if (raw & NO_EXEC)
		allows &= wide ? ~DECODED_USER_EXEC : ~(DECODED_USER_EXEC | DECODED_KERNEL_EXEC);
	return allows;
}

/* Return log2 of the number of entries that the contiguous hint covers. */
static unsigned int hint_shift(const struct kmemlab_table_format *format, bool last)
{
	switch (format->page_shift) {
	case 14:
		return last ? 7 : 5;
	case 16:
		return 5;
	default:
		return 4;
	}
}

/* Address bits above 47 are in low bits of the entry; their position depends on the granule. */
static uint64_t get_phys(const struct kmemlab_table_format *format, uint64_t raw)
{
	const unsigned int page = format->page_shift;

	if (format->phys_bits <= 48)
		return get_field(raw, format->phys_bits - 1, page);
	if (page == 16)
		return get_field(raw, 47, 16) | (raw >> 12 & 0xf) << 48;
	if (!(format->controls & KMEMLAB_CONTROL_LPA2))
		return get_field(raw, 47, page);
	return get_field(raw, 49, page) | (raw >> 8 & 3) << 50;
}

static void decode_leaf(const struct kmemlab_table_format *format,
		      const struct kmemlab_walk_level *step,
		      struct pgtable_entry *entry)
{
	entry->shift = step->shift;
	entry->phys = get_phys(format, step->raw) & ~bits(step->shift);
	if (step->raw & CONTIGUOUS)
		entry->contiguous_shift = step->shift +
					  hint_shift(format, step->shift == format->page_shift);
	decoded_add_flags(entry, step->raw, leaf_flags);
	add_attributes(step->raw, format->controls, entry);
}

static void decode_long(const struct kmemlab_table_format *format,
			const struct kmemlab_walk_level *step,
			bool wide, struct pgtable_entry *entry)
{
	const uint64_t raw = step->raw;
	const bool last = step->shift == format->page_shift;

	if (raw & VALID && last && !(raw & TABLE)) {
		entry->kind = DECODED_INVALID;
	} else if (raw & VALID && !last && raw & TABLE) {
		entry->kind = DECODED_TABLE;
		entry->phys = get_phys(format, raw);
		entry->allows = table_permissions(raw, format->controls);
		decoded_add_flags(entry, raw, table_flags);
	} else if (raw & VALID) {
		entry->kind = DECODED_LEAF;
		entry->allows = leaf_permissions(raw, format->controls, wide);
		decode_leaf(format, step, entry);
	} else if (format->prot_none_bit >= 0 && raw >> format->prot_none_bit & 1) {
		entry->kind = DECODED_PROT_NONE;
		decode_leaf(format, step, entry);
	} else {
		decode_non_present(format, raw, entry);
	}
}

void decode_arm64(const struct kmemlab_table_format *format, const struct kmemlab_walk_level *step,
		  struct pgtable_entry *entry)
{
	decode_long(format, step, true, entry);
}

void decode_arm_lpae(const struct kmemlab_table_format *format,
		     const struct kmemlab_walk_level *step,
		     struct pgtable_entry *entry)
{
	decode_long(format, step, false, entry);
}
