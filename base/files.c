// SPDX-License-Identifier: GPL-2.0-or-later
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "memory.h"

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

char *file_read(const char *path, size_t *size)
{
	cleanup_fclose FILE *in = fopen(path, "re");
	size_t used = 0, capacity = 0, got;
	char *data = NULL;

	if (!in)
		return NULL;
	do {
		capacity = capacity ? 2 * capacity : 65536;
		data = xrealloc(data, capacity + 1);
		got = fread(data + used, 1, capacity - used, in);
		used += got;
	} while (used == capacity);
	if (ferror(in)) {
		int error = errno;

		free(data);
		errno = error;
		return NULL;
	}
	data[used] = '\0';
	if (size)
		*size = used;
	return data;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= n;
	}
	return 0;
}

int file_write(const char *path, const void *data, size_t size)
{
	cleanup_free char *partial = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(partial, O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, data, size);
	fchmod(fd, 0644);
	if (close(fd) && !error)
		error = -errno;
	if (!error && rename(partial, path))
		error = -errno;
	if (error)
		unlink(partial);
	return error;
}

int file_copy(const char *from, const char *to)
{
	size_t size;
	cleanup_free char *data = file_read(from, &size);

	return data ? file_write(to, data, size) : -errno;
}

int directory_create(const char *path)
{
	cleanup_free char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(copy, 0755) && errno != EEXIST ? -errno : 0;
}

char *directory_temporary(struct error *error)
{
	const char *variable = getenv("TMPDIR");
	const char *base = variable && *variable ? variable : "/tmp";
	char *path = xasprintf("%s/kmemlab-XXXXXX", base);
	int err;

	if (mkdtemp(path))
		return path;
	err = errno;
	if (error)
		error_set(error, EXIT_HOST_ERROR, "cannot create a directory in %s: %s", base,
			  strerror(err));
	free(path);
	errno = err;
	return NULL;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st, (void)kind, (void)walk;
	return remove(path) && errno != ENOENT ? -errno : 0;
}

int directory_remove(const char *path)
{
	if (!file_exists(path))
		return 0;
	return nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int compare_names(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

void directory_find(const char *directory, bool (*accept)(const char *name), char ***paths,
		    size_t *count)
{
	char *const roots[] = { (char *)directory, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, compare_names);
	FTSENT *entry;

	while (tree && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_F && accept(entry->fts_name))
			*array_add(paths, count) = xstrdup(entry->fts_path);
	if (tree)
		fts_close(tree);
}

static unsigned long long counted_bytes;

static int count_entry(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)path, (void)walk;
	if (kind != FTW_NS)
		counted_bytes += 512ULL * st->st_blocks;
	return 0;
}

unsigned long long directory_bytes(const char *path)
{
	counted_bytes = 0;
	nftw(path, count_entry, 16, FTW_PHYS);
	return counted_bytes;
}

char *program_find(const char *name)
{
	const char *path = getenv("PATH") ?: "/usr/bin:/bin";
	cleanup_free char *all = xasprintf("%s:/usr/sbin:/sbin", path);
	char *rest = all, *directory;

	while ((directory = strsep(&rest, ":"))) {
		char *candidate = xasprintf("%s/%s", directory, name);

		if (*directory == '/' && access(candidate, X_OK) == 0)
			return candidate;
		free(candidate);
	}
	return NULL;
}

bool disk_is_full(const char *directory)
{
	struct statvfs space;

	return statvfs(directory, &space) == 0 && space.f_bavail * space.f_frsize < 65536;
}
