// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/memory.h"
#include "cache.h"

/* Fields of a bzImage's setup header; the version's offset is relative to 512 */
#define SETUP_MAGIC	0x202
#define SETUP_VERSION	0x20e
#define SETUP_END	0x210

#define VERSION_PREFIX	"own-"

void kernel_release(struct kernel *kernel)
{
	free(kernel->release);
	free(kernel->package_version);
	free(kernel->directory);
	free(kernel->image);
	free(kernel->headers);
	*kernel = (struct kernel) { 0 };
}

/* A spec is a release, a release without the flavour, or its first two numbers. */
static bool release_matches(const char *release, const char *spec, const char *flavour)
{
	const char *dot = strchr(spec, '.'), *rest;

	if (strncmp(release, spec, strlen(spec)))
		return false;
	rest = release + strlen(spec);
	return !*rest || (*rest == '-' && !strcmp(rest + 1, flavour)) ||
	       (*rest == '.' && dot && !strchr(dot + 1, '.'));
}

bool kernel_matches(const char *release, const struct suite *suite, const char *spec,
		    const struct arch *arch)
{
	if (!strcmp(spec, "default"))
		return suite && suite == suite_default();
	return (suite && suite == suite_find(spec)) ||
	       release_matches(release, spec, suite_flavour(suite, arch));
}

static bool has_prefix_and_suffix(const char *name, size_t length, const char *prefix,
				  const char *suffix)
{
	return length > strlen(prefix) + strlen(suffix) && !strncmp(name, prefix, strlen(prefix)) &&
	       !strncmp(name + length - strlen(suffix), suffix, strlen(suffix));
}

char *kernel_dependency(const char *show, const char *prefix, const char *suffix)
{
	static const char field[] = "\nDepends: ";
	const char *name = strstr(show, field), *end;

	if (!name)
		return NULL;
	name += strlen(field);
	end = name + strcspn(name, "\n");
	while (name < end) {
		size_t length = strcspn(name, " ,|\n");

		if (has_prefix_and_suffix(name, length, prefix, suffix))
			return strndup(name, length);
		name += strcspn(name, ",|\n");
		name += strspn(name, ",| ");
	}
	return NULL;
}

/* Return the next stock kernel's release, skipping "-cloud", "-rt" and "-unsigned", or NULL. */
static const char *next_release(char **names, const struct suite *suite, const struct arch *arch)
{
	static const char prefix[] = "linux-image-";
	cleanup_free char *suffix = xasprintf("-%s", suite_flavour(suite, arch));
	char *name;

	while ((name = strsep(names, "\n"))) {
		const char *release = name + strlen(prefix);

		if (has_prefix_and_suffix(name, strlen(name), prefix, suffix) &&
		    !strstr(release, "-cloud-") && !strstr(release, "-rt-") &&
		    release[0] >= '0' && release[0] <= '9')
			return release;
	}
	return NULL;
}

char *kernel_newest(const char *names, const char *spec, const struct suite *suite,
		    const struct arch *arch)
{
	cleanup_free char *copy = xstrdup(names);
	const char *release, *newest = NULL;
	char *rest = copy;

	while ((release = next_release(&rest, suite, arch)))
		if (release_matches(release, spec, suite_flavour(suite, arch)) &&
		    (!newest || strverscmp(release, newest) > 0))
			newest = release;
	return newest ? xstrdup(newest) : NULL;
}

struct neighbours {
	const char *below, *above;
};

static void neighbours_update(struct neighbours *found, const char *release, const char *spec)
{
	int order = strverscmp(release, spec);

	if (order < 0 && (!found->below || strverscmp(release, found->below) > 0))
		found->below = release;
	if (order > 0 && (!found->above || strverscmp(release, found->above) < 0))
		found->above = release;
}

