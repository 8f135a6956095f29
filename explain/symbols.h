/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which function an address is in: from the kernel's own list, and a module's file. */
#ifndef KMEMLAB_EXPLAIN_SYMBOLS_H
#define KMEMLAB_EXPLAIN_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t address;
	char *name;
	bool moved;	/* the compiler put it out of the way: f.cold */
	bool is_mark;	/* a name for the place, not for what is executed there */
	int rank;	/* of names for the same address, the lowest is taken; marks come last */
};

struct symbols {
	struct symbol *list;
	size_t count;
	/* private */
	size_t room;
	bool sorted;
};

/*
 * Adds the functions of a text as /proc/kallsyms gives it. NULL, or one line,
 * to be freed: addresses that are hidden, or nothing that could be a symbol.
 */
char *symbols_add_kernel(struct symbols *symbols, const char *text);

void symbols_add(struct symbols *symbols, uint64_t address, const char *name);

/* Adds the functions in section .text of a module's ELF file that lies at base. */
char *symbols_add_module(struct symbols *symbols, const void *file, size_t size, uint64_t base);

/*
 * The function that an address is in: its index, or count where there is none.
 * A part that the compiler moved out of the way (f.cold) belongs to its function.
 */
size_t symbols_find(struct symbols *symbols, uint64_t address);
const char *symbols_name(const struct symbols *symbols, size_t index);

/* "f+0x10", or "f.cold+0x10" where that part of it lies; to be freed. */
char *symbols_place(const struct symbols *symbols, size_t index, uint64_t address);

void symbols_release(struct symbols *symbols);

#endif
