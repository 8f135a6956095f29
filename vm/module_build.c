// SPDX-License-Identifier: GPL-2.0-or-later
#include "module_build.h"

#include <string.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/strbuf.h"
#include "cache.h"
#include "lib/device.h"
#include "toolchain.h"

/* Tests build a module with fault injection (module/internal.h). */
#ifdef KMEMLAB_TEST_HOOKS
#define MODULE_FLAGS "-DKMEMLAB_TEST_HOOKS "
#else
#define MODULE_FLAGS ""
#endif

/* One build of the module. */
struct build {
	const struct kernel *kernel;
	const char *name;		/* of the module */
	struct toolchain toolchain;
	char **sources;			/* below path_sources(), in a fixed order */
	size_t source_count;
};

static bool is_source(const char *name)
{
	static const char *const suffixes[] = { ".c", ".h", ".S", ".sh", "Kbuild", "Makefile",
						"exports" };

	/* Skip what Kbuild leaves in a checkout when the module is built by hand. */
	if (name[0] == '.' || !strcmp(name, "config.h") || str_ends_with(name, ".mod.c"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (str_ends_with(name, suffixes[i]))
			return true;
	return false;
}

static void find_sources(struct build *build)
{
	static const char *const directories[] = { "include/uapi", "module" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		cleanup_free char *directory = xasprintf("%s/%s", path_sources(), directories[i]);

		directory_find(directory, is_source, &build->sources, &build->source_count);
	}
}

/* Return a source's path relative to path_sources(). */
static const char *relative_path(const char *source)
{
	return source + strlen(path_sources()) + 1;
}

/* Hash everything that the module's bytes depend on. */
static void hash_inputs(const struct build *build, char key[SHA256_HEX_SIZE])
{
	cleanup_strbuf struct strbuf list = STRBUF_INIT;

	strbuf_addf(&list, MODULE_FLAGS "%s\n%s %s\n%s", make_arguments(), build->kernel->release,
		    build->kernel->package_version, build->toolchain.version);
	if (strcmp(build->name, KMEMLAB_MODULE))
		strbuf_addf(&list, "%s\n", build->name);
	for (size_t i = 0; i < build->source_count; i++) {
		char hex[SHA256_HEX_SIZE] = "";
		size_t bytes;
		cleanup_free char *text = file_read(build->sources[i], &bytes);

		if (text)
			sha256_bytes(text, bytes, hex);
		strbuf_addf(&list, "%s %s\n", hex, relative_path(build->sources[i]));
	}
	sha256_bytes(list.text, list.length, key);
}

/* Copy the sources, because Kbuild writes next to them. */
static int copy_sources(const struct build *build, const char *directory, struct error *error)
{
	for (size_t i = 0; i < build->source_count; i++) {
		const char *from = build->sources[i];
		cleanup_free char *to = xasprintf("%s/%s", directory, relative_path(from));
		cleanup_free char *parent = strndup(to, strrchr(to, '/') - to);
		int err = directory_create(parent) ?: file_copy(from, to);

		if (err)
			return error_set(error, EXIT_HOST_ERROR, "cannot write %s: %s", to,
					 strerror(-err));
	}
	return 0;
}

static int run_script(const struct build *build, const char *directory, const char *script,
		      struct error *error)
{
	cleanup_free char *output = NULL;
	cleanup_free char *place = xasprintf("the cache %s", path_cache());
	int status = toolchain_build(&build->toolchain, build->kernel, directory, script, place,
				     &output, error);

	if (status <= 0)
		return status;
	fputs(output ?: "", stderr);
	return error_set(error, EXIT_HOST_ERROR,
			 "cannot build the module for %s (status %d, see above)",
			 build->kernel->release, status);
}

/*
 * Build the module. Its bytes must not depend on the directory: file names are mapped,
 * and debug information, which contains the directory, is omitted.
 */
static int build_fill(void *context, const char *directory, struct error *error)
{
	const struct build *build = context;
	cleanup_free char *make = toolchain_make(
		&build->toolchain, build->kernel, "module", MODULE_FLAGS
		"-g0 -ffile-prefix-map=$BUILD/= -ffile-prefix-map=$KERNEL/=");
	cleanup_free char *script = xasprintf(
		"export KMEMLAB_NAME=%s && %s && "
		"%sstrip --strip-debug -o \"$BUILD/%s.ko\" \"$BUILD/module/%s.ko\"",
		build->name, make, build->toolchain.prefix, build->name, build->name);
	cleanup_free char *module = xasprintf("%s/module", directory);
	cleanup_free char *include = xasprintf("%s/include", directory);

	log_progress("building the module for %s ...", build->kernel->release);
	if (copy_sources(build, directory, error) || run_script(build, directory, script, error))
		return -1;
	directory_remove(module);
	directory_remove(include);
	return 0;
}

static int build_module(struct build *build, char **module, char hex[SHA256_HEX_SIZE],
			struct error *error)
{
	const struct kernel *kernel = build->kernel;
	cleanup_free char *file = xasprintf("%s.ko", build->name);
	cleanup_free char *entry = NULL;
	char key[SHA256_HEX_SIZE];

	if (toolchain_find(kernel, &build->toolchain, error))
		return -1;
	find_sources(build);
	hash_inputs(build, key);
	entry = cache_path("modules/%s/%.16s", kernel->release, key);
	if (cache_ensure_file(entry, file, build_fill, build, hex, error))
		return -1;
	*module = xasprintf("%s/%s", entry, file);
	return 0;
}

int module_build(const struct kernel *kernel, const char *name, char **module,
		 char hex[SHA256_HEX_SIZE], struct error *error)
{
	struct build build = { .kernel = kernel, .name = name };
	int err = build_module(&build, module, hex, error);

	for (size_t i = 0; i < build.source_count; i++)
		free(build.sources[i]);
	free(build.sources);
	toolchain_release(&build.toolchain);
	return err;
}
