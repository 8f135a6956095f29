// SPDX-License-Identifier: GPL-2.0-or-later
#include "source_build.h"

#include <ctype.h>
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "cache.h"
#include "module_info.h"
#include "toolchain.h"

/* Limit that keeps a mistyped directory ("/") from being copied */
#define SOURCES_BYTES_MAX	(256ULL << 20)

/* Subdirectory with the copy of the sources */
#define COPY	"source"

/* Return true for files of an earlier build, which Kbuild would believe to be current. */
static bool is_product(const char *name)
{
	static const char *const suffixes[] = { ".o", ".ko", ".mod", ".mod.c", ".a", ".order",
						".symvers" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (str_ends_with(name, suffixes[i]))
			return true;
	return false;
}

static int fail_copy(const char *path, int err, struct error *error)
{
	return error_set(error, EXIT_HOST_ERROR, "cannot copy %s: %s", path, strerror(err));
}

/* Copy one file of the tree that starts at source. */
static int copy_entry(const FTSENT *entry, size_t source_length, const char *to,
		      unsigned long long *bytes, struct error *error)
{
	cleanup_free char *target = xasprintf("%s%s", to, entry->fts_path + source_length);
	int err = 0;

	if (entry->fts_info == FTS_D) {
		err = directory_create(target);
	} else if (entry->fts_info == FTS_F && !is_product(entry->fts_name)) {
		*bytes += entry->fts_statp->st_size;
		if (*bytes > SOURCES_BYTES_MAX)
			return error_set(error, EXIT_USAGE,
					 "the sources must be at most %llu MiB",
					 SOURCES_BYTES_MAX >> 20);
		err = file_copy(entry->fts_path, target);
		if (!err && entry->fts_statp->st_mode & 0111)
			chmod(target, 0755);
	} else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
		err = -entry->fts_errno;
	}
	return err ? fail_copy(entry->fts_path, -err, error) : 0;
}

/*
 * Copy a directory without hidden files, or the headers of a directory if only_headers is set.
 * source ends with a slash only if it is "/".
 */
static int copy_tree(const char *source, const char *to, bool only_headers, struct error *error)
{
	char *const roots[] = { (char *)source, NULL };
	FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	unsigned long long bytes = 0;
	FTSENT *entry;
	int err = 0;

	while (!err && tree && (entry = fts_read(tree))) {
		bool skipped = entry->fts_level > 0 && entry->fts_name[0] == '.';

		if (only_headers && entry->fts_level > 0)
			skipped |= entry->fts_info != FTS_F || !str_ends_with(entry->fts_name, ".h");
		if (skipped && entry->fts_info == FTS_D)
			fts_set(tree, entry, FTS_SKIP);
		else if (!skipped)
			err = copy_entry(entry, strcmp(source, "/") ? strlen(source) : 0, to,
					 &bytes, error);
	}
	if (!tree)
		return fail_copy(source, errno, error);
	fts_close(tree);
	return err;
}

/* Copy FILE.c with the headers next to it, and write a Kbuild file for it. */
static int copy_file(const char *source, const char *to, struct error *error)
{
	const char *slash = strrchr(source, '/');
	const char *name = slash ? slash + 1 : source;
	int stem = strlen(name) - strlen(".c");
	cleanup_free char *parent = slash ? xstrndup(source, slash - source + 1) : xstrdup("./");
	cleanup_free char *target = xasprintf("%s/%s", to, name);
	cleanup_free char *kbuild_path = xasprintf("%s/Kbuild", to);
	cleanup_free char *kbuild = xasprintf("obj-m := %.*s.o\n", stem, name);
	int err;

	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			return error_set(error, EXIT_USAGE,
					 "'%s' cannot be the name of a module: it contains '%c' "
					 "(allowed: letters, digits and . _ -)", name, *c);
	parent[strlen(parent) - 1] = '\0';
	if (copy_tree(*parent ? parent : "/", to, true, error))
		return -1;
	err = file_copy(source, target) ?: file_write(kbuild_path, kbuild, strlen(kbuild));
	return err ? fail_copy(source, -err, error) : 0;
}

/* Return the kbuild file of a directory, which Kbuild prefers to a Makefile, or NULL. */
static char *find_kbuild(const char *directory)
{
	static const char *const names[] = { "Kbuild", "Makefile" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf("%s/%s", directory, names[i]);

		if (file_exists(path))
			return path;
		free(path);
	}
	return NULL;
}

