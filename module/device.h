/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/kmemlab: the module's only door, see include/uapi/linux/kmemlab.h. */
#ifndef KMEMLAB_DEVICE_H
#define KMEMLAB_DEVICE_H

#define KMEMLAB_VERSION	"0.1"

int kmemlab_device_register(void);
void kmemlab_device_unregister(void);

#endif
