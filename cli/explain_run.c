// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain_run.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "exec/plan.h"
#include "report/format.h"
#include "vm/guest_symbols.h"
#include "vm/vm.h"

#define TRACE_BYTES_MAX	(4ULL << 30)

/* Half of what is free where the trace lies: a disk that runs full is nobody's friend. */
static unsigned long long trace_limit(void)
{
	const char *base = getenv("TMPDIR");
	struct statvfs space;
	unsigned long long half;

	if (statvfs(base && *base ? base : "/tmp", &space))
		return TRACE_BYTES_MAX;
	half = (unsigned long long)space.f_bavail * space.f_frsize / 2;
	return half < TRACE_BYTES_MAX ? half : TRACE_BYTES_MAX;
}

static char *plan_text(const struct explain_options *options)
{
	struct experiment_spec spec;
	struct plan plan;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	plan_init(&plan);
	experiment_spec_init(&spec);
	snprintf(spec.facility, sizeof(spec.facility), "%s", options->facility);
	snprintf(spec.workload, sizeof(spec.workload), "%s", options->workload);
	snprintf(spec.gfp, sizeof(spec.gfp), "%s", options->gfp);
	spec.object_size = options->size;
	spec.objects = options->objects;
	spec.seed = options->seed;
	spec.mark = 1;
	plan_add(&plan, &spec);
	plan_write(&plan, out);
	fclose(out);
	plan_release(&plan);
	return text;
}

/* [[ticks, tags, how many], ...] */
static char *read_samples(struct samples *samples, const json_t *record)
{
	json_int_t ticks, tags, count;
	const char *text;
	json_t *run;
	size_t i;

	samples->overhead = json_integer_value(json_object_get(record, "overhead"));
	text = json_string_value(json_object_get(record, "module_text"));
	samples->module_text = text ? strtoull(text, NULL, 16) : 0;
	json_array_foreach(json_object_get(record, "runs"), i, run) {
		if (json_unpack(run, "[I,I,I]", &ticks, &tags, &count) || count < 1)
			return xasprintf("the experiment's samples are damaged");
		samples->list = xrealloc(samples->list,
					 (samples->count + count) * sizeof(*samples->list));
		while (count--)
			samples->list[samples->count++] = (struct sample) { ticks, tags };
	}
	return NULL;
}

/* The experiment's own word on why there is nothing to explain. */
static char *refusal(const json_t *result, enum exit_code *code)
{
	const char *status = json_string_value(json_object_get(result, "status")) ?: "";

	if (!strcmp(status, "ok"))
		return NULL;
	*code = strcmp(status, "failed") ? EXIT_USAGE : EXIT_RECORD_FAILED;
	return json_is_string(json_object_get(result, "reason")) ? refusal_of(result) :
								   xstrdup("the experiment failed");
}

static char *take_record(json_t *record, const char *op, struct samples *samples,
			 struct explanation *explanation, enum exit_code *code)
{
	const char *kind = json_string_value(json_object_get(record, "record")) ?: "";
	const char *text = NULL;

	if (!strcmp(kind, "samples") &&
	    !strcmp(json_string_value(json_object_get(record, "direction")) ?: "", op))
		return read_samples(samples, record);
	if (!strcmp(kind, "result"))
		return refusal(record, code);
	if (!strcmp(kind, "environment") && !explanation->kernel &&
	    !json_unpack(record, "{s:{s:s}}", "kernel", "release", &text))
		explanation->kernel = xstrdup(text);
	return NULL;
}

/* NULL, or why there is nothing to explain. */
static char *read_records(const struct vm_result *result, const char *op, struct samples *samples,
			  struct explanation *explanation, enum exit_code *code)
{
	const char *at = result->records, *end = at + result->records_bytes;
	char *error = NULL;

	while (!error && at < end) {
		const char *newline = memchr(at, '\n', end - at) ?: end;
		json_t *record = json_loadb(at, newline - at, 0, NULL);

		error = take_record(record, op, samples, explanation, code);
		json_decref(record);
		at = newline + 1;
	}
	return error;
}

static char *add_module(struct symbols *symbols, const char *path, uint64_t base)
{
	size_t size;
	cleanup_free char *file = file_read(path, &size);

	if (!base)
		return xasprintf("the kernel hides where the module lies: kernel.kptr_restrict can be 0 or 1");
	if (!file)
		return xasprintf("cannot read %s: %s", path, strerror(errno));
	return symbols_add_module(symbols, file, size, base);
}

