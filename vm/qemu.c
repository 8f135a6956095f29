// SPDX-License-Identifier: GPL-2.0-or-later
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/process.h"
#include "exec/shared_job.h"
#include "saved_state.h"

#define TERMINAL_CHARDEV "socket,id=terminal,fd="

char *qemu_version(const struct arch *arch)
{
	static const char mark[] = "version ";
	const char *const argv[] = { arch->qemu, "--version", NULL };
	cleanup_free char *output = NULL;
	struct process process = { .argv = argv, .output = &output };
	const char *version = process_run(&process) ? NULL : strstr(output, mark);

	if (!version)
		return NULL;
	version += strlen(mark);
	return strndup(version, strcspn(version, "\n"));
}

bool qemu_too_old(const char *version)
{
	unsigned int major = 0, minor = 0, least_major, least_minor;

	sscanf(QEMU_OLDEST, "%u.%u", &least_major, &least_minor);
	if (sscanf(version, "%u.%u", &major, &minor) < 1)
		return false;
	return major < least_major || (major == least_major && minor < least_minor);
}

#define add qemu_command_add

void qemu_command_add(struct qemu_command *command, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = xstrdup("");
	va_end(args);
	command->argv = xrealloc(command->argv, (command->count + 2) * sizeof(*command->argv));
	command->argv[command->count++] = text;
	command->argv[command->count] = NULL;
}

static void add_option(struct qemu_command *command, const char *option, const char *value)
{
	add(command, "%s", option);
	add(command, "%s", value);
}

/*
 * Counting makes virtual time advance one nanosecond an instruction; without
 * sleeping and with a clock of its own, no host time enters.
 */
static void add_clock(struct qemu_command *command, enum vm_clock clock, bool kvm)
{
	if (clock == VM_CLOCK_INSTRUCTIONS) {
		add_option(command, "-accel", "tcg,thread=single");
		add_option(command, "-icount", "shift=0,sleep=off");
		add_option(command, "-rtc", "base=2022-01-01,clock=vm");
	} else {
		add_option(command, "-accel", kvm ? "kvm" : "tcg,thread=multi");
	}
}

static void add_kernel(struct qemu_command *command, const struct board *board,
		       const struct vm_job *job)
{
	add_option(command, "-kernel", QEMU_KERNEL);
	add_option(command, "-initrd", QEMU_INITRAMFS);
	if (board->device_tree)
		add_option(command, "-dtb", QEMU_DEVICE_TREE);
	/* An oops ends a measurement; at a prompt its user may want to look at it. */
	add(command, "-append");
	add(command, "%s%s panic=-1%s%s%s", board->kernel_args,
	    job->clock == VM_CLOCK_INSTRUCTIONS && board->counting_args ? board->counting_args : "",
	    job->interactive ? "" : " oops=panic", job->append && *job->append ? " " : "",
	    job->append ?: "");
}

/* The next serial port, connected to the character device of that name. */
static void add_port(struct qemu_command *command, const struct board *board, const char *name)
{
	bool is_console = !strcmp(name, QEMU_CONSOLE);

	if (board->ports == BOARD_PORTS_PCI && !is_console) {
		add(command, "-device");
		add(command, "pci-serial,chardev=%s", name);
	} else {
		add(command, "-serial");
		add(command, "chardev:%s", name);
	}
}

static void add_file_port(struct qemu_command *command, const struct board *board,
			  const char *name)
{
	add(command, "-chardev");
	/* A machine that was saved brings along what its console said before. */
	add(command, "file,id=%s,path=%s,append=on", name, name);
	add_port(command, board, name);
}

/* Per-CPU memory is there for each CPU that may come: an ordinary machine has several. */
static void add_size(struct qemu_command *command, const struct board *board,
		     const struct vm_job *job)
{
	unsigned int cpus = board->cpus ?: job->cpus ?: 1;

	add(command, "-smp");
	if (cpus < board->cpus_possible)
		add(command, "%u,maxcpus=%u", cpus, board->cpus_possible);
	else
		add(command, "%u", cpus);
	add(command, "-m");
	add(command, "%u", board_memory_mib(board, job->memory_mib));
}

/* Memory for a job that comes late, and the device by which the guest says that it waits. */
static void add_shared_job(struct qemu_command *command)
{
	add(command, "-object");
	add(command, "memory-backend-file,id=job,mem-path=" QEMU_JOB ",size=%u,share=on",
	    SHARED_JOB_BYTES);
	add_option(command, "-device", "ivshmem-plain,memdev=job,master=on");
	add_option(command, "-device", "pvpanic-pci");
	add_option(command, "-action", "panic=none");
}

void qemu_command_make(struct qemu_command *command, const struct arch *arch,
		       const struct board *board, const struct vm_job *job, bool kvm, int terminal)
{
	*command = (struct qemu_command) { 0 };
	add(command, "%s", arch->qemu);
	add(command, "-nodefaults");
	add(command, "-no-user-config");
	add(command, "-no-reboot");
	add_option(command, "-display", "none");
	add_option(command, "-machine", board->machine);
	if (job->cpu || kvm || board->cpu)
		add_option(command, "-cpu", job->cpu ?: kvm ? "host" : board->cpu);
	for (size_t i = 0; board->settings && board->settings[i]; i++)
		add(command, "%s", board->settings[i]);
	add_size(command, board, job);
	add_clock(command, job->clock, kvm);
	add_file_port(command, board, QEMU_CONSOLE);
	add_file_port(command, board, QEMU_RESULTS);
	if (terminal >= 0) {
		add(command, "-chardev");
		add(command, TERMINAL_CHARDEV "%d", terminal);
		add_port(command, board, "terminal");
	}
	if (saved_state_serves(job))
		add_shared_job(command);
	add_kernel(command, board, job);
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
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < command->count; i++)
		if (strncmp(command->argv[i], TERMINAL_CHARDEV, strlen(TERMINAL_CHARDEV)))
			fprintf(out, "%s\n", command->argv[i]);
	fclose(out);
	return text;
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
