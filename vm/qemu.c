// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/strbuf.h"
#include "cache.h"
#include "runner/ivshmem.h"

#define TERMINAL_CHARDEV "socket,id=terminal,fd="

/* Time for a kernel's banner under KVM; even emulation prints it within 0.3 s. */
#define KVM_TIMEOUT_MS	5000

#define PLUGIN	"plugin.so"
#define TRACE	"trace"
#define RANGES	"ranges"

char *qemu_version(const struct arch *arch)
{
	static const char prefix[] = "version ";
	const char *const argv[] = { arch->qemu, "--version", NULL };
	cleanup_free char *output = NULL;
	struct process process = { .argv = argv, .output = &output };
	const char *version = process_run(&process) ? NULL : strstr(output, prefix);

	if (!version)
		return NULL;
	version += strlen(prefix);
	return strndup(version, strcspn(version, "\n"));
}

bool qemu_too_old(const char *version)
{
	unsigned int major = 0, minor = 0, min_major, min_minor;

	sscanf(QEMU_VERSION_MIN, "%u.%u", &min_major, &min_minor);
	if (sscanf(version, "%u.%u", &major, &minor) < 1)
		return false;
	return major < min_major || (major == min_major && minor < min_minor);
}

/* Boot the kernel under KVM until its banner appears. */
static bool kvm_boots(const struct arch *arch, const char *kernel)
{
	cleanup_free char *directory = directory_temporary(NULL);
	const char *const argv[] = {
		arch->qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-machine", board_find(arch, NULL)->machine, "-accel", "kvm", "-cpu", "host",
		"-m", "256",
		"-kernel", kernel, "-append", "console=ttyS0 panic=-1 rdinit=/nothing",
		"-serial", "file:console", NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	cleanup_free char *console = NULL;
	bool booted = false, exited = false;
	pid_t pid;

	if (!directory) {
		close(null);
		return false;
	}
	console = xasprintf("%s/console", directory);
	pid = process_start(argv, directory, null, null, null, -1);
	for (int ms = 0; pid > 0 && ms < KVM_TIMEOUT_MS && !booted && !exited && !interrupted();
	     ms += 20) {
		cleanup_free char *text = NULL;
		siginfo_t info = { 0 };

		usleep(20000);
		waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT);
		exited = info.si_pid == pid;
		text = file_read(console, NULL);
		booted = text && strstr(text, "Linux version");
	}
	if (pid > 0)
		process_kill(pid);
	directory_remove(directory);
	close(null);
	return booted;
}

/* Like kvm_boots(), with a cached answer. */
static bool kvm_boots_cached(const struct arch *arch, const char *kernel, const char *qemu_version)
{
	cleanup_free char *boot = file_read("/proc/sys/kernel/random/boot_id", NULL);
	cleanup_free char *inputs = xasprintf("%s%s\n%s", boot ?: "", qemu_version, kernel);
	cleanup_free char *parent = cache_path("kvm");
	cleanup_free char *path = NULL;
	cleanup_free char *cached = NULL;
	char key[SHA256_HEX_SIZE];
	const char *answer;

	sha256_bytes(inputs, strlen(inputs), key);
	path = cache_path("kvm/%.16s", key);
	cached = file_read(path, NULL);
	if (cached)
		return !strcmp(cached, "boots\n");
	log_progress("checking KVM ...");
	answer = kvm_boots(arch, kernel) ? "boots\n" : "hangs\n";
	if (!interrupted() && directory_create(parent) == 0)
		file_write(path, answer, strlen(answer));
	return *answer == 'b';
}

bool kvm_usable(const struct arch *arch, const char *kernel, const char *qemu_version,
		char **reason)
{
	*reason = NULL;
	if (!arch->kvm)
		*reason = xasprintf("KVM does not run %s guests on this host", arch->name);
	else if (access("/dev/kvm", R_OK | W_OK) == 0)
		*reason = kvm_boots_cached(arch, kernel, qemu_version) ? NULL :
			  xstrdup("this kernel does not boot under KVM");
	else if (errno == ENOENT)
		*reason = xstrdup("this host has no /dev/kvm");
	else
		*reason = xasprintf("cannot open /dev/kvm: %s (is this user in group kvm?)",
				    strerror(errno));
	return !*reason;
}

