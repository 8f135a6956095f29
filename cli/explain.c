// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab explain: attribute each instruction of an operation to a function. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/files.h"
#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/terminal.h"
#include "cli/measure.h"
#include "cli/output_file.h"
#include "explain/document.h"
#include "lib/catalog.h"
#include "report/format.h"
#include "report/report.h"
#include "vm/guest_symbols.h"

#define TRACE_BYTES_MAX	(4ULL << 30)

/* One kernel's part of the explanation. */
struct explanation {
	const struct experiment_spec *spec;
	struct analysis analysis;
	struct cache_model model;
	struct cycle_input cycle_input;
	struct cycle_estimate estimates[CYCLE_CPUS_MAX];
	char *kernel;		/* release, or NULL */
};

static enum path_state path_state_of(const struct options *options)
{
	static const char *const names[] = {
		[STATE_STEADY] = "steady", [STATE_COLD] = "cold", [STATE_REFILL] = "refill",
		[STATE_ALL] = "all",
	};
	enum path_state state = STATE_STEADY;

	while (state < STATE_ALL && strcmp(options->state, names[state]))
		state++;
	return state;
}

unsigned long long trace_limit(void)
{
	const char *directory = getenv("TMPDIR");
	struct statvfs space;
	unsigned long long half;

	if (statvfs(directory && *directory ? directory : "/tmp", &space))
		return TRACE_BYTES_MAX;
	half = (unsigned long long)space.f_bavail * space.f_frsize / 2;
	return half < TRACE_BYTES_MAX ? half : TRACE_BYTES_MAX;
}

static char *explain_plan_text(const struct experiment_spec *spec)
{
	struct plan plan;
	char *text;

	plan_init(&plan);
	plan_add(&plan, spec);
	text = plan_text(&plan);
	plan_release(&plan);
	return text;
}

/* Return why there are no samples, which the caller frees, and set the exit code; or NULL. */
static char *skip_reason(const json_t *result, enum exit_code *code)
{
	const char *status = json_str(result, "status", "");

	if (!strcmp(status, "ok"))
		return NULL;
	*code = strcmp(status, "failed") ? EXIT_USAGE : EXIT_CHECK_FAILED;
	return json_str(result, "reason", NULL) ? skip_text(result) :
						  xstrdup("the experiment failed");
}

static char *read_record(json_t *record, const struct options *options, struct samples *samples,
			 struct explanation *explanation, enum exit_code *code)
{
	const char *kind = json_str(record, "record", "");
	const char *release = json_str(record, "kernel.release", NULL);

	if (!strcmp(kind, "samples") && json_is(record, "direction", options->op)) {
		/* The objects of a user's operation are not known. */
		if (options->command->bit != CMD_OPERATION)
			memory_owners_set_per_cpu(&explanation->analysis.owners, record);
		return samples_add(samples, record);
	}
	if (!strcmp(kind, "result"))
		return skip_reason(record, code);
	if (!strcmp(kind, "environment") && !explanation->kernel && release)
		explanation->kernel = xstrdup(release);
	return NULL;
}

/* Return NULL or an error; the caller frees it. */
static char *read_records(const struct vm_result *result, const struct options *options,
			  struct samples *samples, struct explanation *explanation,
			  enum exit_code *code)
{
	const char *pos = result->records, *end = pos + result->records_bytes;
	char *error = NULL;

	while (!error && pos < end) {
		const char *newline = memchr(pos, '\n', end - pos) ?: end;
		json_t *record = json_loadb(pos, newline - pos, 0, NULL);

		error = read_record(record, options, samples, explanation, code);
		json_decref(record);
		pos = newline + 1;
	}
	return error;
}

static char *add_module_symbols(struct symbols *symbols, const char *path, uint64_t base)
{
	size_t size;
	cleanup_free char *file = file_read(path, &size);

	if (!base)
		return xasprintf("module addresses are hidden "
				 "(set kernel.kptr_restrict to 0 or 1)");
	if (!file)
		return xasprintf("cannot read '%s': %s", path, strerror(errno));
	return symbols_add_module(symbols, file, size, base);
}

