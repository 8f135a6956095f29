// SPDX-License-Identifier: GPL-2.0-or-later
#include "build_root.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "apt.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/process.h"
#include "cache.h"

/*
 * All ways to run a script in the root take the same arguments: the root, the
 * kernel's folder, the build's folder, the script. What a build that is killed
 * leaves behind goes with its folder: names made of process numbers come again here.
 */
#define CHROOT \
	"chroot \"$1\" env -i PATH=/usr/bin:/usr/sbin LC_ALL=C KERNEL=/kernel BUILD=/build " \
	"TMPDIR=/build sh -c \"$4\""

static const char by_mounts[] =
	"PATH=$PATH:/usr/sbin:/sbin; mount --bind \"$2\" \"$1/kernel\" && "
	"mount --bind \"$3\" \"$1/build\" && mount --rbind /dev \"$1/dev\" && "
	"mount -t proc proc \"$1/proc\" && exec " CHROOT;

/* Where nothing may be mounted: hard links in, a copy out. */
static const char by_copies[] =
	"PATH=$PATH:/usr/sbin:/sbin; cd \"$1\" && rm -rf kernel build && cp -al \"$2\" kernel && "
	"cp -a \"$3\" build || exit; [ -e dev/null ] || mknod -m 666 dev/null c 1 3 || exit; "
	CHROOT "; status=$?; cp -a build/. \"$3\" && rm -rf kernel build && mkdir kernel build && "
	"exit $status";

struct way {
	const char *unshare;	/* its options, or NULL */
	const char *script;
	bool as_root_only;
};

static const struct way ways[] = {
	{ "-mpf", by_mounts, true },
	{ "-Urmpf", by_mounts, false },
	{ NULL, by_copies, true },
};

static int run_by(const struct way *way, const char *root, const char *kernel, const char *build,
		  const char *script, char **output)
{
	const char *const argv[] = { "unshare", way->unshare, "--kill-child", "sh", "-c",
				     way->script, "sh", root, kernel, build, script, NULL };
	struct process process = { .argv = way->unshare ? argv : argv + 3, .output = output,
				   .errors = output };

	return process_run(&process);
}

/* Whether namespaces may be made: nothing is in them yet. */
static int try_empty(const struct way *way, char **output)
{
	const char *const argv[] = { "unshare", way->unshare, "--kill-child", "true", NULL };
	struct process process = { .argv = argv, .output = output, .errors = output };

	return way->unshare ? process_run(&process) : 0;
}

/* The first way that this machine allows, tried with nothing to do. Before there is a root: NULL. */
static const struct way *find_way(const char *root, char **reason)
{
	cleanup_free char *empty = xasprintf("%s/tmp", root ?: "");

	*reason = NULL;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		char *output = NULL;
		int status;

		if (ways[i].as_root_only && getuid())
			continue;
		status = root ? run_by(&ways[i], root, empty, empty, "true", &output) :
				try_empty(&ways[i], &output);
		if (status == 0) {
			free(output);
			return &ways[i];
		}
		free(*reason);
		*reason = output;
	}
	return NULL;
}

int build_root_run(const char *root, const char *kernel, const char *build, const char *script,
		   char **output)
{
	const struct way *way = find_way(root, output);

	if (!way)
		return -EPERM;
	free(*output);
	*output = NULL;
	return run_by(way, root, kernel, build, script, output);
}

/* Suites differ in whether /bin is a folder of its own: here it is none in any. */
static const char unpack_script[] =
	"set -e; mkdir -p root/usr/bin root/usr/sbin root/usr/lib root/usr/lib64 root/kernel "
	"root/build root/proc root/dev root/tmp\n"
	"for name in bin sbin lib lib64; do ln -s usr/$name root/$name; done\n"
	"for deb in archives/*.deb; do\n"
	"	dpkg-deb --fsys-tarfile \"$deb\" | tar -x -C root --no-same-owner "
	"--keep-directory-symlink --exclude='./usr/share/*' --exclude='./dev/*'\n"
	"done\n"
	"[ -e root/usr/bin/sh ] || ln -s dash root/usr/bin/sh\n"
	"[ -e root/usr/bin/awk ] || ln -s mawk root/usr/bin/awk\n"
	"rm -rf archives\n";

static int unpack(const char *directory, struct failure *failure)
{
	const char *const argv[] = { "sh", "-c", unpack_script, NULL };
	struct process process = { .argv = argv, .directory = directory };
	int status = process_run(&process);

	if (status == -EINTR)
		return fail_interrupted(failure);
	if (status)
		return fail_with(failure, EXIT_TROUBLE,
				 "the build root cannot be unpacked into %s (is the disk full?)",
				 directory);
	return 0;
}

static int check_ways(const char *root, const struct suite *suite, const char *compiler,
		      struct failure *failure)
{
	cleanup_free char *reason = NULL;

	if (find_way(root, &reason))
		return 0;
	return fail_with(failure, EXIT_SKIP,
			 "the module needs %s of %s, and this machine lets no build root be entered: "
			 "%.*s", compiler, suite->name, (int)strcspn(reason ?: "", "\n"), reason ?: "");
}

int build_root_allowed(const struct suite *suite, struct failure *failure)
{
	return check_ways(NULL, suite, "a compiler", failure);
}

static int fill(const struct suite *suite, const char *compiler, const char *directory,
		struct failure *failure)
{
	const char *const packages[] = { compiler, "make", "bash", "dash", "coreutils", "sed", "grep",
					 "findutils", "diffutils", "mawk", "libelf-dev", NULL };
	cleanup_free char *archives = xasprintf("%s/archives", directory);
	cleanup_free char *root = xasprintf("%s/root", directory);
	struct apt apt = { 0 };
	int error;

	error = check_ways(NULL, suite, compiler, failure) ?:
		apt_open(&apt, suite, arch_of_host, failure) ?:
		apt_download_installation(&apt, packages, archives, failure);
	apt_close(&apt);
	if (!error)
		say_note("unpacking ...");
	return error ?: unpack(directory, failure) ?:
	       check_ways(root, suite, compiler, failure);
}

static int make_root(const struct suite *suite, const char *compiler, const char *entry,
		     struct failure *failure)
{
	cleanup_free char *partial = NULL;
	int lock = cache_lock(failure);
	int error = -1;

	if (lock < 0)
		return -1;
	if (file_exists(entry)) {
		error = 0;
		goto out;
	}
	partial = cache_partial(failure);
	if (!partial)
		goto out;
	say_note("making a build root with %s of %s", compiler, suite->name);
	error = fill(suite, compiler, partial, failure) ?: cache_commit(partial, entry, failure);
	if (error)
		directory_remove(partial);
out:
	cache_unlock(lock);
	return error;
}

int build_root_find(const struct suite *suite, const char *compiler, char **root,
		    struct failure *failure)
{
	cleanup_free char *entry = cache_path("roots/%s-%s", suite->name, compiler);

	if (!file_exists(entry) && make_root(suite, compiler, entry, failure))
		return -1;
	*root = xasprintf("%s/root", entry);
	return 0;
}
