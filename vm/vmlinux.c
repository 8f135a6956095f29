// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "cache.h"
#include "digest.h"

/* Offsets in the boot protocol's setup header (Documentation/arch/x86/boot.rst). */
#define SETUP_SECTS	0x1f1
#define MAGIC		0x202
#define PAYLOAD_OFFSET	0x248
#define PAYLOAD_LENGTH	0x24c
#define HEADER_END	0x250

/* A size that the image names must not make us allocate without end. */
#define ELF_SIZE_MAX	(1u << 30)

static uint32_t le32_at(const unsigned char *image, size_t offset)
{
	uint32_t value;

	memcpy(&value, image + offset, sizeof(value));
	return le32toh(value);
}

/* Any compression that the kernel offers; its own size field ends the data, so read no further. */
static bool decompress(const void *data, size_t size, char *elf, size_t elf_size)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	size_t used = 0;
	la_ssize_t n = 0;

	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_memory(archive, data, size) == ARCHIVE_OK &&
	    archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		while (used < elf_size &&
		       (n = archive_read_data(archive, elf + used, elf_size - used)) > 0)
			used += n;
	archive_read_free(archive);
	return used == elf_size;
}

void *vmlinux_from_bzimage(const void *image, size_t size, size_t *elf_size, const char **reason)
{
	const unsigned char *bytes = image;
	size_t setup_sects, offset, length;
	char *elf;

	*reason = "it is no bzImage";
	if (size < HEADER_END || memcmp(bytes + MAGIC, "HdrS", 4))
		return NULL;
	*reason = "its header is damaged";
	setup_sects = bytes[SETUP_SECTS] ?: 4;
	offset = (setup_sects + 1) * 512 + le32_at(bytes, PAYLOAD_OFFSET);
	length = le32_at(bytes, PAYLOAD_LENGTH);
	if (length < 8 || offset > size || length > size - offset)
		return NULL;
	/* The last four bytes of the payload are the size of what is packed in it. */
	*elf_size = le32_at(bytes, offset + length - 4);
	if (*elf_size < 4 || *elf_size > ELF_SIZE_MAX)
		return NULL;
	*reason = "its payload does not unpack to an ELF file";
	elf = xcalloc(1, *elf_size);
	if (decompress(bytes + offset, length - 4, elf, *elf_size) && !memcmp(elf, "\177ELF", 4))
		return elf;
	free(elf);
	return NULL;
}

unsigned long long vmlinux_end_bytes(const void *elf, size_t size)
{
	const Elf64_Ehdr *header = elf;
	const Elf64_Phdr *segment;
	unsigned long long end = 0;

	if (size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_phoff > size ||
	    header->e_phnum > (size - header->e_phoff) / sizeof(*segment))
		return 0;
	segment = (const void *)((const char *)elf + header->e_phoff);
	for (int i = 0; i < header->e_phnum; i++)
		if (segment[i].p_type == PT_LOAD && segment[i].p_paddr + segment[i].p_memsz > end)
			end = segment[i].p_paddr + segment[i].p_memsz;
	return end;
}

static int extract_to(const char *image, const char *entry, struct failure *failure)
{
	cleanup_free char *data = NULL;
	cleanup_free char *elf = NULL;
	cleanup_free char *parent = xstrdup(entry);
	size_t size, elf_size;
	const char *reason;
	int error;

	data = file_read(image, &size);
	if (!data)
		return fail_with(failure, EXIT_TROUBLE, "cannot read %s: %s", image,
				 strerror(errno));
	elf = vmlinux_from_bzimage(data, size, &elf_size, &reason);
	if (!elf)
		return fail_with(failure, EXIT_TROUBLE, "cannot boot %s: %s", image, reason);
	*strrchr(parent, '/') = '\0';
	error = directory_make(parent) ?: file_write(entry, elf, elf_size);
	if (error)
		return fail_with(failure, EXIT_TROUBLE, "cannot write %s: %s", entry,
				 strerror(-error));
	return 0;
}

int vmlinux_extract(const char *image, char **path, struct failure *failure)
{
	char hex[DIGEST_HEX_SIZE];
	int lock, error = 0;

	if (digest_cached_file(image, hex, failure))
		return -1;
	*path = cache_path("vmlinux/%.16s", hex);
	if (file_exists(*path))
		return 0;
	lock = cache_lock(failure);
	if (lock < 0)
		return -1;
	if (!file_exists(*path)) {
		say_progress("unpacking the kernel ...");
		error = extract_to(image, *path, failure);
	}
	cache_unlock(lock);
	return error;
}
