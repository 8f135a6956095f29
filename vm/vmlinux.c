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
#include "base/log.h"
#include "base/memory.h"
#include "cache.h"

/* Offsets in the boot protocol's setup header (Documentation/arch/x86/boot.rst) */
#define SETUP_SECTS	0x1f1
#define SETUP_MAGIC	0x202
#define PAYLOAD_OFFSET	0x248
#define PAYLOAD_LENGTH	0x24c
#define SETUP_END	0x250

/* Offsets in the header of a zboot image: "MZ", "zimg", payload offset and length */
#define ZBOOT_MAGIC	4
#define ZBOOT_OFFSET	8
#define ZBOOT_LENGTH	12
#define ZBOOT_END	56

/* Limits of the size field in an image, to bound the allocation */
#define UNPACKED_MAX	(1u << 30)
#define UNPACKED_RATIO	64	/* kernels are compressed to about a fifth */

static uint32_t le32_at(const void *image, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const char *)image + offset, sizeof(value));
	return le32toh(value);
}

/* Decompress any format of the kernel, up to the known size: trailing data is not valid. */
static bool decompress(const void *data, size_t size, char *out, size_t out_size)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	size_t used = 0;
	la_ssize_t n = 0;

	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_memory(archive, data, size) == ARCHIVE_OK &&
	    archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		while (used < out_size &&
		       (n = archive_read_data(archive, out + used, out_size - used)) > 0)
			used += n;
	archive_read_free(archive);
	return used == out_size;
}

/* Unpack a payload, whose last four bytes are its unpacked size. */
static char *unpack_payload(const void *image, size_t size, size_t offset, size_t length,
			    size_t *out_size, const char **reason)
{
	const char *payload = (const char *)image + offset;
	char *out;

	*reason = "its header is damaged";
	if (length < 8 || offset > size || length > size - offset)
		return NULL;
	*out_size = le32_at(payload, length - 4);
	if (*out_size < 4 || *out_size > UNPACKED_MAX || *out_size / UNPACKED_RATIO > length)
		return NULL;
	*reason = "its payload cannot be unpacked";
	out = xcalloc(1, *out_size);
	/* The size is part of the gzip format; the kernel appends it to other formats. */
	if (memcmp(payload, "\x1f\x8b", 2))
		length -= 4;
	if (decompress(payload, length, out, *out_size))
		return out;
	free(out);
	return NULL;
}

static bool is_bzimage(const void *image, size_t size)
{
	return size >= SETUP_END && !memcmp((const char *)image + SETUP_MAGIC, "HdrS", 4);
}

void *vmlinux_from_bzimage(const void *image, size_t size, size_t *elf_size, const char **reason)
{
	size_t setup_sects, offset;
	char *elf;

	*reason = "not a bzImage";
	if (!is_bzimage(image, size))
		return NULL;
	setup_sects = ((const unsigned char *)image)[SETUP_SECTS] ?: 4;
	offset = (setup_sects + 1) * 512 + le32_at(image, PAYLOAD_OFFSET);
	elf = unpack_payload(image, size, offset, le32_at(image, PAYLOAD_LENGTH), elf_size, reason);
	if (!elf || !memcmp(elf, ELFMAG, SELFMAG))
		return elf;
	*reason = "its payload is not an ELF file";
	free(elf);
	return NULL;
}

static bool is_zboot(const void *image, size_t size)
{
	return size >= ZBOOT_END && !memcmp(image, "MZ", 2) &&
	       !memcmp((const char *)image + ZBOOT_MAGIC, "zimg", 4);
}

void *image_from_zboot(const void *image, size_t size, size_t *image_size, const char **reason)
{
	*reason = "not an EFI image";
	if (!is_zboot(image, size))
		return NULL;
	return unpack_payload(image, size, le32_at(image, ZBOOT_OFFSET),
			      le32_at(image, ZBOOT_LENGTH), image_size, reason);
}

#define PVH_NOTE_NAME	"Xen"
#define PVH_NOTE_TYPE	18	/* XEN_ELFNOTE_PHYS32_ENTRY */

static bool notes_have_pvh(const char *notes, size_t size)
{
	size_t pos = 0;

	while (size - pos >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		size_t name, data;

		memcpy(&note, notes + pos, sizeof(note));
		name = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		data = ((size_t)note.n_descsz + 3) & ~(size_t)3;
		pos += sizeof(note);
		if (name > size - pos || data > size - pos - name)
			return false;
		if (note.n_type == PVH_NOTE_TYPE && note.n_namesz == sizeof(PVH_NOTE_NAME) &&
		    !memcmp(notes + pos, PVH_NOTE_NAME, sizeof(PVH_NOTE_NAME)))
			return true;
		pos += name + data;
	}
	return false;
}

