// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab bench: load a benchmark module that someone else wrote. */
#include <stdio.h>
#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/strbuf.h"
#include "base/terminal.h"
#include "cli/bench_check.h"
#include "cli/bench_modules.h"
#include "cli/measure.h"
#include "cli/output_file.h"
#include "cli/result_store.h"
#include "explain/around.h"
#include "lib/spelling.h"
#include "report/bench.h"
#include "report/report.h"
#include "runner/statistics.h"
#include "vm/guest_symbols.h"
#include "vm/kernels.h"
#include "vm/request.h"
#include "vm/vmlinux.h"

#define QEMU_PREFIX	"qemu-system-"

/* Return the functions of the kernel, as /proc/kallsyms lists them; the caller frees them. */
static char *kernel_functions(const struct options *options, const struct vm_request *request,
			      struct kernel *kernel, struct error *failure)
{
	cleanup_free char *image = NULL;
	struct vm_request boot = *request;
	char hex[SHA256_HEX_SIZE];

	/* The size of the log buffer changes no address of a function. */
	boot.append = options->append;
	if (kernel_find(request->kernel, request->headers, request->arch, false, kernel, failure))
		return NULL;
	if (kernel->boots_compressed)
		image = xstrdup(kernel->image);
	else if (vmlinux_extract(kernel->image, &image, hex, failure))
		return NULL;
	return guest_symbols(&boot, image, failure);
}

static enum exit_code unknown_function(const struct options *options,
				       const struct symbols *symbols, const char *name,
				       const char *release)
{
	cleanup_free const char **names = xcalloc(symbols->count, sizeof(*names));
	const char *suggestion;

	for (size_t i = 0; i < symbols->count; i++)
		names[i] = symbols->list[i].name;
	suggestion = closest_name(name, names, symbols->count);
	return usage_error(options, "--around: '%s' is not a function of kernel %s: it may be "
			   "inlined, a macro or in a module%s%s%s", name, release,
			   suggestion ? " (closest match: '" : "", suggestion ?: "",
			   suggestion ? "')" : "");
}

/* Find the functions in the kernel of the request, and set *ranges for its trace. */
static enum exit_code around_find(struct around *around, const struct options *options,
				  const struct vm_request *request, bool kunit, char **ranges)
{
	const char *const *names = (const char *const *)options->around.names;
	struct symbols symbols = { 0 };
	struct error failure = { 0 };
	struct kernel kernel = { 0 };
	enum exit_code code = EXIT_OK;
	cleanup_free char *text = kernel_functions(options, request, &kernel, &failure);
	cleanup_free char *error = text ? symbols_add_kernel(&symbols, text) : NULL;
	const char *unknown, *same, *other;

	if (!text) {
		code = report_error(&failure);
	} else if (error) {
		log_error("%s", error);
		code = EXIT_HOST_ERROR;
	} else if ((unknown = around_choose(around, &symbols, names, options->around.count))) {
		code = unknown_function(options, &symbols, unknown, kernel.release);
	} else if ((same = around_same(around, &other))) {
		code = usage_error(options, "--around: '%s' and '%s' are one function of kernel %s: "
				   "give one of them", other, same, kernel.release);
	} else {
		*ranges = around_ranges(around, &symbols,
					machine_find(kernel.arch->qemu + strlen(QEMU_PREFIX)),
					kunit);
	}
	symbols_release(&symbols);
	kernel_release(&kernel);
	return code;
}

/* Return the value that this share of the sorted values does not exceed (nearest rank). */
static json_t *percentile(const uint64_t *values, size_t count, unsigned int permille)
{
	size_t rank = (count * permille + 999) / 1000;

	return count ? json_integer(values[rank ? rank - 1 : 0]) : json_null();
}

/* Sort the values and return their statistics. */
static json_t *statistics(uint64_t *values, size_t count)
{
	json_int_t total = 0;

	if (count)
		qsort(values, count, sizeof(*values), compare_u64);
	for (size_t i = 0; i < count; i++)
		total += values[i];
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "total", total,
			 "mean", count ? json_real((double)total / count) : json_null(),
			 "min", percentile(values, count, 0), "p50", percentile(values, count, 500),
			 "p90", percentile(values, count, 900),
			 "p99", percentile(values, count, 990),
			 "max", percentile(values, count, 1000));
}

