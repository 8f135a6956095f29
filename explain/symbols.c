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
 * Return true for the linker's symbols of section boundaries and for the aliases that
 * early code uses (__pi_): the function at that address has another name.
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

static void add_symbol(struct symbols *symbols, uint64_t address, const char *name, size_t length,
		       int rank)
{
	static const char cold[] = ".cold";
	const char *part = memmem(name, length, cold, strlen(cold));

	*array_add(&symbols->list, &symbols->count) = (struct symbol) {
		.address = address,
		.name = xstrndup(name, part ? (size_t)(part - name) : length),
		.is_cold = part != NULL,
		.is_mark = is_mark(name, length),
		.rank = rank,
	};
	symbols->sorted = false;
}

void symbols_add(struct symbols *symbols, uint64_t address, const char *name)
{
	add_symbol(symbols, address, name, strlen(name), 0);
}

/*
 * Add "ffffffff81000000 T name" if its type is in ranks. Skip "... t name\t[module]". Return
 * false if damaged.
 */
static bool add_line(struct symbols *symbols, const char *line, size_t length, const char *ranks,
		     bool *hidden)
{
	char *rest;
	uint64_t address = strtoull(line, &rest, 16);
	size_t name = rest + 3 - line;

	if (rest == line || name >= length || *rest != ' ' || rest[2] != ' ')
		return false;
	if (!strchr(ranks, rest[1]) || memchr(line, '[', length))
		return true;
	*hidden = *hidden || !address;
	add_symbol(symbols, address, line + name, length - name, strchr(ranks, rest[1]) - ranks);
	return true;
}

/* Add the symbols of these types. Return NULL or an allocated error message. */
static char *add_lines(struct symbols *symbols, const char *text, const char *ranks)
{
	bool hidden = false;

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length && !add_line(symbols, text, length, ranks, &hidden))
			return xasprintf("invalid line in kallsyms: '%.*s'",
					 length < 60 ? (int)length : 60, text);
		text += length + (text[length] == '\n');
	}
	return hidden ? xasprintf("kernel addresses are hidden (kptr_restrict)") : NULL;
}

char *symbols_add_kernel(struct symbols *symbols, const char *text)
{
	size_t before = symbols->count;
	char *error = add_lines(symbols, text, "TtWw");

	if (error || symbols->count > before)
		return error;
	return xasprintf("the kernel has no symbols (CONFIG_KALLSYMS)");
}

/*
 * Linux 7.2 lists many variables as text. Per-CPU variables may begin at 0, and
 * symbols_add_kernel() reports what is damaged.
 */
void symbols_add_kernel_data(struct symbols *symbols, const char *text)
{
	free(add_lines(symbols, text, "DdBbTtWw"));
}

struct elf_file {
	const char *data;
	size_t size;
	bool is_64bit;
	uint64_t sections;		/* offset of the section headers */
	uint16_t section_count, names;	/* names: index of the section with section names */
};

/* Structures in the file may be misaligned: copy them. 32-bit ones are converted. */
static bool load_header(struct elf_file *elf)
{
	size_t section_size = elf->is_64bit ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	Elf32_Ehdr header32;
	Elf64_Ehdr header;

	if (elf->size < (elf->is_64bit ? sizeof(header) : sizeof(header32)))
		return false;
	memcpy(&header32, elf->data, sizeof(header32));
	if (elf->is_64bit)
		memcpy(&header, elf->data, sizeof(header));
	elf->sections = elf->is_64bit ? header.e_shoff : header32.e_shoff;
	elf->section_count = elf->is_64bit ? header.e_shnum : header32.e_shnum;
	elf->names = elf->is_64bit ? header.e_shstrndx : header32.e_shstrndx;
	return elf->sections <= elf->size &&
	       elf->section_count <= (elf->size - elf->sections) / section_size;
}

/* Load section number index. Return false if its contents are not within the file. */
static bool load_section(const struct elf_file *elf, uint64_t index, Elf64_Shdr *section)
{
	const char *headers = elf->data + elf->sections;
	Elf32_Shdr section32;

	if (index >= elf->section_count)
		return false;
	if (elf->is_64bit) {
		memcpy(section, headers + index * sizeof(*section), sizeof(*section));
	} else {
		memcpy(&section32, headers + index * sizeof(section32), sizeof(section32));
		*section = (Elf64_Shdr) {
			.sh_name = section32.sh_name, .sh_type = section32.sh_type,
			.sh_offset = section32.sh_offset, .sh_size = section32.sh_size,
			.sh_link = section32.sh_link,
		};
	}
	return section->sh_type == SHT_NOBITS ||
	       (section->sh_offset <= elf->size &&
		section->sh_size <= elf->size - section->sh_offset);
}