/* Return the variable that a makefile's line assigns, if the build sets it itself, or NULL. */
static const char *overridden_variable(const char *line)
{
	static const char *const variables[] = {
		"ARCH", "CROSS_COMPILE", "CC", "KERNEL_SOURCE", "KERNELDIR", "KERNEL_DIR", "KDIR",
		"KSRC", "KERNEL_SRC",
	};

	line += strspn(line, " ");
	for (int i = 0; i < 2; i++)
		if (!strncmp(line, "export ", 7) || !strncmp(line, "override ", 9))
			line += strcspn(line, " ") + strspn(line + strcspn(line, " "), " ");
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		size_t length = strlen(variables[i]);
		const char *rest = line + length;

		if (strncmp(line, variables[i], length))
			continue;
		rest += strspn(rest, " \t");
		rest += strspn(rest, ":?");
		if (*rest == '=')
			return variables[i];
	}
	return NULL;
}

static char *find_overridden(const char *directory)
{
	cleanup_free char *path = xasprintf("%s/Makefile", directory);
	cleanup_free char *text = file_read(path, NULL);
	struct strbuf list = STRBUF_INIT;
	char *rest = text, *line;

	while (text && (line = strsep(&rest, "\n"))) {
		const char *name = overridden_variable(line);

		if (!name || strstr(list.text, name))
			continue;
		strbuf_separate(&list, ", ");
		strbuf_addstr(&list, name);
	}
	return list.length ? strbuf_detach(&list) : NULL;
}

/* Run make in the copy. The chroot has one mount point, so a build there holds the lock. */
static int run_make(const struct kernel *kernel, const struct toolchain *toolchain,
		    const char *source, const char *directory, char **output, struct error *error)
{
	cleanup_free char *script = toolchain_make(
		toolchain, kernel, COPY, "-ffile-prefix-map=$BUILD/" COPY "/=");
	int lock = toolchain->root ? cache_lock(error) : -1;
	int status;

	if (toolchain->root && lock < 0)
		return -1;
	status = toolchain_build(toolchain, kernel, directory, script, directory, output, error);
	if (lock >= 0)
		cache_unlock(lock);
	if (status > 0)
		return error_set(error, EXIT_BUILD_FAILED, "'%s' does not build for %s (see above)",
				 source, kernel->release);
	return status;
}

static bool is_module(const char *name)
{
	return str_ends_with(name, ".ko");
}

/* Return the user's directory as it precedes file names in messages: "src/", or "" for ".". */
static char *message_prefix(const char *source, bool is_directory)
{
	const char *slash = strrchr(source, '/');

	if (!is_directory)
		return xstrndup(source, slash ? slash - source + 1 : 0);
	return !strcmp(source, ".") ? xstrdup("") : xasprintf("%s/", source);
}

/*
 * Append a line of the compiler. From 6.13 on, Kbuild passes file names relative to the module's
 * directory: insert the user's directory before them.
 */
static void add_line(struct strbuf *messages, const char *line, const char *copy,
		     const char *prefix)
{
	static const char *const starts[] = { "In file included from ", "                 from " };
	cleanup_free char *path = NULL;
	size_t start = 0;

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (!strncmp(line, starts[i], strlen(starts[i])))
			start = strlen(starts[i]);
	path = xasprintf("%s/%.*s", copy, (int)strcspn(line + start, ":"), line + start);
	strbuf_add(messages, line, start);
	if (strchr(line + start, ':') && line[start] != '/' && file_exists(path))
		strbuf_addstr(messages, prefix);
	strbuf_addf(messages, "%s\n", line + start);
}

/* Return the messages of make and the compiler with the user's directory instead of the copy. */
static char *rename_files(const char *output, const char *built, const char *copy,
			  const char *prefix)
{
	struct strbuf messages = STRBUF_INIT;
	cleanup_strbuf struct strbuf named = STRBUF_INIT;
	cleanup_free char *text = xstrdup(output);
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line || rest)
			add_line(&named, line, copy, prefix);
	strbuf_add_replaced(&messages, named.text, built, prefix);
	return strbuf_detach(&messages);
}

