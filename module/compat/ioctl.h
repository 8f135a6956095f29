/* SPDX-License-Identifier: GPL-2.0 */
/* compat_ptr_ioctl(), for kernels before 2952db0fd51b (5.5): 32-bit programs' ioctls. */
#ifndef KMEMLAB_COMPAT_IOCTL_H
#define KMEMLAB_COMPAT_IOCTL_H

#include <linux/compat.h>
#include <linux/fs.h>

#include "compat/config.h"

#ifndef HAVE_COMPAT_PTR_IOCTL
#ifdef CONFIG_COMPAT
static inline long compat_ptr_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	return file->f_op->unlocked_ioctl(file, command, (unsigned long)compat_ptr(argument));
}
#else
#define compat_ptr_ioctl	NULL
#endif
#endif

#endif
