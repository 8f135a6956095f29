// SPDX-License-Identifier: GPL-2.0-only
#include "ledger.h"

#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/vmstat.h>

#include "compat/compat.h"

static s64 ledger_zone_pages(const struct zone *zone, enum zone_stat_item item)
{
	s64 pages = atomic_long_read(&zone->vm_stat[item]);
	int cpu;

	for_each_possible_cpu(cpu)
		pages += compat_zone_cpu_change(zone, cpu, item);
	return pages;
}

static s64 ledger_zone_listed(const struct zone *zone)
{
	s64 pages = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		pages += compat_zone_cpu_listed(zone, cpu);
	return pages;
}

static s64 ledger_node_pages(const struct pglist_data *node, enum node_stat_item item)
{
	s64 pages = atomic_long_read(&node->vm_stat[item]);
#ifdef CONFIG_SMP
	int cpu;

	for_each_possible_cpu(cpu)
		pages += READ_ONCE(per_cpu_ptr(node->per_cpu_nodestats, cpu)
				   ->vm_node_stat_diff[item]);
#endif
	return pages;
}

static void ledger_add_zone(struct kmemlab_ledger *ledger, const struct zone *zone)
{
	s64 pages = ledger_zone_pages(zone, NR_FREE_PAGES) + ledger_zone_listed(zone);

	ledger->free_bytes += pages * PAGE_SIZE;
	if (!COMPAT_TABLES_BY_NODE)
		ledger->table_bytes += ledger_zone_pages(zone, (int)NR_PAGETABLE) * PAGE_SIZE;
}

/* The slab counters are in pages despite the _B in their names. */
static void ledger_add_node(struct kmemlab_ledger *ledger, const struct pglist_data *node)
{
	ledger->slab_bytes += (ledger_node_pages(node, NR_SLAB_RECLAIMABLE_B) +
			       ledger_node_pages(node, NR_SLAB_UNRECLAIMABLE_B)) * PAGE_SIZE;
	if (COMPAT_TABLES_BY_NODE)
		ledger->table_bytes += ledger_node_pages(node, (int)NR_PAGETABLE) * PAGE_SIZE;
}

/**
 * kmemlab_ledger_read() - read the system's memory counters
 * @ledger: filled in
 *
 * Takes no lock. The result is exact if no other CPU allocates.
 */
void kmemlab_ledger_read(struct kmemlab_ledger *ledger)
{
	int id, i;

	memset(ledger, 0, sizeof(*ledger));
	for_each_online_node(id) {
		struct pglist_data *node = NODE_DATA(id);

		ledger_add_node(ledger, node);
		for (i = 0; i < MAX_NR_ZONES; i++) {
			if (zone_managed_pages(&node->node_zones[i]))
				ledger_add_zone(ledger, &node->node_zones[i]);
		}
	}
}
