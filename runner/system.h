/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access to /proc, /sys and memory cgroups. */
#ifndef KMEMLAB_RUNNER_SYSTEM_H
#define KMEMLAB_RUNNER_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Read a file's first line without its newline, truncated to size; "" on errors. */
void sysfs_read_line(const char *path, char *line, size_t size);

/* Write a text to a file of /proc, /sys or tracefs. Return: 0 or a negative errno. */
int system_write(const char *path, const char *text);

/* Read the first line of an attribute of the module that owns the device, likewise. */
void module_read_line(const char *attribute, char *line, size_t size);

/* Return the KiB of the first line of path that matches format, converted to bytes; 0: none. */
uint64_t proc_read_kib(const char *path, const char *format);

/*
 * Say why the budget refuses the pages, in the words of the module's kmemlab_budget_describe():
 * "309 MiB, but the budget, 50 % of the free memory, has 86 MiB left (more with --memory)".
 */
struct kmemlab_info;
void budget_describe(char *text, size_t size, uint64_t pages, const struct kmemlab_info *info);

/* Entries of /proc/PID/pagemap. */
#define PAGEMAP_PRESENT	(UINT64_C(1) << 63)
#define PAGEMAP_PFN	((UINT64_C(1) << 55) - 1)

/* Read element index of a file of u64, such as pagemap. On failure *value is 0. */
bool read_u64(int file, uint64_t index, uint64_t *value);

struct system_memory {
	int64_t free_pages;	/* of all zones, including per-CPU lists */
	int64_t slab_pages;
	int64_t table_pages;
};

/* Read the counters, after folding the per-CPU deltas. Return: 0 or a negative errno. */
int system_memory_read(struct system_memory *memory);

/*
 * A memory cgroup below the root, so that accounted allocations are charged. Only the guest
 * needs one: a host has put the process into one. Its existence slows down every allocation,
 * so create it before the first experiment or not at all. Return: 0 or a negative errno.
 */
int memory_cgroup_create(void);

/* Move the guest's init into the cgroup, or back to the root. Return: 0 or a negative errno. */
int memory_cgroup_enter(void);
int memory_cgroup_leave(void);

#endif
