/* SPDX-License-Identifier: GPL-2.0 */
/* KMEMLAB_IOC_MAPPINGS: which frames the kernel maps beside the direct map, and where. */
#ifndef KMEMLAB_MAPPINGS_H
#define KMEMLAB_MAPPINGS_H

struct kmemlab_cpu_offset;

int kmemlab_ioctl_mappings(void __user *arg);

/* Fills @to for CPU number @to->index of the possible ones. Return: 0 or -ENOENT. */
int kmemlab_cpu_offset(struct kmemlab_cpu_offset *to);

#endif
