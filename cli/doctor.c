// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/paths.h"
#include "vm/accelerator.h"
#include "vm/apt.h"
#include "vm/guest.h"
#include "vm/kernels.h"
#include "vm/qemu.h"
#include "vm/vmlinux.h"

static const char help[] =
	"Usage: kmemlab doctor\n"
	"Says what is installed, what is missing and which package has it, and whether\n"
	"KVM boots a kernel here. Status 0 where all that is needed is there, else 125.\n";

/* A first kernel unpacked, its ELF file, the module and one run. */
#define NEEDED_BYTES 500e6

static unsigned int missing;

static void fine(const char *what, const char *detail)
{
	printf("ok       %-22s %s\n", what, detail);
}

static void lacking(const char *what, const char *package)
{
	printf("MISSING  %-22s install it with: apt-get install %s\n", what, package);
	missing++;
}

static void check_programs(void)
{
	static const struct {
		const char *program, *package;
	} programs[] = {
		{ "gcc", "gcc" },
		{ "make", "make" },
		{ "strip", "binutils" },
		{ "apt-get", "apt" },
		{ "dpkg-deb", "dpkg" },
		{ "tar", "tar" },
	};

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		cleanup_free char *path = program_find(programs[i].program);

		if (path)
			fine(programs[i].program, path);
		else
			lacking(programs[i].program, programs[i].package);
	}
}

static char *check_qemu(const struct arch *arch)
{
	char *version = qemu_version(arch);

	if (!version) {
		lacking(arch->qemu, arch->qemu_package);
	} else if (qemu_too_old(version)) {
		printf("TOO OLD  %-22s %s: " QEMU_OLDEST " or newer is needed\n", arch->qemu,
		       version);
		missing++;
	} else {
		fine(arch->qemu, version);
	}
	return version;
}

static void check_files(void)
{
	const struct distribution *distribution = suite_default()->distribution;
	cleanup_free char *busybox = guest_busybox();

	if (busybox)
		fine("busybox, static", busybox);
	else
		lacking("busybox, static", "busybox-static");
	if (file_exists(distribution->keyring))
		fine("archive keyring", distribution->keyring);
	else
		lacking("archive keyring", distribution->keyring_package);
}

/* Not needed: without KVM everything works, only slower. */
static void check_kvm(const struct arch *arch, const char *version)
{
	struct failure failure = { 0 };
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels);
	cleanup_free char *vmlinux = NULL;
	cleanup_free char *reason = NULL;

	if (!file_exists("/dev/kvm"))
		printf("no       %-22s this machine has no /dev/kvm: emulation is used\n", "KVM");
	else if (!version || !count)
		printf("unknown  %-22s /dev/kvm is there; it is tried once QEMU and a kernel are\n",
		       "KVM");
	else if (vmlinux_extract(kernels[0].image, &vmlinux, &failure))
		printf("unknown  %-22s %s\n", "KVM", failure.message);
	else if (kvm_works(arch, vmlinux, version, &reason))
		fine("KVM", "boots a stock kernel");
	else
		printf("no       %-22s %s: emulation is used\n", "KVM", reason);
	failure_release(&failure);
	kernels_release(kernels, count);
}

static void check_kernels(void)
{
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels);

	for (size_t i = 0; i < count; i++)
		fine("kernel", kernels[i].release);
	if (!count)
		printf("none     %-22s fetched by the first run (about 80 MB)\n", "kernel");
	kernels_release(kernels, count);
}

static void check_space(void)
{
	cleanup_free char *used = xasprintf("%s, %.0f MB", path_cache(),
					    directory_bytes(path_cache()) / 1e6);
	struct statvfs space;
	double free_bytes;
	int error = directory_make(path_cache());

	if (error || statvfs(path_cache(), &space)) {
		printf("MISSING  %-22s cannot write %s: %s\n", "cache", path_cache(),
		       strerror(error ? -error : errno));
		missing++;
		return;
	}
	fine("cache", used);
	free_bytes = (double)space.f_bavail * space.f_frsize;
	if (free_bytes >= NEEDED_BYTES) {
		printf("ok       %-22s %.1f GB free\n", "disk", free_bytes / 1e9);
	} else {
		printf("MISSING  %-22s %.1f GB free, %.1f are needed\n", "disk", free_bytes / 1e9,
		       NEEDED_BYTES / 1e9);
		missing++;
	}
}

enum exit_code cmd_doctor(int argc, char **argv)
{
	const struct arch *arch = arch_find("amd64");
	cleanup_free char *version = NULL;

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(help, stdout);
		return EXIT_FINE;
	}
	if (argc > 1) {
		say_error("doctor takes no arguments, \"%s\" was given", argv[1]);
		return EXIT_USAGE;
	}
	interrupt_catch();
	version = check_qemu(arch);
	check_programs();
	check_files();
	check_kernels();
	check_kvm(arch, version);
	check_space();
	if (interrupted())
		return EXIT_INTERRUPTED;
	printf("%s\n", missing ? "Something is missing." : "All that is needed is there.");
	return missing ? EXIT_TROUBLE : EXIT_FINE;
}
