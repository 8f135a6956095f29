// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmlinux.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	/* In gzip's format the size is part of the data, behind others it was added. */
	if (memcmp(bytes + offset, "\x1f\x8b", 2))
		length -= 4;
	if (decompress(bytes + offset, length, elf, *elf_size) && !memcmp(elf, "\177ELF", 4))
		return elf;
	free(elf);
	return NULL;
}

/* The header: "MZ", "zimg" at 4, then offset and size of the payload, its compression at 24. */
#define ZBOOT_MARK	4
#define ZBOOT_OFFSET	8
#define ZBOOT_LENGTH	12
#define ZBOOT_HEADER	56

static bool is_zboot(const void *image, size_t size)
{
	return size >= ZBOOT_HEADER && !memcmp(image, "MZ", 2) &&
	       !memcmp((const char *)image + ZBOOT_MARK, "zimg", 4);
}

void *image_from_zboot(const void *image, size_t size, size_t *image_size, const char **reason)
{
	uint32_t offset, length;
	char *data;

	*reason = "it is no EFI image";
	if (!is_zboot(image, size))
		return NULL;
	*reason = "its header is damaged";
	offset = le32_at(image, ZBOOT_OFFSET);
	length = le32_at(image, ZBOOT_LENGTH);
	if (length < 8 || offset > size || length > size - offset)
		return NULL;
	*image_size = le32_at(image, offset + length - 4);
	if (*image_size < 4 || *image_size > ELF_SIZE_MAX)
		return NULL;
	*reason = "its payload does not unpack";
	data = xcalloc(1, *image_size);
	if (memcmp((const char *)image + offset, "\x1f\x8b", 2))
		length -= 4;
	if (decompress((const char *)image + offset, length, data, *image_size))
		return data;
	free(data);
	return NULL;
}

#define PVH_NOTE_NAME	"Xen"
#define PVH_NOTE_TYPE	18	/* XEN_ELFNOTE_PHYS32_ENTRY */

static bool notes_have_pvh(const char *notes, size_t size)
{
	size_t at = 0;

	while (size - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		size_t name, data;

		memcpy(&note, notes + at, sizeof(note));
		name = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		data = ((size_t)note.n_descsz + 3) & ~(size_t)3;
		at += sizeof(note);
		if (name > size - at || data > size - at - name)
			return false;
		if (note.n_type == PVH_NOTE_TYPE && note.n_namesz == sizeof(PVH_NOTE_NAME) &&
		    !memcmp(notes + at, PVH_NOTE_NAME, sizeof(PVH_NOTE_NAME)))
			return true;
		at += name + data;
	}
	return false;
}

bool vmlinux_has_pvh(const void *elf, size_t size)
{
	const Elf64_Ehdr *header = elf;
	const Elf64_Phdr *segment;

	if (size < sizeof(*header) || header->e_phoff > size ||
	    header->e_phnum > (size - header->e_phoff) / sizeof(*segment))
		return false;
	segment = (const void *)((const char *)elf + header->e_phoff);
	for (int i = 0; i < header->e_phnum; i++)
		if (segment[i].p_type == PT_NOTE && segment[i].p_offset <= size &&
		    segment[i].p_filesz <= size - segment[i].p_offset &&
		    notes_have_pvh((const char *)elf + segment[i].p_offset, segment[i].p_filesz))
			return true;
	return false;
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

/* What QEMU boots of this image, or NULL: the image itself, with a reason where it is damaged. */
static void *unpack_image(const void *image, size_t size, size_t *unpacked_size,
			  const char **reason)
{
	void *elf;

	*reason = NULL;
	if (is_zboot(image, size))
		return image_from_zboot(image, size, unpacked_size, reason);
	if (size < HEADER_END || memcmp((const char *)image + MAGIC, "HdrS", 4))
		return NULL;
	elf = vmlinux_from_bzimage(image, size, unpacked_size, reason);
	if (!elf || vmlinux_has_pvh(elf, *unpacked_size))
		return elf;
	*reason = NULL;
	free(elf);
	return NULL;
}

/* Fills the entry, with nothing where the image boots as it is. */
static int extract_to(const char *image, const char *entry, struct failure *failure)
{
	cleanup_free char *data = NULL;
	cleanup_free char *unpacked = NULL;
	cleanup_free char *parent = xstrdup(entry);
	size_t size, unpacked_size = 0;
	const char *reason;
	int error;

	data = file_read(image, &size);
	if (!data)
		return fail_with(failure, EXIT_TROUBLE, "cannot read %s: %s", image,
				 strerror(errno));
	unpacked = unpack_image(data, size, &unpacked_size, &reason);
	if (!unpacked && reason)
		return fail_with(failure, EXIT_TROUBLE, "cannot boot %s: %s", image, reason);
	*strrchr(parent, '/') = '\0';
	error = directory_make(parent) ?:
		file_write(entry, unpacked ?: "", unpacked ? unpacked_size : 0);
	if (error)
		return fail_with(failure, EXIT_TROUBLE, "cannot write %s: %s", entry,
				 strerror(-error));
	return 0;
}

static int extract_locked(const char *image, const char *entry, struct failure *failure)
{
	int lock = cache_lock(failure);
	int error = 0;

	if (lock < 0)
		return -1;
	if (!file_exists(entry)) {
		say_progress("unpacking the kernel ...");
		error = extract_to(image, entry, failure);
	}
	cache_unlock(lock);
	return error;
}

/* Where what was unpacked of an image is kept, by its bytes. */
static int find_entry(const char *image, char **entry, struct failure *failure)
{
	char hex[DIGEST_HEX_SIZE];

	if (digest_file(image, hex, failure))
		return -1;
	*entry = cache_path("vmlinux/%.16s", hex);
	return 0;
}

int vmlinux_extract(const char *image, char **path, struct failure *failure)
{
	cleanup_free char *entry = NULL;
	struct stat st;

	if (find_entry(image, &entry, failure))
		return -1;
	if (!file_exists(entry) && extract_locked(image, entry, failure))
		return -1;
	/* An empty entry: this one boots as it is. */
	*path = xstrdup(stat(entry, &st) == 0 && st.st_size ? entry : image);
	return 0;
}

void vmlinux_forget(const char *image)
{
	struct failure failure = { 0 };
	cleanup_free char *entry = NULL;
	cleanup_free char *note = NULL;

	if (find_entry(image, &entry, &failure)) {
		failure_release(&failure);
		return;
	}
	note = xasprintf("%s.sha256", entry);
	unlink(entry);
	unlink(note);
}
