// SPDX-License-Identifier: GPL-2.0-or-later
/* Decoding of ARM entries: short descriptors, LPAE, and arm64 with all granules and widths. */
#include "pgtable_decode.h"

static const struct kmemlab_table_format shorts = {
	.name = "arm", .levels = 2, .page_shift = 12, .address_bits = 32, .phys_bits = 32,
	.prot_none_bit = -1,
};

static const struct kmemlab_table_format lpae = {
	.name = "arm_lpae", .levels = 3, .page_shift = 12, .address_bits = 32, .phys_bits = 40,
	.prot_none_bit = -1, .swap_type_shift = 2, .swap_type_bits = 5, .swap_offset_shift = 7,
	.swap_offset_bits = 25, .swap_files = 28, .migration_first = 29, .migration_count = 3,
};

/* Formats of swap entries in Linux 6.1 (prot_none is bit 58) and 6.12. */
#define ARM64(level_count, page, width, phys) {					\
	.name = "arm64", .levels = level_count, .page_shift = page,		\
	.address_bits = width, .phys_bits = phys, .prot_none_bit = 58,		\
	.swap_type_shift = 3, .swap_type_bits = 5, .swap_offset_shift = 8,	\
	.swap_offset_bits = 50, .swap_files = 28, .migration_first = 29,	\
	.migration_count = 3,							\
}

static const struct kmemlab_table_format k4 = ARM64(4, 12, 48, 48), k4_39 = ARM64(3, 12, 39, 48),
	k16 = ARM64(4, 14, 48, 48), k64 = ARM64(3, 16, 52, 52), k4_wide = ARM64(5, 12, 52, 52);

static struct kmemlab_table_format with_controls(struct kmemlab_table_format format,
						 unsigned int controls)
{
	format.controls = controls;
	return format;
}

static void short_descriptors(void **state)
{
	static const struct decode_case cases[] = {
		{ "a hole", 0, 20, 0, DECODED_EMPTY },
		{ "table of 256 entries", 0x6f7fe861, 20, 0xc00, DECODED_TABLE, 0x6f7fe800,
		  .permissions = "kernel rwx, user rwx" },
		{ "first section of a pair", 0x6001141e, 20, 0xc00, DECODED_LEAF, 0x60000000, 20,
		  .permissions = "kernel rw-, user ---", .flag = "first_of_pair" },
		{ "second section of a pair", 0x6011141e, 20, 0xc01, DECODED_LEAF, 0x60100000, 20,
		  .flag = "second_of_pair" },
		{ "read-only section", 0x6001940e, 20, 0xc00, DECODED_LEAF, 0x60000000, 20,
		  .permissions = "kernel r-x, user ---", .flag = "section" },
		{ "supersection", 0x61051c0e, 20, 0xc10, DECODED_LEAF, 0x61000000, 24,
		  .flag = "supersection" },
		{ "small page", 0x6f7d645f, 12, 3, DECODED_LEAF, 0x6f7d6000, 12,
		  .permissions = "kernel rw-, user ---", .flag = "execute_never" },
		{ "a program's page", 0x6f7d6c7e, 12, 3, DECODED_LEAF, 0x6f7d6000, 12,
		  .permissions = "kernel rwx, user rwx", .flag = "not_global" },
		{ "a program's read-only page", 0x6f7d6e7e, 12, 3, DECODED_LEAF, 0x6f7d6000, 12,
		  .permissions = "kernel r-x, user r-x" },
		{ "large page", 0x6f7d045d, 12, 0x10, DECODED_LEAF, 0x6f7d0000, 16,
		  .flag = "large" },
	};

	(void)state;
	CHECK_CASES(&shorts, cases);
	assert_string_equal(pgtable_level_name(&shorts, 0), "PGD");
	assert_string_equal(pgtable_level_name(&shorts, 1), "PTE");
}

