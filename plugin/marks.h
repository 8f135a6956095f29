/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the plugin must know of an architecture: marks, and where kernel addresses begin. */
#ifndef KMEMLAB_PLUGIN_MARKS_H
#define KMEMLAB_PLUGIN_MARKS_H

#include <stddef.h>
#include <stdint.h>

struct target {
	const char *name;		/* as QEMU calls it */
	uint64_t kernel_start;		/* lowest address of kernel code, modules included */
	size_t mark_size;		/* bytes of a mark */
	/* KMEMLAB_MARK_* of an instruction of that size, or 0 */
	int (*mark)(const uint8_t *code);
};

/* NULL where the module has no marks. */
const struct target *target_find(const char *name);

#endif