bool qemu_shares_job(const struct vm_request *request)
{
	const struct arch *arch = arch_find(request->arch ?: "amd64");

	/*
	 * Other boards lack the bus of the shared memory. It has not been
	 * verified that several CPUs run in the same order after a restore.
	 */
	return request->plan && request->clock == VM_CLOCK_INSTRUCTIONS && request->cpus <= 1 &&
	       arch && board_find(arch, request->board) == board_find(arch, NULL) &&
	       strlen(request->plan) <= sizeof(((struct ivshmem_job *)NULL)->text);
}

bool qemu_counts_strings(const struct vm_request *request)
{
	const struct arch *arch = arch_find(request->arch ?: "amd64");

	return request->clock == VM_CLOCK_INSTRUCTIONS && arch && !strcmp(arch->kbuild, "x86");
}

#define add_option qemu_add_option

static void add_argument(struct qemu_command *command, char *text)
{
	command->argv = xrealloc(command->argv, (command->count + 2) * sizeof(*command->argv));
	command->argv[command->count++] = text;
	command->argv[command->count] = NULL;
}

void qemu_add_option(struct qemu_command *command, const char *option, const char *format, ...)
{
	struct strbuf value = STRBUF_INIT;
	va_list args;

	add_argument(command, xstrdup(option));
	if (!format)
		return;
	va_start(args, format);
	strbuf_vaddf(&value, format, args);
	va_end(args);
	add_argument(command, strbuf_detach(&value));
}

/*
 * With -icount, virtual time advances one nanosecond per instruction. Without sleeping,
 * with the RTC on virtual time, and with the plugin (plugin/halt.h), it does not depend on
 * the host's clock.
 */
static void add_clock(struct qemu_command *command, enum vm_clock clock, bool kvm)
{
	if (clock == VM_CLOCK_INSTRUCTIONS) {
		add_option(command, "-accel", "tcg,thread=single");
		add_option(command, "-icount", "shift=0,sleep=off");
		add_option(command, "-rtc", "base=2022-01-01,clock=vm");
	} else {
		add_option(command, "-accel", "%s", kvm ? "kvm" : "tcg,thread=multi");
	}
}

static void add_kernel(struct qemu_command *command, const struct board *board,
		       const struct vm_request *request)
{
	bool counted = request->clock == VM_CLOCK_INSTRUCTIONS;

	add_option(command, "-kernel", QEMU_KERNEL);
	add_option(command, "-initrd", QEMU_INITRAMFS);
	if (board->device_tree)
		add_option(command, "-dtb", QEMU_DEVICE_TREE);
	/* An oops ends a measurement, but in a shell the user may want to examine it. */
	add_option(command, "-append", "%s%s maxcpus=%u panic=-1%s%s%s", board->kernel_args,
		   counted && board->counting_args ? board->counting_args : "",
		   request->cpus ?: 1,
		   request->interactive ? "" : " oops=panic",
		   request->append && *request->append ? " " : "", request->append ?: "");
}

/* Add the next serial port, connected to a character device. */
static void add_port(struct qemu_command *command, const struct board *board, const char *name)
{
	if (board->ports == BOARD_PORTS_PCI && strcmp(name, QEMU_CONSOLE))
		add_option(command, "-device", "pci-serial,chardev=%s", name);
	else
		add_option(command, "-serial", "chardev:%s", name);
}

static void add_file_port(struct qemu_command *command, const struct board *board,
			  const char *name)
{
	/* A snapshot is restored together with the console output so far. */
	add_option(command, "-chardev", "file,id=%s,path=%s,append=on", name, name);
	add_port(command, board, name);
}

/*
 * Per-CPU memory is allocated for each possible CPU: offer several, as on real machines.
 * Newer kernels do not count CPUs that QEMU could only plug in later, so all exist, and
 * the kernel starts those that are requested.
 */
static void add_size(struct qemu_command *command, const struct board *board,
		     const struct vm_request *request)
{
	add_option(command, "-smp", "%u", board->cpus ?: VM_CPUS_MAX);
	add_option(command, "-m", "%u", board_memory_mib(board, request->memory_mib));
}

/* Add the shared memory for the job and the counters of string instructions. */
static void add_shared_memory(struct qemu_command *command)
{
	add_option(command, "-object", "memory-backend-file,id=job,mem-path=" QEMU_JOB
		   ",size=%u,share=on", IVSHMEM_JOB_BYTES);
	add_option(command, "-device", "ivshmem-plain,memdev=job,master=on");
}

