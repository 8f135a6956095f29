/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A memory cgroup below the root, so that what is accounted is charged to someone. */
#ifndef KMEMLAB_MEMORY_CGROUP_H
#define KMEMLAB_MEMORY_CGROUP_H

/*
 * Puts the guest's init into a memory cgroup of its own, or back into the root.
 * Any other process stays where its system put it. 0 or a negative errno.
 */
int memory_cgroup_enter(void);
int memory_cgroup_leave(void);

#endif
