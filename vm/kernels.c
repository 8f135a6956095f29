// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernels.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "apt.h"
#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "cache.h"
#include "toolchain.h"
#include "vmlinux.h"

/* Return the value of a key in a kernel's note, or NULL. */
static char *note_value(const char *note, const char *key)
{
	const char *line = note ? strstr(note, key) : NULL;

	if (!line)
		return NULL;
	line += strlen(key);
	return strndup(line, strcspn(line, "\n"));
}

static char *find_image(const struct kernel *kernel)
{
	/* From 7.x on, Debian installs the image next to the modules. */
	static const char *const names[] = { "boot/vmlinuz-", "usr/lib/modules/", "lib/modules/" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf("%s/%s%s%s", kernel->directory, names[i], kernel->release,
				       i ? "/vmlinuz" : "");

		if (file_exists(path))
			return path;
		free(path);
	}
	return NULL;
}

/* Open a cached kernel. Return: whether it is in the cache. */
static bool kernel_open(const char *release, struct kernel *kernel)
{
	char *directory = cache_path("kernels/%s", release);
	cleanup_free char *path = xasprintf("%s/note", directory);
	cleanup_free char *note = file_read(path, NULL);
	cleanup_free char *suite = note_value(note, "suite ");
	cleanup_free char *arch = note_value(note, "arch ");
	char hex[SHA256_HEX_SIZE];

	*kernel = (struct kernel) {
		.release = xstrdup(release),
		.directory = directory,
		.suite = suite ? suite_find(suite) : NULL,
		.arch = arch ? arch_find(arch) : NULL,
		.package_version = note_value(note, "version "),
		.headers = xasprintf("%s/usr/src/linux-headers-%s", directory, release),
	};
	kernel->image = cache_check(path, hex) == CACHE_DAMAGED ? NULL : find_image(kernel);
	if (kernel->suite && kernel->arch && kernel->image && kernel->package_version &&
	    file_exists(kernel->headers))
		return true;
	kernel_release(kernel);
	return false;
}

static int compare_newest_first(const void *a, const void *b)
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
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.' && kernel_open(entry->d_name, &kernel))
			*array_add(kernels, &count) = kernel;
	if (directory)
		closedir(directory);
	if (count)
		qsort(*kernels, count, sizeof(kernel), compare_newest_first);
	return count;
}

void kernels_release(struct kernel *kernels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kernel_release(&kernels[i]);
	free(kernels);
}

static bool find_cached(const char *spec, const struct arch *arch, struct kernel *kernel)
{
	struct kernel *all;
	size_t count = kernels_cached(&all);
	bool found = false;

	for (size_t i = 0; i < count && !found; i++)
		if (all[i].arch == arch && kernel_matches(all[i].release, all[i].suite, spec, arch))
			found = kernel_open(all[i].release, kernel);
	kernels_release(all, count);
	return found;
}

/*
 * Find a cached kernel whose image is undamaged; one without a seal gets it now. The caller of
 * remove holds the cache's lock: a damaged kernel is removed.
 */
static bool find_intact(const char *spec, const struct arch *arch, bool remove,
			struct kernel *kernel)
{
	char hex[SHA256_HEX_SIZE];
	enum cache_state state;

	if (!find_cached(spec, arch, kernel))
		return false;
	state = cache_check(kernel->image, hex);
	if (state == CACHE_UNKNOWN)
		cache_seal(kernel->image, hex);
	if (state != CACHE_DAMAGED)
		return true;
	if (remove) {
		log_detail("'%s' is damaged: downloading the kernel again", kernel->image);
		directory_remove(kernel->directory);
	}
	kernel_release(kernel);
	return false;
}

/* State of one kernel's download. */
struct download {
	struct apt *apt;
	const struct arch *arch;
	char *release;
	char *version;		/* of the image package */
	char *debs;		/* directory for the packages */
};

/* Resolve spec to a release by the suite's package lists. */
static int download_resolve(struct download *download, const char *spec, struct error *error)
{
	struct apt *apt = download->apt;
	const char *flavour = suite_flavour(apt->suite, download->arch);
	cleanup_free char *metapackage = xasprintf("linux-image-%s", flavour);
	cleanup_free char *package = NULL;
	cleanup_free char *text = NULL;

	free(download->release);
	download->release = NULL;
	/* For a suite, its series or "default", the metapackage names the current kernel. */
	if (!strcmp(spec, "default") || suite_find(spec) == apt->suite) {
		text = apt_show(apt, metapackage, error);
		package = text ? kernel_dependency(text, "linux-image-", flavour) : NULL;
		if (package)
			download->release = xstrdup(package + strlen("linux-image-"));
	} else {
		text = apt_names(apt, "linux-image-", error);
		if (text)
			download->release = kernel_newest(text, spec, apt->suite, download->arch);
	}
	if (!download->release && text) {
		cleanup_free char *neighbours = kernel_neighbours(text, spec, apt->suite,
								  download->arch);

		error_set(error, EXIT_USAGE, "no suite has kernel %s for %s (nearest: %s)", spec,
			  download->arch->name, neighbours);
	}
	return download->release ? 0 : -1;
}

