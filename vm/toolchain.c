// SPDX-License-Identifier: GPL-2.0-or-later
#include "toolchain.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "apt.h"
#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "cache.h"

#define CLANG "clang"

/*
 * All methods to run a script in a chroot take the same arguments: the root, the
 * kernel's directory, the build directory, and the script. Temporary files go to the
 * build directory, so that a killed build leaves none in the root, where process
 * numbers, and thus file names, repeat.
 */
#define CHROOT \
	"chroot \"$1\" env -i PATH=/usr/bin:/usr/sbin LC_ALL=C KERNEL=/kernel BUILD=/build " \
	"TMPDIR=/build sh -c \"$4\""

static const char run_mounted[] =
	"PATH=$PATH:/usr/sbin:/sbin; mount --bind \"$2\" \"$1/kernel\" && "
	"mount --bind \"$3\" \"$1/build\" && mount --rbind /dev \"$1/dev\" && "
	"mount -t proc proc \"$1/proc\" && exec " CHROOT;

/* For hosts that forbid mounts: hard-link the kernel, copy the build in and out. */
static const char run_copied[] =
	"PATH=$PATH:/usr/sbin:/sbin; cd \"$1\" && rm -rf kernel build && cp -al \"$2\" kernel && "
	"cp -a \"$3\" build || exit; [ -e dev/null ] || mknod -m 666 dev/null c 1 3 || exit; "
	CHROOT "; status=$?; cp -a build/. \"$3\" && rm -rf kernel build && mkdir kernel build && "
	"exit $status";

struct chroot_method {
	const char *unshare;	/* options of unshare(1), or NULL: not used */
	const char *script;
	bool root_only;
};

static const struct chroot_method methods[] = {
	{ "-mpf", run_mounted, true },
	{ "-Urmpf", run_mounted, false },
	{ NULL, run_copied, true },
};

static int run_by_method(const struct chroot_method *method, const char *root, const char *kernel,
			 const char *build, const char *script, char **output)
{
	const char *const argv[] = { "unshare", method->unshare, "--kill-child", "sh", "-c",
				     method->script, "sh", root, kernel, build, script, NULL };
	struct process process = { .argv = method->unshare ? argv : argv + 3, .output = output,
				   .errors = output };

	return process_run(&process);
}

/* Check that the method's namespaces can be created. */
static int try_namespaces(const struct chroot_method *method, char **output)
{
	const char *const argv[] = { "unshare", method->unshare, "--kill-child", "true", NULL };
	struct process process = { .argv = argv, .output = output, .errors = output };

	return method->unshare ? process_run(&process) : 0;
}

/* Return the first method that works, or NULL. root is NULL if it does not exist yet. */
static const struct chroot_method *find_method(const char *root, char **reason)
{
	cleanup_free char *empty = xasprintf("%s/tmp", root ?: "");

	*reason = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		char *output = NULL;
		int status;

		if (methods[i].root_only && getuid())
			continue;
		status = root ? run_by_method(&methods[i], root, empty, empty, "true", &output) :
				try_namespaces(&methods[i], &output);
		if (status == 0) {
			free(output);
			return &methods[i];
		}
		free(*reason);
		*reason = output;
	}
	return NULL;
}

static int chroot_run(const char *root, const char *kernel, const char *build, const char *script,
		      char **output)
{
	const struct chroot_method *method = find_method(root, output);

	if (!method)
		return -EPERM;
	free(*output);
	*output = NULL;
	return run_by_method(method, root, kernel, build, script, output);
}

/* Some suites have a separate /bin, others a symbolic link: use links for all. */
static const char unpack_script[] =
	"set -e; mkdir -p root/usr/bin root/usr/sbin root/usr/lib root/usr/lib64 root/kernel "
	"root/build root/proc root/dev root/tmp\n"
	"for name in bin sbin lib lib64; do ln -s usr/$name root/$name; done\n"
	"for deb in \"$1\"/*.deb; do\n"
	"	dpkg-deb --fsys-tarfile \"$deb\" | tar -x -C root --no-same-owner "
	"--keep-directory-symlink --exclude='./usr/share/*' --exclude='./dev/*'\n"
	"done\n"
	"[ -e root/usr/bin/sh ] || ln -s dash root/usr/bin/sh\n"
	"[ -e root/usr/bin/awk ] || ln -s mawk root/usr/bin/awk\n"
	"rm -rf \"$1\"\n";

static int check_methods(const char *root, const struct suite *suite, const char *compiler,
			 struct error *error)
{
	cleanup_free char *reason = NULL;

