/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libkmemlab: calls of /dev/kmemlab for user programs, using libc only. They set all size
 * fields, and return 0 or a negative errno if not stated otherwise.
 */
#ifndef KMEMLAB_LIB_DEVICE_H
#define KMEMLAB_LIB_DEVICE_H

#include <linux/kmemlab.h>

/* The module's name, and the one that it has in a guest with a user's module of that name */
#define KMEMLAB_MODULE		"kernel_memory"
#define KMEMLAB_MODULE_RENAMED	"kmemlab"

/* Return: a file descriptor, -ENOENT without the module, -EPERM without CAP_SYS_ADMIN. */
int kmemlab_open(void);
void kmemlab_close(int device);

int kmemlab_get_info(int device, struct kmemlab_info *info);

/* Get an entry by its index, from 0. Return: -ENOENT after the last one. */
int kmemlab_get_facility(int device, __u32 index, struct kmemlab_facility *facility);
int kmemlab_get_workload(int device, __u32 index, struct kmemlab_name *workload);
int kmemlab_get_gfp(int device, __u32 index, struct kmemlab_name *gfp);
int kmemlab_get_kernel_config(int device, __u32 index, struct kmemlab_kernel_config *setting);

/* Get the counters of events that can interfere with operations of the caller. */
int kmemlab_get_interference(int device, struct kmemlab_interference *interference);

/*
 * Run an experiment on the caller's CPU. experiment->result must point to a struct
 * kmemlab_result. Return: 0 with the outcome in the result's status, or a negative errno.
 */
int kmemlab_run_experiment(int device, struct kmemlab_experiment *experiment);

/*
 * Translate args->count inputs. file is the device or the file of an object set.
 * Return: -ESRCH for an unknown process, -ENODATA for a kernel thread, -EPERM for another
 * process without CAP_SYS_PTRACE, -EACCES if the kernel is locked down.
 */
int kmemlab_translate(int file, struct kmemlab_translate *args);

/* Get the name of a bit of page->flags, of a zone, or of a migrate type. Return: as above. */
int kmemlab_get_page_flag(int device, __u32 bit, struct kmemlab_name *name);
int kmemlab_get_zone(int device, __u32 zone, struct kmemlab_name *name);
int kmemlab_get_migrate_type(int device, __u32 type, struct kmemlab_name *name);

/* Get the next part of the map of physical memory. Return: -EACCES as above. */
int kmemlab_map(int device, struct kmemlab_map *map);

/* Get the next part of the kernel mappings outside the direct map. Return: -EACCES as above. */
int kmemlab_mappings(int device, struct kmemlab_mappings *mappings);

/* Get the per-CPU offset of a possible CPU by its index. Return: -ENOENT after the last one. */
int kmemlab_get_cpu_offset(int device, __u32 index, struct kmemlab_cpu_offset *cpu);

/*
 * Allocate an object set and hold it. Return: 0 with the outcome in hold->status; if that is
 * OK, hold->fd keeps the set until it is closed.
 */
int kmemlab_hold(int device, struct kmemlab_hold *hold);

/* Put memory into hold->condition without allocating the set; hold->fd keeps it. */
int kmemlab_condition(int device, struct kmemlab_hold *hold);

/* Map part of a mappable object set. Return: the memory, or NULL with errno set. */
void *kmemlab_map_set(int set, __u64 offset, __u64 bytes);

/* Write or check a pattern in a mappable set through kernel addresses. */
int kmemlab_pattern(int set, struct kmemlab_pattern *pattern);

/*
 * Map the counters of repeated string instructions. Return: their address, or that of
 * counters that stay 0 where the clock needs no correction.
 */
const struct kmemlab_string_counters *kmemlab_map_string_counters(int device);
void kmemlab_unmap_string_counters(const struct kmemlab_string_counters *counters);

#endif