/*
 * Copy program header number index of a 64-bit ELF file, whose structures may be misaligned.
 * Return false after the last one, and for other files.
 */
static bool load_segment(const void *elf, size_t size, size_t index, Elf64_Phdr *segment)
{
	Elf64_Ehdr header;

	if (size < sizeof(header))
		return false;
	memcpy(&header, elf, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phoff > size ||
	    header.e_phnum > (size - header.e_phoff) / sizeof(*segment) || index >= header.e_phnum)
		return false;
	memcpy(segment, (const char *)elf + header.e_phoff + index * sizeof(*segment),
	       sizeof(*segment));
	return true;
}

bool vmlinux_has_pvh(const void *elf, size_t size)
{
	Elf64_Phdr segment;

	for (size_t i = 0; load_segment(elf, size, i, &segment); i++)
		if (segment.p_type == PT_NOTE && segment.p_offset <= size &&
		    segment.p_filesz <= size - segment.p_offset &&
		    notes_have_pvh((const char *)elf + segment.p_offset, segment.p_filesz))
			return true;
	return false;
}

unsigned long long vmlinux_end_bytes(const void *elf, size_t size)
{
	unsigned long long end = 0;
	Elf64_Phdr segment;

	for (size_t i = 0; load_segment(elf, size, i, &segment); i++)
		if (segment.p_type == PT_LOAD && segment.p_paddr + segment.p_memsz > end)
			end = segment.p_paddr + segment.p_memsz;
	return end;
}

bool elf_is_dynamic(const void *elf, size_t size)
{
	Elf64_Phdr segment;

	for (size_t i = 0; load_segment(elf, size, i, &segment); i++)
		if (segment.p_type == PT_INTERP)
			return true;
	return false;
}

/*
 * Return the bootable part of an image. NULL: QEMU boots the image as it is, or *reason
 * is set because it is damaged.
 */
static void *unpack_image(const void *image, size_t size, size_t *unpacked_size,
			  const char **reason)
{
	void *elf;

	*reason = NULL;
	if (is_zboot(image, size))
		return image_from_zboot(image, size, unpacked_size, reason);
	if (!is_bzimage(image, size))
		return NULL;
	elf = vmlinux_from_bzimage(image, size, unpacked_size, reason);
	if (!elf || vmlinux_has_pvh(elf, *unpacked_size))
		return elf;
	*reason = NULL;
	free(elf);
	return NULL;
}

/* Fill the cache entry; it stays empty if the image boots as it is. */
static int extract_fill(void *context, const char *directory, struct error *error)
{
	const char *image = context, *reason;
	cleanup_free char *path = xasprintf("%s/vmlinux", directory);
	cleanup_free char *unpacked = NULL;
	size_t size, unpacked_size = 0;
	cleanup_free char *data = file_read(image, &size);
	int err;

	log_progress("unpacking the kernel ...");
	if (!data)
		return error_set(error, EXIT_HOST_ERROR, "cannot read %s: %s", image,
				 strerror(errno));
	unpacked = unpack_image(data, size, &unpacked_size, &reason);
	if (!unpacked && reason)
		return error_set(error, EXIT_HOST_ERROR, "cannot boot %s: %s", image, reason);
	err = unpacked ? file_write(path, unpacked, unpacked_size) : 0;
	return err ? error_set(error, EXIT_HOST_ERROR, "cannot write %s: %s", path,
			       strerror(-err)) : 0;
}

/* Return the cache entry for an image, named after its contents, or NULL. */
static char *find_entry(const char *image, struct error *error)
{
	char hex[SHA256_HEX_SIZE];

	return sha256_file(image, hex, error) ? NULL : cache_path("images/%.16s", hex);
}

int vmlinux_extract(const char *image, char **path, char hex[SHA256_HEX_SIZE],
		    struct error *error)
{
	cleanup_free char *entry = find_entry(image, error);

	if (!entry || cache_ensure_file(entry, "vmlinux", extract_fill, (void *)image, hex, error))
		return -1;
	*path = *hex ? xasprintf("%s/vmlinux", entry) : xstrdup(image);
	return *hex ? 0 : sha256_file(image, hex, error);
}

void vmlinux_forget(const char *image)
{
	struct error ignored = { 0 };
	cleanup_free char *entry = find_entry(image, &ignored);

	if (entry)
		directory_remove(entry);
	error_release(&ignored);
}
