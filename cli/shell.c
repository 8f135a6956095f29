// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab shell: run commands in a virtual machine. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/measure.h"
#include "vm/request.h"

/* A command may exit with a status that kmemlab uses itself: then say that it is the command's. */
static void report_status(int status)
{
	if ((status >= EXIT_WATCHDOG && status <= EXIT_GUEST_PANIC) || status == EXIT_INTERRUPTED)
		log_error("status %d is that of the guest's last command", status);
}

static enum exit_code run_job(const struct vm_request *job)
{
	struct vm_result result;
	enum exit_code code;

	vm_run(job, &result);
	code = result.code;
	if (code != EXIT_OK) {
		log_error("%s", result.message);
	} else {
		code = result.guest_status;
		report_status(code);
	}
	vm_result_release(&result);
	return code;
}

static enum exit_code cmd_shell(struct options *options)
{
	const size_t file_count = options->files.count;
	cleanup_free struct vm_file *files = xcalloc(file_count + 1, sizeof(*files));
	cleanup_free char *piped = NULL;
	struct vm_request job = request_from_options(options);

	job.cpus = options->cpu_counts.values[0];
	job.clock = options->counted ? VM_CLOCK_INSTRUCTIONS : VM_CLOCK_NONE;
	job.script = options->script;
	job.files = files;
	job.file_count = file_count;
	for (size_t i = 0; i < file_count; i++)
		files[i] = (struct vm_file) { options->files.names[i], "--add " };
	if (!job.script && isatty(STDIN_FILENO)) {
		job.interactive = true;
	} else if (!job.script) {
		piped = file_read("/dev/stdin", NULL);
		if (!piped) {
			log_error("cannot read standard input: %s", strerror(errno));
			return EXIT_HOST_ERROR;
		}
		job.script = piped;
	}
	return run_job(&job);
}

const struct command shell_command = {
	.name = "shell",
	.bit = CMD_SHELL,
	.run = cmd_shell,
	.summary = "run a shell or commands in a temporary virtual machine",
	.usage = "shell [OPTION]...",
	.description = "Run a shell in a temporary virtual machine with a distribution kernel. The "
		"module is /kernel_memory.ko and is not loaded; if --add copies a module of that name, "
		"it is /kmemlab.ko. Commands can also be piped in.\n"
		"The exit status is that of the last command. If it is one that kmemlab uses for its "
		"own errors, 124 to 127 or 130, a line on standard error says whose it is: \"kmemlab: "
		"status 127 is that of the guest's last command\", or the message of the error.",
	.example = "shell -c 'insmod /kernel_memory.ko && dmesg'",
};
