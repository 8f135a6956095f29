// SPDX-License-Identifier: GPL-2.0-or-later
#include "fetch.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

#include "apt.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/process.h"
#include "cache.h"

/* The release that the suite's lists have for wanted, for the caller to free. */
static char *resolve(struct apt *apt, const char *wanted, const struct arch *arch,
		     struct failure *failure)
{
	const char *flavour = suite_flavour(apt->suite, arch);
	cleanup_free char *meta = xasprintf("linux-image-%s", flavour);
	cleanup_free char *text = NULL;
	char *release;

	/* A suite, its series or "default" mean what the suite's own meta package depends on. */
	if (!strcmp(wanted, "default") || suite_find(wanted) == apt->suite) {
		cleanup_free char *package = NULL;

		text = apt_show(apt, meta, failure);
		package = text ? kernel_dependency(text, "linux-image-", flavour) : NULL;
		release = package ? xstrdup(package + strlen("linux-image-")) : NULL;
	} else {
		text = apt_names(apt, "linux-image-", failure);
		release = text ? kernel_newest(text, wanted, apt->suite, arch) : NULL;
	}
	if (!release && text) {
		cleanup_free char *nearest = kernel_neighbours(text, wanted, apt->suite, arch);

		fail_with(failure, EXIT_USAGE,
			  "kernel %s is in no suite for %s; the nearest that are: %s", wanted,
			  arch->name, nearest);
	}
	return release;
}

/* One kernel's packages; NULL ends the list. */
struct packages {
	char *names[6];
	size_t count;
};

static void packages_release(struct packages *packages)
{
	for (size_t i = 0; i < packages->count; i++)
		free(packages->names[i]);
}

static void packages_add(struct packages *packages, char *name)
{
	if (name)
		packages->names[packages->count++] = name;
}

/* The image, the binary it may be split into, and what the headers need. */
static int find_packages(struct apt *apt, const char *release, struct packages *packages,
			 char **version, struct failure *failure)
{
	char *image = xasprintf("linux-image-%s", release);
	char *headers = xasprintf("linux-headers-%s", release);
	cleanup_free char *image_text = NULL;
	cleanup_free char *headers_text = NULL;
	cleanup_free char *kbuild = NULL;
	const char *line;

	packages_add(packages, image);
	packages_add(packages, headers);
	image_text = apt_show(apt, image, failure);
	headers_text = image_text ? apt_show(apt, headers, failure) : NULL;
	line = image_text ? strstr(image_text, "\nVersion: ") : NULL;
	if (!headers_text || !line || !*headers_text)
		return fail_with(failure, EXIT_TROUBLE, "%s has no image and headers of kernel %s",
				 apt->suite->name, release);
	line += strlen("\nVersion: ");
	*version = strndup(line, strcspn(line, "\n"));
	packages_add(packages, kernel_dependency(image_text, "linux-binary-", ""));
	packages_add(packages, kernel_dependency(headers_text, "linux-headers-", ""));
	kbuild = kernel_dependency(headers_text, "linux-kbuild-", "");
	/* Programs: they run here, whatever they build for. */
	if (kbuild)
		packages_add(packages, xasprintf("%s:%s", kbuild, arch_of_host));
	return 0;
}

/* Modules, documentation and most boards' device trees, nine tenths of it, are left out. */
static int unpack_one(const char *package, const char *directory)
{
	const char *const argv[] = {
		"sh", "-c", "dpkg-deb --fsys-tarfile \"$1\" | tar -x -C \"$2\" --no-same-owner "
		"--exclude='*/kernel/*.ko*' --exclude='./usr/share' --exclude='./boot/System.map*' "
		"--exclude='./usr/lib/linux-image-*/[!b]*.dtb*'",
		"sh", package, directory, NULL };
	struct process process = { .argv = argv };

	return process_run(&process);
}

/*
 * The flavour's Makefile is a few lines that name /usr/src/linux-headers-...: they
 * must hold wherever the cache lies.
 */
