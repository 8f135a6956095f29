/* SPDX-License-Identifier: GPL-2.0 */
/* A condition of memory that lasts as long as its file is open. */
#ifndef KMEMLAB_HELD_CONDITION_H
#define KMEMLAB_HELD_CONDITION_H

struct file;
struct kmemlab_hold;

/* Makes the condition that @hold names. Return: as kmemlab_held_set_create(). */
struct file *kmemlab_held_condition_create(struct kmemlab_hold *hold);

#endif