static json_t *function_json(struct around_function *function)
{
	json_t *aliases = json_array();

	for (size_t i = 0; i < function->alias_count; i++)
		json_array_append_new(aliases, json_string(function->aliases[i]));
	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "name", function->name,
			 "aliases", aliases,
			 "addresses", (json_int_t)function->addresses,
			 "calls", (json_int_t)function->calls,
			 "calls_in_interrupts", (json_int_t)function->in_interrupts,
			 "interrupted", (json_int_t)function->interrupted,
			 "switched", (json_int_t)function->switched,
			 "inclusive", statistics(function->inclusive, function->calls),
			 "exclusive", statistics(function->exclusive, function->calls));
}

/* Read the calls from the trace and add them to the document. */
static enum exit_code around_add(struct around *around, bool kunit, FILE *trace, json_t *document)
{
	cleanup_free char *error = around_read(around, trace);
	json_t *functions = json_array();

	if (error) {
		log_error("%s", error);
		json_decref(functions);
		return EXIT_HOST_ERROR;
	}
	for (size_t i = 0; i < around->count; i++)
		json_array_append_new(functions, function_json(&around->functions[i]));
	json_object_set_new(document, "around",
			    json_pack("{s:b, s:I, s:I, s:I, s:I, s:b, s:o}",
				      "kunit", kunit,
				      "instructions", (json_int_t)around->window_instructions,
				      "string_repetitions", (json_int_t)around->window_repeats,
				      "unfinished_calls", (json_int_t)around->unfinished,
				      "lost_calls", (json_int_t)around->lost,
				      "limited", around->limited, "functions", functions));
	return EXIT_OK;
}

/* The kernel keeps the messages until init has returned: the default is 128 KiB. */
#define LOG_BUFFER	"log_buf_len=8M"

/* Decode the escapes of /dev/kmsg, such as "\x0a", but not those of control characters. */
static void decode_escapes(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		unsigned int byte;

		if (sscanf(from, "\\x%2x", &byte) == 1 &&
		    (byte == '\n' || byte == '\t' || byte == '\\' || byte & 0x80)) {
			*to = byte;
			from += strlen("\\x0a");
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* Add a message of the kernel; each of its lines begins with its time, as dmesg prints them. */
static void add_log(json_t *document, const char *text)
{
	cleanup_free char *message = xstrdup(text);
	const char *end = strstr(text, "] ");
	int prefix = end ? end + 2 - text : 0;
	char *rest = message + prefix, *line;

	decode_escapes(rest);
	while ((line = strsep(&rest, "\n"))) {
		cleanup_free char *copy = xasprintf("%.*s%s", prefix, text, line);

		json_array_append_new(json_object_get(document, "log"), json_text(copy));
	}
}

static void add_record(json_t *document, json_t *record)
{
	const char *name = json_str(record, "record", "");

	if (!strcmp(name, "log")) {
		add_log(document, json_str(record, "text", ""));
	} else if (!strcmp(name, "lost")) {
		json_object_set_new(document, "log_lost", json_true());
	} else if (!strcmp(name, "guest")) {
		json_object_del(record, "record");
		json_object_update(document, record);
	} else if (!strcmp(name, "module")) {
		json_object_del(record, "record");
		json_array_append(json_object_get(document, "modules"), record);
	}
}

static void add_records(json_t *document, const char *output)
{
	json_t *records = json_lines(output), *record;
	size_t i;

	json_array_foreach(records, i, record)
		add_record(document, record);
	json_decref(records);
}

static void take_output(void *context, int stream, const void *data, size_t size)
{
	if (stream == 1)
		strbuf_add(context, data, size);
	else
		fwrite(data, 1, size, stderr);
}

static enum exit_code publish(const struct options *options, const json_t *document)
{
	const struct output outputs[] = {
		{ options->json, report_json },
		{ options->ktap, bench_ktap },
	};
	bool is_stdout_free;
	enum exit_code code = outputs_write(outputs, ARRAY_SIZE(outputs), document,
					    &is_stdout_free);

	if (!code && is_stdout_free)
		bench_text(document, terminal_out());
	return code ?: output_finish();
}

static json_t *document_new(const struct options *options)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:[], s:b, s:[]}", "schema", "kmemlab.bench/1",
			 "kmemlab_version", KMEMLAB_VERSION, "command", options->command_line,
			 "arch", options->archs.names[0], "log", "log_lost", 0, "modules");
}