static void lpae_descriptors(void **state)
{
	static const struct decode_case cases[] = {
		{ "table", 0x207003, 30, 3, DECODED_TABLE, 0x207000,
		  .permissions = "kernel rwx, user rwx" },
		{ "2 MiB", 0x40000060000711, 21, 0, DECODED_LEAF, 0x60000000, 21,
		  .permissions = "kernel rw-, user ---", .flag = "execute_never" },
		{ "4 KiB beyond 4 GiB", 0x2345678f5f, 12, 1, DECODED_LEAF, 0x2345678000, 12,
		  .permissions = "kernel rwx, user rwx", .flag = "not_global" },
		{ "4 KiB, read-only", 0x6f7d6fdf, 12, 1, DECODED_LEAF, 0x6f7d6000, 12,
		  .permissions = "kernel r-x, user r-x" },
		{ "contiguous", 0x1000006f7d075f, 12, 1, DECODED_LEAF, 0x6f7d0000, 12, 16,
		  .flag = "contiguous" },
		{ "swap file 1, page 9", 9 << 7 | 1 << 2, 12, 0, DECODED_SWAP, .type = 1,
		  .offset = 9 },
		{ "nothing that hardware knows", 0x6f7d6001, 12, 0, DECODED_INVALID },
	};

	(void)state;
	CHECK_CASES(&lpae, cases);
	assert_string_equal(pgtable_level_name(&lpae, 1), "PMD");
}

static void arm64_4k(void **state)
{
	static const struct decode_case cases[] = {
		{ "table", 0x10000000bfff8003, 39, 511, DECODED_TABLE, 0xbfff8000,
		  .permissions = "kernel rwx, user rw-", .flag = "execute_never" },
		{ "1 GiB", 0x68000040000705, 30, 1, DECODED_LEAF, 0x40000000, 30,
		  .permissions = "kernel rw-, user ---" },
		{ "2 MiB, contiguous: 32 MiB", 0x78000042000705, 21, 16, DECODED_LEAF, 0x42000000,
		  21, 25, .flag = "contiguous" },
		{ "4 KiB, contiguous: 64 KiB", 0x78000042010707, 12, 16, DECODED_LEAF, 0x42010000,
		  12, 16 },
		{ "kernel text", 0x40000040210787, 12, 16, DECODED_LEAF, 0x40210000, 12,
		  .permissions = "kernel r-x, user ---", .flag = "inner_shareable" },
		{ "clean and writable, by software", 0xe8000042010fc7, 12, 16, DECODED_LEAF,
		  0x42010000, 12, .permissions = "kernel r--, user r--",
		  .flag = "dirty_modifier" },
		{ "a program's code that it cannot read", 0x20000042010f87, 12, 16, DECODED_LEAF,
		  0x42010000, 12, .permissions = "kernel r--, user --x" },
		{ "writable for a program: not executable for the kernel", 0x42010f47, 12, 16,
		  DECODED_LEAF, 0x42010000, 12, .permissions = "kernel rw-, user rwx" },
		{ "PROT_NONE", 0x4e0000042010fc2, 12, 0, DECODED_PROT_NONE, 0x42010000, 12,
		  .permissions = "kernel ---, user ---" },
		{ "swap file 2, page 0x1234", 0x1234 << 8 | 2 << 3, 12, 0, DECODED_SWAP,
		  .type = 2, .offset = 0x1234 },
		{ "migration", 0x777 << 8 | 30 << 3, 12, 0, DECODED_MIGRATION, .type = 30,
		  .offset = 0x777 },
		{ "a hole", 0, 12, 0, DECODED_EMPTY },
	};

	(void)state;
	CHECK_CASES(&k4, cases);
	CHECK_CASES(&k4_39, cases);
	assert_string_equal(pgtable_level_name(&k4_39, 0), "PGD");
	assert_string_equal(pgtable_level_name(&k4_39, 1), "PMD");
}

static void arm64_granules(void **state)
{
	static const struct decode_case sixteen[] = {
		{ "32 MiB, contiguous: 1 GiB", 0x78000042000705, 25, 0, DECODED_LEAF, 0x42000000,
		  25, 30 },
		{ "16 KiB, contiguous: 2 MiB", 0x78000042004707, 14, 0, DECODED_LEAF, 0x42004000,
		  14, 21 },
	};
	static const struct decode_case sixtyfour[] = {
		{ "512 MiB, contiguous: 16 GiB", 0x78000040000705, 29, 0, DECODED_LEAF, 0x40000000,
		  29, 34 },
		{ "64 KiB, contiguous: 2 MiB", 0x78000042010707, 16, 0, DECODED_LEAF, 0x42010000,
		  16, 21 },
		{ "52 bits: the highest four lie low", 0x6812345678a707, 16, 0, DECODED_LEAF,
		  0xa123456780000, 16 },
	};

	(void)state;
	CHECK_CASES(&k16, sixteen);
	CHECK_CASES(&k64, sixtyfour);
}

