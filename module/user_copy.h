/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every structure of the contract begins with its size. copy_in refuses a
 * longer one whose unknown tail is not zero (E2BIG); copy_out gives what there
 * is room for.
 */
#ifndef KMEMLAB_USER_COPY_H
#define KMEMLAB_USER_COPY_H

#include <linux/minmax.h>
#include <linux/uaccess.h>

static inline int kmemlab_copy_in(void *to, size_t size, void __user *from, u32 *user_size)
{
	if (get_user(*user_size, (u32 __user *)from))
		return -EFAULT;
	if (*user_size < sizeof(*user_size))
		return -EINVAL;
	return copy_struct_from_user(to, size, from, *user_size);
}

static inline int kmemlab_copy_out(void __user *to, u32 user_size, const void *from, size_t size)
{
	size_t rest;

	if (copy_to_user(to, from, min_t(size_t, user_size, size)))
		return -EFAULT;
	rest = user_size > size ? user_size - size : 0;
	return rest && clear_user(to + size, rest) ? -EFAULT : 0;
}

#endif
