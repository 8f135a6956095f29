// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "apt.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/strbuf.h"
#include "cache.h"
#include "guest_monitor.h"
#include "lib/device.h"
#include "qemu.h"
#include "runner/bench.h"
#include "source_build.h"
#include "vmlinux.h"

static la_ssize_t append_data(struct archive *archive, void *context, const void *data, size_t size)
{
	(void)archive;
	strbuf_add(context, data, size);
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

/* Append zeros, which the kernel skips after the last archive. */
static void *append_zeros(void *archive, size_t bytes, size_t *size)
{
	char *data = xrealloc(archive, *size + bytes);

	memset(data + *size, 0, bytes);
	*size += bytes;
	return data;
}

void *initramfs_pack(const struct initramfs_entry *entries, size_t count, size_t *size)
{
	struct archive *archive = archive_write_new();
	struct strbuf buf = STRBUF_INIT;
	int status;

	archive_write_set_format_cpio_newc(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	status = archive_write_open(archive, &buf, NULL, append_data, NULL);
	for (size_t i = 0; i < count && status == ARCHIVE_OK; i++)
		status = write_entry(archive, &entries[i], i + 1);
	if (status == ARCHIVE_OK)
		status = archive_write_close(archive);
	archive_write_free(archive);
	if (status != ARCHIVE_OK) {
		strbuf_release(&buf);
		errno = EINVAL;
		return NULL;
	}
	*size = buf.length;
	return append_zeros(strbuf_detach(&buf), -*size % INITRAMFS_STEP_BYTES, size);
}

void *initramfs_lay_out(void *archive, unsigned int layout, size_t *size)
{
	return append_zeros(archive, (size_t)layout * INITRAMFS_LAYOUT_BYTES, size);
}

/* The archive's entries, and the memory they refer to. */
struct content {
	struct initramfs_entry *entries;
	size_t count;
	void **buffers;
	size_t buffer_count;
};

/* Free data together with the content. */
static void *content_own(struct content *content, void *data)
{
	*array_add(&content->buffers, &content->buffer_count) = data;
	return data;
}

static void content_release(struct content *content)
{
	for (size_t i = 0; i < content->buffer_count; i++)
		free(content->buffers[i]);
	free(content->buffers);
	free(content->entries);
}

static void add_entry(struct content *content, struct initramfs_entry entry)
{
	*array_add(&content->entries, &content->count) = entry;
}

static void add_text(struct content *content, const char *path, const char *text)
{
	add_entry(content, (struct initramfs_entry) {
		.path = path, .mode = S_IFREG | 0644, .data = text, .size = strlen(text) });
}

static int add_file(struct content *content, const char *path, const char *from, mode_t mode,
		    struct error *error)
{
	size_t size;
	char *data = file_read(from, &size);

	if (!data)
		return error_set(error, EXIT_HOST_ERROR, "cannot read %s: %s", from,
				 strerror(errno));
	add_entry(content, (struct initramfs_entry) { .path = path, .mode = S_IFREG | mode,
						      .data = content_own(content, data),
						      .size = size });
	return 0;
}

char *guest_busybox(void)
{
	char *path = program_find("busybox");
	cleanup_free char *data = NULL;
	size_t size;

	data = path ? file_read(path, &size) : NULL;
	if (data && !elf_is_dynamic(data, size))
		return path;
	free(path);
	return NULL;
}

static int busybox_fill(void *context, const char *directory, struct error *error)
{
	static const char script[] =
		"dpkg-deb --fsys-tarfile *.deb | tar -x --no-same-owner --wildcards "
		"--transform='s,.*/,,' '*bin/busybox' && rm *.deb";
	const struct kernel *kernel = context;
	cleanup_free char *package = xasprintf("busybox-static:%s", kernel->arch->debian);
	const char *const packages[] = { package, NULL };
	struct apt apt = { 0 };
	int err = apt_open(&apt, kernel->suite ?: suite_default(), kernel->arch->debian, error) ?:
		  apt_download(&apt, packages, directory, error);

	apt_close(&apt);
	return err ?: apt_unpack(script, directory, directory, error);
}

/* Return the path of a static busybox for a foreign architecture, or NULL. */
static char *foreign_busybox(const struct kernel *kernel, struct error *error)
{
	cleanup_free char *entry = cache_path("busybox/%s", kernel->arch->debian);

	char hex[SHA256_HEX_SIZE];

	return cache_ensure_file(entry, "busybox", busybox_fill, (void *)kernel, hex, error) ? NULL :
	       xasprintf("%s/busybox", entry);
}

static int add_busybox(struct content *content, const struct kernel *kernel, struct error *error)
{
	bool is_foreign = strcmp(kernel->arch->debian, arch_of_host) != 0;
	char *path = is_foreign ? foreign_busybox(kernel, error) : guest_busybox();

	if (!path)
		return error_set(error, EXIT_HOST_ERROR,
				 "no static busybox found: install the package busybox-static");
	content_own(content, path);
	return add_file(content, "bin/busybox", path, 0755, error);
}

static int add_init(struct content *content, const struct kernel *kernel, struct error *error)
{
	char *path = content_own(content, path_guest_init(kernel->arch->guest));

	if (!file_exists(path))
		return error_set(error, EXIT_HOST_ERROR,
				 "the guest's init for %s is missing: install the packages gcc-%s "
				 "and libc6-dev-%s-cross, then build again", kernel->arch->guest,
				 kernel->arch->triplet, kernel->arch->guest);
	return add_file(content, "init", path, 0755, error);
}

static int check_regular(const struct vm_file *file, struct stat *st, struct error *error)
{
	if (stat(file->path, st))
		return error_set(error, EXIT_USAGE, "%s'%s': %s", file->option, file->path,
				 strerror(errno));
	if (!S_ISREG(st->st_mode))
		return error_set(error, EXIT_USAGE, "%s'%s': not a regular file", file->option,
				 file->path);
	return 0;
}

/* Add a user's file to the root directory; it cannot replace an existing one. */
static int add_user_file(struct content *content, const struct vm_file *file,
			 const struct kernel *kernel, struct error *error)
{
	const char *slash = strrchr(file->path, '/');
	const char *name = slash ? slash + 1 : file->path;
	struct stat st;

	for (size_t i = 0; i < content->count; i++)
		if (!strcmp(content->entries[i].path, name))
			return error_set(error, EXIT_USAGE,
					 "%s'%s': /%s exists in the guest already", file->option,
					 file->path, name);
	if (check_regular(file, &st, error) || module_check(file, kernel, error))
		return -1;
	return add_file(content, name, file->path, st.st_mode & 0111 ? 0755 : 0644, error);
}

/* Return true if the file is a kernel module of this name, whatever its file is called. */
static bool is_module(const char *path, const char *name)
{
	cleanup_free char *entry = xasprintf("%cname=%s", 0, name);
	size_t size, length = strlen("name=") + strlen(name) + 2;
	cleanup_free char *data = file_read(path, &size);

	return data && memmem(data, size, entry, length);
}

const char *guest_module_name(const struct vm_request *request, struct error *error)
{
	const char *result = KMEMLAB_MODULE;
	struct stat st;

	for (size_t i = 0; i < request->file_count; i++) {
		const char *path = request->files[i].path, *slash = strrchr(path, '/');

		/* Reading a FIFO or a device may never end. */
		if (check_regular(&request->files[i], &st, error))
			return NULL;
		if (!strcmp(slash ? slash + 1 : path, KMEMLAB_MODULE ".ko") ||
		    is_module(path, KMEMLAB_MODULE))
			result = KMEMLAB_MODULE_RENAMED;
	}
	return result;
}

/* Add our module, and its name if it is not the usual one. */
static int add_module(struct content *content, const char *name, const char *module,
		      struct error *error)
{
	char *path = content_own(content, xasprintf("%s.ko", name));

	if (strcmp(name, KMEMLAB_MODULE))
		add_text(content, "job/module", name);
	return add_file(content, path, module, 0644, error);
}

static int add_job(struct content *content, const struct vm_request *request,
		   const struct kernel *kernel, struct error *error)
{
	/* A snapshot serves all plans, so it must not contain one. */
	if (qemu_shares_job(request)) {
		add_text(content, "job/shared", "");
		return 0;
	}
	if (request->plan) {
		add_text(content, "job/plan", request->plan);
		return 0;
	}
	if (request->bench) {
		add_text(content, BENCH_JOB, request->bench);
		return 0;
	}
	if (request->script)
		add_text(content, "job/script", request->script);
	else
		add_text(content, "job/shell", content_own(content, terminal_size()));
	return add_busybox(content, kernel, error);
}

void *guest_initramfs(const struct vm_request *request, const struct kernel *kernel,
		      const char *name, const char *module, size_t *size, struct error *error)
{
	static const char *const directories[] = { "bin",  "dev",  "etc",     "job",
						   "proc", "root", "sbin",    "sys",
						   "tmp",  "usr",  "usr/bin", "usr/sbin" };
	struct content content = { 0 };
	void *data = NULL;
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		add_entry(&content, (struct initramfs_entry) { .path = directories[i],
							       .mode = S_IFDIR | 0755 });
	/* The kernel opens init's console before any file system is mounted. */
	add_entry(&content,
		  (struct initramfs_entry) { .path = "dev/console", .mode = S_IFCHR | 0600,
						       .device = makedev(5, 1) });
	err = add_init(&content, kernel, error) ?:
	      add_module(&content, name, module, error) ?:
	      add_job(&content, request, kernel, error);
	for (size_t i = 0; i < request->file_count && !err; i++)
		err = add_user_file(&content, &request->files[i], kernel, error);
	if (!err) {
		data = initramfs_pack(content.entries, content.count, size);
		if (data)
			data = initramfs_lay_out(data, request->layout, size);
		else
			error_set(error, EXIT_HOST_ERROR, "cannot pack the guest's initramfs");
	}
	content_release(&content);
	return data;
}
