/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A memory cgroup below the root, so that what is accounted is charged to someone. */
#ifndef KMEMLAB_MEMORY_CGROUP_H
#define KMEMLAB_MEMORY_CGROUP_H

/*
 * Makes it, in the guest only: elsewhere the system has put us into one. Having
 * one changes what the kernel does for every allocation, so it is made before
 * the first experiment or not at all. 0 or a negative errno.
 */
int memory_cgroup_make(void);

/* Puts the guest's init into it, or back into the root. 0 or a negative errno. */
int memory_cgroup_enter(void);
int memory_cgroup_leave(void);

#endif
