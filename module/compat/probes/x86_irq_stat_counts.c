// SPDX-License-Identifier: GPL-2.0
/* Seen in 7.2: x86's interrupt counters are one array. */
#include <linux/hardirq.h>

unsigned int probe(void);
unsigned int probe(void)
{
	return this_cpu_read(irq_stat.counts[IRQ_COUNT_APIC_TIMER]);
}