static int relocate_makefile(const char *directory, const char *release)
{
	static const char absolute[] = "/usr/src/";
	static const char variable[] = "kmemlab_headers";
	cleanup_free char *path =
		xasprintf("%s/usr/src/linux-headers-%s/Makefile", directory, release);
	cleanup_free char *text = file_read(path, NULL);
	cleanup_free char *relocated = NULL;
	const char *rest = text, *found;
	size_t size;
	FILE *out;

	if (!text)
		return -errno;
	if (!strstr(text, absolute) || strstr(text, variable))
		return 0;
	out = open_memstream(&relocated, &size);
	fprintf(out, "%s := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)\n", variable);
	for (; (found = strstr(rest, absolute)); rest = found + strlen(absolute))
		fprintf(out, "%.*s$(%s)/", (int)(found - rest), rest, variable);
	fputs(rest, out);
	fclose(out);
	return file_write(path, relocated, size);
}

static int unpack(const char *downloads, const char *directory, const char *release,
		  struct failure *failure)
{
	cleanup_free char *pattern = xasprintf("%s/*.deb", downloads);
	glob_t found = { 0 };
	int status = 0;

	glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc && status == 0; i++)
		status = unpack_one(found.gl_pathv[i], directory);
	globfree(&found);
	if (status == 0)
		status = relocate_makefile(directory, release);
	if (status == -EINTR)
		return fail_interrupted(failure);
	if (status)
		return fail_with(failure, EXIT_TROUBLE,
				 "kernel %s cannot be unpacked into %s (is the disk full?)",
				 release, directory);
	return 0;
}

static int write_note(const char *directory, const struct apt *apt, const struct arch *arch,
		      const char *version)
{
	cleanup_free char *path = xasprintf("%s/note", directory);
	cleanup_free char *note = xasprintf("suite %s\narch %s\nversion %s\n", apt->suite->name,
					    arch->name, version);

	return file_write(path, note, strlen(note));
}

/* Downloads, unpacks beside, renames into place. */
static int bring(struct apt *apt, const char *release, const struct arch *arch,
		 struct failure *failure)
{
	cleanup_free char *downloads = cache_path("downloads/%s", release);
	cleanup_free char *entry = cache_path("kernels/%s", release);
	cleanup_free char *partial = NULL;
	cleanup_free char *version = NULL;
	struct packages packages = { 0 };
	int error;

	if (file_exists(entry))
		return 0;
	say_note("fetching kernel %s of %s", release, apt->suite->name);
	error = find_packages(apt, release, &packages, &version, failure);
	if (!error && directory_make(downloads))
		error = fail_with(failure, EXIT_TROUBLE, "cannot write %s", downloads);
	if (!error)
		error = apt_download(apt, (const char *const *)packages.names, downloads, failure);
	packages_release(&packages);
	if (error)
		return error;

	partial = cache_partial(failure);
	if (!partial)
		return -1;
	say_note("unpacking ...");
	error = unpack(downloads, partial, release, failure);
	if (!error && write_note(partial, apt, arch, version))
		error = fail_with(failure, EXIT_TROUBLE, "cannot write %s", partial);
	if (!error)
		error = cache_commit(partial, entry, failure);
	if (error)
		directory_remove(partial);
	else
		directory_remove(downloads);
	return error;
}

static int resolve_and_bring(struct apt *apt, const char *wanted, const struct arch *arch,
			     char **release, struct failure *failure)
{
	free(*release);
	*release = resolve(apt, wanted, arch, failure);
	return *release ? bring(apt, *release, arch, failure) : -1;
}

int kernel_fetch(const char *wanted, const struct suite *suite, const struct arch *arch,
		 char **release, struct failure *failure)
{
	const struct distribution *distribution = suite->distribution;
	struct apt apt = { 0 };
	int error;

	*release = NULL;
	/* They lie on other mirrors, and have the same names. */
	if (distribution->flavour && strcmp(arch->debian, arch_of_host))
		return fail_with(failure, EXIT_SKIP,
				 "%s's kernels for %s cannot be had here: take Debian's, as "
				 "--kernel bookworm", distribution->name, arch->name);
	error = apt_open(&apt, suite, arch->debian, failure);
	if (!error)
		error = resolve_and_bring(&apt, wanted, arch, release, failure);
	if (error && apt.lacks_files && apt_leave_security(&apt, "it lacks files that it lists")) {
		failure_release(failure);
		error = resolve_and_bring(&apt, wanted, arch, release, failure);
	}
	apt_close(&apt);
	return error;
}
