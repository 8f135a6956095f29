// SPDX-License-Identifier: GPL-2.0-or-later
#include "request.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/process.h"
#include "board.h"
#include "cache.h"
#include "cpu_model.h"
#include "guest.h"
#include "guest_monitor.h"
#include "kernels.h"
#include "module_build.h"
#include "module_lines.h"
#include "qemu.h"
#include "snapshot.h"
#include "vmlinux.h"

/* State of one run, and the resources to release. */
struct vm_run {
	const struct vm_request *request;
	struct vm_result *result;
	struct error error;
	struct kernel kernel;
	const struct arch *arch;
	const struct board *board;
	char *image;			/* kernel for QEMU */
	const char *module_name;	/* in the guest */
	char *module;			/* file to load */
	char *directory;		/* private, deleted at the end */
	char machine_sha256[SHA256_HEX_SIZE];	/* of all inputs except a shared job */
	int qmp;			/* socket to QEMU, or -1 */
	int terminal[2];		/* our end and QEMU's; -1 unless interactive */
	struct cpu_model cpu;		/* the requested one */
	char tree_sha256[SHA256_HEX_SIZE];	/* of the device tree, or empty */
	bool kvm;
	struct qemu_command command;
	struct guest_channel channel;
	struct strbuf guest_errors;	/* standard error of a plan's guest */
};

static int choose_board(struct vm_run *run)
{
	const struct vm_request *request = run->request;
	cleanup_free char *unknown = NULL;
	cleanup_free char *boards = NULL;

	run->arch = arch_find(request->arch ?: "amd64");
	if (!run->arch) {
		unknown = arch_unknown(request->arch);
		return error_set(&run->error, EXIT_USAGE, "%s", unknown);
	}
	run->board = board_find(run->arch, request->board);
	boards = board_names(run->arch);
	if (!run->board)
		return error_set(&run->error, EXIT_USAGE, "unknown board '%s' for %s (known: %s)",
				 request->board, run->arch->name, boards);
	if (request->memory_set &&
	    board_memory_mib(run->board, request->memory_mib) != request->memory_mib)
		return error_set(&run->error, EXIT_USAGE,
				 "--memory must be %u MiB for board %s, got '%u'",
				 run->board->memory_mib, run->board->name, request->memory_mib);
	return 0;
}

static int check_request(struct vm_run *run)
{
	const struct vm_request *request = run->request;

	if (choose_board(run))
		return -1;
	run->module_name = guest_module_name(request, &run->error);
	if (!run->module_name)
		return -1;
	if (request->clock == VM_CLOCK_INSTRUCTIONS && request->cpus > 1 &&
	    !run->board->counts_on_several_cpus)
		return error_set(&run->error, EXIT_USAGE,
				 "%s counts instructions on one CPU only, got %u CPUs "
				 "(use --clock time)",
				 run->arch->name, request->cpus);
	if (request->interactive && run->board->port_count < 3)
		return error_set(&run->error, EXIT_USAGE,
				 "board %s has no serial port for a terminal (use -c 'COMMANDS')",
				 run->board->name);
	if (cache_check_path(&run->error))
		return -1;
	run->result->qemu_version = qemu_version(run->arch);
	if (!run->result->qemu_version)
		return error_set(&run->error, EXIT_HOST_ERROR,
				 "%s is missing: install the package %s", run->arch->qemu,
				 run->arch->qemu_package);
	if (qemu_too_old(run->result->qemu_version))
		return error_set(&run->error, EXIT_HOST_ERROR,
				 "%s %s is too old (at least " QEMU_VERSION_MIN ")",
				 run->arch->qemu, run->result->qemu_version);
	if (!run->board->cpu && !request->cpu)
		return 0;
	return cpu_model_find(run->board, run->arch, request->cpu ?: CPU_DEFAULT,
			      run->result->qemu_version, request->clock == VM_CLOCK_INSTRUCTIONS,
			      &run->cpu, &run->error);
}

/*
 * The unpacked kernel boots fastest. However, the image's setup code enables five-level
 * page tables: a CPU that has them needs the image.
 */
static int choose_image(struct vm_run *run)
{
	if (!run->cpu.five_levels && !run->kernel.boots_compressed)
		return vmlinux_extract(run->kernel.image, &run->image,
				       run->result->kernel_sha256, &run->error);
	run->image = xstrdup(run->kernel.image);
	return sha256_file(run->image, run->result->kernel_sha256, &run->error);
}