/* Packages of one kernel, NULL-terminated */
struct packages {
	char *names[6];
	size_t count;
};

/* Find the packages of the image and the headers, with the parts they are split into. */
static int find_packages(struct download *download, struct packages *packages, struct error *error)
{
	static const char field[] = "\nVersion: ";
	char *image = xasprintf("linux-image-%s", download->release);
	char *headers = xasprintf("linux-headers-%s", download->release);
	cleanup_free char *headers_text = NULL;
	cleanup_free char *image_text = NULL;
	cleanup_free char *kbuild = NULL;
	char *parts[3];

	*packages = (struct packages) { { image, headers }, 2 };
	image_text = apt_show(download->apt, image, error);
	headers_text = image_text ? apt_show(download->apt, headers, error) : NULL;
	free(download->version);
	download->version = note_value(image_text, field);
	if (!headers_text || !download->version || !*headers_text)
		return error_set(error, EXIT_HOST_ERROR, "%s has no image and headers of kernel %s",
				 download->apt->suite->name, download->release);
	parts[0] = kernel_dependency(image_text, "linux-binary-", "");
	parts[1] = kernel_dependency(headers_text, "linux-headers-", "");
	kbuild = kernel_dependency(headers_text, "linux-kbuild-", "");
	/* linux-kbuild contains programs that run on the host. */
	parts[2] = kbuild ? xasprintf("%s:%s", kbuild, arch_of_host) : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i])
			packages->names[packages->count++] = parts[i];
	return 0;
}

/* Skip modules, documentation and most device trees, which are 90 % of the packages. */
static const char unpack_script[] =
	"for deb in \"$1\"/*.deb; do\n"
	"	dpkg-deb --fsys-tarfile \"$deb\" | tar -x --no-same-owner "
	"--exclude='*/kernel/*.ko*' --exclude='./usr/share' --exclude='./boot/System.map*' "
	"--exclude='./usr/lib/linux-image-*/[!b]*.dtb*' || exit\n"
	"done";

/*
 * The flavour's Makefile names /usr/src/linux-headers-... Make it use paths relative
 * to its own, which stay valid when the cache moves.
 */
static int relocate_makefile(const char *directory, const char *release)
{
	static const char absolute[] = "/usr/src/", variable[] = "kmemlab_headers";
	cleanup_free char *path =
		xasprintf("%s/usr/src/linux-headers-%s/Makefile", directory, release);
	cleanup_free char *text = file_read(path, NULL);
	cleanup_strbuf struct strbuf out = STRBUF_INIT;
	const char *rest = text, *found;

	if (!text)
		return -errno;
	if (!strstr(text, absolute) || strstr(text, variable))
		return 0;
	strbuf_addf(&out, "%s := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)\n", variable);
	for (; (found = strstr(rest, absolute)); rest = found + strlen(absolute))
		strbuf_addf(&out, "%.*s$(%s)/", (int)(found - rest), rest, variable);
	strbuf_addstr(&out, rest);
	return file_write(path, out.text, out.length);
}

static int unpack_kernel(void *context, const char *directory, struct error *error)
{
	const struct download *download = context;
	cleanup_free char *path = xasprintf("%s/note", directory);
	cleanup_free char *note = xasprintf("suite %s\narch %s\nversion %s\n",
					    download->apt->suite->name, download->arch->name,
					    download->version);
	char hex[SHA256_HEX_SIZE];

	log_notice("unpacking ...");
	if (apt_unpack(unpack_script, download->debs, directory, error))
		return -1;
	if (relocate_makefile(directory, download->release) ||
	    file_write(path, note, strlen(note)) || cache_seal(path, hex))
		return error_set(error, EXIT_HOST_ERROR, "cannot write to %s", directory);
	return 0;
}

