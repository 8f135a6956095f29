// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/paths.h"
#include "foreign.h"
#include "initramfs.h"
#include "saved_state.h"
#include "terminal.h"

/* The archive's entries, and the memory behind them. */
struct content {
	struct initramfs_entry *entries;
	size_t count;
	void **owned;
	size_t owned_count;
};

static void *own(struct content *content, void *data)
{
	content->owned = xrealloc(content->owned,
				  (content->owned_count + 1) * sizeof(*content->owned));
	content->owned[content->owned_count++] = data;
	return data;
}

static void add(struct content *content, struct initramfs_entry entry)
{
	content->entries = xrealloc(content->entries,
				    (content->count + 1) * sizeof(*content->entries));
	content->entries[content->count++] = entry;
}

static void add_directory(struct content *content, const char *path)
{
	add(content, (struct initramfs_entry) { .path = path, .mode = S_IFDIR | 0755 });
}

static void add_text(struct content *content, const char *path, const char *text)
{
	add(content, (struct initramfs_entry) { .path = path, .mode = S_IFREG | 0644, .data = text,
						.size = strlen(text) });
}

static int add_file(struct content *content, const char *path, const char *from, mode_t mode,
		    struct failure *failure)
{
	size_t size;
	char *data = file_read(from, &size);

	if (!data)
		return fail_with(failure, EXIT_TROUBLE, "cannot read %s: %s", from,
				 strerror(errno));
	own(content, data);
	add(content, (struct initramfs_entry) { .path = path, .mode = S_IFREG | mode, .data = data,
						.size = size });
	return 0;
}

bool elf_is_dynamic(const void *data, size_t size)
{
	const Elf64_Ehdr *header = data;
	const Elf64_Phdr *segment;

	/* What is no 64-bit ELF file is nothing that we could tell. */
	if (size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_phoff > size || header->e_phnum > (size - header->e_phoff) / sizeof(*segment))
		return false;
	segment = (const void *)((const char *)data + header->e_phoff);
	for (int i = 0; i < header->e_phnum; i++)
		if (segment[i].p_type == PT_INTERP)
			return true;
	return false;
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

static int add_busybox(struct content *content, const struct kernel *kernel,
		       struct failure *failure)
{
	bool is_foreign = strcmp(kernel->arch->debian, arch_of_host) != 0;
	char *path = is_foreign ? foreign_busybox(kernel, failure) : guest_busybox();

	if (!path)
		return fail_with(failure, EXIT_TROUBLE,
				 "a static busybox is missing: install the package busybox-static");
	own(content, path);
	return add_file(content, "bin/busybox", path, 0755, failure);
}

static int add_init(struct content *content, const struct kernel *kernel, struct failure *failure)
{
	char *path = own(content, path_guest_init(kernel->arch->guest));

	if (!file_exists(path))
		return fail_with(failure, EXIT_TROUBLE,
				 "the guest's init for %s was not built: install the packages "
				 "gcc-%s and libc6-dev-%s-cross, then build again",
				 kernel->arch->guest, kernel->arch->triplet, kernel->arch->guest);
	return add_file(content, "init", path, 0755, failure);
}

/* Into the root folder, under its base name; what is ours there can't be replaced. */
static int add_users_file(struct content *content, const char *path, struct failure *failure)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct stat st;

	for (size_t i = 0; i < content->count; i++)
		if (!strcmp(content->entries[i].path, name))
			return fail_with(failure, EXIT_USAGE,
					 "--add %s: the guest's /%s exists already", path, name);
	if (stat(path, &st))
		return fail_with(failure, EXIT_USAGE, "--add %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail_with(failure, EXIT_USAGE, "--add %s: this is no regular file", path);
	return add_file(content, name, path, st.st_mode & 0111 ? 0755 : 0644, failure);
}

static int add_job(struct content *content, const struct vm_job *job, const struct kernel *kernel,
		   struct failure *failure)
{
	/* Whatever the plan: a machine that is saved serves them all. */
	if (saved_state_serves(job)) {
		add_text(content, "job/shared", "");
		return 0;
	}
	if (job->plan) {
		add_text(content, "job/plan", job->plan);
		return 0;
	}
	if (job->script)
		add_text(content, "job/script", job->script);
	else
		add_text(content, "job/shell", own(content, terminal_size()));
	return add_busybox(content, kernel, failure);
}

void *guest_initramfs(const struct vm_job *job, const struct kernel *kernel, const char *module,
		      size_t *size, struct failure *failure)
{
	static const char *const directories[] = { "bin",  "dev",  "etc",     "job",
						   "proc", "root", "sbin",    "sys",
						   "tmp",  "usr",  "usr/bin", "usr/sbin" };
	struct content content = { 0 };
	void *data = NULL;
	int error;

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		add_directory(&content, directories[i]);
	/* The kernel opens it for init before any file system is mounted. */
	add(&content, (struct initramfs_entry) { .path = "dev/console", .mode = S_IFCHR | 0600,
						 .device = makedev(5, 1) });
	error = add_init(&content, kernel, failure) ?:
		add_file(&content, "kernel_memory.ko", module, 0644, failure) ?:
		add_job(&content, job, kernel, failure);
	for (size_t i = 0; i < job->file_count && !error; i++)
		error = add_users_file(&content, job->files[i].path, failure);
	if (!error) {
		data = initramfs_pack(content.entries, content.count, size);
		if (data)
			data = initramfs_lay_out(data, job->layout, size);
		else
			fail_with(failure, EXIT_TROUBLE, "the guest's initramfs cannot be packed");
	}
	for (size_t i = 0; i < content.owned_count; i++)
		free(content.owned[i]);
	free(content.owned);
	free(content.entries);
	return data;
}
