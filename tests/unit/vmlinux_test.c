// SPDX-License-Identifier: GPL-2.0-or-later
/* Unpacks bzImages that are built here with each compression that kernels use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vm/vmlinux.h"

#define SETUP_BYTES	(5 * 512)
#define PAYLOAD_AT	0x100

static unsigned char elf[100000];

static void make_elf(void)
{
	Elf64_Ehdr header = { .e_ident = ELFMAG, .e_phoff = sizeof(header), .e_phnum = 2 };
	Elf64_Phdr segments[2] = {
		{ .p_type = PT_LOAD, .p_paddr = 0x1000000, .p_memsz = 0x2000 },
		{ .p_type = PT_NOTE, .p_paddr = 0x9000000, .p_memsz = 1 },
	};

	header.e_ident[EI_CLASS] = ELFCLASS64;
	for (size_t i = 0; i < sizeof(elf); i++)
		elf[i] = i * i >> 7;
	memcpy(elf, &header, sizeof(header));
	memcpy(elf + sizeof(header), segments, sizeof(segments));
}

static void put_le32(unsigned char *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = value >> (8 * i);
}

/* Build an image; the unpacked size is appended to the payload, as in the kernel's build. */
static unsigned char *make_image(int (*filter)(struct archive *), size_t *size)
{
	unsigned char *image = calloc(1, 2 * sizeof(elf));
	unsigned char *payload = image + SETUP_BYTES + PAYLOAD_AT;
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t used = 0;

	assert_int_equal(filter(archive), ARCHIVE_OK);
	archive_write_set_format_raw(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	archive_write_open_memory(archive, payload, sizeof(elf), &used);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "x");
	archive_write_header(archive, entry);
	archive_write_data(archive, elf, sizeof(elf));
	archive_write_close(archive);
	archive_write_free(archive);
	archive_entry_free(entry);
	put_le32(payload + used, sizeof(elf));
	image[0x1f1] = 4;
	memcpy(image + 0x202, "HdrS", 4);
	put_le32(image + 0x248, PAYLOAD_AT);
	put_le32(image + 0x24c, used + 4);
	*size = SETUP_BYTES + PAYLOAD_AT + used + 4;
	return image;
}

static void test_compression_formats(void **state)
{
	static int (*const filters[])(struct archive *) = {
		archive_write_add_filter_xz,
		archive_write_add_filter_gzip,
		archive_write_add_filter_zstd,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		const char *reason;
		size_t size, found_size;
		unsigned char *image = make_image(filters[i], &size);
		void *found = vmlinux_from_bzimage(image, size, &found_size, &reason);

		assert_non_null(found);
		assert_int_equal(found_size, sizeof(elf));
		assert_memory_equal(found, elf, sizeof(elf));
		free(found);
		free(image);
	}
}

static void assert_invalid(const void *image, size_t size)
{
	const char *reason = NULL;
	size_t found_size;

	assert_null(vmlinux_from_bzimage(image, size, &found_size, &reason));
	assert_non_null(reason);
}

static void test_damaged_images(void **state)
{
	size_t size;
	unsigned char *image = make_image(archive_write_add_filter_xz, &size);

	(void)state;
	assert_invalid(image, 100);
	assert_invalid(image, size - 1);
	assert_invalid("", 0);
	image[SETUP_BYTES + PAYLOAD_AT + 3000] ^= 0xff;
	assert_invalid(image, size);
	put_le32(image + 0x248, 0xffffff00);
	assert_invalid(image, size);
	image[0x202] = 'x';
	assert_invalid(image, size);
	free(image);
}

static void test_end_of_segments(void **state)
{
	(void)state;
	assert_int_equal(vmlinux_end_bytes(elf, sizeof(elf)), 0x1002000);
	assert_int_equal(vmlinux_end_bytes(elf, 64), 0);
	assert_int_equal(vmlinux_end_bytes("no ELF", 6), 0);
}

/* Build an ELF file with one segment of notes. Return: its size. */
static size_t make_notes(unsigned char *file, const void *notes, size_t size)
{
	Elf64_Ehdr header = { .e_ident = ELFMAG, .e_phoff = sizeof(header), .e_phnum = 1 };
	Elf64_Phdr segment = { .p_type = PT_NOTE, .p_offset = sizeof(header) + sizeof(segment),
			       .p_filesz = size };

	header.e_ident[EI_CLASS] = ELFCLASS64;
	memcpy(file, &header, sizeof(header));
	memcpy(file + sizeof(header), &segment, sizeof(segment));
	memcpy(file + segment.p_offset, notes, size);
	return segment.p_offset + size;
}

static size_t add_note(unsigned char *notes, size_t pos, const char *name, uint32_t type,
		       uint32_t data_bytes)
{
	Elf64_Nhdr note = { .n_namesz = strlen(name) + 1, .n_descsz = data_bytes, .n_type = type };

	memcpy(notes + pos, &note, sizeof(note));
	memcpy(notes + pos + sizeof(note), name, note.n_namesz);
	return pos + sizeof(note) + ((note.n_namesz + 3) & ~3u) + ((data_bytes + 3) & ~3u);
}

static void test_pvh_note(void **state)
{
	unsigned char file[512] = { 0 }, notes[128] = { 0 };
	size_t others, all, size;

	(void)state;
	others = add_note(notes, 0, "GNU", 3, 20);
	others = add_note(notes, others, "Linux", 18, 5);
	others = add_note(notes, others, "Xen", 6, 4);
	size = make_notes(file, notes, others);
	assert_false(vmlinux_has_pvh(file, size));
	all = add_note(notes, others, "Xen", 18, 8);
	size = make_notes(file, notes, all);
	assert_true(vmlinux_has_pvh(file, size));
	/* A truncated file has no complete note, and nothing after its end is read. */
	for (size_t cut = 0; cut < size; cut++) {
		unsigned char *part = malloc(cut + !cut);

		memcpy(part, file, cut);
		assert_false(vmlinux_has_pvh(part, cut));
		free(part);
	}
	/* A note whose size exceeds the segment */
	memset(notes, 0xff, 4);
	size = make_notes(file, notes, all);
	assert_false(vmlinux_has_pvh(file, size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compression_formats),
		cmocka_unit_test(test_damaged_images),
		cmocka_unit_test(test_end_of_segments),
		cmocka_unit_test(test_pvh_note),
	};

	make_elf();
	return cmocka_run_group_tests_name("vmlinux", tests, NULL, NULL);
}