char *kernel_neighbours(const char *names, const char *spec, const struct suite *suite,
			const struct arch *arch)
{
	cleanup_free char *copy = xstrdup(names);
	struct neighbours found = { 0 };
	const struct suite *other;
	const char *release;
	char *rest = copy;

	while ((release = next_release(&rest, suite, arch)))
		neighbours_update(&found, release, spec);
	for (unsigned int i = 0; (other = suite_at(i)); i++)
		if (other->series && (!arch->since || strverscmp(other->series, arch->since) >= 0))
			neighbours_update(&found, other->series, spec);
	return xasprintf("%s%s%s", found.below ?: "", found.below && found.above ? ", " : "",
			 found.above ?: "");
}

bool kernel_is_local(const char *spec)
{
	return strchr(spec, '/') || !strcmp(spec, ".");
}

bool kernel_was_local(const char *package_version)
{
	return !strncmp(package_version, VERSION_PREFIX, strlen(VERSION_PREFIX));
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static char *read_in(const char *directory, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);

	return file_read(path, NULL);
}

/* Return whether the configuration contains "CONFIG_NAME=y". */
static bool has_option(const char *config, const char *name)
{
	cleanup_free char *line = xasprintf("\nCONFIG_%s=y\n", name);

	return strstr(config, line) != NULL;
}

static bool config_matches(const char *config, const struct arch *arch)
{
	return has_option(config, arch->config) &&
	       (!arch->variant || has_option(config, arch->variant) == arch->variant_set);
}

static bool is_bzimage(const void *image, size_t size)
{
	return size >= SETUP_END && !memcmp((const char *)image + SETUP_MAGIC, "HdrS", 4);
}

static const char *string_at(const char *bytes, size_t size, size_t offset)
{
	return offset < size && memchr(bytes + offset, 0, size - offset) ? bytes + offset : NULL;
}

/*
 * Return the next version text after previous, or the first for NULL:
 * "6.1.192 (me@here) #1 SMP Mon ...". The header of a bzImage contains one; other
 * images are searched for the banner. From 6.1 on, the first banner may lack the
 * build's number and date.
 */
static const char *next_version(const char *previous, const void *image, size_t size)
{
	static const char banner[] = "Linux version ";
	const unsigned char *bytes = image;
	const char *start = previous ?: image, *end = (const char *)image + size, *text;

	if (is_bzimage(image, size))
		return previous ? NULL : string_at(image, size,
						   0x200 + (bytes[SETUP_VERSION] |
							    bytes[SETUP_VERSION + 1] << 8));
	text = memmem(start, end - start, banner, strlen(banner));
	return text ? string_at(image, size, text + strlen(banner) - (const char *)image) : NULL;
}

char *local_kernel_release(const void *image, size_t size)
{
	const char *version = next_version(NULL, image, size);

	return version ? strndup(version, strcspn(version, " ")) : NULL;
}

/* Return the string that a generated header defines as name, or NULL. */
static char *generated_string(const char *headers, const char *file, const char *name)
{
	cleanup_free char *path = xasprintf("include/generated/%s", file);
	cleanup_free char *define = xasprintf("#define %s \"", name);
	cleanup_free char *text = read_in(headers, path);
	const char *value = text ? strstr(text, define) : NULL;

	if (!value)
		return NULL;
	value += strlen(define);
	return strndup(value, strcspn(value, "\"\n"));
}

/* Check that the headers are of the same build as the image, "#1 SMP Mon ...". */
static int check_build(const struct kernel *kernel, const void *image, size_t size,
		       struct error *error)
{
	/* Before 6.1, compile.h defines it. */
	cleanup_free char *build = generated_string(kernel->headers, "utsversion.h",
						    "UTS_VERSION") ?:
				   generated_string(kernel->headers, "compile.h", "UTS_VERSION");
	const char *version = NULL, *next;

	while (build && (next = next_version(version, image, size))) {
		version = next;
		if (strstr(version, build))
			return 0;
	}
	if (!version)
		return 0;
	return error_set(error, EXIT_USAGE,
			 "the headers in %s are of another build (%s) than %s (%.*s)",
			 kernel->headers, build, kernel->image, (int)strcspn(version, "\n"),
			 version);
}

