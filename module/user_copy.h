/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every structure of the contract begins with its size. A size below @least,
 * that of the first version, is refused (EINVAL), and so is one beyond a page or
 * with an unknown tail that is not zero (E2BIG). copy_out gives what there is
 * room for.
 */
#ifndef KMEMLAB_USER_COPY_H
#define KMEMLAB_USER_COPY_H

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

static inline int kmemlab_user_size(void __user *from, size_t least, u32 *user_size)
{
	if (get_user(*user_size, (u32 __user *)from))
		return -EFAULT;
	if (*user_size < least)
		return -EINVAL;
	return *user_size > PAGE_SIZE ? -E2BIG : 0;
}

/* @least: as above; @user_size is for copy_out. */
static inline int kmemlab_copy_in(void *to, size_t size, size_t least, void __user *from,
				  u32 *user_size)
{
	int error = kmemlab_user_size(from, least, user_size);

	return error ?: copy_struct_from_user(to, size, from, *user_size);
}

/* The same where nothing but the size comes in. */
static inline int kmemlab_check_room(void __user *from, size_t size, size_t least, u32 *user_size)
{
	int error = kmemlab_user_size(from, least, user_size);

	if (error || *user_size <= size)
		return error;
	error = check_zeroed_user(from + size, *user_size - size);
	return error < 0 ? error : error ? 0 : -E2BIG;
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
