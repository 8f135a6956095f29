// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab doctor: check what kmemlab needs on this machine. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/files.h"
#include "base/process.h"
#include "base/memory.h"
#include "base/paths.h"
#include "cli/options.h"
#include "vm/apt.h"
#include "vm/guest.h"
#include "vm/kernels.h"
#include "vm/qemu.h"
#include "vm/vmlinux.h"

/* Space for one kernel, its ELF file, the module and a run. */
#define REQUIRED_BYTES 500e6

static unsigned int missing;

/* Print a line about a requirement; a status in capitals marks an unmet one. */
__attribute__((format(printf, 3, 4)))
static void print_status(const char *status, const char *name, const char *format, ...)
{
	va_list args;

	printf("%-8s %-22s ", status, name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (isupper((unsigned char)*status))
		missing++;
}

/* Print the path of an installed program or file; NULL: the package is missing. */
static void print_path(const char *name, const char *path, const char *package)
{
	if (path)
		print_status("ok", name, "%s", path);
	else
		print_status("MISSING", name, "install with: apt-get install %s", package);
}

static void check_programs(void)
{
	static const char *const programs[][2] = {	/* program, package */
		{ "gcc", "gcc" }, { "make", "make" }, { "strip", "binutils" },
		{ "apt-get", "apt" }, { "dpkg-deb", "dpkg" }, { "tar", "tar" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		cleanup_free char *path = program_find(programs[i][0]);

		print_path(programs[i][0], path, programs[i][1]);
	}
}

static char *check_qemu(const struct arch *arch)
{
	char *version = qemu_version(arch);

	if (version && qemu_too_old(version))
		print_status("TOO OLD", arch->qemu, "%s: " QEMU_VERSION_MIN " or newer is required",
			     version);
	else
		print_path(arch->qemu, version, arch->qemu_package);
	return version;
}

static void check_files(void)
{
	const struct distro *distro = suite_default()->distro;
	cleanup_free char *busybox = guest_busybox();

	print_path("busybox, static", busybox, "busybox-static");
	print_path("archive keyring", file_exists(distro->keyring) ? distro->keyring : NULL,
		   distro->keyring_package);
}

/* KVM is optional: without it, everything works but is slower. */
static void check_kvm(const struct arch *arch, const char *version)
{
	struct error failure = { 0 };
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels);
	char hex[SHA256_HEX_SIZE];
	cleanup_free char *vmlinux = NULL;
	cleanup_free char *reason = NULL;

	if (!file_exists("/dev/kvm"))
		print_status("no", "KVM", "no /dev/kvm: using emulation");
	else if (!version || !count)
		print_status("unknown", "KVM", "not tested: QEMU or a kernel is missing");
	else if (vmlinux_extract(kernels[0].image, &vmlinux, hex, &failure))
		print_status("unknown", "KVM", "%s", failure.message);
	else if (kvm_usable(arch, vmlinux, version, &reason))
		print_status("ok", "KVM", "boots a distribution kernel");
	else
		print_status("no", "KVM", "%s: using emulation", reason);
	error_release(&failure);
	kernels_release(kernels, count);
}

static void check_kernels(void)
{
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels);

	for (size_t i = 0; i < count; i++)
		print_status("ok", "kernel", "%s", kernels[i].release);
	if (!count)
		print_status("none", "kernel", "the first run downloads one (about 80 MB)");
	kernels_release(kernels, count);
}

static void check_space(void)
{
	const char *cache = path_cache();
	struct statvfs space;
	double free_bytes;
	int err = directory_create(cache);

	if (err || statvfs(cache, &space)) {
		print_status("MISSING", "cache", "cannot write '%s': %s", cache,
			     strerror(err ? -err : errno));
		return;
	}
	print_status("ok", "cache", "%s, %.0f MB", cache, directory_bytes(cache) / 1e6);
	free_bytes = (double)space.f_bavail * space.f_frsize;
	if (free_bytes >= REQUIRED_BYTES)
		print_status("ok", "disk", "%.1f GB free", free_bytes / 1e9);
	else
		print_status("MISSING", "disk", "%.1f GB free, %.1f GB required",
			     free_bytes / 1e9, REQUIRED_BYTES / 1e9);
}

static enum exit_code cmd_doctor(struct options *options)
{
	const struct arch *arch = arch_find("amd64");
	cleanup_free char *version = NULL;

	(void)options;
	interrupt_catch();
	version = check_qemu(arch);
	check_programs();
	check_files();
	check_kernels();
	check_kvm(arch, version);
	check_space();
	if (interrupted())
		return EXIT_INTERRUPTED;
	printf("%s\n", missing ? "Some requirements are missing." : "All requirements are met.");
	return missing ? EXIT_HOST_ERROR : EXIT_OK;
}

const struct command doctor_command = {
	.name = "doctor",
	.bit = CMD_DOCTOR,
	.run = cmd_doctor,
	.summary = "check what is installed, and whether KVM works",
	.usage = "doctor",
	.example = "doctor",
	.description = "Check the programs and files that kmemlab needs, with the package of each "
		"missing one, and whether KVM boots a kernel. The exit status is 0 if all "
		"requirements are met, otherwise 125.",
};
