// SPDX-License-Identifier: GPL-2.0-or-later
/* Decoding of x86-64 entries: tables, leaves of all sizes, and non-present entries. */
#include "pgtable_decode.h"

/* Format of swap entries in Linux 6.1: 23 swap files, followed by three migration types. */
#define FORMAT(level_count, width) {						\
	.name = "x86_64", .levels = level_count, .page_shift = 12,		\
	.address_bits = width, .phys_bits = 52, .prot_none_bit = 8,		\
	.swap_type_shift = 59, .swap_type_bits = 5, .swap_offset_shift = 9,	\
	.swap_offset_bits = 50, .swap_inverted = 1, .swap_files = 23,		\
	.migration_first = 24, .migration_count = 3,				\
}

static const struct kmemlab_table_format four = FORMAT(4, 48), five = FORMAT(5, 57);

static void level_names(void **state)
{
	(void)state;
	assert_string_equal(pgtable_level_name(&four, 0), "PGD");
	assert_string_equal(pgtable_level_name(&four, 1), "PUD");
	assert_string_equal(pgtable_level_name(&four, 3), "PTE");
	assert_string_equal(pgtable_level_name(&five, 1), "P4D");
	assert_string_equal(pgtable_level_name(&five, 4), "PTE");
	assert_string_equal(pgtable_level_name(&five, 5), "?");
}

static void present_entries(void **state)
{
	/* Entries of a stock kernel, for its text and for a page of the direct map. */
	static const struct decode_case cases[] = {
		{ "PGD", 0x2a15067, 39, 511, DECODED_TABLE, 0x2a15000,
		  .permissions = "kernel rwx, user rwx", .flag = "accessed" },
		{ "P4D", 0x2a15063, 48, 0, DECODED_TABLE, 0x2a15000,
		  .permissions = "kernel rwx, user ---" },
		{ "text, 2 MiB", 0x10001e1, 21, 8, DECODED_LEAF, 0x1000000, 21,
		  .permissions = "kernel r-x, user ---", .flag = "huge" },
		{ "2 MiB with PAT", 0x10011e1, 21, 8, DECODED_LEAF, 0x1000000, 21,
		  .flag = "pat" },
		{ "1 GiB", 0x80000000400001e3, 30, 1, DECODED_LEAF, 0x40000000, 30,
		  .permissions = "kernel rw-, user ---", .flag = "no_execute" },
		{ "4 KiB", 0x800000001fd4f163, 12, 335, DECODED_LEAF, 0x1fd4f000, 12,
		  .permissions = "kernel rw-, user ---", .flag = "global" },
		{ "4 KiB with PAT, not a huge page", 0x1fd4f1e3, 12, 0, DECODED_LEAF, 0x1fd4f000,
		  12, .flag = "pat" },
		{ "a program's code", 0x12345025, 12, 0, DECODED_LEAF, 0x12345000, 12,
		  .permissions = "kernel r-x, user r-x", .flag = "user" },
		{ "protection key and software bits", 0xf8ff000012345e67, 12, 0, DECODED_LEAF,
		  0xf000012345000, 12, .flag = "soft_dirty" },
	};

	(void)state;
	CHECK_CASES(&four, cases);
	CHECK_CASES(&five, cases);
}

static void non_present_entries(void **state)
{
	static const struct decode_case cases[] = {
		{ "a hole", 0, 12, 0, DECODED_EMPTY },
		{ "swap file 0, page 5", ~(5ULL << 9) & 0x07fffffffffffe00, 12, 0, DECODED_SWAP,
		  .type = 0, .offset = 5 },
		{ "swap file 2, page 0x1234, soft dirty",
		  2ULL << 59 | (~(0x1234ULL << 9) & 0x07fffffffffffe00) | 2, 12, 0, DECODED_SWAP,
		  .type = 2, .offset = 0x1234 },
		{ "migration of frame 0x777",
		  25ULL << 59 | (~(0x777ULL << 9) & 0x07fffffffffffe00), 12, 0,
		  DECODED_MIGRATION, .type = 25, .offset = 0x777 },
		{ "migration with notes above the frame",
		  24ULL << 59 | (~((1ULL << 45 | 0x777) << 9) & 0x07fffffffffffe00), 12, 0,
		  DECODED_MIGRATION, .type = 24, .offset = 0x777 },
		{ "another note", 31ULL << 59 | (~(1ULL << 9) & 0x07fffffffffffe00), 12, 0,
		  DECODED_SPECIAL, .type = 31, .offset = 1 },
	};

	(void)state;
	CHECK_CASES(&four, cases);
}

/* The kernel inverts all bits of the PFN. */
static void inverted_entries(void **state)
{
	static const uint64_t frames[] = { 1, 0x12345, 0xffffffff, 0xfffffffff };

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		const uint64_t address = frames[i] << 12;
		const struct decode_case small = {
			"PROT_NONE", (~address & 0xffffffffff000) | 0x120, 12, 0,
			DECODED_PROT_NONE, address, 12, .permissions = "kernel ---, user ---",
		};
		const struct decode_case huge = {
			"PROT_NONE, 2 MiB", (~(address << 9) & 0xfffffffe00000) | 0x1a0, 21, 0,
			DECODED_PROT_NONE, address << 9 & 0xfffffffe00000, 21, .flag = "huge",
		};

		check_case(&four, &small);
		check_case(&four, &huge);
	}
}

static void reasons_of_entries(void **state)
{
	struct kmemlab_walk_level step = { .raw = ~(5ULL << 9) & 0x07fffffffffffe00, .shift = 12 };
	struct pgtable_entry entry;
	char text[128];

	(void)state;
	pgtable_decode_entry(&four, &step, &entry);
	assert_string_equal(pgtable_reason(&entry, text, sizeof(text)),
			    "swapped out: page 5 of swap file 0");
	step.raw = 0;
	pgtable_decode_entry(&four, &step, &entry);
	assert_string_equal(pgtable_reason(&entry, text, sizeof(text)),
			    "not mapped: the entry is empty");
	step.raw = 0x1fd4f163;
	pgtable_decode_entry(&four, &step, &entry);
	assert_null(pgtable_reason(&entry, text, sizeof(text)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level_names), cmocka_unit_test(present_entries),
		cmocka_unit_test(non_present_entries), cmocka_unit_test(inverted_entries),
		cmocka_unit_test(reasons_of_entries),
	};

	return cmocka_run_group_tests_name("decode_x86_64", tests, NULL, NULL);
}
