// SPDX-License-Identifier: GPL-2.0-or-later
#include "target.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "run_host.h"

static void run_in_vm(const struct plan *plan, const struct target *target,
		      struct vm_result *result)
{
	cleanup_free char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct vm_job job = {
		.kernel = target->kernel,
		.arch = target->arch,
		.clock = target->clock,
		.memory_mib = target->memory_mib,
		.cpus = 1,
		.append = target->append,
		.cpu = target->cpu,
		.timeout_s = target->timeout_s,
		.verbose = target->verbose,
	};

	plan_write(plan, out);
	fclose(out);
	job.plan = text;
	vm_run(&job, result);
}

void target_run(const struct plan *plan, const struct target *target, struct vm_result *result)
{
	interrupt_catch();
	if (target->on_host)
		host_run(plan, target->timeout_s, result);
	else
		run_in_vm(plan, target, result);
}

struct run_facts target_facts(const struct vm_result *result, bool on_host, const char *command)
{
	static char date[32];
	time_t now = time(NULL);

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	return (struct run_facts) {
		.target = on_host ? "host" : "vm",
		.accelerator = result->accelerator,
		.input_sha256 = *result->input_sha256 ? result->input_sha256 : NULL,
		.command = command,
		.date = date,
		.kmemlab_version = KMEMLAB_VERSION,
		.accelerator_reason = result->accelerator_reason,
		.qemu_version = result->qemu_version,
		.kernel_package_version = result->kernel_package_version,
		.boot_s = result->boot_s,
		.total_s = result->total_s,
	};
}

static void print_word(const char *word, FILE *out)
{
	const char *at = word;

	while (isalnum((unsigned char)*at) || (*at && strchr("-_=+,./:@%", *at)))
		at++;
	if (*word && !*at) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		*word == '\'' ? fputs("'\\''", out) : fputc(*word, out);
	fputc('\'', out);
}

/* lab says what it was called as. */
char *command_line(int argc, char **argv)
{
	char *line;
	size_t length;
	FILE *out = open_memstream(&line, &length);

	print_word(getenv("KMEMLAB_CALLED_AS") ?: program_invocation_name, out);
	for (int i = 0; i < argc; i++) {
		fputc(' ', out);
		print_word(argv[i], out);
	}
	fclose(out);
	return line;
}