static char *analyse(struct explanation *explanation, const struct vm_result *result,
		     const struct samples *samples, const struct explain_options *options)
{
	struct trace trace = { 0 };
	struct stat st;
	char *error;
	void *data;

	if (fstat(fileno(result->trace), &st) || !st.st_size)
		return xasprintf("QEMU's plugin wrote no trace");
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fileno(result->trace), 0);
	if (data == MAP_FAILED)
		return xasprintf("the trace cannot be read: %s", strerror(errno));
	error = trace_begin(&trace, data, st.st_size);
	if (!error)
		error = analysis_run(&explanation->analysis, &trace, samples,
				     options->model_text ? &explanation->model : NULL);
	if (!error && trace.limited)
		error = xasprintf("the trace grew beyond %llu MiB after %zu operations: take %s",
				  (unsigned long long)st.st_size >> 20,
				  explanation->analysis.operations,
				  strcmp(options->workload, "ramp") ? "fewer --objects" :
				  "less --memory");
	else if (!error && !explanation->analysis.operations)
		error = xasprintf("the experiment had no operation that could be followed");
	trace_end(&trace);
	if (!error)
		error = trace_begin(&trace, data, st.st_size) ?:
			analysis_take_blocks(&explanation->analysis, options->state, &trace);
	trace_end(&trace);
	munmap(data, st.st_size);
	return error;
}

static void set_facts(struct explanation *explanation, const struct vm_result *result,
		      const struct samples *samples, const struct explain_options *options)
{
	explanation->input_sha256 = xstrdup(result->input_sha256);
	explanation->facts = (struct view_facts) {
		.facility = options->facility,
		.op = options->op,
		.workload = options->workload,
		.gfp = options->gfp,
		.kernel = explanation->kernel ?: "of unknown release",
		.arch = options->arch,
		.state = options->state_name,
		.size = options->size,
		.objects = options->objects,
		.overhead = samples->overhead,
		.model = options->model_text ? &explanation->model : NULL,
		.input_sha256 = explanation->input_sha256,
	};
}

/* What a run brought back becomes an explanation. */
static enum exit_code explain_result(struct explanation *explanation, const struct vm_job *job,
				     const struct vm_result *result,
				     const struct explain_options *options)
{
	struct failure failure = { 0 };
	struct samples samples = { 0 };
	cleanup_free char *kernel_symbols = NULL;
	enum exit_code code = EXIT_TROUBLE;
	char *error = read_records(result, options->op, &samples, explanation, &code);

	if (error)
		goto say;
	kernel_symbols = guest_symbols(job, result->kernel_file, &failure);
	if (!kernel_symbols) {
		code = failure.code;
		error = failure.message;
		goto say;
	}
	error = symbols_add_kernel(&explanation->analysis.symbols, kernel_symbols) ?:
		add_module(&explanation->analysis.symbols, result->module_file,
			   samples.module_text) ?:
		analyse(explanation, result, &samples, options);
	set_facts(explanation, result, &samples, options);
say:
	if (error)
		say_error("%s", error);
	free(error);
	free(samples.list);
	return error ? code : EXIT_FINE;
}

/* An emulator that was built without plugins says so in words of its own. */
static void say_failure(const struct vm_result *result)
{
	say_error("%s", result->message ?: "the run did not end well");
	if (result->message && strstr(result->message, "plugin"))
		say_error("explain wants a QEMU with TCG plugins: Debian's packages from 12 on have "
			  "them, else build it with --enable-plugins");
}

enum exit_code explain_kernel(struct explanation *explanation, const char *kernel,
			      const struct explain_options *options)
{
	cleanup_free char *plan = plan_text(options);
	struct vm_trace trace = { .op = options->op, .limit_bytes = trace_limit() };
	struct vm_job job = {
		.kernel = kernel,
		.arch = options->arch,
		.clock = VM_CLOCK_INSTRUCTIONS,
		.memory_mib = options->memory_mib,
		.cpus = 1,
		.append = options->append,
		.timeout_s = options->timeout_s,
		.verbose = options->verbose,
		.boot = options->boot,
		.plan = plan,
		.trace = &trace,
	};
	struct vm_result result;
	enum exit_code code;

	if (options->model_text)
		free(cache_model_read(&explanation->model, options->model_text));
	vm_run(&job, &result);
	code = result.code;
	if (code != EXIT_FINE)
		say_failure(&result);
	else
		code = explain_result(explanation, &job, &result, options);
	vm_result_release(&result);
	return code;
}

void explanation_release(struct explanation *explanation)
{
	analysis_release(&explanation->analysis);
	cache_model_release(&explanation->model);
	free(explanation->kernel);
	free(explanation->input_sha256);
	*explanation = (struct explanation) { 0 };
}
