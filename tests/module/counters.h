/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator's counters of repeated string instructions, for test modules that must
 * not depend on kmemlab's own code. See include/uapi/linux/kmemlab.h for the layout.
 */
#ifndef TESTS_COUNTERS_H
#define TESTS_COUNTERS_H

#include <linux/io.h>
#include <linux/pci.h>

#define COUNTERS_OFFSET	((1 << 20) - 4096)

/* As struct kmemlab_string_counters: magic, repeats, stored bytes, copies, bytes of copies. */
static const volatile u64 *counters;
static struct pci_dev *counters_device;

/* KMEMLAB_MARK_COUNTERS: the emulator updates the counters here. */
#define counters_update()	asm volatile(".byte 0x0f, 0x1f, 0x80\n\t.long 0x6b6d0008" : : : "memory")

static int counters_map(void)
{
	counters_device = pci_get_device(0x1af4, 0x1110, NULL);
	if (!counters_device || pci_enable_device_mem(counters_device))
		return -ENODEV;
	counters = memremap(pci_resource_start(counters_device, 2) + COUNTERS_OFFSET, 40,
			    MEMREMAP_WB);
	return counters ? 0 : -ENOMEM;
}

/* Instructions so far that the clock counts and a CPU would not retire. */
static inline u64 counters_repeats(void)
{
	counters_update();
	return counters[1] + counters[3] / 2;
}

static void counters_unmap(void)
{
	memunmap((void *)counters);
	pci_disable_device(counters_device);
	pci_dev_put(counters_device);
}

#endif