static char *check_trace(const struct explanation *explanation, const struct trace *trace,
			 const struct options *options, unsigned long long bytes)
{
	if (trace->limited)
		return xasprintf("the trace exceeded %llu MiB after %zu operations (use %s)",
				 bytes >> 20, explanation->analysis.operations,
				 workload_flags(explanation->spec->workload) &
				 KMEMLAB_WORKLOAD_GROWS ? "less --memory" :
				 options->command->bit == CMD_OPERATION ? "fewer --operations" :
				 "fewer --objects");
	if (!explanation->analysis.operations)
		return xasprintf("the experiment had no operation that can be followed");
	return NULL;
}

static char *estimate_cycles(struct explanation *explanation)
{
	char *error = NULL;

	for (size_t i = 0; i < explanation->cycle_input.cpu_count && !error; i++)
		error = cycle_estimate(&explanation->estimates[i], &explanation->cycle_input, i);
	return error;
}

static char *analyze_trace(struct explanation *explanation, const struct vm_result *result,
			   const struct samples *samples, const struct options *options)
{
	struct trace trace = { 0 };
	struct stat st;
	char *error;
	void *data;

	if (fstat(fileno(result->trace), &st) || !st.st_size)
		return xasprintf("QEMU's plugin wrote no trace");
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fileno(result->trace), 0);
	if (data == MAP_FAILED)
		return xasprintf("cannot read the trace: %s", strerror(errno));
	error = trace_begin(&trace, data, st.st_size) ?:
		analysis_run(&explanation->analysis, &trace, samples,
			     options->model ? &explanation->model : NULL) ?:
		check_trace(explanation, &trace, options, st.st_size);
	trace_end(&trace);
	if (!error)
		error = trace_begin(&trace, data, st.st_size) ?:
			analysis_take_blocks(&explanation->analysis, path_state_of(options),
					     &trace, options->cycles.count ?
					     &explanation->cycle_input : NULL) ?:
			estimate_cycles(explanation);
	trace_end(&trace);
	munmap(data, st.st_size);
	return error;
}

static json_t *create_document(const struct explanation *explanation,
			       const struct vm_result *result, const struct samples *samples,
			       const struct options *options)
{
	const struct experiment_spec *spec = explanation->spec;
	const struct explain_context context = {
		.facility = spec->facility,
		.op = options->op,
		.workload = spec->workload,
		.gfp = spec->gfp,
		.condition = spec->condition,
		.kernel = explanation->kernel ?: "(unknown)",
		.arch = options->archs.names[0],
		.state = options->state,
		.size = spec->object_size,
		.objects = spec->objects,
		.bulk = spec->bulk,
		.repeats = spec->repeats,
		.overhead = samples->overhead,
		.model = options->model ? &explanation->model : NULL,
		.estimates = explanation->estimates,
		.estimate_count = explanation->cycle_input.cpu_count,
		.input_sha256 = result->input_sha256,
	};

	return explain_document(&explanation->analysis,
				analysis_path(&explanation->analysis, path_state_of(options)),
				&context);
}

static enum exit_code explain_result(struct explanation *explanation, const struct vm_request *job,
				     const struct vm_result *result, const struct options *options,
				     json_t **document)
{
	struct symbols *symbols = &explanation->analysis.symbols;
	struct error failure = { 0 };
	struct samples samples = { 0 };
	cleanup_free char *kernel_symbols = NULL;
	enum exit_code code = EXIT_HOST_ERROR;
	char *error = read_records(result, options, &samples, explanation, &code);

	if (error)
		goto out;
	kernel_symbols = guest_symbols(job, result->kernel_file, &failure);
	if (!kernel_symbols) {
		code = failure.code;
		error = failure.message;
		goto out;
	}
	memory_owners_add_data(&explanation->analysis.owners, kernel_symbols);
	error = symbols_add_kernel(symbols, kernel_symbols) ?:
		add_module_symbols(symbols, result->module_file, samples.module_text) ?:
		analyze_trace(explanation, result, &samples, options);
	if (!error)
		*document = create_document(explanation, result, &samples, options);
out:
	if (error)
		log_error("%s", error);
	free(error);
	free(samples.list);
	return error ? code : EXIT_OK;
}

