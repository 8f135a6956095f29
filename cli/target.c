// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/process.h"
#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "cli/measure.h"
#include "vm/cache.h"
#include "vm/board.h"
#include "vm/cpu_model.h"

char *progress_text(const struct plan *plan, size_t done, double elapsed_s)
{
	const struct experiment_spec *spec = &plan->experiments[done];
	cleanup_free char *left = NULL;

	if (done >= plan->count)
		return NULL;
	if (done && elapsed_s >= 1)
		left = xasprintf("  %.0f s left", ceil(elapsed_s / done * (plan->count - done)));
	return xasprintf("%zu of %zu  %s %s %llu%s", done + 1, plan->count, spec->facility,
			 spec->workload, (unsigned long long)spec->object_size, left ?: "");
}

void progress_show(void *context, size_t results)
{
	struct progress *progress = context;
	cleanup_free char *text = NULL;

	if (!progress->start)
		progress->start = seconds_now();
	text = progress_text(progress->plan, progress->done + results,
			     seconds_now() - progress->start);
	if (text)
		log_status("%s", text);
}

/* Return the text of a plan with only the experiment at index; the caller frees it. */
static char *plan_text_single(const struct plan *plan, size_t index)
{
	struct plan single;
	char *text;

	plan_init(&single);
	strcpy(single.clock, plan->clock);
	plan_add(&single, &plan->experiments[index]);
	text = plan_text(&single);
	plan_release(&single);
	return text;
}

/* Records of several virtual machines. */
struct isolated_records {
	struct strbuf results;
	struct strbuf inputs;		/* checksums of the inputs, one per line */
	char *environment;		/* record, or NULL */
};

/* Compare the self-checks of two environment records. */
static bool same_self_check(const json_t *environment, const char *other)
{
	json_t *second = json_loads(other, 0, NULL);
	bool same = json_equal(json_object_get(environment, "self_check"),
			       json_object_get(second, "self_check"));

	json_decref(second);
	return same;
}

/* Keep one environment: the first, or a later one whose self-check differs. */
static void isolated_add_line(struct isolated_records *all, const char *line, size_t length)
{
	json_t *record = json_loadb(line, length, 0, NULL);

	if (!json_is(record, "record", "environment")) {
		strbuf_add(&all->results, line, length);
		strbuf_addstr(&all->results, "\n");
	} else if (!all->environment || !same_self_check(record, all->environment)) {
		free(all->environment);
		all->environment = strndup(line, length);
	}
	json_decref(record);
}

static void isolated_add(struct isolated_records *all, const struct vm_result *result)
{
	const char *pos = result->records, *end = pos + result->records_bytes;

	strbuf_addf(&all->inputs, "%s\n", result->input_sha256);
	while (pos < end) {
		const char *newline = memchr(pos, '\n', end - pos) ?: end;

		isolated_add_line(all, pos, newline - pos);
		pos = newline + 1;
	}
}

/* Replace the records of the last virtual machine with those of all. */
static void isolated_finish(struct isolated_records *all, struct vm_result *result)
{
	strbuf_addf(&all->results, "%s\n", all->environment ?: "");
	free(result->records);
	result->records_bytes = all->results.length;
	result->records = strbuf_detach(&all->results);
	sha256_bytes(all->inputs.text, all->inputs.length, result->input_sha256);
}

/* Run each experiment in a virtual machine of its own; --timeout limits their total time. */
static void run_isolated(const struct plan *plan, const struct vm_request *job,
			 struct progress *progress, struct vm_result *result)
{
	struct isolated_records all = { .results = STRBUF_INIT, .inputs = STRBUF_INIT };
	double start = seconds_now(), boot_s = 0;

	*result = (struct vm_result) { .code = EXIT_OK };
	for (size_t i = 0; i < plan->count && result->code == EXIT_OK; i++) {
		cleanup_free char *text = plan_text_single(plan, i);
		struct vm_request single = *job;
		double used = seconds_now() - start;

		single.plan = text;
		progress->done = i;
		if (job->timeout_s)
			single.timeout_s = used < job->timeout_s ?
					   job->timeout_s - (unsigned int)used : 1;
		vm_result_release(result);
		vm_run(&single, result);
		boot_s += result->boot_s;
		if (result->code == EXIT_OK)
			isolated_add(&all, result);
	}
	if (result->code == EXIT_OK) {
		isolated_finish(&all, result);
		result->boot_s = boot_s;
	}
	result->total_s = seconds_now() - start;
	strbuf_release(&all.results);
	strbuf_release(&all.inputs);
	free(all.environment);
}

static void run_in_vm(const struct plan *plan, const struct measure_target *target,
		      struct progress *progress, struct vm_result *result)
{
	cleanup_free char *text = plan_text(plan);
	struct vm_request job = target->vm;

	job.plan = text;
	job.progress = progress_show;
	job.progress_context = progress;
	if (target->isolate)
		run_isolated(plan, &job, progress, result);
	else
		vm_run(&job, result);
}

void target_run(const struct plan *plan, const struct measure_target *target,
		struct vm_result *result)
{
	struct progress progress = { .plan = plan };

	interrupt_catch();
	if (target->on_host)
		target_host_run(plan, target->vm.timeout_s, &progress, result);
	else
		run_in_vm(plan, target, &progress, result);
	log_status_clear();
}

struct run_facts target_facts(const struct vm_result *result, const struct measure_target *target,
			      const char *command_line)
{
	static char date[32];
	time_t now = time(NULL);
	struct run_facts facts = {
		.target = target->on_host ? "host" : "vm",
		.accelerator = result->accelerator,
		.input_sha256 = *result->input_sha256 ? result->input_sha256 : NULL,
		.kernel_sha256 = result->kernel_sha256,
		.module_sha256 = result->module_sha256,
		.guest_sha256 = result->guest_sha256,
		.append = target->vm.append,
		.layout = target->vm.layout,
		.command = command_line,
		.date = date,
		.kmemlab_version = KMEMLAB_VERSION,
		.accelerator_reason = result->accelerator_reason,
		.qemu_version = result->qemu_version,
		.kernel_package_version = result->kernel_package_version,
		.boot_s = result->boot_s,
		.total_s = result->total_s,
	};

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	if (!target->on_host) {
		const struct arch *arch = arch_find(target->vm.arch);
		const struct board *board = board_find(arch, target->vm.board);

		facts.arch = target->vm.arch;
		facts.board = board == board_find(arch, NULL) ? NULL : target->vm.board;
		facts.cpu = !result->cpu || !strcmp(result->cpu, "host") ? result->cpu :
			    target->vm.cpu ?: CPU_DEFAULT;
		facts.qemu_cpu = result->cpu;
		facts.memory_mib = board_memory_mib(board, target->vm.memory_mib);
	}
	return facts;
}
