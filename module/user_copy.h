/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copy extensible structures from and to user space. Every structure begins with its
 * size. A size below that of the first version is rejected with -EINVAL; a size beyond
 * a page, or an unknown tail that is not zero, is rejected with -E2BIG.
 */
#ifndef KMEMLAB_USER_COPY_H
#define KMEMLAB_USER_COPY_H

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

static inline int kmemlab_user_size(void __user *from, size_t size_min, u32 *user_size)
{
	if (get_user(*user_size, (u32 __user *)from))
		return -EFAULT;
	if (*user_size < size_min)
		return -EINVAL;
	return *user_size > PAGE_SIZE ? -E2BIG : 0;
}

/**
 * kmemlab_copy_in() - copy a structure from user space
 * @to: filled in; members that the caller does not have are zeroed
 * @size: size of @to
 * @size_min: size of the first version
 * @from: structure of the caller
 * @user_size: set to the caller's size, for kmemlab_copy_out()
 *
 * Return: 0, -EFAULT, -EINVAL or -E2BIG.
 */
static inline int kmemlab_copy_in(void *to, size_t size, size_t size_min, void __user *from,
				  u32 *user_size)
{
	int err = kmemlab_user_size(from, size_min, user_size);

	return err ?: copy_struct_from_user(to, size, from, *user_size);
}

/**
 * kmemlab_check_room() - check a structure that is only written
 * @from: structure of the caller
 * @size: size of the structure in the module
 * @size_min: size of the first version
 * @user_size: set to the caller's size, for kmemlab_copy_out()
 *
 * Return: as kmemlab_copy_in().
 */
static inline int kmemlab_check_room(void __user *from, size_t size, size_t size_min,
				     u32 *user_size)
{
	int err = kmemlab_user_size(from, size_min, user_size);

	if (err || *user_size <= size)
		return err;
	err = check_zeroed_user(from + size, *user_size - size);
	return err < 0 ? err : err ? 0 : -E2BIG;
}

/**
 * kmemlab_copy_out() - copy a structure to user space
 * @to: structure of the caller; members that the module does not have are zeroed
 * @user_size: size of the caller; the structure is truncated to it
 * @from: structure
 * @size: size of @from
 *
 * Return: 0 or -EFAULT.
 */
static inline int kmemlab_copy_out(void __user *to, u32 user_size, const void *from, size_t size)
{
	size_t rest;

	if (copy_to_user(to, from, min_t(size_t, user_size, size)))
		return -EFAULT;
	rest = user_size > size ? user_size - size : 0;
	return rest && clear_user(to + size, rest) ? -EFAULT : 0;
}

#endif
