// SPDX-License-Identifier: GPL-2.0-or-later
/* Short descriptors of 32-bit ARM: sections and tables, large and small pages. */
#include <stdbool.h>

#include "pgtable_decode.h"
#include "pgtable_decode_formats.h"

#define SECTION_SHIFT		20
#define SUPERSECTION_SHIFT	24
#define LARGE_PAGE_SHIFT	16

static const struct flag_name table_flags[] = {
	{ 2, "privileged_execute_never" }, { 3, "not_secure" }, { 0 }
};

static const struct flag_name section_flags[] = {
	{ 0, "privileged_execute_never" }, { 4, "execute_never" }, { 16, "shareable" },
	{ 17, "not_global" }, { 19, "not_secure" }, { 0 }
};

static const struct flag_name page_flags[] = {
	{ 10, "shareable" }, { 11, "not_global" }, { 0 }
};

static const struct flag_name cache_flags[] = {
	{ 2, "bufferable" }, { 3, "cacheable" }, { 0 }
};

/* Return the permissions for AP[2:0]. If AP[0] is an access flag, it is taken as set. */
static unsigned int access_permissions(unsigned int access, unsigned int controls)
{
	const unsigned int kernel_read = DECODED_KERNEL_READ | DECODED_KERNEL_EXEC;
	const unsigned int user_read = DECODED_USER_READ | DECODED_USER_EXEC;

	switch (controls & KMEMLAB_CONTROL_ACCESS_FLAG ? access | 1 : access) {
	case 1:
		return kernel_read | DECODED_KERNEL_WRITE;
	case 2:
		return kernel_read | DECODED_KERNEL_WRITE | user_read;
	case 3:
		return PGTABLE_ALL;
	case 5:
		return kernel_read;
	case 6:
	case 7:
		return kernel_read | user_read;
	default:
		return 0;
	}
}

/* Add the memory type: an index if TEX is remapped, otherwise TEX, C and B. */
static void add_type(uint64_t raw, unsigned int tex_shift, unsigned int controls,
		     struct pgtable_entry *entry)
{
	static const char *const names[] = { "tex_0", "tex_1", "tex_2", "tex_3", "tex_4", "tex_5",
					     "tex_6", "tex_7" };
	const unsigned int tex = raw >> tex_shift & 7;

	if (controls & KMEMLAB_CONTROL_REMAP) {
		decoded_add_attributes(entry, (tex & 1) << 2 | (raw >> 2 & 3));
		return;
	}
	decoded_add_flags(entry, raw, cache_flags);
	decoded_add_flag(entry, names[tex]);
}

static void decode_section(const struct kmemlab_table_format *format,
			   const struct kmemlab_walk_level *step, struct pgtable_entry *entry)
{
	const uint64_t raw = step->raw;
	const bool super = raw >> 18 & 1;

	entry->kind = DECODED_LEAF;
	entry->shift = super ? SUPERSECTION_SHIFT : SECTION_SHIFT;
	entry->phys = get_field(raw, 31, entry->shift);
	if (super)
		entry->phys |= (raw >> 20 & 0xf) << 32 | (raw >> 5 & 0xf) << 36;
	entry->allows = access_permissions((raw >> 15 & 1) << 2 | (raw >> 10 & 3),
					   format->controls);
	if (raw >> 4 & 1)
		entry->allows &= ~(DECODED_KERNEL_EXEC | DECODED_USER_EXEC);
	if (raw & 1)
		entry->allows &= ~DECODED_KERNEL_EXEC;
	decoded_add_flags(entry, raw, section_flags);
	if (format->controls & KMEMLAB_CONTROL_ACCESS_FLAG && raw >> 10 & 1)
		decoded_add_flag(entry, "accessed");
	add_type(raw, 12, format->controls, entry);
	decoded_add_flag(entry, super ? "supersection" : "section");
	/* A PMD of Linux consists of two sections. */
	decoded_add_flag(entry, step->index & 1 ? "second_of_pair" : "first_of_pair");
}

static void decode_page(const struct kmemlab_table_format *format,
			const struct kmemlab_walk_level *step, struct pgtable_entry *entry)
{
	const uint64_t raw = step->raw;
	const bool large = (raw & 3) == 1;

	entry->kind = DECODED_LEAF;
	entry->shift = large ? LARGE_PAGE_SHIFT : step->shift;
	entry->phys = get_field(raw, 31, entry->shift);
	entry->allows = access_permissions((raw >> 9 & 1) << 2 | (raw >> 4 & 3),
					   format->controls);
	if (raw >> (large ? 15 : 0) & 1)
		entry->allows &= ~(DECODED_KERNEL_EXEC | DECODED_USER_EXEC);
	decoded_add_flags(entry, raw, page_flags);
	if (raw >> (large ? 15 : 0) & 1)
		decoded_add_flag(entry, "execute_never");
	if (format->controls & KMEMLAB_CONTROL_ACCESS_FLAG && raw >> 4 & 1)
		decoded_add_flag(entry, "accessed");
	add_type(raw, large ? 12 : 6, format->controls, entry);
	if (large)
		decoded_add_flag(entry, "large");
}

void decode_arm_short(const struct kmemlab_table_format *format,
		      const struct kmemlab_walk_level *step,
		      struct pgtable_entry *entry)
{
	const uint64_t raw = step->raw;

	if (!(raw & 3)) {
		decode_non_present(format, raw, entry);
	} else if (step->shift == format->page_shift) {
		decode_page(format, step, entry);
	} else if ((raw & 3) == 1) {
		entry->kind = DECODED_TABLE;
		entry->phys = get_field(raw, 31, 10);
		entry->allows = PGTABLE_ALL & ~(raw >> 2 & 1 ? DECODED_KERNEL_EXEC : 0);
		decoded_add_flags(entry, raw, table_flags);
	} else {
		decode_section(format, step, entry);
	}
}