static int prepare_kernel(struct vm_run *run)
{
	const struct vm_request *request = run->request;
	const struct module_variant variant = {
		.name = run->module_name, .extra = request->extra.text ? &request->extra : NULL,
	};

	return kernel_find(request->kernel ?: "default", request->headers, request->arch, false,
			   &run->kernel, &run->error) ?:
	       module_build(&run->kernel, &variant, &run->module,
			    run->result->module_sha256, &run->error) ?:
	       choose_image(run);
}

static void choose_accelerator(struct vm_run *run)
{
	if (run->request->clock == VM_CLOCK_TIME)
		run->kvm = kvm_usable(run->kernel.arch, run->image, run->result->qemu_version,
				      &run->result->accelerator_reason);
	run->result->accelerator = run->kvm ? "kvm" : "tcg";
	if (run->kvm && !run->request->cpu)
		run->result->cpu = xstrdup("host");
	else if (run->cpu.qemu)
		run->result->cpu = xstrdup(run->cpu.qemu);
}

/* Create the private directory with QEMU's input files. */
static int create_directory(struct vm_run *run, const void *initramfs, size_t size)
{
	cleanup_free char *kernel = NULL;
	cleanup_free char *path = NULL;
	cleanup_free char *tree = NULL;
	int err;

	run->directory = directory_temporary(&run->error);
	if (!run->directory)
		return -1;
	kernel = xasprintf("%s/" QEMU_KERNEL, run->directory);
	path = xasprintf("%s/" QEMU_INITRAMFS, run->directory);
	tree = xasprintf("%s/" QEMU_DEVICE_TREE, run->directory);
	err = file_write(path, initramfs, size);
	if (!err && symlink(run->image, kernel))
		err = -errno;
	if (!err && run->request->clock == VM_CLOCK_INSTRUCTIONS)
		err = qemu_link_plugin(run->directory);
	if (err)
		return error_set(&run->error, EXIT_HOST_ERROR, "cannot write to %s: %s",
				 run->directory, strerror(-err));
	return run->board->device_tree ? device_tree_write(&run->kernel, run->board, tree,
							   run->tree_sha256, &run->error) : 0;
}

/* Hash everything that the guest is started from. */
static int hash_inputs(struct vm_run *run, const void *initramfs, size_t size)
{
	cleanup_free char *arguments = qemu_command_text(&run->command);
	cleanup_free char *init = path_guest_init(run->kernel.arch->guest);
	cleanup_strbuf struct strbuf inputs = STRBUF_INIT;
	char archive[SHA256_HEX_SIZE];

	if (sha256_file(init, run->result->guest_sha256, &run->error))
		return -1;
	sha256_bytes(initramfs, size, archive);
	strbuf_addf(&inputs, "kernel %s\ninitramfs %s\n", run->result->kernel_sha256, archive);
	if (*run->tree_sha256)
		strbuf_addf(&inputs, "tree %s\n", run->tree_sha256);
	strbuf_addf(&inputs, "qemu %s\n%s", run->result->qemu_version, arguments);
	sha256_bytes(inputs.text, inputs.length, run->machine_sha256);
	if (qemu_shares_job(run->request))
		strbuf_addf(&inputs, "job\n%s", run->request->plan);
	sha256_bytes(inputs.text, inputs.length, run->result->input_sha256);
	return 0;
}

/* QEMU would start a guest with too little memory, which then fails without a message. */
static int check_memory(struct vm_run *run, size_t initramfs_bytes)
{
	cleanup_fclose FILE *in = fopen(run->image, "re");
	char headers[4096];
	size_t size = in ? fread(headers, 1, sizeof(headers), in) : 0;
	unsigned long long needed = vmlinux_end_bytes(headers, size) + initramfs_bytes;
	unsigned int memory_mib = board_memory_mib(run->board, run->request->memory_mib);

	if (needed <= (unsigned long long)memory_mib << 20)
		return 0;
	return error_set(&run->error, EXIT_USAGE,
			 "--memory must be at least %llu MiB for this kernel and initramfs, "
			 "got '%u'",
			 (needed >> 20) + 1, memory_mib);
}

