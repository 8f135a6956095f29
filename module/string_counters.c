// SPDX-License-Identifier: GPL-2.0-only
#include "string_counters.h"

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/pci.h>

#define IVSHMEM_VENDOR	0x1af4
#define IVSHMEM_DEVICE	0x1110
#define IVSHMEM_BAR	2

static const struct kmemlab_string_counters string_counters_none;
const struct kmemlab_string_counters *kmemlab_string_counters = &string_counters_none;

static struct pci_dev *string_counters_device;

static phys_addr_t string_counters_address(struct pci_dev *device)
{
	return pci_resource_start(device, IVSHMEM_BAR) + KMEMLAB_COUNTERS_OFFSET;
}

/**
 * kmemlab_string_counters_present() - tell whether repetitions are counted
 *
 * Return: true if they are.
 */
bool kmemlab_string_counters_present(void)
{
	return string_counters_device;
}

/**
 * kmemlab_string_counters_map() - map the counters of the first ivshmem device
 *
 * Without such a device, or if nothing counts into it, the counters stay 0.
 */
void kmemlab_string_counters_map(void)
{
	struct pci_dev *device = pci_get_device(IVSHMEM_VENDOR, IVSHMEM_DEVICE, NULL);
	struct kmemlab_string_counters *counters;

	if (!device)
		return;
	if (pci_resource_len(device, IVSHMEM_BAR) <= KMEMLAB_COUNTERS_OFFSET ||
	    pci_enable_device(device))
		goto put;
	counters = memremap(string_counters_address(device), sizeof(*counters), MEMREMAP_WB);
	if (!counters)
		goto disable;
	if (counters->magic != KMEMLAB_COUNTERS_MAGIC)
		goto unmap;
	string_counters_device = device;
	kmemlab_string_counters = counters;
	return;

unmap:
	memunmap(counters);
disable:
	pci_disable_device(device);
put:
	pci_dev_put(device);
}

/**
 * kmemlab_string_counters_unmap() - unmap the counters
 */
void kmemlab_string_counters_unmap(void)
{
	void *counters = (void *)kmemlab_string_counters;

	if (!string_counters_device)
		return;
	kmemlab_string_counters = &string_counters_none;
	memunmap(counters);
	pci_disable_device(string_counters_device);
	pci_dev_put(string_counters_device);
	string_counters_device = NULL;
}

/**
 * kmemlab_string_counters_mmap() - map the counters into a process, read only
 * @vma: one page at offset 0 of the device file
 *
 * Return: 0, -ENODEV without counters, -EINVAL or -EPERM for other mappings.
 */
int kmemlab_string_counters_mmap(struct vm_area_struct *vma)
{
	if (!string_counters_device)
		return -ENODEV;
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	return remap_pfn_range(vma, vma->vm_start,
			       string_counters_address(string_counters_device) >> PAGE_SHIFT,
			       PAGE_SIZE, vma->vm_page_prot);
}
