// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "base/memory.h"
#include "view.h"

void view_blocks(const struct analysis *analysis, const struct path *path, FILE *out)
{
	uint64_t sum = 0;

	fprintf(out, "\n%-16s %9s %7s %12s  basic block\n", "address", "executed", "length",
		"instructions");
	for (size_t i = 0; i < path->blocks.count; i++) {
		const struct code_block *block = &path->blocks.list[i];
		cleanup_free char *place = symbols_place(&analysis->symbols, block->symbol,
							 block->address);

		fprintf(out, "%-16" PRIx64 " %9" PRIu64 " %7" PRIu32 " %12" PRIu64 "  %s\n",
			block->address, block->times, block->length, block->instructions, place);
		sum += block->instructions;
	}
	fprintf(out, "%-16s %9s %7s %12" PRIu64 "  sum\n", "", "", "", sum);
}