/* Add the device by which the guest reports that it waits for its job. */
static void add_doorbell(struct qemu_command *command)
{
	add_option(command, "-device", "pvpanic-pci");
	add_option(command, "-action", "panic=none");
}

void qemu_command_build(struct qemu_command *command, const struct arch *arch,
			const struct board *board, const struct vm_request *request,
			const char *cpu, bool kvm, int terminal)
{
	*command = (struct qemu_command) { 0 };
	add_option(command, arch->qemu, NULL);
	add_option(command, "-nodefaults", NULL);
	add_option(command, "-no-user-config", NULL);
	add_option(command, "-no-reboot", NULL);
	add_option(command, "-display", "none");
	add_option(command, "-machine", "%s", board->machine);
	if (cpu)
		add_option(command, "-cpu", "%s", cpu);
	for (size_t i = 0; board->settings && board->settings[i]; i++)
		add_option(command, board->settings[i], NULL);
	add_size(command, board, request);
	add_clock(command, request->clock, kvm);
	add_file_port(command, board, QEMU_CONSOLE);
	add_file_port(command, board, QEMU_RESULTS);
	if (terminal >= 0) {
		add_option(command, "-chardev", TERMINAL_CHARDEV "%d", terminal);
		add_port(command, board, "terminal");
	}
	if (qemu_shares_job(request) || qemu_counts_strings(request))
		add_shared_memory(command);
	if (qemu_shares_job(request))
		add_doorbell(command);
	if (request->clock == VM_CLOCK_INSTRUCTIONS)
		add_option(command, "-plugin", "file=./" PLUGIN "%s",
			   qemu_counts_strings(request) ? ",counters=" QEMU_JOB : "");
	add_kernel(command, board, request);
}

void qemu_command_release(struct qemu_command *command)
{
	for (size_t i = 0; i < command->count; i++)
		free(command->argv[i]);
	free(command->argv);
	*command = (struct qemu_command) { 0 };
}

char *qemu_command_text(const struct qemu_command *command)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < command->count; i++)
		if (strncmp(command->argv[i], TERMINAL_CHARDEV, strlen(TERMINAL_CHARDEV)))
			strbuf_addf(&text, "%s\n", command->argv[i]);
	return strbuf_detach(&text);
}

pid_t qemu_start(const struct qemu_command *command, const char *directory, int terminal)
{
	cleanup_free char *path = xasprintf("%s/" QEMU_MESSAGES, directory);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int messages = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	pid_t pid = -errno;

	if (null >= 0 && messages >= 0)
		pid = process_start((const char *const *)command->argv, directory, null, messages,
				    messages, terminal);
	if (null >= 0)
		close(null);
	if (messages >= 0)
		close(messages);
	return pid;
}

pid_t qemu_start_with_qmp(struct qemu_command *command, const char *directory, int *socket)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	add_option(command, "-chardev", "socket,id=monitor,fd=%d", pair[1]);
	add_option(command, "-mon", "chardev=monitor,mode=control");
	pid = qemu_start(command, directory, pair[1]);
	close(pair[1]);
	if (pid < 0)
		close(pair[0]);
	else
		*socket = pair[0];
	return pid;
}

int qemu_link_plugin(const char *directory)
{
	cleanup_free char *link = xasprintf("%s/" PLUGIN, directory);

	if (access(path_plugin(), R_OK))
		return -errno;
	return symlink(path_plugin(), link) ? -errno : 0;
}

int qemu_write_ranges(const char *directory, const char *ranges)
{
	cleanup_free char *path = xasprintf("%s/" RANGES, directory);

	return file_write(path, ranges, strlen(ranges));
}

void qemu_add_trace(struct qemu_command *command, const struct vm_trace *trace)
{
	if (trace->around) {
		add_option(command, "-plugin", "file=./" PLUGIN ",out=" TRACE ",around=" RANGES
			   ",limit=%llu", trace->limit_bytes);
		return;
	}
	add_option(command, "-plugin", "file=./" PLUGIN ",out=" TRACE ",op=%s,limit=%llu",
		   trace->op, trace->limit_bytes);
}

int qemu_open_trace(const char *directory, FILE **trace, struct error *error)
{
	cleanup_free char *path = xasprintf("%s/" TRACE, directory);

	*trace = fopen(path, "re");
	return *trace ? 0 : error_set(error, EXIT_HOST_ERROR, "QEMU's plugin wrote no trace: %s",
				      strerror(errno));
}