	if (find_method(root, &reason))
		return 0;
	return error_set(error, EXIT_SKIP,
			 "the module needs %s of %s, but this host does not allow a chroot: %.*s",
			 compiler, suite->name, (int)strcspn(reason ?: "", "\n"), reason ?: "");
}

/* A chroot to create. */
struct chroot_spec {
	const struct suite *suite;
	const char *compiler;		/* name of the compiler's package */
};

static int chroot_fill(void *context, const char *directory, struct error *error)
{
	const struct chroot_spec *spec = context;
	const char *const packages[] = { spec->compiler, "make", "bash", "dash", "coreutils", "sed",
					 "grep", "findutils", "diffutils", "mawk", "libelf-dev",
					 NULL };
	cleanup_free char *archives = xasprintf("%s/archives", directory);
	cleanup_free char *root = xasprintf("%s/root", directory);
	struct apt apt = { 0 };
	int err;

	log_notice("creating a chroot with %s of %s", spec->compiler, spec->suite->name);
	err = check_methods(NULL, spec->suite, spec->compiler, error) ?:
	      apt_open(&apt, spec->suite, arch_of_host, error) ?:
	      apt_download_installation(&apt, packages, archives, error);
	apt_close(&apt);
	if (!err)
		log_notice("unpacking ...");
	return err ?: apt_unpack(unpack_script, archives, directory, error) ?:
	       check_methods(root, spec->suite, spec->compiler, error);
}

int toolchain_allowed(const struct suite *suite, struct error *error)
{
	return suite == suite_of_host() ? 0 : check_methods(NULL, suite, "a compiler", error);
}

/* Return the compiler that built a local kernel: "gcc", "gcc-12", "clang". */
static char *local_compiler(const struct kernel *kernel)
{
	static const char option[] = "\nCONFIG_CC_VERSION_TEXT=\"";
	cleanup_free char *path = xasprintf("%s/.config", kernel->headers);
	cleanup_free char *text = file_read(path, NULL);
	const char *value = text ? strstr(text, option) : NULL;
	char *name = NULL, *dash;

	/* The version text of Debian's clang starts with "Debian clang". */
	if (text && strstr(text, "\nCONFIG_CC_IS_CLANG=y\n"))
		return xstrdup(CLANG);
	if (value)
		name = strndup(value + strlen(option), strcspn(value + strlen(option), " \""));
	/* Remove the prefix of a cross compiler, which is added again later. */
	dash = name ? strstr(name, "-gcc") : NULL;
	if (dash)
		memmove(name, dash + 1, strlen(dash));
	return name ?: xstrdup("gcc");
}

/* Return the compiler that built the kernel; Debian's headers name it. */
static char *kernel_compiler(const struct kernel *kernel)
{
	cleanup_free char *path = xasprintf("%s/.kernelvariables", kernel->headers);
	cleanup_free char *text = file_read(path, NULL);
	const char *name = text ? strstr(text, "gcc-") : NULL;

	return name ? strndup(name, 4 + strspn(name + 4, "0123456789")) : local_compiler(kernel);
}

static bool is_foreign(const struct kernel *kernel)
{
	return strcmp(kernel->arch->debian, arch_of_host) != 0;
}

static char *compiler_version(const struct toolchain *toolchain, const struct kernel *kernel)
{
	cleanup_free char *script = xasprintf("%s --version", toolchain->compiler);
	char *output = NULL;

	if (toolchain_run(toolchain, kernel, kernel->directory, script, &output) == 0)
		return output;
	free(output);
	return NULL;
}

/* Return the Debian package of a compiler: "gcc-12", "gcc-12-aarch64-linux-gnu". */
static char *compiler_package(const char *compiler, const struct kernel *kernel)
{
	return is_foreign(kernel) ? xasprintf("%s-%s", compiler, kernel->arch->triplet) :
				    xstrdup(compiler);
}

static int fail_missing(const struct kernel *kernel, const struct toolchain *toolchain,
			const char *name, struct error *error)
{
	cleanup_free char *package = compiler_package(name, kernel);

	if (!strcmp(name, CLANG))
		return error_set(error, EXIT_HOST_ERROR,
				 "clang, which built kernel %s, is missing: install the packages "
				 "clang and lld", kernel->release);
	return error_set(error, EXIT_HOST_ERROR, "%s is missing: install the package %s",
			 toolchain->compiler, package);
}

static bool find_on_host(const struct kernel *kernel, struct toolchain *toolchain)
{
	cleanup_free char *path = program_find(toolchain->compiler);

	toolchain->version = path ? compiler_version(toolchain, kernel) : NULL;
	return toolchain->version != NULL;
}

