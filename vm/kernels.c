// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernels.h"

#include <dirent.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "cache.h"
#include "fetch.h"
#include "own_kernel.h"
#include "toolchain.h"
#include "vmlinux.h"

static bool release_matches(const char *release, const char *wanted, const char *flavour)
{
	size_t length = strlen(wanted);

	if (strncmp(release, wanted, length))
		return false;
	/* The whole release, or all of it but the flavour, or its first two numbers. */
	if (!release[length])
		return true;
	if (release[length] == '-' && !strcmp(release + length + 1, flavour))
		return true;
	return release[length] == '.' && strchr(wanted, '.') &&
	       !strchr(strchr(wanted, '.') + 1, '.');
}

bool kernel_matches(const char *release, const struct suite *suite, const char *wanted,
		    const struct arch *arch)
{
	if (!strcmp(wanted, "default"))
		return suite && suite == suite_default();
	return (suite && suite == suite_find(wanted)) ||
	       release_matches(release, wanted, suite_flavour(suite, arch));
}

char *kernel_dependency(const char *show, const char *prefix, const char *suffix)
{
	const char *word = strstr(show, "\nDepends: ");
	const char *end;

	if (!word)
		return NULL;
	word += strlen("\nDepends: ");
	end = word + strcspn(word, "\n");
	while (word < end) {
		size_t length = strcspn(word, " ,|\n");

		if (length > strlen(prefix) + strlen(suffix) &&
		    !strncmp(word, prefix, strlen(prefix)) &&
		    !strncmp(word + length - strlen(suffix), suffix, strlen(suffix)))
			return strndup(word, length);
		word += strcspn(word, ",|\n");
		word += strspn(word, ",| ");
		if (*word == '\n')
			break;
	}
	return NULL;
}

/* The next name's release (not "-cloud-amd64", "-rt-amd64" or "-amd64-unsigned"), or NULL. */
static const char *next_release(char **names, const struct suite *suite, const struct arch *arch)
{
	static const char prefix[] = "linux-image-";
	cleanup_free char *tail = xasprintf("-%s", suite_flavour(suite, arch));
	char *name;

	while ((name = strsep(names, "\n"))) {
		char *release = name + strlen(prefix);
		size_t length = strlen(name);

		if (length > strlen(prefix) + strlen(tail) &&
		    !strncmp(name, prefix, strlen(prefix)) &&
		    !strcmp(name + length - strlen(tail), tail) && !strstr(release, "-cloud-") &&
		    !strstr(release, "-rt-") && release[0] >= '0' && release[0] <= '9')
			return release;
	}
	return NULL;
}

char *kernel_newest(const char *names, const char *wanted, const struct suite *suite,
		    const struct arch *arch)
{
	cleanup_free char *copy = xstrdup(names);
	const char *release, *newest = NULL;
	char *rest = copy;

	while ((release = next_release(&rest, suite, arch)))
		if (release_matches(release, wanted, suite_flavour(suite, arch)) &&
		    (!newest || strverscmp(release, newest) > 0))
			newest = release;
	return newest ? xstrdup(newest) : NULL;
}

struct neighbours {
	const char *below, *above;
};

static void consider(struct neighbours *found, const char *release, const char *wanted)
{
	int order = strverscmp(release, wanted);

	if (order < 0 && (!found->below || strverscmp(release, found->below) > 0))
		found->below = release;
	if (order > 0 && (!found->above || strverscmp(release, found->above) < 0))
		found->above = release;
}

char *kernel_neighbours(const char *names, const char *wanted, const struct suite *suite,
			const struct arch *arch)
{
	cleanup_free char *copy = xstrdup(names);
	struct neighbours found = { 0 };
	const struct suite *other;
	const char *release;
	char *rest = copy;

	while ((release = next_release(&rest, suite, arch)))
		consider(&found, release, wanted);
	for (unsigned int i = 0; (other = suite_at(i)); i++)
		if (other->series && (!arch->since || strverscmp(other->series, arch->since) >= 0))
			consider(&found, other->series, wanted);
	return xasprintf("%s%s%s", found.below ?: "", found.below && found.above ? ", " : "",
			 found.above ?: "");
}

/* The word after key in a kernel's note, or NULL. */
static char *note_word(const char *note, const char *key)
{
	const char *line = strstr(note, key);

	if (!line)
		return NULL;
	line += strlen(key);
	return strndup(line, strcspn(line, "\n"));
}

static char *find_image(const struct kernel *kernel)
{
	/* From 7.x on the file lies beside the modules. */
	static const char *const places[] = { "boot/vmlinuz-%s", "usr/lib/modules/%s/vmlinuz",
					      "lib/modules/%s/vmlinuz" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		cleanup_free char *name = xasprintf(places[i], kernel->release);
#pragma GCC diagnostic pop
		char *path = xasprintf("%s/%s", kernel->directory, name);

		if (file_exists(path))
			return path;
		free(path);
	}
	return NULL;
}