/* The same entries mean other things, as the control registers are set. */
static void arm64_controls(void **state)
{
	static const uint64_t wide = 0x60123456789707 | 3 << 8, narrow = 0x60003456789707 | 3 << 8,
			      clean = 0xe8000042010fc7, table = 0x78000000bfff8003;
	static const struct decode_case without[] = {
		{ "no LPA2: bits 9:8 are the shareability", narrow, 12, 0, DECODED_LEAF, 0x3456789000,
		  12, .flag = "inner_shareable" },
		{ "tables restrict", table, 39, 0, DECODED_TABLE, 0xbfff8000,
		  .permissions = "kernel r--, user ---" },
	};
	static const struct decode_case with[] = {
		{ "LPA2: the highest two address bits lie low", wide, 12, 0, DECODED_LEAF,
		  0xc123456789000 & 0xfffffffffffff, 12, .flag = "outer_shareable" },
		{ "LPA2: bits 9:8 are not the shareability", wide & ~(1 << 8), 12, 0, DECODED_LEAF,
		  0x8123456789000, 12, .flag = "outer_shareable" },
		{ "LPA2: a table", 0xbfff8303, 39, 0, DECODED_TABLE, 0xc0000bfff8000 },
		{ "clean and writable, by hardware", clean & ~(3 << 8), 12, 0, DECODED_LEAF,
		  0x42010000, 12, .permissions = "kernel rw-, user rw-" },
		{ "tables do not restrict", table, 39, 0, DECODED_TABLE, 0xbfff8000,
		  .permissions = "kernel rwx, user rwx" },
	};
	struct kmemlab_walk_level step = { .raw = wide, .shift = 12 };
	const struct kmemlab_table_format set =
		with_controls(k4_wide, KMEMLAB_CONTROL_LPA2 | 2 | KMEMLAB_CONTROL_DIRTY |
				       KMEMLAB_CONTROL_FLAT);
	struct pgtable_entry entry;

	(void)state;
	CHECK_CASES(&k4_wide, without);
	CHECK_CASES(&set, with);
	pgtable_decode_entry(&set, &step, &entry);
	assert_false(has_flag(&entry, "inner_shareable"));
}

static void short_controls(void **state)
{
	static const struct decode_case remapped[] = {
		{ "page with an index", 0x6f7d645f, 12, 3, DECODED_LEAF, 0x6f7d6000, 12,
		  .flag = "attributes_7" },
		{ "section with an index", 0x6001141e, 20, 0xc00, DECODED_LEAF, 0x60000000, 20,
		  .flag = "attributes_7" },
		{ "large page with an index", 0x6f7d1055, 12, 0x10, DECODED_LEAF, 0x6f7d0000, 16,
		  .flag = "attributes_5" },
		{ "AP[0] is an access flag", 0x6f7d645f, 12, 3, DECODED_LEAF, 0x6f7d6000, 12,
		  .permissions = "kernel rw-, user ---", .flag = "accessed" },
		{ "not accessed yet", 0x6f7d666f, 12, 3, DECODED_LEAF, 0x6f7d6000, 12,
		  .permissions = "kernel r--, user r--" },
	};
	static const struct decode_case plain[] = {
		{ "TEX, C and B", 0x6f7d645f, 12, 3, DECODED_LEAF, 0x6f7d6000, 12, .flag = "tex_1" },
		{ "C", 0x6f7d645f, 12, 3, DECODED_LEAF, 0x6f7d6000, 12, .flag = "cacheable" },
	};
	const struct kmemlab_table_format set =
		with_controls(shorts, KMEMLAB_CONTROL_REMAP | KMEMLAB_CONTROL_ACCESS_FLAG);
	struct kmemlab_walk_level step = { .raw = 0x6f7d645f, .shift = 12 };
	struct pgtable_entry entry;

	(void)state;
	CHECK_CASES(&set, remapped);
	CHECK_CASES(&shorts, plain);
	pgtable_decode_entry(&set, &step, &entry);
	assert_false(has_flag(&entry, "cacheable") || has_flag(&entry, "tex_1"));
}

static void unknown_format(void **state)
{
	static const struct kmemlab_table_format other = { .name = "abacus", .levels = 9 };
	static const struct decode_case cases[] = { { "anything", 1, 12, 0, DECODED_INVALID } };

	(void)state;
	CHECK_CASES(&other, cases);
	assert_string_equal(pgtable_level_name(&other, 0), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_descriptors), cmocka_unit_test(lpae_descriptors),
		cmocka_unit_test(arm64_4k), cmocka_unit_test(arm64_granules),
		cmocka_unit_test(arm64_controls), cmocka_unit_test(short_controls),
		cmocka_unit_test(unknown_format),
	};

	return cmocka_run_group_tests_name("decode_arm", tests, NULL, NULL);
}