static void report_failure(const struct vm_result *result)
{
	log_error("%s", result->message ?: "the run failed");
	/* QEMU's own message does not suggest a solution. */
	if (result->message && strstr(result->message, "plugin"))
		log_error("explain requires QEMU with TCG plugins (Debian 12 and later, or build "
			  "it with --enable-plugins)");
}

enum exit_code explain_experiment(const char *kernel, const struct experiment_spec *spec,
				  const struct options *options, json_t **document)
{
	struct explanation explanation = { .spec = spec };
	cleanup_free char *plan = explain_plan_text(spec);
	struct vm_trace trace = { .op = options->op, .limit_bytes = trace_limit() };
	struct vm_request job = request_from_options(options);
	struct vm_result result;
	enum exit_code code;

	job.kernel = kernel;
	job.clock = VM_CLOCK_INSTRUCTIONS;
	job.extra = options->extra;
	job.no_snapshot = options->boot;
	job.plan = plan;
	job.trace = &trace;
	if (options->model)
		free(cache_model_read(&explanation.model, options->model));
	for (size_t i = 0; i < options->cycles.count; i++)
		cycle_input_add(&explanation.cycle_input,
				cycle_cpu_find(options->cycles.names[i], NULL));
	vm_run(&job, &result);
	code = result.code;
	if (code != EXIT_OK)
		report_failure(&result);
	else
		code = explain_result(&explanation, &job, &result, options, document);
	if (code == EXIT_OK && result.qemu_version)
		json_object_set_new(*document, "qemu_version", json_string(result.qemu_version));
	vm_result_release(&result);
	analysis_release(&explanation.analysis);
	cache_model_release(&explanation.model);
	cycle_input_release(&explanation.cycle_input);
	free(explanation.kernel);
	return code;
}

static void print_text(const json_t *document, bool blocks)
{
	if (json_at(document, "kernels")) {
		explain_print_diff(document, terminal_out());
		return;
	}
	explain_print_tree(document, terminal_out());
	if (blocks)
		explain_print_blocks(document, terminal_out());
}

/* Write all outputs. */
static enum exit_code publish_explanation(const struct options *options, json_t *kernels)
{
	const struct output outputs[] = {
		{ options->json, report_json },
		{ options->folded, explain_print_folded },
		{ options->html, report_explanation_html },
	};
	bool is_stdout_free, differs = false;
	json_t *document, *kernel;
	enum exit_code code;
	size_t i;

	json_array_foreach(kernels, i, kernel)
		differs |= json_int(kernel, "clock.mismatches", 0) != 0;
	document = json_array_size(kernels) > 1 ? explain_diff_document(kernels) :
						  json_incref(json_array_get(kernels, 0));
	json_object_set_new(document, "command", json_string(options->command_line));
	json_object_set_new(document, "kmemlab_version", json_string(KMEMLAB_VERSION));
	code = outputs_write(outputs, ARRAY_SIZE(outputs), document, &is_stdout_free);
	if (!code && is_stdout_free)
		print_text(document, options->blocks);
	json_decref(document);
	if (!code)
		code = output_finish();
	return code ?: differs ? EXIT_CHECK_FAILED : EXIT_OK;
}

static void spec_from_options(struct experiment_spec *spec, const struct options *options)
{
	experiment_spec_init(spec);
	strcpy(spec->facility, options->operands[0]);
	strcpy(spec->workload, options->workloads.names[0]);
	strcpy(spec->gfp, options->gfps.names[0]);
	strcpy(spec->condition, options->conditions.names[0]);
	spec->object_size = options->sizes.values[0];
	spec->objects = options->objects.values[0];
	spec->seed = options->seed;
	spec->repeats = options->repeats;
	spec->bulk = options->bulk;
	spec->mark = 1;
}

static enum exit_code explain_kernels(const struct options *options)
{
	json_t *kernels = json_array();
	enum exit_code code = EXIT_OK;
	struct experiment_spec spec;

