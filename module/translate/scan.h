/* SPDX-License-Identifier: GPL-2.0 */
/* KMEMLAB_IOC_MAP: who uses physical memory, in runs of frames alike. */
#ifndef KMEMLAB_SCAN_H
#define KMEMLAB_SCAN_H

int kmemlab_ioctl_map(void __user *arg);

#endif
