// SPDX-License-Identifier: GPL-2.0-or-later
/* Mapping addresses to functions, with valid and with damaged inputs. */
#include "recording.h"

#include <elf.h>
#include <sys/mman.h>

static void test_kernel_symbols(void **state)
{
	struct symbols symbols = { 0 };
	char *error;

	(void)state;
	assert_null(symbols_add_kernel(&symbols, kallsyms));
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, BASE + 0x12ff)), "inner");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, BASE + 0x1900)), "handler");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, BASE + 0x1802)), "outer");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, 0x10)), "(unknown)");
	symbols_release(&symbols);
	error = symbols_add_kernel(&symbols, "0000000000000000 T hidden\n");
	assert_non_null(strstr(error, "kptr_restrict"));
	free(error);
	symbols_release(&symbols);
	error = symbols_add_kernel(&symbols, "");
	assert_non_null(error);
	free(error);
}

/* A module with one function "f" at offset 16 of section .text. */
#define DEFINE_MODULE(BITS)								\
struct module##BITS {									\
	Elf##BITS##_Ehdr header;							\
	char strings[32];								\
	Elf##BITS##_Sym symbols[2];							\
	Elf##BITS##_Shdr sections[4];							\
};											\
											\
static struct module##BITS module##BITS(void)						\
{											\
	typedef struct module##BITS module;						\
											\
	return (module) {								\
		.header = {								\
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS##BITS },		\
			.e_shoff = offsetof(module, sections), .e_shnum = 4,		\
			.e_shstrndx = 3,						\
		},									\
		.strings = "\0.text\0f",						\
		.symbols[1] = { .st_name = 7, .st_value = 16, .st_shndx = 1,		\
				.st_info = STT_FUNC },					\
		.sections = {								\
			[1] = { .sh_name = 1, .sh_type = SHT_PROGBITS },		\
			[2] = { .sh_type = SHT_SYMTAB, .sh_link = 3,			\
				.sh_offset = offsetof(module, symbols),			\
				.sh_size = 2 * sizeof(Elf##BITS##_Sym) },		\
			[3] = { .sh_type = SHT_STRTAB, .sh_size = 32,			\
				.sh_offset = offsetof(module, strings) },		\
		},									\
	};										\
}

DEFINE_MODULE(32)
DEFINE_MODULE(64)

/* Read a copy that ends at an inaccessible page. Return the name at 4096 + 20, or "(error)". */
static const char *name_in_module(const void *file, size_t size)
{
	static char name[16];
	struct symbols symbols = { 0 };
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *copy = pages + 4096 - size, *error;

	assert_ptr_not_equal(pages, MAP_FAILED);
	assert_int_equal(mprotect(pages + 4096, 4096, PROT_NONE), 0);
	memcpy(copy, file, size);
	error = symbols_add_module(&symbols, copy, size, 4096);
	snprintf(name, sizeof(name), "%s", error ? "(error)" :
		 symbols_name(&symbols, symbols_find(&symbols, 4096 + 20)));
	free(error);
	symbols_release(&symbols);
	munmap(pages, 8192);
	return name;
}

static void test_module_symbols(void **state)
{
	struct module32 m32 = module32();
	struct module64 m64 = module64();

	(void)state;
	assert_string_equal(name_in_module(&m32, sizeof(m32)), "f");
	assert_string_equal(name_in_module(&m64, sizeof(m64)), "f");
	assert_string_equal(name_in_module("\177ELF, not a module", 19), "(error)");
}

/* Misaligned structures: the file ends one byte after the last section header. */
static void test_misaligned_module(void **state)
{
	char file[sizeof(struct module64) + 1] = { 0 };
	struct module32 m32 = module32();
	struct module64 m64 = module64();

	(void)state;
	memcpy(file, &m32, sizeof(m32));
	assert_string_equal(name_in_module(file, sizeof(m32) + 1), "f");
	memcpy(file, &m64, sizeof(m64));
	assert_string_equal(name_in_module(file, sizeof(m64) + 1), "f");
}

/* Truncate the file at each size, and set each byte to several values. */
static void damage_module(void *file, size_t size)
{
	static const unsigned char values[] = { 0, 1, 2, 3, 8, 0x7f, 0x80, 0xff };
	unsigned char *bytes = file;

	for (size_t i = 0; i < size; i++) {
		unsigned char original = bytes[i];

		assert_string_equal(name_in_module(file, i), "(error)");
		for (size_t j = 0; j < sizeof(values); j++) {
			bytes[i] = values[j];
			name_in_module(file, size);
		}
		bytes[i] = original;
	}
}

static void test_damaged_module(void **state)
{
	struct module32 m32 = module32();
	struct module64 m64 = module64();

	(void)state;
	damage_module(&m32, sizeof(m32));
	damage_module(&m64, sizeof(m64));
}

/* A string table without contents in the file must not be read. */
static void test_module_without_strings(void **state)
{
	struct module32 m32 = module32();
	struct module64 m64 = module64();

	(void)state;
	m32.sections[3].sh_type = SHT_NOBITS;
	m32.sections[3].sh_offset = 0x7fffffff;
	assert_string_equal(name_in_module(&m32, sizeof(m32)), "(error)");
	m64.sections[3].sh_type = SHT_NOBITS;
	m64.sections[3].sh_offset = 1ULL << 40;
	assert_string_equal(name_in_module(&m64, sizeof(m64)), "(error)");
}

/* An address has the name of its function, not of a section boundary or an alias. */
static void test_section_boundaries(void **state)
{
	static const char text[] =
		"ffffffff81000230 T __irqentry_text_start\n"
		"ffffffff81000230 T irq_entries_start\n"
		"ffffffff81e01580 T __indirect_thunk_start\n"
		"ffffffff81e01580 T __x86_indirect_thunk_array\n"
		"ffffffff81e01580 T __x86_indirect_thunk_rax\n"
		"ffffffff81e01580 T __static_call_text_end\n"
		"ffffffff81e01600 T __pi___x86_indirect_thunk_rcx\n"
		"ffffffff81e01600 T __x86_indirect_thunk_rcx\n"
		"ffffffff82000000 T __lock_text_start\n"
		"ffffffff82000000 T __sched_text_end\n"
		"ffffffff82000000 t _raw_read_trylock\n"
		"ffffffff83000000 T _stext\n"
		"ffffffff83000000 T _text\n"
		"ffffffff83000000 t startup_64\n"
		"ffffffff84000000 T __pi_alone\n";
	static const struct {
		uint64_t address;
		const char *name;
	} expected[] = {
		{ 0xffffffff81000238, "irq_entries_start" },
		{ 0xffffffff81e01580, "__x86_indirect_thunk_rax" },
		{ 0xffffffff81e01600, "__x86_indirect_thunk_rcx" },
		{ 0xffffffff82000000, "_raw_read_trylock" },
		{ 0xffffffff83000000, "startup_64" },
		{ 0xffffffff84000000, "__pi_alone" },
	};
	struct symbols symbols = { 0 };

	(void)state;
	assert_null(symbols_add_kernel(&symbols, text));
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		assert_string_equal(symbols_name(&symbols, symbols_find(&symbols,
									expected[i].address)),
				    expected[i].name);
	symbols_release(&symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel_symbols),
		cmocka_unit_test(test_module_symbols),
		cmocka_unit_test(test_misaligned_module),
		cmocka_unit_test(test_damaged_module),
		cmocka_unit_test(test_module_without_strings),
		cmocka_unit_test(test_section_boundaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
