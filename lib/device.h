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

#endif