/*
 * Check that the headers match the image. A module built with other options can be
 * accepted by the kernel and yet have different structure layouts.
 */
static int check_match(const struct kernel *kernel, struct error *error)
{
	cleanup_free char *image = NULL;
	cleanup_free char *release = NULL;
	size_t size;

	image = file_read(kernel->image, &size);
	if (!image)
		return error_set(error, EXIT_USAGE, "cannot read the kernel %s: %s",
				 kernel->image, strerror(errno));
	if (!strcmp(kernel->arch->kbuild, "x86") && !is_bzimage(image, size))
		return error_set(error, EXIT_USAGE,
				 "%s is not a bzImage (%s boots no other format)",
				 kernel->image, kernel->arch->name);
	release = local_kernel_release(image, size);
	if (release && strcmp(release, kernel->release))
		return error_set(error, EXIT_USAGE,
				 "the headers in %s are of kernel %s, but %s is kernel %s",
				 kernel->headers, kernel->release, kernel->image, release);
	return check_build(kernel, image, size, error);
}

static int check_modules(const char *headers, const char *config, struct error *error)
{
	cleanup_free char *symbols = xasprintf("%s/Module.symvers", headers);

	if (!has_option(config, "MODULES"))
		return error_set(error, EXIT_SKIP,
				 "the kernel of %s does not support modules (CONFIG_MODULES)",
				 headers);
	if (!file_exists(symbols))
		return error_set(error, EXIT_USAGE,
				 "%s lacks Module.symvers: build the kernel completely (make)",
				 headers);
	return 0;
}

/* Return a version that changes whenever the module must be rebuilt. */
static char *local_version(const char *headers, const char *config)
{
	cleanup_free char *symbols = read_in(headers, "Module.symvers");
	cleanup_free char *text = xasprintf("%s%s", config, symbols ?: "");
	char hex[SHA256_HEX_SIZE];

	sha256_bytes(text, strlen(text), hex);
	return xasprintf(VERSION_PREFIX "%.16s", hex);
}

int local_kernel_open(const char *path, const char *headers, const struct arch *arch,
		      struct kernel *kernel, struct error *error)
{
	bool is_tree = is_directory(path);
	cleanup_free char *directory = realpath(is_tree ? path : headers ?: "", NULL);
	cleanup_free char *config = directory ? read_in(directory, ".config") : NULL;
	cleanup_free char *tree_image = NULL;
	char *release = NULL;

	/* Debian's include/config/kernel.release differs from the release in modules. */
	if (directory)
		release = generated_string(directory, "utsrelease.h", "UTS_RELEASE");
	*kernel = (struct kernel) { .arch = arch, .release = release };
	if (is_tree && headers)
		return error_set(error, EXIT_USAGE,
				 "--headers cannot be used with the build tree %s", path);
	if (!is_tree && !headers)
		return error_set(error, EXIT_USAGE,
				 "kernel '%s' must be a build tree, or an image with --headers",
				 path);
	if (!config || !release)
		return error_set(error, EXIT_USAGE,
				 "%s is not a build tree or headers of a kernel (no %s)",
				 is_tree ? path : headers,
				 config ? "include/generated/utsrelease.h" : ".config");
	kernel->directory = xstrdup(directory);
	kernel->headers = xstrdup(directory);
	kernel->package_version = local_version(directory, config);
	/* With KASAN, early code crashes when it is entered through PVH. */
	kernel->boots_compressed = has_option(config, "KASAN");
	if (!config_matches(config, arch))
		return error_set(error, EXIT_USAGE,
				 "the kernel of %s is not configured for %s (--arch)",
				 directory, arch->name);
	tree_image = xasprintf("%s/%s", directory, arch->image);
	kernel->image = realpath(is_tree ? tree_image : path, NULL);
	if (!kernel->image)
		return error_set(error, EXIT_USAGE, "no kernel image in %s (build it with make)",
				 path);
	return check_modules(directory, config, error) ?: check_match(kernel, error);
}