/* Download a kernel into the cache, unless it is there. */
static int download_kernel(struct download *download, const char *spec, struct error *error)
{
	cleanup_free char *entry = NULL;
	struct packages packages = { 0 };
	struct kernel cached;
	int err;

	if (download_resolve(download, spec, error))
		return -1;
	entry = cache_path("kernels/%s", download->release);
	if (kernel_open(download->release, &cached)) {
		kernel_release(&cached);
		return 0;
	}
	if (file_exists(entry))
		log_detail("'%s' is damaged and is made again", entry);
	directory_remove(entry);
	log_notice("downloading kernel %s of %s", download->release, download->apt->suite->name);
	free(download->debs);
	download->debs = cache_path("downloads/%s", download->release);
	err = find_packages(download, &packages, error);
	if (!err && directory_create(download->debs))
		err = error_set(error, EXIT_HOST_ERROR, "cannot write to %s", download->debs);
	if (!err)
		err = apt_download(download->apt, (const char *const *)packages.names,
				   download->debs, error);
	for (size_t i = 0; i < packages.count; i++)
		free(packages.names[i]);
	if (!err)
		err = cache_create(entry, unpack_kernel, download, error);
	if (!err)
		directory_remove(download->debs);
	return err;
}

/* Find and download a kernel; the caller holds the cache's lock. */
static int download_from_suite(const char *spec, const struct suite *suite,
			       const struct arch *arch, char **release, struct error *error)
{
	struct apt apt = { 0 };
	struct download download = { .apt = &apt, .arch = arch };
	int err;

	/* Ubuntu's packages for other architectures have the same names on different mirrors. */
	if (suite->distro->flavour && strcmp(arch->debian, arch_of_host))
		return error_set(error, EXIT_SKIP,
				 "no %s kernels for %s are available (use Debian's, such as "
				 "--kernel bookworm)", suite->distro->name, arch->name);
	err = apt_open(&apt, suite, arch->debian, error) ?: download_kernel(&download, spec, error);
	if (err && apt.lacks_files && apt_drop_security(&apt, "it lacks files of its own lists")) {
		error_release(error);
		err = download_kernel(&download, spec, error);
	}
	apt_close(&apt);
	*release = download.release;
	free(download.version);
	free(download.debs);
	return err;
}

/* Return the suite to search for spec, or NULL if spec is malformed. */
static const struct suite *suite_of(const char *spec)
{
	const struct suite *suite = suite_find(spec);
	cleanup_free char *series = NULL;
	int length = 0;

	if (suite)
		return suite;
	if (!strcmp(spec, "default"))
		return suite_default();
	if (sscanf(spec, "%*u.%*u%n", &length) < 0 || !length)
		return NULL;
	series = strndup(spec, length);
	/* Only sid can have a series that is not in the table. */
	return suite_find(series) ?: suite_find("sid");
}

int kernel_find(const char *spec, const char *headers, const char *arch_name, bool refresh,
		struct kernel *kernel, struct error *error)
{
	const struct arch *arch = arch_find(arch_name ?: "amd64");
	const struct suite *suite = suite_of(spec);
	cleanup_free char *release = NULL;
	cleanup_free char *unknown = NULL;
	int lock, err = 0;

	*kernel = (struct kernel) { 0 };
	if (!arch) {
		unknown = arch_unknown(arch_name);
		return error_set(error, EXIT_USAGE, "%s", unknown);
	}
	if (kernel_is_local(spec))
		return local_kernel_open(spec, headers, arch, kernel, error);
	if (headers)
		return error_set(error, EXIT_USAGE,
				 "--headers requires a local kernel image, got --kernel '%s'",
				 spec);
	if (!suite)
		return error_set(error, EXIT_USAGE,
				 "kernel '%s' must be a version (6.1.0-56), a series (6.1), a "
				 "suite (bookworm), 'latest', 'default' or a path", spec);
	if (!refresh && find_intact(spec, arch, false, kernel))
		return 0;
	lock = cache_lock(error);
	if (lock < 0)
		return -1;
	/* Another kmemlab process may have downloaded it while this one waited for the lock. */
	if (refresh || !find_intact(spec, arch, true, kernel))
		err = toolchain_allowed(suite, error) ?:
		      download_from_suite(spec, suite, arch, &release, error);
	cache_unlock(lock);
	if (!err && release && !kernel_open(release, kernel))
		err = error_set(error, EXIT_HOST_ERROR,
				"the packages of kernel %s contain no image and headers", release);
	return err;
}

int kernel_remove(const struct kernel *kernel, struct error *error)
{
	cleanup_free char *builds = cache_path("modules/%s", kernel->release);
	cleanup_free char *downloads = cache_path("downloads/%s", kernel->release);
	int lock = cache_lock(error);
	int err;

	if (lock < 0)
		return -1;
	vmlinux_forget(kernel->image);
	err = directory_remove(kernel->directory) ?: directory_remove(builds) ?:
	      directory_remove(downloads);
	cache_unlock(lock);
	return err ? error_set(error, EXIT_HOST_ERROR, "cannot remove %s", kernel->directory) : 0;
}