static int find_in_chroot(const struct kernel *kernel, const char *name,
			  struct toolchain *toolchain, struct error *error)
{
	cleanup_free char *package = compiler_package(name, kernel);
	cleanup_free char *entry = cache_path("roots/%s-%s", kernel->suite->name, package);
	struct chroot_spec spec = { kernel->suite, package };
	cleanup_free char *note = NULL;

	if (cache_ensure(entry, chroot_fill, &spec, error))
		return -1;
	toolchain->root = xasprintf("%s/root", entry);
	note = xasprintf("%s.version", toolchain->root);
	toolchain->version = file_read(note, NULL);
	if (toolchain->version)
		return 0;
	toolchain->version = compiler_version(toolchain, kernel);
	if (!toolchain->version)
		return error_set(error, EXIT_SKIP, "%s of %s does not run in the chroot %s",
				 toolchain->compiler, kernel->suite->name, toolchain->root);
	file_write(note, toolchain->version, strlen(toolchain->version));
	return 0;
}

int toolchain_find(const struct kernel *kernel, struct toolchain *toolchain, struct error *error)
{
	cleanup_free char *name = kernel_compiler(kernel);
	bool is_clang = !strcmp(name, CLANG);

	if (!kernel->suite && build_path_check("the build tree", kernel->directory, "", error))
		return -1;
	*toolchain = (struct toolchain) {
		.prefix = is_foreign(kernel) ? xasprintf("%s-", kernel->arch->triplet) :
			xstrdup(""),
	};
	/* One clang compiles for all architectures; Kbuild selects the target. */
	toolchain->compiler = xasprintf("%s%s", is_clang ? "" : toolchain->prefix, name);
	if ((!kernel->suite || kernel->suite == suite_of_host()) && find_on_host(kernel, toolchain))
		return 0;
	if (!kernel->suite)
		return fail_missing(kernel, toolchain, name, error);
	return find_in_chroot(kernel, name, toolchain, error);
}

void toolchain_release(struct toolchain *toolchain)
{
	free(toolchain->prefix);
	free(toolchain->compiler);
	free(toolchain->version);
	free(toolchain->root);
	*toolchain = (struct toolchain) { 0 };
}

const char *make_arguments(void)
{
	return getenv("KMEMLAB_MAKE") ?: "";
}

char *toolchain_make(const struct toolchain *toolchain, const struct kernel *kernel,
		     const char *subdirectory, const char *flags)
{
	const struct arch *arch = kernel->arch;
	const char *headers = kernel->headers + strlen(kernel->directory);

	return xasprintf(
		"MAKEFLAGS= make -s -j%ld -C \"$KERNEL%s\" M=\"$BUILD/%s\" ARCH=%s CC=%s "
		"CROSS_COMPILE=%s "
		"DEB_BUILD_ARCH=%s DEB_HOST_ARCH=%s DEB_HOST_GNU_TYPE=%s "
		"CONFIG_DEBUG_INFO_BTF_MODULES= PAHOLE_VERSION=0 CONFIG_PAHOLE_VERSION=0 "
		"KCFLAGS=\"%s\" %s modules",
		sysconf(_SC_NPROCESSORS_ONLN), headers, subdirectory, arch->kbuild,
		toolchain->compiler, toolchain->prefix, arch_of_host, arch->debian, arch->triplet,
		flags, make_arguments());
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
		return chroot_run(toolchain->root, kernel->directory, build, script, output);
	return process_run(&process);
}

/* Return true if make or the compiler did not run to its end, whatever the sources are. */
static bool is_host_error(int status, const char *text)
{
	/* The shell's statuses: not executable, not found, ended by a signal */
	return status >= 126 || strstr(text, "signal terminated program");
}

int toolchain_build(const struct toolchain *toolchain, const struct kernel *kernel,
		    const char *build, const char *script, const char *place, char **output,
		    struct error *error)
{
	int status = toolchain_run(toolchain, kernel, build, script, output);
	const char *text = *output ?: "";
	int length = strcspn(text, "\n");

	if (status == -EINTR)
		return error_interrupted(error);
	if (status == -EPERM && toolchain->root)
		return error_set(error, EXIT_SKIP, "cannot enter the chroot %s: %.*s",
				 toolchain->root, length, text);
	if (status < 0)
		return error_set(error, EXIT_HOST_ERROR, "cannot run the compiler: %s",
				 strerror(-status));
	if (status && strstr(text, "No space left on device"))
		return error_set(error, EXIT_HOST_ERROR,
				 "cannot build the module for %s: %s is full", kernel->release,
				 place);
	if (status && is_host_error(status, text))
		return error_set(error, EXIT_HOST_ERROR,
				 "cannot build the module for %s: make or the compiler failed with "
				 "status %d: %.*s", kernel->release, status, length, text);
	return status;
}
