// SPDX-License-Identifier: GPL-2.0-or-later
/* 32-bit ARM's short descriptors: sections and tables, then large and small pages. */
#include <stdbool.h>

#include "decode_formats.h"

#define SECTION_SHIFT		20
#define SUPERSECTION_SHIFT	24
#define LARGE_PAGE_SHIFT	16

static const struct flag_name table_flags[] = {
	{ 2, "privileged_execute_never" }, { 3, "not_secure" }, { 0 }
};

static const struct flag_name section_flags[] = {
	{ 0, "privileged_execute_never" }, { 2, "bufferable" }, { 3, "cacheable" },
	{ 4, "execute_never" }, { 16, "shareable" }, { 17, "not_global" }, { 19, "not_secure" },
	{ 0 }
};

static const struct flag_name page_flags[] = {
	{ 2, "bufferable" }, { 3, "cacheable" }, { 10, "shareable" }, { 11, "not_global" }, { 0 }
};

/* By AP[2:0]. */
static unsigned int access_allows(unsigned int access)
{
	const unsigned int kernel_read = DECODED_KERNEL_READ | DECODED_KERNEL_EXEC;
	const unsigned int user_read = DECODED_USER_READ | DECODED_USER_EXEC;

	switch (access) {
	case 1:
		return kernel_read | DECODED_KERNEL_WRITE;
	case 2:
		return kernel_read | DECODED_KERNEL_WRITE | user_read;
	case 3:
		return DECODED_ALL;
	case 5:
		return kernel_read;
	case 6:
	case 7:
		return kernel_read | user_read;
	default:
		return 0;
	}
}

static void add_type(unsigned int type, struct decoded *entry)
{
	static const char *const names[] = { "tex_0", "tex_1", "tex_2", "tex_3", "tex_4", "tex_5",
					     "tex_6", "tex_7" };

	decoded_add_flag(entry, names[type & 7]);
}

static void decode_section(const struct kmemlab_step *step, struct decoded *entry)
{
	const uint64_t raw = step->raw;
	const bool super = raw >> 18 & 1;

	entry->kind = DECODED_LEAF;
	entry->shift = super ? SUPERSECTION_SHIFT : SECTION_SHIFT;
	entry->phys = field_in_place(raw, 31, entry->shift);
	if (super)
		entry->phys |= (raw >> 20 & 0xf) << 32 | (raw >> 5 & 0xf) << 36;
	entry->allows = access_allows((raw >> 15 & 1) << 2 | (raw >> 10 & 3));
	if (raw >> 4 & 1)
		entry->allows &= ~(DECODED_KERNEL_EXEC | DECODED_USER_EXEC);
	if (raw & 1)
		entry->allows &= ~DECODED_KERNEL_EXEC;
	decoded_add_flags(entry, raw, section_flags);
	add_type(raw >> 12, entry);
	decoded_add_flag(entry, super ? "supersection" : "section");
	/* Linux' tables hold two of them in one PMD. */
	decoded_add_flag(entry, step->index & 1 ? "second_of_pair" : "first_of_pair");
}

static void decode_page(const struct kmemlab_step *step, struct decoded *entry)
{
	const uint64_t raw = step->raw;
	const bool large = (raw & 3) == 1;

	entry->kind = DECODED_LEAF;
	entry->shift = large ? LARGE_PAGE_SHIFT : step->shift;
	entry->phys = field_in_place(raw, 31, entry->shift);
	entry->allows = access_allows((raw >> 9 & 1) << 2 | (raw >> 4 & 3));
	if (raw >> (large ? 15 : 0) & 1)
		entry->allows &= ~(DECODED_KERNEL_EXEC | DECODED_USER_EXEC);
	decoded_add_flags(entry, raw, page_flags);
	if (raw >> (large ? 15 : 0) & 1)
		decoded_add_flag(entry, "execute_never");
	add_type(raw >> (large ? 12 : 6), entry);
	if (large)
		decoded_add_flag(entry, "large");
}

void decode_arm_short(const struct kmemlab_table_format *format, const struct kmemlab_step *step,
		      struct decoded *entry)
{
	const uint64_t raw = step->raw;

	if (!(raw & 3)) {
		decode_absent(format, raw, entry);
	} else if (step->shift == format->page_shift) {
		decode_page(step, entry);
	} else if ((raw & 3) == 1) {
		entry->kind = DECODED_TABLE;
		entry->phys = field_in_place(raw, 31, 10);
		entry->allows = DECODED_ALL & ~(raw >> 2 & 1 ? DECODED_KERNEL_EXEC : 0);
		decoded_add_flags(entry, raw, table_flags);
	} else {
		decode_section(step, entry);
	}
}
