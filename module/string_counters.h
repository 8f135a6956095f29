/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of repeated x86 string instructions, which an emulator keeps in memory that
 * the machine sees as the BAR of an ivshmem device. Without that device they read 0.
 */
#ifndef KMEMLAB_STRING_COUNTERS_H
#define KMEMLAB_STRING_COUNTERS_H

#include <linux/errno.h>
#include <linux/types.h>

#include <linux/kmemlab.h>

struct vm_area_struct;

#ifdef CONFIG_X86_64

extern const struct kmemlab_string_counters *kmemlab_string_counters;

bool kmemlab_string_counters_present(void);
void kmemlab_string_counters_map(void);
void kmemlab_string_counters_unmap(void);
int kmemlab_string_counters_mmap(struct vm_area_struct *vma);

#else

static inline bool kmemlab_string_counters_present(void)
{
	return false;
}

static inline void kmemlab_string_counters_map(void)
{
}

static inline void kmemlab_string_counters_unmap(void)
{
}

static inline int kmemlab_string_counters_mmap(struct vm_area_struct *vma)
{
	return -ENODEV;
}

#endif

#endif
