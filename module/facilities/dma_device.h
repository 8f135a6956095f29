/* SPDX-License-Identifier: GPL-2.0 */
/* A device of our own that DMA memory is allocated for; it stands on no bus and does nothing. */
#ifndef KMEMLAB_DMA_DEVICE_H
#define KMEMLAB_DMA_DEVICE_H

#include <linux/bits.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>

#include "facilities/facility.h"
#include "facilities/slots.h"

/* What a device reaches that says nothing else of itself. */
#define KMEMLAB_DMA_LIMIT	BIT_ULL(32)

/* Return: a device for kmemlab_dma_device_destroy(), or an ERR_PTR. */
static inline struct device *kmemlab_dma_device_create(void)
{
	struct platform_device *device =
		platform_device_register_simple("kmemlab", PLATFORM_DEVID_AUTO, NULL, 0);
	int error;

	/* platform_device_add() finds no name where there was no memory for it. */
	if (IS_ERR(device))
		return PTR_ERR(device) == -EINVAL ? ERR_PTR(-ENOMEM) : ERR_CAST(device);
	error = dma_set_mask_and_coherent(&device->dev, DMA_BIT_MASK(32));
	if (error) {
		platform_device_unregister(device);
		return ERR_PTR(error);
	}
	return &device->dev;
}

static inline void kmemlab_dma_device_destroy(struct device *device)
{
	platform_device_unregister(to_platform_device(device));
}

/*
 * The page frame that the device itself would reach at the @page-th page from
 * @address on: its addresses are physical ones where no IOMMU stands between.
 */
static inline unsigned long kmemlab_dma_frame(struct device *device, dma_addr_t address,
					      size_t page)
{
	if (device_iommu_mapped(device))
		return KMEMLAB_NO_FRAME;
	return PHYS_PFN(address) + page;
}

/*
 * Bytes taken for @bytes at @address. A block of the page allocator's that nobody split has
 * all its references in its first page; what was taken page by page has some in each.
 */
static inline size_t kmemlab_dma_taken(const void *address, size_t bytes)
{
	struct page *page;

	if (bytes <= PAGE_SIZE || is_vmalloc_addr(address))
		return PAGE_ALIGN(bytes);
	page = virt_to_page(address);
	return page_count(page) && !page_count(page + 1) ?
	       PAGE_SIZE << get_order(bytes) : PAGE_ALIGN(bytes);
}

#endif
