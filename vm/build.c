// SPDX-License-Identifier: GPL-2.0-or-later
#include "build.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/paths.h"
#include "cache.h"
#include "digest.h"
#include "toolchain.h"

#define MODULE_FILE "kernel_memory.ko"

/* Tests want a module that makes faults on purpose (module/test_hooks.h). */
#ifdef KMEMLAB_TEST_HOOKS
#define MODULE_FLAGS "-DKMEMLAB_TEST_HOOKS "
#else
#define MODULE_FLAGS ""
#endif

/* What the user wants make to be told as well. */
static const char *make_arguments(void)
{
	return getenv("KMEMLAB_MAKE") ?: "";
}

/* Relative to path_sources(), in a fixed order. */
struct sources {
	char **names;
	size_t count;
};

static bool ends_with_one_of(const char *name, const char *const *endings, size_t count)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < count; i++)
		if (length >= strlen(endings[i]) &&
		    !strcmp(name + length - strlen(endings[i]), endings[i]))
			return true;
	return false;
}

static bool is_source(const char *name)
{
	static const char *const sources[] = { ".c", ".h", ".S", ".sh", "Kbuild", "Makefile",
					       "exports" };
	/* What Kbuild leaves in a checkout where someone built by hand. */
	static const char *const made[] = { ".mod.c", "config.h" };

	return name[0] != '.' &&
	       ends_with_one_of(name, sources, sizeof(sources) / sizeof(*sources)) &&
	       !ends_with_one_of(name, made, sizeof(made) / sizeof(*made));
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void sources_find(struct sources *sources)
{
	cleanup_free char *module = xasprintf("%s/module", path_sources());
	cleanup_free char *uapi = xasprintf("%s/include/uapi", path_sources());
	char *const roots[] = { uapi, module, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;

	*sources = (struct sources) { 0 };
	while (tree && (entry = fts_read(tree))) {
		if (entry->fts_info != FTS_F || !is_source(entry->fts_name))
			continue;
		sources->names = xrealloc(sources->names,
					  (sources->count + 1) * sizeof(*sources->names));
		sources->names[sources->count++] =
			xstrdup(entry->fts_path + strlen(path_sources()) + 1);
	}
	if (tree)
		fts_close(tree);
}

static void sources_release(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		free(sources->names[i]);
	free(sources->names);
}

/* What the module's bytes depend on. */
static void build_key(const struct kernel *kernel, const struct toolchain *toolchain,
		      const struct sources *sources, char key[DIGEST_HEX_SIZE])
{
	cleanup_free char *list = NULL;
	size_t size;
	FILE *out = open_memstream(&list, &size);

	fprintf(out, MODULE_FLAGS "%s\n%s %s\n%s", make_arguments(), kernel->release,
		kernel->package_version, toolchain->version);
	for (size_t i = 0; i < sources->count; i++) {
		cleanup_free char *path = xasprintf("%s/%s", path_sources(), sources->names[i]);
		cleanup_free char *text = NULL;
		char hex[DIGEST_HEX_SIZE] = "";
		size_t bytes;

		text = file_read(path, &bytes);
		if (text)
			digest_bytes(text, bytes, hex);
		fprintf(out, "%s %s\n", hex, sources->names[i]);
	}
	fclose(out);
	digest_bytes(list, size, key);
}

/* Kbuild writes beside its sources: it gets a copy of them. */
static int copy_sources(const struct sources *sources, const char *directory,
			struct failure *failure)
{
	for (size_t i = 0; i < sources->count; i++) {
		cleanup_free char *from = xasprintf("%s/%s", path_sources(), sources->names[i]);
		cleanup_free char *to = xasprintf("%s/%s", directory, sources->names[i]);
		cleanup_free char *parent = xstrdup(to);
		int error;

		*strrchr(parent, '/') = '\0';
		error = directory_make(parent) ?: file_copy(from, to);
		if (error)
			return fail_with(failure, EXIT_TROUBLE, "cannot write %s: %s", to,
					 strerror(-error));
	}
	return 0;
}

static int run_step(const struct toolchain *toolchain, const struct kernel *kernel,
		    const char *directory, const char *script, struct failure *failure)
{
	cleanup_free char *text = NULL;
	int status = toolchain_run(toolchain, kernel, directory, script, &text);

	if (status == -EINTR)
		return fail_interrupted(failure);
	if (status == -EPERM)
		return fail_with(failure, EXIT_SKIP, "the build root %s cannot be entered: %.*s",
				 toolchain->root, (int)strcspn(text ?: "", "\n"), text ?: "");
	if (status && strstr(text ?: "", "No space left on device"))
		return fail_with(failure, EXIT_TROUBLE,
				 "the cache %s is full: the module does not build for %s",
				 path_cache(), kernel->release);
	if (status) {
		fputs(text ?: "", stderr);
		return fail_with(failure, EXIT_TROUBLE,
				 "the module does not build for %s (status %d, see above)",
				 kernel->release, status);
	}
	return 0;
}

/*
 * Builds in directory. The bytes must not depend on where that is: file names
 * are mapped, and debug information, which knows it all, is left out; so are type
 * descriptions for BPF, which would take one more program (pahole).
 */
static int build_in(const struct kernel *kernel, const struct toolchain *toolchain,
		    const char *directory, struct failure *failure)
{
	const struct arch *arch = kernel->arch;
	const char *headers = kernel->headers + strlen(kernel->directory);
	cleanup_free char *script = xasprintf(
		"make -s -j%ld -C \"$KERNEL%s\" M=\"$BUILD/module\" ARCH=%s CC=%s CROSS_COMPILE=%s "
		"DEB_BUILD_ARCH=%s DEB_HOST_ARCH=%s DEB_HOST_GNU_TYPE=%s "
		"CONFIG_DEBUG_INFO_BTF_MODULES= "
		"KCFLAGS=\"" MODULE_FLAGS "-g0 -ffile-prefix-map=$BUILD/= -ffile-prefix-map=$KERNEL/=\" "
		"%s modules && "
		"%sstrip --strip-debug -o \"$BUILD/" MODULE_FILE "\" \"$BUILD/module/" MODULE_FILE
		"\"",
		sysconf(_SC_NPROCESSORS_ONLN), headers, arch->kbuild, toolchain->compiler,
		toolchain->prefix, arch_of_host, arch->debian, arch->triplet, make_arguments(),
		toolchain->prefix);
	cleanup_free char *sources = xasprintf("%s/module", directory);
	cleanup_free char *include = xasprintf("%s/include", directory);

	if (run_step(toolchain, kernel, directory, script, failure))
		return -1;
	directory_remove(sources);
	directory_remove(include);
	return 0;
}

static int build_entry(const struct kernel *kernel, const struct toolchain *toolchain,
		       const struct sources *sources, const char *entry, struct failure *failure)
{
	cleanup_free char *partial = NULL;
	int lock = cache_lock(failure);
	int error = 0;

	if (lock < 0)
		return -1;
	if (file_exists(entry))
		goto out;
	partial = cache_partial(failure);
	error = partial ? 0 : -1;
	if (error)
		goto out;
	say_progress("building the module for %s ...", kernel->release);
	error = copy_sources(sources, partial, failure) ?:
		build_in(kernel, toolchain, partial, failure) ?:
		cache_commit(partial, entry, failure);
	if (error)
		directory_remove(partial);
out:
	cache_unlock(lock);
	return error;
}

int module_build(const struct kernel *kernel, char **module, struct failure *failure)
{
	cleanup_free char *entry = NULL;
	struct toolchain toolchain;
	char key[DIGEST_HEX_SIZE];
	struct sources sources;
	int error = toolchain_find(kernel, &toolchain, failure);

	if (!error) {
		sources_find(&sources);
		build_key(kernel, &toolchain, &sources, key);
		entry = cache_path("modules/%s/%.16s", kernel->release, key);
		if (!file_exists(entry))
			error = build_entry(kernel, &toolchain, &sources, entry, failure);
		sources_release(&sources);
	}
	if (!error)
		*module = xasprintf("%s/" MODULE_FILE, entry);
	toolchain_release(&toolchain);
	return error;
}
