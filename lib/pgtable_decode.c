// SPDX-License-Identifier: GPL-2.0-or-later
#include "pgtable_decode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "array_size.h"
#include "pgtable_decode_formats.h"

static const struct decoder {
	const char *format;
	void (*decode)(const struct kmemlab_table_format *format,
		       const struct kmemlab_walk_level *step, struct pgtable_entry *entry);
} decoders[] = {
	{ "x86_64", decode_x86_64 },
	{ "arm64", decode_arm64 },
	{ "arm_lpae", decode_arm_lpae },
	{ "arm", decode_arm_short },
};

const char *pgtable_level_name(const struct kmemlab_table_format *format, unsigned int level)
{
	static const char *const names[][5] = {
		{ "PGD", "PTE" },
		{ "PGD", "PMD", "PTE" },
		{ "PGD", "PUD", "PMD", "PTE" },
		{ "PGD", "P4D", "PUD", "PMD", "PTE" },
	};

	if (format->levels < 2 || format->levels > 5 || level >= format->levels)
		return "?";
	return names[format->levels - 2][level];
}

void decoded_add_flags(struct pgtable_entry *entry, uint64_t raw, const struct flag_name *names)
{
	for (; names->name; names++)
		if (raw >> names->bit & 1 && entry->flag_count < DECODED_FLAGS_MAX)
			entry->flags[entry->flag_count++] = names->name;
}

void decoded_add_flag(struct pgtable_entry *entry, const char *name)
{
	if (entry->flag_count < DECODED_FLAGS_MAX)
		entry->flags[entry->flag_count++] = name;
}

void decoded_add_attributes(struct pgtable_entry *entry, unsigned int index)
{
	static const char *const names[] = { "attributes_0", "attributes_1", "attributes_2",
					     "attributes_3", "attributes_4", "attributes_5",
					     "attributes_6", "attributes_7" };

	decoded_add_flag(entry, names[index]);
}

void decode_non_present(const struct kmemlab_table_format *format, uint64_t raw,
			struct pgtable_entry *entry)
{
	uint64_t offset = format->swap_inverted ? ~raw : raw;

	if (!raw)
		return;
	if (!format->swap_type_bits) {
		entry->kind = DECODED_INVALID;
		return;
	}
	entry->type = raw >> format->swap_type_shift & bits(format->swap_type_bits);
	entry->offset = offset >> format->swap_offset_shift & bits(format->swap_offset_bits);
	if (entry->type < format->swap_files) {
		entry->kind = DECODED_SWAP;
	} else if (entry->type - format->migration_first < format->migration_count) {
		entry->kind = DECODED_MIGRATION;
		/* The bits above the PFN are flags. */
		entry->offset &= bits(format->phys_bits - format->page_shift);
	} else {
		entry->kind = DECODED_SPECIAL;
	}
}

void pgtable_decode_entry(const struct kmemlab_table_format *format,
			  const struct kmemlab_walk_level *step, struct pgtable_entry *entry)
{
	*entry = (struct pgtable_entry) { .kind = DECODED_EMPTY };
	for (size_t i = 0; i < ARRAY_SIZE(decoders); i++) {
		if (!strcmp(decoders[i].format, format->name)) {
			decoders[i].decode(format, step, entry);
			return;
		}
	}
	entry->kind = DECODED_INVALID;
}

void pgtable_permissions(unsigned int allows, char text[DECODED_PERMISSIONS_SIZE])
{
	snprintf(text, DECODED_PERMISSIONS_SIZE, "kernel %c%c%c, user %c%c%c",
		 allows & DECODED_KERNEL_READ ? 'r' : '-',
		 allows & DECODED_KERNEL_WRITE ? 'w' : '-',
		 allows & DECODED_KERNEL_EXEC ? 'x' : '-', allows & DECODED_USER_READ ? 'r' : '-',
		 allows & DECODED_USER_WRITE ? 'w' : '-', allows & DECODED_USER_EXEC ? 'x' : '-');
}

const char *pgtable_reason(const struct pgtable_entry *entry, char *text, size_t size)
{
	switch (entry->kind) {
	case DECODED_TABLE:
	case DECODED_LEAF:
		return NULL;
	case DECODED_EMPTY:
		snprintf(text, size, "not mapped: the entry is empty");
		break;
	case DECODED_PROT_NONE:
		snprintf(text, size, "no access permission (PROT_NONE), memory at 0x%" PRIx64,
			 entry->phys);
		break;
	case DECODED_SWAP:
		snprintf(text, size, "swapped out: page %" PRIu64 " of swap file %u", entry->offset,
			 entry->type);
		break;
	case DECODED_MIGRATION:
		snprintf(text, size, "being migrated from PFN %" PRIu64,
			 entry->offset);
		break;
	case DECODED_SPECIAL:
		snprintf(text, size, "not mapped: special entry of type %u", entry->type);
		break;
	case DECODED_INVALID:
		snprintf(text, size, "not mapped: the entry is invalid");
		break;
	}
	return text;
}
