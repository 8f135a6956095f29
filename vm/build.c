// SPDX-License-Identifier: GPL-2.0-or-later
#include "build.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/paths.h"
#include "base/process.h"
#include "cache.h"
#include "digest.h"

#define MODULE_FILE "kernel_memory.ko"

/* Tests want a module that makes faults on purpose (module/test_hooks.h). */
#ifdef KMEMLAB_TEST_HOOKS
#define MODULE_FLAGS "-DKMEMLAB_TEST_HOOKS "
#else
#define MODULE_FLAGS ""
#endif

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

/* The compiler that these headers ask for, where it is installed, else gcc. */
static char *find_compiler(const struct kernel *kernel)
{
	cleanup_free char *path = xasprintf("%s/.kernelvariables", kernel->headers);
	cleanup_free char *text = file_read(path, NULL);
	const char *name = text ? strstr(text, "gcc-") : NULL;
	char *compiler;

	if (name) {
		compiler = strndup(name, 4 + strspn(name + 4, "0123456789"));
		cleanup_free char *found = program_find(compiler);

		if (found)
			return compiler;
		free(compiler);
	}
	return xstrdup("gcc");
}

static char *compiler_version(const char *compiler)
{
	const char *const argv[] = { compiler, "--version", NULL };
	char *output = NULL;
	struct process process = { .argv = argv, .output = &output };

	if (process_run(&process) == 0)
		return output;
	free(output);
	return NULL;
}

/* What the module's bytes depend on. */
static int build_key(const struct kernel *kernel, const char *compiler,
		     const struct sources *sources, char key[DIGEST_HEX_SIZE],
		     struct failure *failure)
{
	cleanup_free char *version = compiler_version(compiler);
	cleanup_free char *list = NULL;
	size_t size;
	FILE *out;

	if (!version)
		return fail_with(failure, EXIT_TROUBLE, "%s is missing: install the package gcc",
				 compiler);
	out = open_memstream(&list, &size);
	fprintf(out, MODULE_FLAGS "%s %s\n%s", kernel->release, kernel->package_version, version);
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
	return 0;
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

static int run_step(const char *const *argv, struct failure *failure)
{
	cleanup_free char *text = NULL;
	struct process process = { .argv = argv, .output = &text, .errors = &text };
	int status = process_run(&process);

	if (status == -EINTR)
		return fail_interrupted(failure);
	if (status < 0)
		return fail_with(failure, EXIT_TROUBLE,
				 "cannot run %s: %s (install the packages make, gcc and binutils)",
				 argv[0], strerror(-status));
	if (status > 0) {
		fputs(text, stderr);
		return fail_with(failure, EXIT_TROUBLE,
				 "the module does not build (%s ended with status %d, see above)",
				 argv[0], status);
	}
	return 0;
}

/*
 * Builds in directory. The bytes must not depend on where that is: file names
 * are mapped, and debug information, which knows it all, is left out.
 */
static int build_in(const struct kernel *kernel, const char *compiler, const char *directory,
		    struct failure *failure)
{
	cleanup_free char *m = xasprintf("M=%s/module", directory);
	cleanup_free char *cc = xasprintf("CC=%s", compiler);
	cleanup_free char *flags =
		xasprintf("KCFLAGS=" MODULE_FLAGS "-ffile-prefix-map=%s/= -ffile-prefix-map=%s/=", directory,
			  kernel->directory);
	cleanup_free char *jobs = xasprintf("-j%ld", sysconf(_SC_NPROCESSORS_ONLN));
	cleanup_free char *built = xasprintf("%s/module/" MODULE_FILE, directory);
	cleanup_free char *module = xasprintf("%s/" MODULE_FILE, directory);
	const char *const make[] = { "make", "-s", jobs, "-C", kernel->headers, m, cc, flags,
				     "modules", NULL };
	const char *const strip[] = { "strip", "--strip-debug", "-o", module, built, NULL };
	cleanup_free char *sources = xasprintf("%s/module", directory);
	cleanup_free char *include = xasprintf("%s/include", directory);

	if (run_step(make, failure) || run_step(strip, failure))
		return -1;
	directory_remove(sources);
	directory_remove(include);
	return 0;
}

static int build_entry(const struct kernel *kernel, const char *compiler,
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
		build_in(kernel, compiler, partial, failure) ?:
		cache_commit(partial, entry, failure);
	if (error)
		directory_remove(partial);
out:
	cache_unlock(lock);
	return error;
}

int module_build(const struct kernel *kernel, char **module, struct failure *failure)
{
	cleanup_free char *compiler = find_compiler(kernel);
	cleanup_free char *entry = NULL;
	char key[DIGEST_HEX_SIZE];
	struct sources sources;
	int error;

	sources_find(&sources);
	error = build_key(kernel, compiler, &sources, key, failure);
	if (!error) {
		entry = cache_path("modules/%s/%.16s", kernel->release, key);
		if (!file_exists(entry))
			error = build_entry(kernel, compiler, &sources, entry, failure);
	}
	if (!error)
		*module = xasprintf("%s/" MODULE_FILE, entry);
	sources_release(&sources);
	return error;
}