	spec_from_options(&spec, options);
	for (size_t i = 0; i < options->kernels.count && !code; i++) {
		json_t *document = NULL;

		code = explain_experiment(options->kernels.names[i], &spec, options, &document);
		json_array_append_new(kernels, document);
	}
	if (!code)
		code = publish_explanation(options, kernels);
	json_decref(kernels);
	return code;
}

static enum exit_code check_cycles(const struct options *options)
{
	cleanup_free char *simulator = program_find("llvm-mca");
	cleanup_free char *disassembler = program_find("llvm-mc");
	const char *arch = options->archs.names[0];

	for (size_t i = 0; i < options->cycles.count; i++) {
		cleanup_free char *error = NULL;
		const struct cycle_cpu *cpu = cycle_cpu_find(options->cycles.names[i], &error);

		if (!cpu)
			return usage_error(options, "--cycles: %s", error);
		if (strcmp(cpu->arch, arch))
			return usage_error(options, "--cycles %s requires --arch %s, got '%s'",
					   cpu->name, cpu->arch, arch);
	}
	if (options->cycles.count && options->kernels.count > 1)
		return usage_error(options, "--cycles requires a single --kernel");
	if (options->cycles.count && path_state_of(options) == STATE_ALL)
		return usage_error(options, "--cycles estimates a single path (use --state steady, "
				   "cold or refill)");
	if (!options->cycles.count || (simulator && disassembler))
		return EXIT_OK;
	log_error("cannot find llvm-mca and llvm-mc, which --cycles runs (they are in Debian's "
		  "package llvm)");
	return EXIT_HOST_ERROR;
}

static enum exit_code check_options(struct options *options)
{
	const char *facility = options->operands[0];
	cleanup_free char *error = NULL;

	if (strchr(facility, ','))
		return usage_error(options, "FACILITY must be a single facility, got '%s'",
				   facility);
	if (!name_known(&facility_names, facility)) {
		error = name_error(&facility_names, facility);
		return usage_error(options, "%s", error);
	}
	if (facility_flags(facility) & KMEMLAB_FACILITY_USER_SPACE)
		return usage_error(options, "facility %s cannot be explained: it is user memory "
				   "(follow its page faults with 'perf trace -F all')", facility);
	if (!options->workloads.count)
		name_list_add(&options->workloads,
			      strcmp(options->state, "cold") ? "batch" : "cold");
	if (workload_flags(options->workloads.names[0]) & KMEMLAB_WORKLOAD_REMOTE)
		return usage_error(options, "workload %s frees on another CPU, but explain follows "
				   "one CPU", options->workloads.names[0]);
	if (options->kernels.count > 1 && options->blocks)
		return usage_error(options, "--blocks requires a single --kernel");
	if (options->kernels.count > 2 && options->folded)
		return usage_error(options, "--folded requires one or two kernels, got %zu",
				   options->kernels.count);
	return check_cycles(options) ?: options_check_outputs(options);
}

enum exit_code explain_facility(const struct options *options, char *facility, char *arch)
{
	struct options explain = *options;
	char *operands[] = { facility, NULL };

	explain.operands = operands;
	explain.archs = (struct name_list) { .names = &arch, .count = 1 };
	explain.op = "alloc";
	explain.state = "steady";
	explain.json = NULL;
	explain.html = NULL;
	return explain_kernels(&explain);
}

static enum exit_code cmd_explain(struct options *options)
{
	enum exit_code code = check_options(options);

	if (code)
		return code;
	interrupt_catch();
	return explain_kernels(options);
}

const struct command explain_command = {
	.name = "explain",
	.bit = CMD_EXPLAIN,
	.run = cmd_explain,
	.summary = "attribute each instruction of an operation to a function",
	.usage = "explain FACILITY [OPTION]...",
	.description = "Show in which functions an operation executes its instructions, on an "
		"unmodified distribution kernel without debug information. Each operation of the "
		"experiment is traced; operations that executed the same instructions form a "
		"path.\n"
		"Only QEMU's emulation can be traced. For this machine's kernel, or under KVM, "
		"use 'perf record -e instructions:k', which samples what explain counts exactly.",
	.example = "explain kmalloc --size 64 --op free",
	.operand = "FACILITY",
	.operands_min = 1,
	.operands_max = 1,
};