static int build_copy(const struct kernel *kernel, const char *source, const char *directory,
		      bool is_directory, struct source_build *result, struct error *error)
{
	cleanup_free char *copy = xasprintf("%s/" COPY, directory);
	cleanup_free char *output = NULL, *prefix = NULL, *built = NULL;
	struct toolchain toolchain = { 0 };
	int err = toolchain_find(kernel, &toolchain, error);

	if (!err) {
		log_progress("building %s for %s ...", source, kernel->release);
		err = run_make(kernel, &toolchain, source, directory, &output, error);
		prefix = message_prefix(source, is_directory);
		built = xasprintf("%s/" COPY "/", toolchain.root ? "/build" : directory);
		if (output && *output)
			result->output = rename_files(output, built, copy, prefix);
	}
	toolchain_release(&toolchain);
	if (err)
		return -1;
	directory_find(copy, is_module, &result->modules, &result->module_count);
	if (!result->module_count)
		return error_set(error, EXIT_BUILD_FAILED,
				 "'%s' builds no module: its makefile does not set obj-m", source);
	return 0;
}

int source_build(const struct kernel *kernel, const char *path, const char *directory,
		 struct source_build *result, struct error *error)
{
	cleanup_free char *source = xstrdup(path);
	cleanup_free char *copy = xasprintf("%s/" COPY, directory);
	cleanup_free char *kbuild = NULL;
	struct stat st;
	int err;

	for (size_t length = strlen(source); length > 1 && source[length - 1] == '/'; length--)
		source[length - 1] = '\0';
	if (stat(source, &st))
		return error_set(error, EXIT_USAGE, "cannot open '%s': %s", source,
				 strerror(errno));
	kbuild = S_ISDIR(st.st_mode) ? find_kbuild(source) : NULL;
	if (S_ISDIR(st.st_mode) && !kbuild)
		return error_set(error, EXIT_USAGE, "'%s' contains neither Kbuild nor Makefile",
				 source);
	if (!S_ISDIR(st.st_mode) && !str_ends_with(source, ".c"))
		return error_set(error, EXIT_USAGE, "'%s' must be a C file or a directory", source);
	if (build_path_check("the directory", directory, "; set TMPDIR", error))
		return -1;
	err = directory_create(copy);
	if (err)
		return fail_copy(source, -err, error);
	if (S_ISDIR(st.st_mode) ? copy_tree(source, copy, false, error) :
				  copy_file(source, copy, error))
		return -1;
	result->overridden = kbuild ? find_overridden(source) : NULL;
	return build_copy(kernel, source, directory, S_ISDIR(st.st_mode), result, error);
}

void source_build_release(struct source_build *result)
{
	for (size_t i = 0; i < result->module_count; i++)
		free(result->modules[i]);
	free(result->modules);
	free(result->output);
	free(result->overridden);
	*result = (struct source_build) { 0 };
}

/* Check the machine of a module's ELF header. Return: 0, -1, or 1 for other files. */
static int check_machine(const struct vm_file *file, const struct kernel *kernel, struct error *error)
{
	cleanup_fclose FILE *in = fopen(file->path, "re");
	const struct arch *arch;
	Elf32_Ehdr header;

	/* The first members are the same in 64-bit files. */
	if (!in || fread(&header, sizeof(header), 1, in) != 1 ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) || le16toh(header.e_type) != ET_REL)
		return 1;
	if (kernel->arch->elf_machine == le16toh(header.e_machine))
		return 0;
	for (unsigned int i = 0; (arch = arch_at(i)); i++)
		if (arch->elf_machine == le16toh(header.e_machine))
			return error_set(error, EXIT_USAGE,
					 "%s'%s': the module was built for %s, not for %s",
					 file->option, file->path, arch->name, kernel->arch->name);
	return error_set(error, EXIT_USAGE, "%s'%s': the module was built for machine %u, "
			 "not for %s", file->option, file->path, le16toh(header.e_machine), kernel->arch->name);
}

int module_check(const struct vm_file *file, const struct kernel *kernel, struct error *error)
{
	int found = is_module(file->path) ? check_machine(file, kernel, error) : 1;
	struct module_info info;

	if (found)
		return found < 0 ? -1 : 0;
	if (module_info_read(&info, file->path))
		return 0;
	/* Kernels with CONFIG_MODVERSIONS compare the symbols' checksums instead of the release. */
	if (info.release && strcmp(info.release, kernel->release))
		log_notice("%s'%s': the module was built for kernel %s: %s may refuse to load it",
			   file->option, file->path, info.release, kernel->release);
	module_info_release(&info);
	return 0;
}
