/* SPDX-License-Identifier: GPL-2.0 */
/* KMEMLAB_IOC_TRANSLATE: many addresses in one call. */
#ifndef KMEMLAB_ASKING_H
#define KMEMLAB_ASKING_H

#include <linux/kmemlab.h>

struct kmemlab_held_set;

/* Takes the call's user pointer; @set is NULL but on a held set's own file. */
int kmemlab_ioctl_translate(void __user *arg, struct kmemlab_held_set *set);

#endif
