// SPDX-License-Identifier: GPL-2.0-or-later
#include "vm.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "accelerator.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/paths.h"
#include "build.h"
#include "channel.h"
#include "device_tree.h"
#include "digest.h"
#include "guest.h"
#include "kernels.h"
#include "qemu.h"
#include "saved_state.h"
#include "terminal.h"
#include "trace.h"
#include "vmlinux.h"
#include "watch.h"

/* One run: what it is made of, and what must be put away. */
struct run {
	const struct vm_job *job;
	struct vm_result *result;
	struct failure failure;
	struct kernel kernel;
	const struct arch *arch;
	const struct board *board;
	char *vmlinux;
	char *module;
	char *directory;		/* private, removed at the end */
	char machine_sha256[DIGEST_HEX_SIZE];	/* of all but a job that comes late */
	int terminal[2];		/* ours and QEMU's end; -1 unless interactive */
	char tree_digest[DIGEST_HEX_SIZE];	/* of the device tree, empty without */
	bool kvm;
	struct qemu_command command;
	struct channel channel;
	char *guest_errors;		/* what a plan's guest wrote to standard error */
	size_t guest_errors_bytes;
};

static int choose_machine(struct run *run)
{
	const struct vm_job *job = run->job;
	cleanup_free char *unknown = NULL;
	cleanup_free char *boards = NULL;

	run->arch = arch_find(job->arch ?: "amd64");
	if (!run->arch) {
		unknown = arch_unknown(job->arch);
		return fail_with(&run->failure, EXIT_USAGE, "%s", unknown);
	}
	run->board = board_find(run->arch, job->board);
	boards = board_names(run->arch);
	if (!run->board)
		return fail_with(&run->failure, EXIT_USAGE, "%s has no board %s; it has %s",
				 run->arch->name, job->board, boards);
	if (job->memory_asked && board_memory_mib(run->board, job->memory_mib) != job->memory_mib)
		return fail_with(&run->failure, EXIT_USAGE, "a %s has %u MiB of memory, not %u: "
				 "leave --memory out", run->board->name, run->board->memory_mib,
				 job->memory_mib);
	return 0;
}

static int check_job(struct run *run)
{
	const struct vm_job *job = run->job;

	if (choose_machine(run))
		return -1;
	if (job->clock == VM_CLOCK_INSTRUCTIONS && job->cpus > 1 &&
	    !run->board->counts_on_several_cpus)
		return fail_with(&run->failure, EXIT_USAGE,
				 "%s counts instructions on one CPU only: take --clock time for %u",
				 run->arch->name, job->cpus);
	if (job->interactive && run->board->port_count < 3)
		return fail_with(&run->failure, EXIT_USAGE,
				 "%s has no serial port for a terminal: give the commands with -c",
				 run->board->name);
	/* Kbuild splits its own paths there, and knows no quotes. */
	if (strpbrk(path_cache(), " \t:"))
		return fail_with(&run->failure, EXIT_TROUBLE,
				 "no module can be built in %s: set XDG_CACHE_HOME to a path "
				 "without blanks", path_cache());
	run->result->qemu_version = qemu_version(run->arch);
	if (!run->result->qemu_version)
		return fail_with(&run->failure, EXIT_TROUBLE,
				 "%s is missing: install the package %s", run->arch->qemu,
				 run->arch->qemu_package);
	if (qemu_too_old(run->result->qemu_version))
		return fail_with(&run->failure, EXIT_TROUBLE,
				 "%s is %s, too old: " QEMU_OLDEST " or newer is needed",
				 run->arch->qemu, run->result->qemu_version);
	return 0;
}

/*
 * The ELF file boots fastest. What depends on the CPU, five levels of tables for
 * one, is set up by the code before it, which a CPU that somebody chose deserves.
 */
static int choose_image(struct run *run)
{
	if (!run->job->cpu && !run->kernel.boots_whole)
		return vmlinux_extract(run->kernel.image, &run->vmlinux, &run->failure);
	run->vmlinux = xstrdup(run->kernel.image);
	return 0;
}

static int prepare(struct run *run)
{
	return kernel_find(run->job->kernel ?: "default", run->job->headers, run->job->arch, false,
			   &run->kernel, &run->failure) ?:
	       module_build(&run->kernel, &run->module, &run->failure) ?:
	       choose_image(run);
}

static void choose_accelerator(struct run *run)
{
	if (run->job->clock == VM_CLOCK_TIME)
		run->kvm = kvm_works(run->kernel.arch, run->vmlinux, run->result->qemu_version,
				     &run->result->accelerator_reason);
	run->result->accelerator = run->kvm ? "kvm" : "tcg";
}

