// SPDX-License-Identifier: GPL-2.0-or-later
#include "own_kernel.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/memory.h"
#include "digest.h"

/* In a bzImage's setup header: where the version's text lies, less 512. */
#define SETUP_MAGIC	0x202
#define SETUP_VERSION	0x20e

#define VERSION_START	"own-"

bool own_kernel_is(const char *wanted)
{
	return strchr(wanted, '/') || !strcmp(wanted, ".");
}

bool own_kernel_was(const char *package_version)
{
	return !strncmp(package_version, VERSION_START, strlen(VERSION_START));
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static char *read_in(const char *directory, const char *name, size_t *size)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);

	return file_read(path, size);
}

/* Whether "CONFIG_NAME=y" is a line of the configuration. */
static bool has_option(const char *config, const char *name)
{
	cleanup_free char *line = xasprintf("\nCONFIG_%s=y\n", name);

	return strstr(config, line) != NULL;
}

static bool is_for(const char *config, const struct arch *arch)
{
	if (!strcmp(arch->kbuild, "x86"))
		return has_option(config, "X86_64");
	if (!strcmp(arch->kbuild, "arm64"))
		return has_option(config, "ARM64") &&
		       has_option(config, "ARM64_16K_PAGES") == (strcmp(arch->name, "arm64-16k") == 0);
	return has_option(config, "ARM") &&
	       has_option(config, "ARM_LPAE") == (strcmp(arch->name, "armhf-lpae") == 0);
}

static char *find_image(const char *tree)
{
	static const char *const places[] = { "arch/x86/boot/bzImage", "arch/arm64/boot/Image",
					      "arch/arm/boot/zImage" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		char *path = xasprintf("%s/%s", tree, places[i]);

		if (file_exists(path))
			return path;
		free(path);
	}
	return NULL;
}

static const char *text_at(const char *bytes, size_t size, size_t at)
{
	return at < size && memchr(bytes + at, 0, size - at) ? bytes + at : NULL;
}

/*
 * "6.1.192 (me@here) #1 SMP Mon ...": a bzImage says it in its header; in an image that
 * isn't compressed it stands as text, and more than once: from 6.1 on the first may leave
 * the build's number and date out. The one after before, or the first after NULL; NULL
 * where there is none.
 */
static const char *version_after(const char *before, const void *image, size_t size)
{
	static const char banner[] = "Linux version ";
	const unsigned char *bytes = image;
	const char *start = before ?: image, *end = (const char *)image + size, *text;

	if (size >= 0x210 && !memcmp(bytes + SETUP_MAGIC, "HdrS", 4))
		return before ? NULL : text_at(image, size,
					       0x200 + (bytes[SETUP_VERSION] |
							bytes[SETUP_VERSION + 1] << 8));
	text = memmem(start, end - start, banner, strlen(banner));
	return text ? text_at(image, size, text + strlen(banner) - (const char *)image) : NULL;
}

char *own_kernel_release_of(const void *image, size_t size)
{
	const char *version = version_after(NULL, image, size);

	return version ? strndup(version, strcspn(version, " ")) : NULL;
}

/* The text that a generated header defines as name, to be freed, or NULL. */
static char *generated_text(const char *headers, const char *file, const char *name)
{
	cleanup_free char *path = xasprintf("include/generated/%s", file);
	cleanup_free char *mark = xasprintf("#define %s \"", name);
	cleanup_free char *text = read_in(headers, path, NULL);
	const char *found = text ? strstr(text, mark) : NULL;

	return found ? strndup(found + strlen(mark), strcspn(found + strlen(mark), "\"\n")) : NULL;
}

/* What modules say they are for: Debian's include/config/kernel.release is another text. */
static char *release_of_headers(const char *headers)
{
	return generated_text(headers, "utsrelease.h", "UTS_RELEASE");
}

/* "#1 SMP Mon ...", of that very build: before 6.1 in the other file. NULL where it is unknown. */
static char *build_of_headers(const char *headers)
{
	return generated_text(headers, "utsversion.h", "UTS_VERSION") ?:
	       generated_text(headers, "compile.h", "UTS_VERSION");
}

/* Whether any of its texts has this; in the message stands the last one, which is whole. */
static int check_build(const struct kernel *kernel, const void *image, size_t size,
		       struct failure *failure)
{
	cleanup_free char *build = build_of_headers(kernel->headers);
	const char *version = NULL, *next;

