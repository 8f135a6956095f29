// SPDX-License-Identifier: GPL-2.0-or-later
#include "accelerator.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/process.h"
#include "cache.h"
#include "digest.h"

/* Emulation, which is slower, prints the banner within 0.3 s. */
#define PATIENCE_MS 5000

/* Boots the kernel under KVM until its banner appears. */
static bool see_banner(const struct arch *arch, const char *kernel)
{
	cleanup_free char *directory = directory_temporary();
	const char *const argv[] = {
		arch->qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-machine", board_find(arch, NULL)->machine, "-accel", "kvm", "-cpu", "host", "-m", "256",
		"-kernel", kernel, "-append", "console=ttyS0 panic=-1 rdinit=/nothing",
		"-serial", "file:console", NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	cleanup_free char *console = NULL;
	bool seen = false, ended = false;
	pid_t pid;

	if (!directory) {
		close(null);
		return false;
	}
	console = xasprintf("%s/console", directory);
	pid = process_start(argv, directory, null, null, null, -1);
	for (int ms = 0; pid > 0 && ms < PATIENCE_MS && !seen && !ended && !interrupted();
	     ms += 20) {
		cleanup_free char *text = NULL;
		siginfo_t info = { 0 };

		usleep(20000);
		waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT);
		ended = info.si_pid == pid;
		text = file_read(console, NULL);
		seen = text && strstr(text, "Linux version");
	}
	if (pid > 0)
		process_kill(pid);
	directory_remove(directory);
	close(null);
	return seen;
}

/* What the verdict holds for. */
static char *verdict_key(const char *kernel, const char *qemu_version)
{
	cleanup_free char *boot = file_read("/proc/sys/kernel/random/boot_id", NULL);
	cleanup_free char *text = xasprintf("%s%s\n%s", boot ?: "", qemu_version, kernel);
	char *hex = xcalloc(1, DIGEST_HEX_SIZE);

	digest_bytes(text, strlen(text), hex);
	return hex;
}

/* By a real boot, or as remembered. */
static bool boots_under_kvm(const struct arch *arch, const char *kernel, const char *qemu_version)
{
	cleanup_free char *key = verdict_key(kernel, qemu_version);
	cleanup_free char *path = cache_path("kvm/%.16s", key);
	cleanup_free char *parent = cache_path("kvm");
	cleanup_free char *known = file_read(path, NULL);
	bool works;

	if (known)
		return !strcmp(known, "boots\n");
	say_progress("trying KVM ...");
	works = see_banner(arch, kernel);
	if (!interrupted() && directory_make(parent) == 0) {
		const char *verdict = works ? "boots\n" : "hangs\n";

		file_write(path, verdict, strlen(verdict));
	}
	return works;
}

bool kvm_works(const struct arch *arch, const char *kernel, const char *qemu_version,
	       char **reason)
{
	*reason = NULL;
	if (!arch->kvm)
		*reason = xasprintf("KVM runs no %s guests on this host", arch->name);
	else if (access("/dev/kvm", R_OK | W_OK) == 0)
		*reason = boots_under_kvm(arch, kernel, qemu_version) ? NULL :
			  xstrdup("/dev/kvm is there, but this kernel did not start under it");
	else if (errno == ENOENT)
		*reason = xstrdup("this machine has no /dev/kvm");
	else
		*reason = xasprintf("/dev/kvm cannot be opened: %s (is this user in group kvm?)",
				    strerror(errno));
	return !*reason;
}
