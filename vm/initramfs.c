// SPDX-License-Identifier: GPL-2.0-or-later
#include "initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/memory.h"

struct buffer {
	char *data;
	size_t used;
	size_t room;
};

static la_ssize_t append(struct archive *archive, void *context, const void *data, size_t size)
{
	struct buffer *buffer = context;

	(void)archive;
	if (buffer->used + size > buffer->room) {
		buffer->room = 2 * (buffer->used + size);
		buffer->data = xrealloc(buffer->data, buffer->room);
	}
	memcpy(buffer->data + buffer->used, data, size);
	buffer->used += size;
	return size;
}

static int write_entry(struct archive *archive, const struct initramfs_entry *item, size_t inode)
{
	struct archive_entry *entry = archive_entry_new();
	int status;

	archive_entry_set_pathname(entry, item->path);
	archive_entry_set_mode(entry, item->mode);
	archive_entry_set_ino64(entry, inode);
	archive_entry_set_nlink(entry, S_ISDIR(item->mode) ? 2 : 1);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, item->size);
	if (S_ISCHR(item->mode))
		archive_entry_set_rdev(entry, item->device);
	status = archive_write_header(archive, entry);
	if (status == ARCHIVE_OK && item->size &&
	    archive_write_data(archive, item->data, item->size) != (la_ssize_t)item->size)
		status = ARCHIVE_FATAL;
	archive_entry_free(entry);
	return status;
}

void *initramfs_pack(const struct initramfs_entry *entries, size_t count, size_t *size)
{
	struct archive *archive = archive_write_new();
	struct buffer buffer = { 0 };
	int status;

	archive_write_set_format_cpio_newc(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	status = archive_write_open(archive, &buffer, NULL, append, NULL);
	for (size_t i = 0; i < count && status == ARCHIVE_OK; i++)
		status = write_entry(archive, &entries[i], i + 1);
	if (status == ARCHIVE_OK)
		status = archive_write_close(archive);
	archive_write_free(archive);
	if (status != ARCHIVE_OK) {
		free(buffer.data);
		errno = EINVAL;
		return NULL;
	}
	/* Zeros after the last archive are skipped by the kernel. */
	*size = (buffer.used + INITRAMFS_STEP_BYTES - 1) / INITRAMFS_STEP_BYTES *
		INITRAMFS_STEP_BYTES;
	buffer.data = xrealloc(buffer.data, *size);
	memset(buffer.data + buffer.used, 0, *size - buffer.used);
	return buffer.data;
}

void *initramfs_lay_out(void *archive, unsigned int layout, size_t *size)
{
	size_t more = (size_t)layout * INITRAMFS_LAYOUT_BYTES;
	char *data = xrealloc(archive, *size + more);

	memset(data + *size, 0, more);
	*size += more;
	return data;
}
