/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbol table of the kernel and the module: maps an address to its function. */
#ifndef KMEMLAB_EXPLAIN_SYMBOLS_H
#define KMEMLAB_EXPLAIN_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t address;
	char *name;
	bool is_cold;	/* part that the compiler moved away from its function: f.cold */
	bool is_mark;	/* names a place (section boundary, alias), not a function */
	int rank;	/* of the symbols at one address, the lowest rank is used */
};

struct symbols {
	struct symbol *list;
	size_t count;
	/* private: */
	bool sorted;
};

/*
 * Add the functions of a text in the format of /proc/kallsyms, without modules.
 * Return NULL or an allocated error message: hidden addresses, no functions, or a damaged line.
 */
char *symbols_add_kernel(struct symbols *symbols, const char *text);

/* Add variables and functions; the text has variables only with CONFIG_KALLSYMS_ALL. */
void symbols_add_kernel_data(struct symbols *symbols, const char *text);

void symbols_add(struct symbols *symbols, uint64_t address, const char *name);

/*
 * Add the functions in section .text of a module's ELF file; base is the address of
 * the loaded section. Return NULL or an allocated error message.
 */
char *symbols_add_module(struct symbols *symbols, const void *file, size_t size, uint64_t base);

/*
 * Return the index of the function that contains the address, or symbols->count if
 * there is none. A cold part belongs to its function.
 */
size_t symbols_find(struct symbols *symbols, uint64_t address);
const char *symbols_name(const struct symbols *symbols, size_t index);

/* Return "f+0x10", or "f.cold+0x10" for a cold part; the caller frees it. */
char *symbols_place(const struct symbols *symbols, size_t index, uint64_t address);

void symbols_release(struct symbols *symbols);

#endif
