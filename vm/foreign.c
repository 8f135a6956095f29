// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign.h"

#include <errno.h>

#include "apt.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/process.h"
#include "cache.h"

static int unpack(const char *directory, struct failure *failure)
{
	const char *const argv[] = {
		"sh", "-c", "dpkg-deb --fsys-tarfile *.deb | tar -x --no-same-owner --wildcards "
		"--transform='s,.*/,,' '*bin/busybox' && rm *.deb", NULL };
	struct process process = { .argv = argv, .directory = directory };
	int status = process_run(&process);

	if (status == -EINTR)
		return fail_interrupted(failure);
	return status ? fail_with(failure, EXIT_TROUBLE, "busybox cannot be unpacked into %s",
				  directory) : 0;
}

static int fetch(const struct suite *suite, const char *arch, const char *directory,
		 struct failure *failure)
{
	cleanup_free char *package = xasprintf("busybox-static:%s", arch);
	const char *const packages[] = { package, NULL };
	struct apt apt = { 0 };
	int error = apt_open(&apt, suite, arch, failure) ?:
		    apt_download(&apt, packages, directory, failure);

	apt_close(&apt);
	return error ?: unpack(directory, failure);
}

char *foreign_busybox(const struct kernel *kernel, struct failure *failure)
{
	const char *arch = kernel->arch->debian;
	const struct suite *suite = kernel->suite ?: suite_default();
	cleanup_free char *entry = cache_path("busybox/%s", arch);
	cleanup_free char *partial = NULL;
	int lock, error = 0;

	if (file_exists(entry))
		return xasprintf("%s/busybox", entry);
	lock = cache_lock(failure);
	if (lock < 0)
		return NULL;
	if (!file_exists(entry)) {
		partial = cache_partial(failure);
		error = partial ? fetch(suite, arch, partial, failure) ?:
				  cache_commit(partial, entry, failure) : -1;
		if (error && partial)
			directory_remove(partial);
	}
	cache_unlock(lock);
	return error ? NULL : xasprintf("%s/busybox", entry);
}
