// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbols.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"

static bool ends_with(const char *name, size_t length, const char *end)
{
	size_t end_length = strlen(end);

	return length >= end_length && !memcmp(name + length - end_length, end, end_length);
}

/*
 * The linker's marks of where something begins or ends, and the copies of names
 * that early code (__pi_) calls by: the function that lies there has another name.
 */
static bool is_mark(const char *name, size_t length)
{
	if (length >= 5 && !memcmp(name, "__pi_", 5))
		return true;
	if (length >= 2 && !memcmp(name, "__", 2))
		return ends_with(name, length, "_start") || ends_with(name, length, "_end") ||
		       ends_with(name, length, "_begin") || ends_with(name, length, "_array");
	return length && *name == '_' && ends_with(name, length, "text");
}

static void add(struct symbols *symbols, uint64_t address, const char *name, size_t length, int rank)
{
	static const char moved[] = ".cold";
	const char *part = memmem(name, length, moved, strlen(moved));

	if (symbols->count == symbols->room) {
		symbols->room = symbols->room ? 2 * symbols->room : 65536;
		symbols->list = xrealloc(symbols->list, symbols->room * sizeof(*symbols->list));
	}
	symbols->list[symbols->count++] = (struct symbol) {
		.address = address,
		.name = strndup(name, part ? (size_t)(part - name) : length),
		.moved = part != NULL,
		.is_mark = is_mark(name, length),
		.rank = rank,
	};
	symbols->sorted = false;
}

void symbols_add(struct symbols *symbols, uint64_t address, const char *name)
{
	add(symbols, address, name, strlen(name), 0);
}

/* "ffffffff81000000 T name" or "... t name\t[module]": modules are added apart. */
static bool add_line(struct symbols *symbols, const char *line, size_t length, bool *hidden)
{
	static const char order[] = "TtWw";
	char *rest;
	uint64_t address = strtoull(line, &rest, 16);
	size_t name = rest + 3 - line;

	if (rest == line || *rest != ' ' || name >= length || rest[2] != ' ')
		return false;
	if (!strchr(order, rest[1]) || memchr(line, '[', length))
		return true;
	*hidden = *hidden || !address;
	add(symbols, address, line + name, length - name, strchr(order, rest[1]) - order);
	return true;
}

char *symbols_add_kernel(struct symbols *symbols, const char *text)
{
	size_t before = symbols->count;
	bool hidden = false;

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length && !add_line(symbols, text, length, &hidden))
			return xasprintf("the kernel's list of symbols is damaged at '%.*s'",
					 length < 60 ? (int)length : 60, text);
		text += length + (text[length] == '\n');
	}
	if (hidden)
		return xasprintf("the kernel hides its symbols' addresses (kptr_restrict)");
	return symbols->count > before ? NULL : xasprintf("the kernel names no symbols (CONFIG_KALLSYMS)");
}

/* What differs between 32 and 64 bits, once. */
#define DEFINE_ADD_ELF(BITS)								\
static char *add_elf##BITS(struct symbols *symbols, const char *file, size_t size,	\
			   uint64_t base)						\
{											\
	const Elf##BITS##_Ehdr *header = (const void *)file;				\
	const Elf##BITS##_Shdr *sections, *table = NULL, *names, *strings;		\
	uint16_t text = 0;								\
											\
	if (size < sizeof(*header) || header->e_shoff > size ||				\
	    header->e_shnum > (size - header->e_shoff) / sizeof(*sections) ||		\
	    header->e_shstrndx >= header->e_shnum)					\
		return xasprintf("the module's file is damaged");			\
	sections = (const void *)(file + header->e_shoff);				\
	names = &sections[header->e_shstrndx];						\
	for (uint16_t i = 0; i < header->e_shnum; i++) {				\
		if (sections[i].sh_type != SHT_NOBITS &&				\
		    (sections[i].sh_offset > size ||					\
		     sections[i].sh_size > size - sections[i].sh_offset))		\
			return xasprintf("the module's file is damaged");		\
		if (sections[i].sh_type == SHT_SYMTAB)					\
			table = &sections[i];						\
		else if (sections[i].sh_name < names->sh_size &&			\
			 !strcmp(file + names->sh_offset + sections[i].sh_name, ".text"))\
			text = i;							\
	}										\
	if (!table || !text || table->sh_link >= header->e_shnum)			\
		return xasprintf("the module's file names no functions");		\
	strings = &sections[table->sh_link];						\
	for (size_t i = 0; i < table->sh_size / sizeof(Elf##BITS##_Sym); i++) {		\
		const Elf##BITS##_Sym *symbol =						\
			(const Elf##BITS##_Sym *)(file + table->sh_offset) + i;		\
		const char *name = file + strings->sh_offset + symbol->st_name;		\
											\
		if (symbol->st_shndx == text && symbol->st_name < strings->sh_size &&	\
		    ELF##BITS##_ST_TYPE(symbol->st_info) == STT_FUNC)			\
			add(symbols, base + symbol->st_value, name,			\
			    strnlen(name, strings->sh_size - symbol->st_name), 0);	\
	}										\
	return NULL;									\
}

DEFINE_ADD_ELF(32)
DEFINE_ADD_ELF(64)

char *symbols_add_module(struct symbols *symbols, const void *file, size_t size, uint64_t base)
{
	const unsigned char *ident = file;

	if (size < EI_NIDENT || memcmp(ident, ELFMAG, SELFMAG))
		return xasprintf("the module's file is no ELF file");
	return ident[EI_CLASS] == ELFCLASS64 ? add_elf64(symbols, file, size, base) :
					       add_elf32(symbols, file, size, base);
}

static int compare(const void *a, const void *b)
{
	const struct symbol *first = a, *second = b;

	if (first->address != second->address)
		return first->address < second->address ? -1 : 1;
	if (first->is_mark != second->is_mark)
		return first->is_mark - second->is_mark;
	return first->rank != second->rank ? first->rank - second->rank :
					     strcmp(first->name, second->name);
}

static void sort(struct symbols *symbols)
{
	size_t kept = 0;

	qsort(symbols->list, symbols->count, sizeof(*symbols->list), compare);
	for (size_t i = 0; i < symbols->count; i++) {
		if (kept && symbols->list[kept - 1].address == symbols->list[i].address)
			free(symbols->list[i].name);
		else
			symbols->list[kept++] = symbols->list[i];
	}
	symbols->count = kept;
	symbols->sorted = true;
}

size_t symbols_find(struct symbols *symbols, uint64_t address)
{
	size_t low = 0, high;

	if (!symbols->sorted)
		sort(symbols);
	high = symbols->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : symbols->count;
}

const char *symbols_name(const struct symbols *symbols, size_t index)
{
	return index < symbols->count ? symbols->list[index].name : "(unknown)";
}

char *symbols_place(const struct symbols *symbols, size_t index, uint64_t address)
{
	const struct symbol *symbol;

	if (index >= symbols->count)
		return xstrdup(symbols_name(symbols, index));
	symbol = &symbols->list[index];
	return xasprintf("%s%s+%#" PRIx64, symbol->name, symbol->moved ? ".cold" : "",
			 address - symbol->address);
}

void symbols_release(struct symbols *symbols)
{
	for (size_t i = 0; i < symbols->count; i++)
		free(symbols->list[i].name);
	free(symbols->list);
	*symbols = (struct symbols) { 0 };
}
