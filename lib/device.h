/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libkmemlab: /dev/kmemlab for user programs. All calls return 0 or a negative
 * errno. Links libc only.
 */
#ifndef KMEMLAB_LIB_DEVICE_H
#define KMEMLAB_LIB_DEVICE_H

#include <linux/kmemlab.h>

/* A file descriptor, or -errno: -ENOENT without the module, -EPERM without the right. */
int kmemlab_open(void);
void kmemlab_close(int device);

int kmemlab_get_info(int device, struct kmemlab_info *info);

/* By index, from 0 on; -ENOENT past the last one. */
int kmemlab_get_facility(int device, __u32 index, struct kmemlab_facility *facility);
int kmemlab_get_workload(int device, __u32 index, struct kmemlab_name *workload);
int kmemlab_get_gfp(int device, __u32 index, struct kmemlab_name *gfp);
int kmemlab_get_setting(int device, __u32 index, struct kmemlab_setting *setting);

/* What can hit an operation of the caller's, counted up to now. */
int kmemlab_get_disturbances(int device, struct kmemlab_disturbances *disturbances);

/*
 * Runs one experiment on the CPU the caller is on. experiment->result must
 * point to a struct kmemlab_result; both sizes are set here. 0 means that the
 * result's status says what came of it.
 */
int kmemlab_run_experiment(int device, struct kmemlab_experiment *experiment);

/*
 * Translates ask->count inputs into ask->answers; both sizes are set here.
 * Beside the errors of every call: -ESRCH no such process, -ENODATA a kernel
 * thread, -EACCES the kernel is locked down. file: the device, or of a held set.
 */
int kmemlab_translate(int file, struct kmemlab_translate *ask);

/* The name of a bit of struct page's flags, of a zone, of a migrate type; -ENOENT past the last one. */
int kmemlab_get_page_flag(int device, __u32 bit, struct kmemlab_name *name);
int kmemlab_get_zone(int device, __u32 zone, struct kmemlab_name *name);
int kmemlab_get_migrate_type(int device, __u32 type, struct kmemlab_name *name);

/* One portion of the map of physical memory; -EACCES as above. */
int kmemlab_map(int device, struct kmemlab_map *map);

/* One portion of what the kernel maps beside its direct map; -EACCES as above. */
int kmemlab_mappings(int device, struct kmemlab_mappings *mappings);

/* Of the possible CPU number index; -ENOENT past the last one. */
int kmemlab_get_cpu_offset(int device, __u32 index, struct kmemlab_cpu_offset *cpu);

/*
 * Holds an object set. 0: hold->status says whether there is one, and then
 * hold->fd is its file, to be closed.
 */
int kmemlab_hold(int device, struct kmemlab_hold *hold);

/* Keeps memory in hold->condition, as the set would meet it; otherwise as above. */
int kmemlab_condition(int device, struct kmemlab_hold *hold);

/*
 * The memory of a held set that was made mappable, shared with the kernel: a
 * pointer to bytes that begin at the set's byte offset, or NULL with errno set.
 */
void *kmemlab_map_set(int set, __u64 offset, __u64 bytes);

/* Writes or checks a pattern in a mappable set through the kernel's addresses. */
int kmemlab_pattern(int set, struct kmemlab_pattern *pattern);

#endif
