/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory use according to the system's counters. */
#ifndef KMEMLAB_LEDGER_H
#define KMEMLAB_LEDGER_H

#include <linux/types.h>

/**
 * struct kmemlab_ledger - the system's memory at one moment
 * @free_bytes: free memory, including the per-CPU lists
 * @slab_bytes: reclaimable and unreclaimable slab memory
 * @table_bytes: page tables
 */
struct kmemlab_ledger {
	s64 free_bytes;
	s64 slab_bytes;
	s64 table_bytes;
};

static inline void kmemlab_ledger_add(struct kmemlab_ledger *ledger,
				      const struct kmemlab_ledger *other)
{
	ledger->free_bytes += other->free_bytes;
	ledger->slab_bytes += other->slab_bytes;
	ledger->table_bytes += other->table_bytes;
}

static inline void kmemlab_ledger_subtract(struct kmemlab_ledger *ledger,
					   const struct kmemlab_ledger *other)
{
	ledger->free_bytes -= other->free_bytes;
	ledger->slab_bytes -= other->slab_bytes;
	ledger->table_bytes -= other->table_bytes;
}

void kmemlab_ledger_read(struct kmemlab_ledger *ledger);

#endif