/* Load symbol number index of the table. Return false after the last one. */
static bool load_symbol(const struct elf_file *elf, const Elf64_Shdr *table, uint64_t index,
			Elf64_Sym *symbol)
{
	const char *symbols = elf->data + table->sh_offset;
	Elf32_Sym symbol32;

	if (index >= table->sh_size / (elf->is_64bit ? sizeof(*symbol) : sizeof(symbol32)))
		return false;
	if (elf->is_64bit) {
		memcpy(symbol, symbols + index * sizeof(*symbol), sizeof(*symbol));
		return true;
	}
	memcpy(&symbol32, symbols + index * sizeof(symbol32), sizeof(symbol32));
	*symbol = (Elf64_Sym) {
		.st_name = symbol32.st_name, .st_value = symbol32.st_value,
		.st_shndx = symbol32.st_shndx, .st_info = symbol32.st_info,
	};
	return true;
}

/* Return the string at offset of a string table, and its length; "" if it is out of range. */
static const char *elf_string(const struct elf_file *elf, const Elf64_Shdr *table,
			      uint32_t offset, size_t *length)
{
	const char *strings;

	*length = 0;
	/* load_section() did not check the offset of a section without contents. */
	if (table->sh_type == SHT_NOBITS || offset >= table->sh_size)
		return "";
	strings = elf->data + table->sh_offset;
	*length = strnlen(strings + offset, table->sh_size - offset);
	return strings + offset;
}

static char *add_elf_symbols(struct symbols *symbols, const struct elf_file *elf, uint64_t base)
{
	Elf64_Shdr section, names, table = { 0 }, strings;
	Elf64_Sym symbol;
	const char *name;
	uint16_t text = 0;
	size_t length;

	if (!load_section(elf, elf->names, &names))
		return xasprintf("the module's file is damaged");
	for (uint16_t i = 0; i < elf->section_count; i++) {
		if (!load_section(elf, i, &section))
			return xasprintf("the module's file is damaged");
		name = elf_string(elf, &names, section.sh_name, &length);
		if (section.sh_type == SHT_SYMTAB)
			table = section;
		else if (length == strlen(".text") && !memcmp(name, ".text", length))
			text = i;
	}
	if (!table.sh_type || !text || !load_section(elf, table.sh_link, &strings))
		return xasprintf("the module's file has no symbols");
	for (uint64_t i = 0; load_symbol(elf, &table, i, &symbol); i++) {
		name = elf_string(elf, &strings, symbol.st_name, &length);
		if (symbol.st_shndx == text && length && ELF64_ST_TYPE(symbol.st_info) == STT_FUNC)
			add_symbol(symbols, base + symbol.st_value, name, length, 0);
	}
	return NULL;
}

char *symbols_add_module(struct symbols *symbols, const void *file, size_t size, uint64_t base)
{
	struct elf_file elf = { .data = file, .size = size };

	if (size < EI_NIDENT || memcmp(file, ELFMAG, SELFMAG))
		return xasprintf("the module's file is not an ELF file");
	elf.is_64bit = elf.data[EI_CLASS] == ELFCLASS64;
	if (!load_header(&elf))
		return xasprintf("the module's file is damaged");
	return add_elf_symbols(symbols, &elf, base);
}

static int compare_symbols(const void *a, const void *b)
{
	const struct symbol *first = a, *second = b;

	if (first->address != second->address)
		return first->address < second->address ? -1 : 1;
	if (first->is_mark != second->is_mark)
		return first->is_mark - second->is_mark;
	return first->rank != second->rank ? first->rank - second->rank :
					     strcmp(first->name, second->name);
}

/* Sort the symbols and keep the best one of each address. */
static void sort_symbols(struct symbols *symbols)
{
	size_t count = 0;

	if (symbols->count)
		qsort(symbols->list, symbols->count, sizeof(*symbols->list), compare_symbols);
	for (size_t i = 0; i < symbols->count; i++) {
		if (count && symbols->list[count - 1].address == symbols->list[i].address)
			free(symbols->list[i].name);
		else
			symbols->list[count++] = symbols->list[i];
	}
	symbols->count = count;
	symbols->sorted = true;
}

size_t symbols_find(struct symbols *symbols, uint64_t address)
{
	size_t low = 0, high;

	if (!symbols->sorted)
		sort_symbols(symbols);
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
	return xasprintf("%s%s+%#" PRIx64, symbol->name, symbol->is_cold ? ".cold" : "",
			 address - symbol->address);
}

void symbols_release(struct symbols *symbols)
{
	for (size_t i = 0; i < symbols->count; i++)
		free(symbols->list[i].name);
	free(symbols->list);
	*symbols = (struct symbols) { 0 };
}
