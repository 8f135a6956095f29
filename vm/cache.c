// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/paths.h"

char *cache_path(const char *format, ...)
{
	cleanup_free char *name = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&name, format, args) < 0)
		name = NULL;
	va_end(args);
	return xasprintf("%s/%s", path_cache(), name ?: "");
}

int cache_lock(struct failure *failure)
{
	cleanup_free char *path = cache_path("lock");
	cleanup_free char *partial = cache_path("partial");
	bool told = false;
	int error = directory_make(path_cache());
	int lock = error ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (lock < 0)
		return fail_with(failure, EXIT_TROUBLE, "cannot write to the cache %s: %s",
				 path_cache(), strerror(error ? -error : errno));
	/* Not by a blocking flock(): a signal between the check and the call would be lost. */
	while (flock(lock, LOCK_EX | LOCK_NB)) {
		if (interrupted()) {
			close(lock);
			return fail_interrupted(failure);
		}
		if (!told)
			say_note("waiting for another kmemlab that fills the cache ...");
		told = true;
		usleep(100000);
	}
	directory_remove(partial);
	return lock;
}

void cache_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}

char *cache_partial(struct failure *failure)
{
	cleanup_free char *parent = cache_path("partial");
	char *path = xasprintf("%s/XXXXXX", parent);
	int error = directory_make(parent);

	if (!error && mkdtemp(path))
		return path;
	fail_with(failure, EXIT_TROUBLE, "cannot write to the cache %s: %s", path_cache(),
		  strerror(error ? -error : errno));
	free(path);
	return NULL;
}

int cache_commit(const char *partial, const char *entry, struct failure *failure)
{
	cleanup_free char *parent = xstrdup(entry);
	int error;

	*strrchr(parent, '/') = '\0';
	error = directory_make(parent);
	if (!error && rename(partial, entry))
		error = -errno;
	if (!error)
		return 0;
	directory_remove(partial);
	if (error == -EEXIST || error == -ENOTEMPTY)
		return 0;
	return fail_with(failure, EXIT_TROUBLE, "cannot write %s: %s", entry, strerror(-error));
}
