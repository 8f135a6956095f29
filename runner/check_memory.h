/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's memory by physical address, as the kernel itself reads it. */
#ifndef KMEMLAB_RUNNER_CHECK_MEMORY_H
#define KMEMLAB_RUNNER_CHECK_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory;

/* Return what memory_read() needs, or NULL if the kernel does not show its memory. */
struct memory *memory_open(void);

/* Read words of 32 bits. Return: false if there is no memory, or it has no permanent mapping. */
bool memory_read(const struct memory *memory, uint64_t physical, uint32_t *words, size_t bytes);

void memory_close(struct memory *memory);

/* Parse the arrays of a probe's event, "arg1={0x1,0x2} arg2={...}". Return the number of words. */
size_t memory_parse(const char *event, uint32_t *words, size_t max);

#endif
