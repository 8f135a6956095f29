/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoders of page-table entries: x86-64 with 4 and 5 levels, 32-bit ARM with short
 * descriptors and LPAE, arm64 with all granules. They work on recorded entries and formats,
 * on any hardware.
 */
#ifndef KMEMLAB_LIB_PGTABLE_DECODE_H
#define KMEMLAB_LIB_PGTABLE_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kmemlab.h>

#define DECODED_FLAGS_MAX 24

enum decoded_kind {
	DECODED_EMPTY,		/* never used */
	DECODED_TABLE,		/* points to the next table */
	DECODED_LEAF,		/* maps memory */
	DECODED_PROT_NONE,	/* maps memory without any permission */
	DECODED_SWAP,		/* swapped out */
	DECODED_MIGRATION,	/* being migrated to another frame */
	DECODED_SPECIAL,	/* another kind of non-present entry */
	DECODED_INVALID,	/* not defined by the architecture */
};

/* Permissions of an entry. An access needs the permissions of the entries of all levels. */
#define DECODED_KERNEL_READ	(1U << 0)
#define DECODED_KERNEL_WRITE	(1U << 1)
#define DECODED_KERNEL_EXEC	(1U << 2)
#define DECODED_USER_READ	(1U << 3)
#define DECODED_USER_WRITE	(1U << 4)
#define DECODED_USER_EXEC	(1U << 5)
#define PGTABLE_ALL		((1U << 6) - 1)

struct pgtable_entry {
	enum decoded_kind kind;
	uint64_t phys;			/* TABLE: the next table; LEAF, PROT_NONE: the memory */
	unsigned int shift;		/* log2 of the leaf's size in bytes */
	unsigned int contiguous_shift;	/* log2 of the size of the contiguous hint, or 0 */
	unsigned int allows;		/* DECODED_* */
	unsigned int type;		/* SWAP: number of the swap file; SPECIAL: type */
	uint64_t offset;		/* SWAP: page in the swap file; MIGRATION: PFN */
	size_t flag_count;
	const char *flags[DECODED_FLAGS_MAX];
};

/* Return the name of a level in Linux. Level 0 is the root. */
const char *pgtable_level_name(const struct kmemlab_table_format *format, unsigned int level);

void pgtable_decode_entry(const struct kmemlab_table_format *format,
			  const struct kmemlab_walk_level *step, struct pgtable_entry *entry);

/* Format permissions as "kernel rw-, user ---". */
#define DECODED_PERMISSIONS_SIZE 24
void pgtable_permissions(unsigned int allows, char text[DECODED_PERMISSIONS_SIZE]);

/* Return a human-readable reason why the entry maps nothing, or NULL for TABLE and LEAF. */
const char *pgtable_reason(const struct pgtable_entry *entry, char *text, size_t size);

#endif