/* Fills kernel from the cache's entry; false if there is none. */
static bool kernel_open(const char *release, struct kernel *kernel)
{
	char *directory = cache_path("kernels/%s", release);
	cleanup_free char *path = xasprintf("%s/note", directory);
	cleanup_free char *note = file_read(path, NULL);
	cleanup_free char *suite = note ? note_word(note, "suite ") : NULL;
	cleanup_free char *arch = note ? note_word(note, "arch ") : NULL;

	*kernel = (struct kernel) {
		.release = xstrdup(release),
		.directory = directory,
		.suite = suite ? suite_find(suite) : NULL,
		.arch = arch ? arch_find(arch) : NULL,
		.package_version = note ? note_word(note, "version ") : NULL,
		.headers = xasprintf("%s/usr/src/linux-headers-%s", directory, release),
	};
	kernel->image = find_image(kernel);
	if (kernel->suite && kernel->arch && kernel->image && kernel->package_version &&
	    file_exists(kernel->headers))
		return true;
	kernel_release(kernel);
	return false;
}

void kernel_release(struct kernel *kernel)
{
	free(kernel->release);
	free(kernel->package_version);
	free(kernel->directory);
	free(kernel->image);
	free(kernel->headers);
	*kernel = (struct kernel) { 0 };
}

static int newest_first(const void *a, const void *b)
{
	return strverscmp(((const struct kernel *)b)->release, ((const struct kernel *)a)->release);
}

size_t kernels_cached(struct kernel **kernels)
{
	cleanup_free char *path = cache_path("kernels");
	DIR *directory = opendir(path);
	struct dirent *entry;
	struct kernel kernel;
	size_t count = 0;

	*kernels = NULL;
	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' || !kernel_open(entry->d_name, &kernel))
			continue;
		*kernels = xrealloc(*kernels, (count + 1) * sizeof(kernel));
		(*kernels)[count++] = kernel;
	}
	if (directory)
		closedir(directory);
	if (count)
		qsort(*kernels, count, sizeof(kernel), newest_first);
	return count;
}

void kernels_release(struct kernel *kernels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kernel_release(&kernels[i]);
	free(kernels);
}

static bool find_cached(const char *wanted, const struct arch *arch, struct kernel *kernel)
{
	struct kernel *all;
	size_t count = kernels_cached(&all);
	bool found = false;

	for (size_t i = 0; i < count && !found; i++)
		if (all[i].arch == arch &&
		    kernel_matches(all[i].release, all[i].suite, wanted, arch))
			found = kernel_open(all[i].release, kernel);
	kernels_release(all, count);
	return found;
}

/* The suite whose lists can know wanted, or NULL where its words make no sense. */
static const struct suite *suite_of(const char *wanted)
{
	cleanup_free char *series = NULL;
	const struct suite *suite = suite_find(wanted);
	int length = 0;

	if (suite)
		return suite;
	if (!strcmp(wanted, "default"))
		return suite_default();
	if (sscanf(wanted, "%*u.%*u%n", &length) < 0 || !length)
		return NULL;
	series = strndup(wanted, length);
	suite = suite_find(series);
	/* A series that no suite is known for is the moving one's, if anyone's. */
	return suite ?: suite_find("sid");
}

int kernel_find(const char *wanted, const char *headers, const char *arch_name, bool refresh,
		struct kernel *kernel, struct failure *failure)
{
	const struct arch *arch = arch_find(arch_name ?: "amd64");
	const struct suite *suite = suite_of(wanted);
	cleanup_free char *release = NULL;
	int lock, error;

	*kernel = (struct kernel) { 0 };
	if (!arch)
		return fail_with(failure, EXIT_USAGE, "architecture %s is unknown", arch_name);
	if (own_kernel_is(wanted))
		return own_kernel_open(wanted, headers, arch, kernel, failure);
	if (headers)
		return fail_with(failure, EXIT_USAGE,
				 "--headers is for a kernel image; kernel %s has its own", wanted);
	if (!suite)
		return fail_with(failure, EXIT_USAGE,
				 "kernel %s: must be a version (6.1.0-56), a series (6.1), "
				 "a suite (bookworm), \"latest\", \"default\" or a path",
				 wanted);
	if (!refresh && find_cached(wanted, arch, kernel))
		return 0;
	lock = cache_lock(failure);
	if (lock < 0)
		return -1;
	/* Another kmemlab may have brought it while we waited. */
	if (!refresh && find_cached(wanted, arch, kernel))
		error = 0;
	else
		error = toolchain_allowed(suite, failure) ?:
			kernel_fetch(wanted, suite, arch, &release, failure);
	cache_unlock(lock);
	if (!error && release && !kernel_open(release, kernel))
		error = fail_with(failure, EXIT_TROUBLE,
				  "the packages of kernel %s hold no kernel and headers", release);
	return error;
}

int kernel_remove(const struct kernel *kernel, struct failure *failure)
{
	cleanup_free char *builds = cache_path("modules/%s", kernel->release);
	cleanup_free char *downloads = cache_path("downloads/%s", kernel->release);
	int lock = cache_lock(failure);
	int error;

	if (lock < 0)
		return -1;
	vmlinux_forget(kernel->image);
	error = directory_remove(kernel->directory) ?: directory_remove(builds) ?:
		directory_remove(downloads);
	cache_unlock(lock);
	return error ? fail_with(failure, EXIT_TROUBLE, "cannot remove %s", kernel->directory) : 0;
}
