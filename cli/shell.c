// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "options.h"
#include "road.h"
#include "vm/apt.h"
#include "vm/vm.h"

static const char help[] =
	"Usage: kmemlab shell [OPTION]...\n"
	"A shell in a throw-away virtual machine with a stock kernel. The module lies there\n"
	"as /kernel_memory.ko, not loaded. Commands can be piped in as well.\n"
	"\n"
	"  -c, --command COMMANDS  run these and exit with the last one's status\n"
	"      --add FILE          put FILE into the guest's root folder (can be repeated)\n"
	"      --counted           count instructions: for -c COMMANDS that never wait\n"
	"      --kernel KERNEL     a version (6.1.0-56), series (6.1), suite (bookworm) or\n"
	"                          \"default\", a build tree or an image\n"
	"      --headers DIR       what a kernel image's modules are built with\n"
	"      --allow-expired     take package lists whose time has run out\n"
	"      --arch ARCH         of the guest: amd64, arm64, arm64-16k, armhf, armhf-lpae\n"
	"      --board BOARD       virt (pc on amd64), raspi2b, raspi3b\n"
	"      --memory MIB        the guest's memory (default 256)\n"
	"      --cpus N            the guest's CPUs (default 1)\n"
	"      --append ARGS       more words for the kernel's command line\n"
	"      --timeout SECONDS   end the guest after that time\n"
	"      --verbose           show the kernel's console, on standard error\n"
	"      --help\n"
	"\n"
	"kmemlab's own trouble shows as a line that starts with \"kmemlab:\" and a status of\n"
	"124 to 127.\n";

static const struct option options[] = {
	{ "command", required_argument, NULL, 'c' },
	{ "add", required_argument, NULL, 'a' },
	{ "counted", no_argument, NULL, 'i' },
	{ "kernel", required_argument, NULL, 'k' },
	{ "headers", required_argument, NULL, 'H' },
	{ "allow-expired", no_argument, NULL, 'e' },
	{ "arch", required_argument, NULL, 'r' },
	{ "board", required_argument, NULL, 'b' },
	{ "memory", required_argument, NULL, 'm' },
	{ "cpus", required_argument, NULL, 'n' },
	{ "append", required_argument, NULL, 'p' },
	{ "timeout", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* What getopt_long() found, into job; -1 to go on, else the exit code. */
static int take_option(int option, char **argv, struct vm_job *job, struct vm_file **files)
{
	unsigned int number;

	switch (option) {
	case 'c':
		job->script = optarg;
		break;
	case 'a':
		*files = xrealloc(*files, (job->file_count + 1) * sizeof(**files));
		(*files)[job->file_count++].path = optarg;
		job->files = *files;
		break;
	case 'i':
		job->clock = VM_CLOCK_INSTRUCTIONS;
		break;
	case 'k':
		job->kernel = optarg;
		break;
	case 'H':
		job->headers = optarg;
		break;
	case 'e':
		apt_allow_expired();
		break;
	case 'r':
		job->arch = optarg;
		break;
	case 'b':
		job->board = optarg;
		break;
	case 'm':
		if (!option_number("--memory", optarg, VM_MEMORY_MIB_MIN,
				   VM_MEMORY_MIB_MAX, &number))
			return EXIT_USAGE;
		job->memory_mib = number;
		job->memory_asked = true;
		break;
	case 'n':
		if (!option_number("--cpus", optarg, 1, ROAD_CPUS_MAX, &job->cpus))
			return EXIT_USAGE;
		break;
	case 'p':
		job->append = optarg;
		break;
	case 't':
		if (!option_number("--timeout", optarg, 1, 1u << 30, &number))
			return EXIT_USAGE;
		job->timeout_s = number;
		break;
	case 'v':
		job->verbose = true;
		break;
	case 'h':
		fputs(help, stdout);
		return EXIT_FINE;
	default:
		say_error("unknown or incomplete option %s; see kmemlab shell --help",
			  argv[optind - 1]);
		return EXIT_USAGE;
	}
	return -1;
}

static enum exit_code run_job(struct vm_job *job)
{
	struct vm_result result;
	enum exit_code code;

	vm_run(job, &result);
	code = result.code;
	if (code != EXIT_FINE)
		say_error("%s", result.message);
	else
		code = result.guest_status;
	vm_result_release(&result);
	return code;
}

enum exit_code cmd_shell(int argc, char **argv)
{
	struct vm_job job = { .kernel = "default", .arch = "amd64", .memory_mib = 256, .cpus = 1 };
	cleanup_free struct vm_file *files = NULL;
	cleanup_free char *piped = NULL;
	int option, code;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		code = take_option(option, argv, &job, &files);
		if (code >= 0)
			return code;
	}
	if (optind < argc) {
		say_error("\"%s\" is no option; commands go into -c 'COMMANDS'", argv[optind]);
		return EXIT_USAGE;
	}
	if (!job.script && isatty(STDIN_FILENO)) {
		job.interactive = true;
	} else if (!job.script) {
		piped = file_read("/dev/stdin", NULL);
		if (!piped) {
			say_error("the commands cannot be read from standard input");
			return EXIT_TROUBLE;
		}
		job.script = piped;
	}
	return run_job(&job);
}
