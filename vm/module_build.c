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

#define DEBUG_FLAGS	"\"-g -fdebug-prefix-map=$KERNEL= -fdebug-prefix-map=$BUILD=\""

/* One build of the module. */
struct build {
	const struct kernel *kernel;
	const struct module_variant *variant;
	struct toolchain toolchain;
	struct name_list sources;	/* paths below path_sources(), in a fixed order */
	struct name_list headers;	/* paths next to the variant's extra file */
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

		directory_find(directory, is_source, &build->sources.names, &build->sources.count);
	}
	if (build->variant->extra && build->variant->extra->has_headers)
		c_file_headers(build->variant->extra->path, &build->headers);
}

/* Return a source's path relative to path_sources(). */
static const char *relative_path(const char *source)
{
	return source + strlen(path_sources()) + 1;
}

static void hash_file(struct strbuf *list, const char *path, const char *name)
{
	char hex[SHA256_HEX_SIZE] = "";
	size_t bytes;
	cleanup_free char *text = file_read(path, &bytes);

	if (text)
		sha256_bytes(text, bytes, hex);
	strbuf_addf(list, "%s %s\n", hex, name);
}

/* Hash everything that the module's bytes depend on. */
static void hash_inputs(const struct build *build, char key[SHA256_HEX_SIZE])
{
	cleanup_strbuf struct strbuf list = STRBUF_INIT;

	strbuf_addf(&list, MODULE_FLAGS "%s\n%s %s\n%s", make_arguments(), build->kernel->release,
		    build->kernel->package_version, build->toolchain.version);
	if (strcmp(build->variant->name, KMEMLAB_MODULE))
		strbuf_addf(&list, "%s\n", build->variant->name);
	if (build->variant->extra)
		strbuf_addf(&list, "%s\n", build->variant->extra->text);
	for (size_t i = 0; i < build->headers.count; i++)
		hash_file(&list, build->headers.names[i], basename(build->headers.names[i]));
	for (size_t i = 0; i < build->sources.count; i++)
		hash_file(&list, build->sources.names[i], relative_path(build->sources.names[i]));
	sha256_bytes(list.text, list.length, key);
}

static int copy_source(const char *from, const char *directory, const char *name,
		       struct error *error)
{
	cleanup_free char *to = xasprintf("%s/%s", directory, name);
	cleanup_free char *parent = strndup(to, strrchr(to, '/') - to);
	int err = directory_create(parent) ?: file_copy(from, to);

	return err ? error_set(error, EXIT_HOST_ERROR, "cannot copy %s to %s: %s", from, to,
			       strerror(-err)) : 0;
}

/* Copy the sources, because Kbuild writes next to them. */
static int copy_sources(const struct build *build, const char *directory, struct error *error)
{
	for (size_t i = 0; i < build->sources.count; i++)
		if (copy_source(build->sources.names[i], directory,
				relative_path(build->sources.names[i]), error))
			return -1;
	for (size_t i = 0; i < build->headers.count; i++) {
		cleanup_free char *name = xasprintf("module/user/%s",
						    basename(build->headers.names[i]));

		if (copy_source(build->headers.names[i], directory, name, error))
			return -1;
	}
	return 0;
}

/* Write a text to a file of the copied sources. */
static int write_source(const char *directory, const char *name, const char *text,
			struct error *error)
{
	cleanup_free char *path = xasprintf("%s/module/facilities/%s", directory, name);
	int err = file_write(path, text, strlen(text));

	return err ? error_set(error, EXIT_HOST_ERROR, "cannot write %s: %s", path,
			       strerror(-err)) : 0;
}

/* Replace facilities/extra.c and extra.h. Messages of the compiler name the user's file. */
static int copy_facility_file(const struct build *build, const char *directory,
			      struct error *error)
{
	const struct facility_file *extra = build->variant->extra;
	cleanup_strbuf struct strbuf code = STRBUF_INIT, rows = STRBUF_INIT;
	struct name_list names = { 0 };

	if (!extra)
		return 0;
	c_add_line(&code, extra->path);
	strbuf_addf(&code, "%s\n", extra->text);
	facility_file_names(extra->text, &names);
	for (size_t i = 0; i < names.count; i++)
		strbuf_addf(&rows, "FACILITY(%s, 0, \"\")\n", names.names[i]);
	name_list_release(&names);
	return write_source(directory, "extra.c", code.text, error) ?:
	       write_source(directory, "extra.h", rows.text, error);
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
	if (build->variant->extra)
		return error_set(error, EXIT_BUILD_FAILED, "'%s' does not build for %s (see above)",
				 build->variant->extra->path, build->kernel->release);
	return error_set(error, EXIT_HOST_ERROR,
			 "cannot build the module for %s (status %d, see above)",
			 build->kernel->release, status);
}

/*
 * Build the module. Its bytes must not depend on the directory: file names are mapped. Only a copy
 * for module_lines has debug information, and only of the user's file.
 */
static int build_fill(void *context, const char *directory, struct error *error)
{
	const struct build *build = context;
	const char *name = build->variant->name;
	bool extra = build->variant->extra;
	cleanup_free char *make = toolchain_make(
		&build->toolchain, build->kernel, "module", MODULE_FLAGS
		"-g0 -ffile-prefix-map=$BUILD/= -ffile-prefix-map=$KERNEL/=");
	cleanup_free char *script = xasprintf(
		"export KMEMLAB_NAME=%s KMEMLAB_EXTRA_CFLAGS=%s && %s && "
		"%sstrip --strip-debug -o \"$BUILD/%s.ko\" \"$BUILD/module/%s.ko\" && "
		"mv \"$BUILD/module/%s.ko\" \"$BUILD/%s" MODULE_DEBUG "\"",
		name, extra ? DEBUG_FLAGS : "", make, build->toolchain.prefix, name, name, name,
		extra ? "" : "module/");
	cleanup_free char *module = xasprintf("%s/module", directory);
	cleanup_free char *include = xasprintf("%s/include", directory);

	log_progress("building the module for %s ...", build->kernel->release);
	if (copy_sources(build, directory, error) || copy_facility_file(build, directory, error) ||
	    run_script(build, directory, script, error))
		return -1;
	directory_remove(module);
	directory_remove(include);
	return 0;
}

static int build_module(struct build *build, char **module, char hex[SHA256_HEX_SIZE],
			struct error *error)
{
	const struct kernel *kernel = build->kernel;
	cleanup_free char *file = xasprintf("%s.ko", build->variant->name);
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

int module_build(const struct kernel *kernel, const struct module_variant *variant, char **module,
		 char hex[SHA256_HEX_SIZE], struct error *error)
{
	struct build build = { .kernel = kernel, .variant = variant };
	int err = build_module(&build, module, hex, error);

	name_list_release(&build.sources);
	name_list_release(&build.headers);
	toolchain_release(&build.toolchain);
	return err;
}