static int prepare_guest(struct vm_run *run)
{
	cleanup_free void *initramfs = NULL;
	size_t size;

	initramfs = guest_initramfs(run->request, &run->kernel, run->module_name, run->module,
				    &size, &run->error);
	if (!initramfs || check_memory(run, size) || create_directory(run, initramfs, size))
		return -1;
	if (run->request->interactive &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, run->terminal))
		return error_set(&run->error, EXIT_HOST_ERROR,
				 "cannot create a socket for the terminal: %s", strerror(errno));
	qemu_command_build(&run->command, run->arch, run->board, run->request,
			   run->result->cpu, run->kvm, run->terminal[1]);
	return hash_inputs(run, initramfs, size);
}

/* Pass the output of commands on; collect a plan's errors for the message. */
static int handle_output(void *context, int stream, const void *data, size_t size)
{
	struct vm_run *run = context;
	const struct vm_request *request = run->request;
	FILE *out = stream == 1 ? stdout : stderr;

	if (request->output) {
		request->output(request->output_context, stream, data, size);
	} else if (!request->script) {
		strbuf_add(&run->guest_errors, data, size);
	} else if (fwrite(data, 1, size, out) != size || fflush(out)) {
		int err = errno;

		/* The caller reports the error. */
		clearerr(out);
		return -err;
	}
	return 0;
}

/* Store the records, and check that a plan was executed completely. */
static int store_results(struct vm_run *run)
{
	struct vm_result *result = run->result;
	const char *reason = run->guest_errors.text;

	result->guest_status = run->channel.status;
	result->records_bytes = run->channel.records.length;
	result->records = strbuf_detach(&run->channel.records);
	/* No command has such a status: it is an errno of the guest's init. */
	if (result->guest_status < 0)
		return error_set(&run->error, EXIT_GUEST_LOST, "the guest cannot run the command: %s",
				 strerror(-result->guest_status));
	if (!run->request->plan || !result->guest_status)
		return 0;
	if (!*reason)
		reason = strerror(result->guest_status);
	return error_set(&run->error, result->guest_status == EKEYREJECTED ? EXIT_SKIP :
			 EXIT_CHECK_FAILED, "the guest cannot execute the plan: %.*s",
			 (int)strcspn(reason, "\n"), reason);
}

/* Start QEMU from a snapshot if possible, else by booting. Return: a process id or -1. */
static pid_t start_guest(struct vm_run *run)
{
	const struct vm_request *request = run->request;
	struct vm_snapshot snapshot = {
		.directory = run->directory,
		.command = &run->command,
		.digest = run->machine_sha256,
		.job = request->plan,
		.trace = request->trace,
		.timeout_s = request->timeout_s,
		.started_s = seconds_now(),
	};
	pid_t qemu = 0;
	int err = 0;

	/* The guest cannot observe whether it is traced, or restored from a snapshot. */
	if (qemu_shares_job(request)) {
		if (!request->no_snapshot)
			qemu = snapshot_start(&snapshot, &run->error);
		run->result->restored = qemu > 0;
		if (qemu)
			return qemu;
		err = snapshot_write_job(run->directory, request->plan);
	} else if (qemu_counts_strings(request)) {
		err = snapshot_write_job(run->directory, NULL);
	}
	if (!err && request->trace && request->trace->around)
		err = qemu_write_ranges(run->directory, request->trace->around);
	if (err)
		return error_set(&run->error, EXIT_HOST_ERROR, "cannot write to %s: %s",
				 run->directory, strerror(-err));
	if (request->trace)
		qemu_add_trace(&run->command, request->trace);
	qemu = request->silence_s ?
	       qemu_start_with_qmp(&run->command, run->directory, &run->qmp) :
	       qemu_start(&run->command, run->directory, run->terminal[1]);
	return qemu > 0 ? qemu : error_set(&run->error, EXIT_HOST_ERROR, "cannot start QEMU: %s",
					   strerror(-qemu));
}

