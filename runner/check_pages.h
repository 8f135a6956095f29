/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of the studio's exercise, read at their frames: element k of object j on page i is
 * (i * objects per page + j) * 8 + k, so that each 32-bit word contains its own index.
 */
#ifndef KMEMLAB_RUNNER_CHECK_PAGES_H
#define KMEMLAB_RUNNER_CHECK_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/check_pairs.h"

struct studio_values {
	uint64_t pages;		/* that the module has allocated */
	uint64_t blocks;
	uint64_t order;		/* of the first block */
	uint64_t site;		/* of its allocation */
	uint64_t right, wrong;	/* words; those that lie in no page are neither */
	uint64_t wrong_index, wrong_pfn, wrong_offset, found;	/* of the first wrong word */
	uint64_t beyond;	/* words of structs behind the last one, or 0 */
	bool beyond_pages;	/* these lie behind the module's pages */
	bool pfn_as_address;	/* the values lie where the PFN is the physical address */
	bool readable;		/* the kernel lets programs read its memory */
};

/*
 * Read the first words of the pages that the module has allocated. Without memory for that, pairs->lost
 * is set and the values are meaningless.
 */
void studio_values_read(struct studio_values *values, struct pairs *pairs, uint64_t words);

#endif
