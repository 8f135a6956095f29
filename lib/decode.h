/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page-table entries, taken apart: x86-64 with 4 and 5 levels, 32-bit ARM's
 * short descriptors and LPAE, arm64 with its granules. Pure: works on recorded
 * entries and a recorded format, so that no format needs its hardware.
 */
#ifndef KMEMLAB_LIB_DECODE_H
#define KMEMLAB_LIB_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kmemlab.h>

#define DECODED_FLAGS_MAX 24

enum decoded_kind {
	DECODED_EMPTY,		/* nothing was ever there */
	DECODED_TABLE,		/* points to the next table */
	DECODED_LEAF,		/* maps memory */
	DECODED_PROT_NONE,	/* maps memory that nobody may touch */
	DECODED_SWAP,		/* went to a swap file */
	DECODED_MIGRATION,	/* is on the move to another frame */
	DECODED_SPECIAL,	/* another of the kernel's own notes */
	DECODED_INVALID,	/* a value that hardware does not define here */
};

/* What an entry allows; what all entries on the way allow is what an access may do. */
#define DECODED_KERNEL_READ	(1U << 0)
#define DECODED_KERNEL_WRITE	(1U << 1)
#define DECODED_KERNEL_EXEC	(1U << 2)
#define DECODED_USER_READ	(1U << 3)
#define DECODED_USER_WRITE	(1U << 4)
#define DECODED_USER_EXEC	(1U << 5)
#define DECODED_ALL		((1U << 6) - 1)

struct decoded {
	enum decoded_kind kind;
	uint64_t phys;			/* of TABLE: the next one; of LEAF, PROT_NONE: the memory */
	unsigned int shift;		/* log2 of the bytes that the leaf maps */
	unsigned int contiguous_shift;	/* log2 of the bytes that its neighbours hint at, or 0 */
	unsigned int allows;		/* DECODED_* */
	unsigned int type;		/* of SWAP: the file; of SPECIAL: the type */
	uint64_t offset;		/* of SWAP: the page in the file; of MIGRATION: the frame */
	size_t flag_count;
	const char *flags[DECODED_FLAGS_MAX];
};

/* Linux' name of the level, the root's number being 0. */
const char *decode_level_name(const struct kmemlab_table_format *format, unsigned int level);

void decode_entry(const struct kmemlab_table_format *format, const struct kmemlab_step *step,
		  struct decoded *entry);

/* "kernel rw-, user ---" into text. */
#define DECODED_PERMISSIONS_SIZE 24
void decode_permissions(unsigned int allows, char text[DECODED_PERMISSIONS_SIZE]);

/* Why an entry leads nowhere, for people; NULL where it does not. */
const char *decode_reason(const struct decoded *entry, char *text, size_t size);

#endif