static int run_guest(struct vm_run *run)
{
	struct guest_monitor monitor = {
		.directory = run->directory,
		.channel = &run->channel,
		.timeout_s = run->request->timeout_s,
		.silence_s = run->request->silence_s,
		.show_console = run->request->console,
		.may_be_silent = run->request->bench,
		.progress = run->request->progress,
		.progress_context = run->request->progress_context,
	};
	struct terminal terminal = { .guest = run->terminal[0] };
	int err;

	run->channel.output = handle_output;
	run->channel.context = run;
	monitor.qemu = start_guest(run);
	if (monitor.qemu < 0)
		return -1;
	monitor.qmp = run->qmp;
	if (run->request->interactive) {
		close(run->terminal[1]);
		run->terminal[1] = -1;
		monitor.terminal = &terminal;
	}
	err = guest_monitor_run(&monitor, &run->error);
	terminal_stop(&terminal);
	if (!err && run->request->trace)
		err = qemu_open_trace(run->directory, &run->result->trace, &run->error);
	run->result->boot_s = monitor.first_record_s;
	return err ?: store_results(run);
}

static void cleanup_run(struct vm_run *run)
{
	if (run->directory)
		directory_remove(run->directory);
	for (int i = 0; i < 2; i++)
		if (run->terminal[i] >= 0)
			close(run->terminal[i]);
	if (run->qmp >= 0)
		close(run->qmp);
	qemu_command_release(&run->command);
	guest_channel_release(&run->channel);
	strbuf_release(&run->guest_errors);
	kernel_release(&run->kernel);
	free(run->directory);
	free(run->image);
	free(run->cpu.qemu);
	free(run->module);
}

/* Return the line of the user's code at the first place of the module in a panic, or NULL. */
static char *find_line(const struct vm_run *run, const char *debug)
{
	const char *text = run->error.message;
	cleanup_free char *place = module_place(run->module_name, text);
	const char *start = place ? strstr(text, place) : text;
	struct module_lines lines = { 0 };
	struct error ignored = { 0 };
	cleanup_free char *head = NULL;
	char *line = NULL;

	while (start > text && start[-1] != '\n')
		start--;
	head = xstrndup(start, strcspn(start, "+"));
	if (place && !module_lines_open(&lines, &run->kernel, debug, &ignored)) {
		lines.skipped = "module/";
		/* A place in the call trace is where a call returns to. */
		line = module_line(&lines, place, !strstr(head, "RIP: ") && !strstr(head, "pc : ") &&
				   !strstr(head, "PC is at "));
		module_lines_close(&lines);
	}
	error_release(&ignored);
	return line;
}

static void add_line(struct vm_run *run)
{
	const char *slash = strrchr(run->module, '/');
	cleanup_free char *debug = xasprintf("%.*s/" MODULE_DEBUG, (int)(slash - run->module),
					     run->module);
	cleanup_free char *line = find_line(run, debug);
	char *message;

	if (!line)
		return;
	message = xasprintf("%s\n  in %s", run->error.message, line);
	free(run->error.message);
	run->error.message = message;
}

void vm_run(const struct vm_request *request, struct vm_result *result)
{
	struct vm_run run = {
		.request = request,
		.result = result,
		.qmp = -1,
		.terminal = { -1, -1 },
		.channel = GUEST_CHANNEL_INIT,
		.guest_errors = STRBUF_INIT,
	};
	double start = seconds_now();
	bool output_closed;
	int err;

	*result = (struct vm_result) { .accelerator = "tcg" };
	interrupt_catch();
	err = check_request(&run) ?: prepare_kernel(&run);
	if (!err) {
		choose_accelerator(&run);
		result->kernel_package_version = xstrdup(run.kernel.package_version);
		result->kernel_file = xstrdup(run.image);
		result->module_file = xstrdup(run.module);
		err = prepare_guest(&run) ?: run_guest(&run);
	}
	if (err && run.error.code == EXIT_GUEST_PANIC && request->extra.text)
		add_line(&run);
	/* After a signal, report the interruption, not the error of a killed program. */
	if (err && interrupted()) {
		error_release(&run.error);
		error_interrupted(&run.error);
	}
	result->code = err ? run.error.code : EXIT_OK;
	result->message = run.error.message;
	result->total_s = seconds_now() - start;
	output_closed = run.channel.output_err == -EPIPE;
	cleanup_run(&run);
	/* The reader of the output has exited ("| head"): end as SIGPIPE does by default. */
	if (output_closed) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
}

void vm_result_release(struct vm_result *result)
{
	free(result->message);
	free(result->records);
	free(result->accelerator_reason);
	free(result->qemu_version);
	free(result->cpu);
	free(result->kernel_package_version);
	free(result->kernel_file);
	free(result->module_file);
	if (result->trace)
		fclose(result->trace);
	*result = (struct vm_result) { 0 };
}