/* The private directory with QEMU's input files. */
static int make_directory(struct run *run, const void *initramfs, size_t size)
{
	cleanup_free char *kernel = NULL;
	cleanup_free char *path = NULL;
	int error;

	run->directory = directory_temporary();
	if (!run->directory)
		return fail_with(&run->failure, EXIT_TROUBLE, "cannot make a directory in %s: %s",
				 getenv("TMPDIR") ?: "/tmp", strerror(errno));
	kernel = xasprintf("%s/" QEMU_KERNEL, run->directory);
	path = xasprintf("%s/" QEMU_INITRAMFS, run->directory);
	error = file_write(path, initramfs, size);
	if (!error && symlink(run->vmlinux, kernel))
		error = -errno;
	if (!error && run->job->trace)
		error = trace_prepare(run->directory);
	if (error)
		return fail_with(&run->failure, EXIT_TROUBLE, "cannot write to %s: %s",
				 run->directory, strerror(-error));
	if (run->board->device_tree)
		return device_tree_write(&run->kernel, run->board, run->directory, run->tree_digest,
					 &run->failure);
	return 0;
}

/* Names all that the guest is started from. */
static int digest_inputs(struct run *run, const void *initramfs, size_t size)
{
	cleanup_free char *arguments = qemu_command_text(&run->command);
	char kernel[DIGEST_HEX_SIZE], archive[DIGEST_HEX_SIZE];
	cleanup_free char *list = NULL;

	if (digest_file(run->vmlinux, kernel, &run->failure))
		return -1;
	digest_bytes(initramfs, size, archive);
	list = xasprintf("kernel %s\ninitramfs %s\n%s%s%sqemu %s\n%s", kernel, archive,
			 *run->tree_digest ? "tree " : "", run->tree_digest,
			 *run->tree_digest ? "\n" : "", run->result->qemu_version, arguments);
	digest_bytes(list, strlen(list), run->machine_sha256);
	if (saved_state_serves(run->job)) {
		char *machine = list;

		list = xasprintf("%sjob\n%s", machine, run->job->plan);
		free(machine);
	}
	digest_bytes(list, strlen(list), run->result->input_sha256);
	return 0;
}

/* QEMU would start it all the same, into nothing. */
static int check_memory(struct run *run, size_t initramfs_bytes)
{
	cleanup_fclose FILE *in = fopen(run->vmlinux, "re");
	char headers[4096];
	size_t size = in ? fread(headers, 1, sizeof(headers), in) : 0;
	unsigned long long needed = vmlinux_end_bytes(headers, size) + initramfs_bytes;
	unsigned int memory_mib = board_memory_mib(run->board, run->job->memory_mib);

	if (needed <= (unsigned long long)memory_mib << 20)
		return 0;
	return fail_with(&run->failure, EXIT_USAGE,
			 "%u MiB cannot hold kernel and initramfs (%llu MiB): give more --memory",
			 memory_mib, (needed >> 20) + 1);
}

static int make_guest(struct run *run)
{
	cleanup_free void *initramfs = NULL;
	size_t size;

	initramfs = guest_initramfs(run->job, &run->kernel, run->module, &size,
				    &run->failure);
	if (!initramfs || check_memory(run, size) || make_directory(run, initramfs, size))
		return -1;
	if (run->job->interactive &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, run->terminal))
		return fail_with(&run->failure, EXIT_TROUBLE, "no socket for the terminal: %s",
				 strerror(errno));
	qemu_command_make(&run->command, run->arch, run->board, run->job, run->kvm,
			  run->terminal[1]);
	return digest_inputs(run, initramfs, size);
}

/* A script's output goes on to ours; a plan's complaints are kept for the message. */
static void take_output(void *context, int stream, const void *data, size_t size)
{
	struct run *run = context;

	if (run->job->script && run->job->output) {
		run->job->output(run->job->output_context, stream, data, size);
		return;
	}
	if (run->job->script) {
		fwrite(data, 1, size, stream == 1 ? stdout : stderr);
		fflush(stream == 1 ? stdout : stderr);
		return;
	}
	run->guest_errors = xrealloc(run->guest_errors, run->guest_errors_bytes + size + 1);
	memcpy(run->guest_errors + run->guest_errors_bytes, data, size);
	run->guest_errors_bytes += size;
	run->guest_errors[run->guest_errors_bytes] = '\0';
}

