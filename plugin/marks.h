/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Per-architecture encodings of marks and of halts, and the range of kernel addresses. */
#ifndef KMEMLAB_PLUGIN_MARKS_H
#define KMEMLAB_PLUGIN_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mark_arch {
	const char *name;		/* of QEMU */
	uint64_t kernel_start;		/* lowest address of kernel and module code */
	size_t mark_size;		/* bytes */
	/* Return the KMEMLAB_MARK_* that an instruction of mark_size bytes encodes, or 0. */
	int (*mark_of)(const uint8_t *code);
	/* Return whether an instruction of size bytes halts the CPU until an interrupt. */
	bool (*is_halt)(const uint8_t *code, size_t size);
};

/* Return NULL if the module has no marks on the architecture. */
const struct mark_arch *mark_arch_find(const char *name);

#endif
