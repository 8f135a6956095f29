/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces of the files that do not need a header of their own. */
#ifndef KMEMLAB_INTERNAL_H
#define KMEMLAB_INTERNAL_H

#include <linux/fs.h>

#include <linux/kmemlab.h>

#define KMEMLAB_VERSION	"0.1"

struct kmemlab_held_set;
struct kmemlab_kernel_config;
struct kmemlab_lookup_slot;
struct kmemlab_walker;
struct vm_area_struct;

/* device.c */
int kmemlab_device_register(void);
void kmemlab_device_unregister(void);

/* demo.c */
int kmemlab_demo_start(void);
void kmemlab_demo_stop(void);

/* kernel_config.c */
unsigned int kmemlab_kernel_config_count(void);
int kmemlab_kernel_config_read(struct kmemlab_kernel_config *setting);

/* hold.c: object sets and conditions of memory that exist as long as their file is open */
struct file *kmemlab_held_condition_create(struct kmemlab_hold *hold);
struct file *kmemlab_held_set_create(struct kmemlab_hold *hold,
				     const struct file_operations *fops);
int kmemlab_held_set_lookup(struct kmemlab_held_set *set, struct kmemlab_walker *walker,
			    u64 number, u64 offset, bool routes, struct kmemlab_lookup_slot *slot);
int kmemlab_held_set_pattern(struct kmemlab_held_set *set, struct kmemlab_pattern *pattern);
int kmemlab_held_set_mmap(struct file *file, struct vm_area_struct *vma);
int kmemlab_held_set_release(struct inode *inode, struct file *file);

/* translate/: handlers of the ioctls that translate addresses and describe memory */
int kmemlab_translate_run(void __user *arg, struct kmemlab_held_set *set);
int kmemlab_ioctl_map(void __user *arg);
int kmemlab_ioctl_mappings(void __user *arg);
int kmemlab_vmalloc_gap(u64 *gap_bytes);
int kmemlab_cpu_offset(struct kmemlab_cpu_offset *offset);
int kmemlab_page_watch(void);
void kmemlab_page_unwatch(void);
int kmemlab_page_read_begin(void);
void kmemlab_page_read_end(void);

/* Faults that tests inject to check that each is detected (make TEST_HOOKS=1) */
#define KMEMLAB_CORRUPT_TRANSLATION	"translation"	/* page-table walk returns a wrong PFN */
#define KMEMLAB_CORRUPT_OBJECT		"object"	/* a byte of an object changes */
#define KMEMLAB_CORRUPT_FRAME		"frame"		/* a facility reports a wrong PFN */
#define KMEMLAB_CORRUPT_KEPT		"kept"		/* a byte of a kept object changes */
#define KMEMLAB_CORRUPT_MEMORY		"memory"	/* a page is leaked */

#ifdef KMEMLAB_TEST_HOOKS
bool kmemlab_corrupts(const char *fault);
#else
static inline bool kmemlab_corrupts(const char *fault)
{
	return false;
}
#endif

#endif
