// SPDX-License-Identifier: GPL-2.0-or-later
#include "toolchain.h"

#include <errno.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/process.h"
#include "build_root.h"

#define CLANG "clang"

/* What built a kernel of the user's own: "gcc", "gcc-12", "clang". */
static char *own_compiler(const struct kernel *kernel)
{
	static const char mark[] = "\nCONFIG_CC_VERSION_TEXT=\"";
	cleanup_free char *path = xasprintf("%s/.config", kernel->headers);
	cleanup_free char *text = file_read(path, NULL);
	const char *word = text ? strstr(text, mark) : NULL;
	char *name = word ? strndup(word + strlen(mark), strcspn(word + strlen(mark), " \"")) : NULL;
	char *dash = name ? strstr(name, "-gcc") : NULL;

	/* It says "Debian clang version ...". */
	if (text && strstr(text, "\nCONFIG_CC_IS_CLANG=y\n")) {
		free(name);
		return xstrdup(CLANG);
	}
	/* The prefix of a cross compiler is put before it again. */
	if (dash)
		memmove(name, dash + 1, strlen(dash));
	return name ?: xstrdup("gcc");
}

/* "gcc-12": what Debian's headers were made with. */
static char *wanted_compiler(const struct kernel *kernel)
{
	cleanup_free char *path = xasprintf("%s/.kernelvariables", kernel->headers);
	cleanup_free char *text = file_read(path, NULL);
	const char *name = text ? strstr(text, "gcc-") : NULL;

	return name ? strndup(name, 4 + strspn(name + 4, "0123456789")) : own_compiler(kernel);
}

static bool is_foreign(const struct kernel *kernel)
{
	return strcmp(kernel->arch->debian, arch_of_host) != 0;
}

static char *version_of(const struct toolchain *toolchain, const struct kernel *kernel)
{
	cleanup_free char *script = xasprintf("%s --version", toolchain->compiler);
	char *output = NULL;

	if (toolchain_run(toolchain, kernel, kernel->directory, script, &output) == 0)
		return output;
	free(output);
	return NULL;
}

/* One clang compiles for all: Kbuild tells it for which. */
static char *compiler_name(const struct toolchain *toolchain, const char *wanted)
{
	return strcmp(wanted, CLANG) ? xasprintf("%s%s", toolchain->prefix, wanted) :
				       xstrdup(wanted);
}

/* "gcc-12", "gcc-12-aarch64-linux-gnu": Debian's package of a compiler, to be freed. */
static char *package_of(const char *compiler, const struct kernel *kernel)
{
	bool is_cross = is_foreign(kernel);

	return xasprintf("%s%s%s", compiler, is_cross ? "-" : "",
			 is_cross ? kernel->arch->triplet : "");
}

static int say_missing(const struct kernel *kernel, const struct toolchain *toolchain,
		       struct failure *failure)
{
	cleanup_free char *package = package_of(toolchain->compiler + strlen(toolchain->prefix),
						kernel);

	if (!strcmp(toolchain->compiler, CLANG))
		return fail_with(failure, EXIT_TROUBLE,
				 "clang is missing, which built %s: install the packages clang and lld",
				 kernel->release);
	return fail_with(failure, EXIT_TROUBLE, "%s is missing: install the package %s",
			 toolchain->compiler, package);
}

/* The host's, where it is of the kernel's suite or there is no suite. */
static bool find_on_host(const struct kernel *kernel, const char *wanted,
			 struct toolchain *toolchain)
{
	cleanup_free char *found = NULL;

	toolchain->compiler = compiler_name(toolchain, wanted);
	found = program_find(toolchain->compiler);
	if (!found)
		return false;
	toolchain->version = version_of(toolchain, kernel);
	return toolchain->version != NULL;
}

static int find_in_root(const struct kernel *kernel, const char *wanted,
			struct toolchain *toolchain, struct failure *failure)
{
	cleanup_free char *package = package_of(wanted, kernel);
	cleanup_free char *note = NULL;

	if (build_root_find(kernel->suite, package, &toolchain->root, failure))
		return -1;
	note = xasprintf("%s.version", toolchain->root);
	toolchain->version = file_read(note, NULL);
	if (toolchain->version)
		return 0;
	toolchain->version = version_of(toolchain, kernel);
	if (!toolchain->version)
		return fail_with(failure, EXIT_SKIP, "%s of %s does not run in its build root %s",
				 toolchain->compiler, kernel->suite->name, toolchain->root);
	file_write(note, toolchain->version, strlen(toolchain->version));
	return 0;
}

int toolchain_allowed(const struct suite *suite, struct failure *failure)
{
	return suite == suite_of_host() ? 0 : build_root_allowed(suite, failure);
}

int toolchain_find(const struct kernel *kernel, struct toolchain *toolchain,
		   struct failure *failure)
{
	cleanup_free char *wanted = wanted_compiler(kernel);

	*toolchain = (struct toolchain) {
		.prefix = is_foreign(kernel) ? xasprintf("%s-", kernel->arch->triplet) : xstrdup(""),
	};
	if (!kernel->suite || kernel->suite == suite_of_host()) {
		if (find_on_host(kernel, wanted, toolchain))
			return 0;
		free(toolchain->compiler);
	}
	toolchain->compiler = compiler_name(toolchain, wanted);
	if (!kernel->suite)
		return say_missing(kernel, toolchain, failure);
	return find_in_root(kernel, wanted, toolchain, failure);
}

void toolchain_release(struct toolchain *toolchain)
{
	free(toolchain->prefix);
	free(toolchain->compiler);
	free(toolchain->version);
	free(toolchain->root);
	*toolchain = (struct toolchain) { 0 };
}

int toolchain_run(const struct toolchain *toolchain, const struct kernel *kernel,
		  const char *build, const char *script, char **output)
{
	cleanup_free char *kernel_variable = xasprintf("KERNEL=%s", kernel->directory);
	cleanup_free char *build_variable = xasprintf("BUILD=%s", build);
	const char *const argv[] = { "env", kernel_variable, build_variable, "LC_ALL=C", "sh", "-c",
				     script, NULL };
	struct process process = { .argv = argv, .output = output, .errors = output };

	if (toolchain->root)
		return build_root_run(toolchain->root, kernel->directory, build, script, output);
	return process_run(&process);
}
