/* SPDX-License-Identifier: GPL-2.0 */
/* What in the running kernel changes the figures of its allocators. */
#ifndef KMEMLAB_SETTINGS_H
#define KMEMLAB_SETTINGS_H

#include <linux/kmemlab.h>

unsigned int kmemlab_setting_count(void);

/* Fills name and value by index. Return: 0 or -ENOENT. */
int kmemlab_setting_read(struct kmemlab_setting *setting);

#endif