/* The trailer was right; a plan must have been carried out as well. */
static int take_results(struct run *run)
{
	struct vm_result *result = run->result;

	result->guest_status = run->channel.status;
	result->records = run->channel.records;
	result->records_bytes = run->channel.records_bytes;
	run->channel.records = NULL;
	if (!run->job->plan || !result->guest_status)
		return 0;
	if (!run->guest_errors)
		return fail_with(&run->failure, EXIT_RECORD_FAILED,
				 "the guest could not carry out the plan: %s",
				 strerror(result->guest_status));
	return fail_with(&run->failure, EXIT_RECORD_FAILED,
			 "the guest could not carry out the plan: %.*s",
			 (int)strcspn(run->guest_errors, "\n"), run->guest_errors);
}

/* From a saved machine where one can serve, else by booting: the guest does the same. */
static pid_t start(struct run *run)
{
	const struct vm_job *job = run->job;
	struct saved_machine machine = {
		.directory = run->directory,
		.command = &run->command,
		.digest = run->machine_sha256,
		.job = job->plan,
		.trace = job->trace,
		.timeout_s = job->timeout_s,
		.started_s = seconds_now(),
		.verbose = job->verbose,
	};
	pid_t qemu = 0;

	/* Neither a trace nor how it starts changes anything that the guest could see. */
	if (saved_state_serves(job)) {
		if (!job->boot)
			qemu = saved_state_start(&machine, &run->failure);
		run->result->restored = qemu > 0;
		if (qemu)
			return qemu;
		saved_state_write_job(run->directory, job->plan);
	}
	if (job->trace)
		trace_add_arguments(job->trace, &run->command);
	return qemu_start(&run->command, run->directory, run->terminal[1]);
}

static int boot(struct run *run)
{
	struct watch watch = {
		.directory = run->directory,
		.channel = &run->channel,
		.timeout_s = run->job->timeout_s,
		.verbose = run->job->verbose,
	};
	struct terminal terminal = { .guest = run->terminal[0] };
	int error;

	run->channel.output = take_output;
	run->channel.context = run;
	watch.qemu = start(run);
	if (watch.qemu < 0 && run->failure.message)
		return -1;
	if (watch.qemu < 0)
		return fail_with(&run->failure, EXIT_TROUBLE, "cannot start QEMU: %s",
				 strerror(-watch.qemu));
	if (run->job->interactive) {
		close(run->terminal[1]);
		run->terminal[1] = -1;
		watch.terminal = &terminal;
	}
	error = watch_guest(&watch, &run->failure);
	terminal_stop(&terminal);
	if (!error && run->job->trace)
		error = trace_open(run->directory, &run->result->trace, &run->failure);
	run->result->boot_s = watch.first_record_s;
	return error ?: take_results(run);
}

static void put_away(struct run *run)
{
	if (run->directory)
		directory_remove(run->directory);
	for (int i = 0; i < 2; i++)
		if (run->terminal[i] >= 0)
			close(run->terminal[i]);
	qemu_command_release(&run->command);
	channel_release(&run->channel);
	kernel_release(&run->kernel);
	free(run->guest_errors);
	free(run->directory);
	free(run->vmlinux);
	free(run->module);
}

void vm_run(const struct vm_job *job, struct vm_result *result)
{
	struct run run = { .job = job, .result = result, .terminal = { -1, -1 } };
	double start = seconds_now();
	int error;

	*result = (struct vm_result) { .accelerator = "tcg" };
	interrupt_catch();
	error = check_job(&run) ?: prepare(&run);
	if (!error) {
		choose_accelerator(&run);
		result->kernel_package_version = xstrdup(run.kernel.package_version);
		result->kernel_file = xstrdup(run.vmlinux);
		result->module_file = xstrdup(run.module);
		error = make_guest(&run) ?: boot(&run);
	}
	/* A signal that ended some helper is what happened, whatever the helper said. */
	if (error && interrupted()) {
		failure_release(&run.failure);
		fail_interrupted(&run.failure);
	}
	result->code = error ? run.failure.code : EXIT_FINE;
	result->message = run.failure.message;
	result->total_s = seconds_now() - start;
	put_away(&run);
}

void vm_result_release(struct vm_result *result)
{
	free(result->message);
	free(result->records);
	free(result->accelerator_reason);
	free(result->qemu_version);
	free(result->kernel_package_version);
	free(result->kernel_file);
	free(result->module_file);
	if (result->trace)
		fclose(result->trace);
	*result = (struct vm_result) { 0 };
}
