/* SPDX-License-Identifier: GPL-2.0 */
/* A held set: objects that live as long as their file is open. */
#ifndef KMEMLAB_HELD_SET_H
#define KMEMLAB_HELD_SET_H

#include <linux/kmemlab.h>

struct file;
struct kmemlab_held_set;
struct kmemlab_slot;
struct kmemlab_walker;

typedef int (*kmemlab_make_fn)(struct kmemlab_experiment *asked, struct kmemlab_result *result,
			       void *context);

/*
 * Has @make make what @hold asks for, and says in @hold what came of it. Return: 0,
 * where @hold->status is not OK too: then nothing was made; or what @make returned.
 */
int kmemlab_hold_make(struct kmemlab_hold *hold, kmemlab_make_fn make, void *context);

/*
 * Allocates what @hold asks for and makes its file. Return: the file; NULL where
 * that is refused, as @hold->status says then; -ENOENT, -EINVAL, -EINTR, -ENOMEM.
 */
struct file *kmemlab_held_set_create(struct kmemlab_hold *hold);

/* Translates the byte @offset of object @number. Return: 0, or -EINTR for who is killed. */
int kmemlab_held_set_answer(struct kmemlab_held_set *set, struct kmemlab_walker *walker,
			    u64 number, u64 offset, bool routes, struct kmemlab_slot *slot);

#endif
