// SPDX-License-Identifier: GPL-2.0
/* Before f0c0c115fb81 (5.11) NR_PAGETABLE was one of the few zone counters. */
#include <linux/mmzone.h>

_Static_assert((int)NR_PAGETABLE >= (int)NR_VM_ZONE_STAT_ITEMS, "counted by zone");