/* Run the request, whose output is added to the document, and print the results. */
static enum exit_code run_request(const struct options *options,
				  const struct bench_modules *modules, struct vm_request *request,
				  struct around *around, json_t *document)
{
	cleanup_strbuf struct strbuf output = STRBUF_INIT;
	struct vm_result result;
	enum exit_code code;

	request->output = take_output;
	request->output_context = &output;
	vm_run(request, &result);
	add_records(document, output.text);
	code = result.code;
	if (code)
		log_error("%s", result.message);
	if (code == EXIT_WATCHDOG && !options->console)
		log_notice("--console shows the kernel log until then");
	if (!code && request->trace)
		code = around_add(around, bench_modules_have_tests(modules), result.trace,
				  document);
	if (!code) {
		json_object_set_new(document, "tests", ktap_parse(json_at(document, "log")));
		code = publish(options, document) ?: bench_check(document, options, modules);
	}
	vm_result_release(&result);
	return code;
}

static enum exit_code run_modules(const struct options *options,
				  const struct bench_modules *modules)
{
	json_t *document = document_new(options);
	cleanup_free char *append = xasprintf(LOG_BUFFER "%s%s", options->append ? " " : "",
					      options->append ?: "");
	cleanup_free char *ranges = NULL;
	struct vm_request job = request_from_options(options);
	struct vm_trace trace = { .limit_bytes = trace_limit() };
	struct around around = { 0 };
	enum exit_code code = EXIT_OK;

	job.append = append;
	job.clock = VM_CLOCK_INSTRUCTIONS;
	job.bench = modules->job;
	job.files = modules->files;
	job.file_count = modules->count;
	if (options->around.count) {
		code = around_find(&around, options, &job, bench_modules_have_tests(modules),
				   &ranges);
		trace.around = ranges;
		job.trace = &trace;
	}
	code = code ?: run_request(options, modules, &job, &around, document);
	around_release(&around);
	json_decref(document);
	return code;
}

static enum exit_code cmd_bench(struct options *options)
{
	struct bench_modules modules = { 0 };
	enum exit_code code;

	interrupt_catch();
	code = options_check_outputs(options) ?: bench_modules_find(&modules, options);
	if (!code)
		code = run_modules(options, &modules);
	bench_modules_release(&modules);
	return code;
}

const struct command bench_command = {
	.name = "bench",
	.bit = CMD_BENCH,
	.run = cmd_bench,
	.summary = "run a benchmark module of someone else, counting instructions",
	.usage = "bench MODULE.ko|FILE.c|DIR [OPTION]...",
	.description = "Load a module, unmodified, in a temporary virtual machine whose clock "
		"counts instructions, so that the module's own timing (get_cycles(), ktime_get()) "
		"reads instructions. The output is the kernel log from before the module is "
		"loaded until it is unloaded, the results of KUnit tests in it, and the unit of "
		"the module's figures. A C file or a directory is built as 'kmemlab build' does; "
		"modules of a directory are loaded in the order in which they need each other.\n"
		"The module is unloaded once the guest is idle and prints nothing for a second. "
		"The exit status is 1 if its init function fails, except with -EAGAIN, which many "
		"benchmarks return after they ran, or if one of its KUnit tests fails or has no "
		"result; 3 if the source does not build.",
	.example = "bench test_vmalloc.ko --param run_test_mask=1",
	.operand = "MODULE.ko, FILE.c or DIR",
	.operands_min = 1,
	.operands_max = 1,
};