	while (build && (next = version_after(version, image, size))) {
		version = next;
		if (strstr(version, build))
			return 0;
	}
	if (!version)
		return 0;
	return fail_with(failure, EXIT_USAGE,
			 "the headers in %s are of another build (%s) than %s (%.*s)",
			 kernel->headers, build, kernel->image, (int)strcspn(version, "\n"),
			 version);
}

/*
 * Modules for another kernel would be refused by this one, or worse: of one release
 * and other options, its structures lie otherwise.
 */
static int check_match(const struct kernel *kernel, struct failure *failure)
{
	cleanup_free char *image = NULL;
	cleanup_free char *release = NULL;
	size_t size;

	image = file_read(kernel->image, &size);
	if (!image)
		return fail_with(failure, EXIT_USAGE, "cannot read the kernel %s: %s",
				 kernel->image, strerror(errno));
	if (!strcmp(kernel->arch->kbuild, "x86") &&
	    (size < SETUP_MAGIC + 4 || memcmp(image + SETUP_MAGIC, "HdrS", 4)))
		return fail_with(failure, EXIT_USAGE, "%s is no bzImage, which %s boots",
				 kernel->image, kernel->arch->name);
	release = own_kernel_release_of(image, size);
	if (release && strcmp(release, kernel->release))
		return fail_with(failure, EXIT_USAGE,
				 "the headers in %s are of kernel %s, but %s is kernel %s",
				 kernel->headers, kernel->release, kernel->image, release);
	return check_build(kernel, image, size, failure);
}

static int check_config(const char *headers, const char *config, const struct arch *arch,
			struct failure *failure)
{
	cleanup_free char *symbols = xasprintf("%s/Module.symvers", headers);

	if (!is_for(config, arch))
		return fail_with(failure, EXIT_USAGE, "%s is configured for no %s machine (--arch)",
				 headers, arch->name);
	if (!has_option(config, "MODULES"))
		return fail_with(failure, EXIT_SKIP,
				 "the kernel of %s has no module support (CONFIG_MODULES)", headers);
	if (!file_exists(symbols))
		return fail_with(failure, EXIT_USAGE,
				 "%s has no Module.symvers: build it whole (make)", headers);
	return 0;
}

/* Changes whenever a module would have to be built again. */
static char *version_of(const char *headers, const char *config)
{
	cleanup_free char *symbols = read_in(headers, "Module.symvers", NULL);
	cleanup_free char *all = xasprintf("%s%s", config, symbols ?: "");
	char hex[DIGEST_HEX_SIZE];

	digest_bytes(all, strlen(all), hex);
	return xasprintf(VERSION_START "%.16s", hex);
}

int own_kernel_open(const char *path, const char *headers, const struct arch *arch,
		    struct kernel *kernel, struct failure *failure)
{
	bool is_tree = is_directory(path);
	cleanup_free char *place = realpath(is_tree ? path : headers ?: "", NULL);
	cleanup_free char *config = place ? read_in(place, ".config", NULL) : NULL;
	char *release = place ? release_of_headers(place) : NULL;

	*kernel = (struct kernel) { .arch = arch, .release = release };
	if (is_tree && headers)
		return fail_with(failure, EXIT_USAGE,
				 "--headers: the build tree %s has its own", path);
	if (!is_tree && !headers)
		return fail_with(failure, EXIT_USAGE,
				 "kernel %s: a build tree is wanted, or an image and its --headers",
				 path);
	if (!config || !release)
		return fail_with(failure, EXIT_USAGE,
				 "%s is no kernel's build tree or headers: it has no %s",
				 is_tree ? path : headers,
				 config ? "include/generated/utsrelease.h" : ".config");
	kernel->directory = xstrdup(place);
	kernel->headers = xstrdup(place);
	kernel->package_version = version_of(place, config);
	/* Instrumented from its first instruction on, it dies on PVH's way in. */
	kernel->boots_whole = has_option(config, "KASAN");
	kernel->image = is_tree ? find_image(place) : realpath(path, NULL);
	if (!kernel->image)
		return fail_with(failure, EXIT_USAGE, "no kernel image in %s: build it (make)", path);
	return check_config(place, config, arch, failure) ?: check_match(kernel, failure);
}
