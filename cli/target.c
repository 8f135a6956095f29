// SPDX-License-Identifier: GPL-2.0-or-later
#include "target.h"

#include <time.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "run_host.h"
#include "run_isolated.h"
#include "vm/suites.h"

static void run_in_vm(const struct plan *plan, const struct target *target,
		      struct vm_result *result)
{
	cleanup_free char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct vm_job job = {
		.kernel = target->kernel,
		.headers = target->headers,
		.arch = target->arch,
		.board = target->board,
		.clock = target->clock,
		.memory_mib = target->memory_mib,
		.memory_asked = target->memory_asked,
		.cpus = target->cpus,
		.append = target->append,
		.cpu = target->cpu,
		.layout = target->layout,
		.timeout_s = target->timeout_s,
		.boot = target->boot,
		.verbose = target->verbose,
	};

	plan_write(plan, out);
	fclose(out);
	job.plan = text;
	if (target->isolate)
		isolated_run(plan, &job, result);
	else
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

/* NULL where it is the architecture's usual one. */
static const char *unusual_board(const struct target *target)
{
	const struct arch *arch = arch_find(target->arch);

	return board_find(arch, target->board) == board_find(arch, NULL) ? NULL : target->board;
}

static unsigned int memory_mib_of(const struct target *target)
{
	return board_memory_mib(board_find(arch_find(target->arch), target->board),
				target->memory_mib);
}

struct run_facts target_facts(const struct vm_result *result, const struct target *target,
			      const char *command)
{
	static char date[32];
	time_t now = time(NULL);

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	return (struct run_facts) {
		.target = target->on_host ? "host" : "vm",
		.accelerator = result->accelerator,
		.input_sha256 = *result->input_sha256 ? result->input_sha256 : NULL,
		.arch = target->on_host ? NULL : target->arch,
		.board = target->on_host ? NULL : unusual_board(target),
		.memory_mib = target->on_host ? 0 : memory_mib_of(target),
		.append = target->append,
		.layout = target->layout,
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
