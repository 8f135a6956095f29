// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls each reader of data from outside as the program does, prints what it accepted, and
 * ignores the output: only crashes, sanitizer reports and endless loops are findings.
 */
#include "readers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/process.h"
#include "explain/document.h"
#include "report/advice.h"
#include "report/bench.h"
#include "report/comparison.h"
#include "report/document.h"
#include "report/map.h"
#include "report/report.h"
#include "report/translation.h"
#include "runner/plan.h"
#include "vm/apt.h"
#include "vm/board.h"
#include "vm/guest_monitor.h"
#include "vm/kernel.h"
#include "vm/qmp.h"
#include "vm/vmlinux.h"

static const struct run_facts facts = { .target = "vm", .arch = "amd64", .memory_mib = 512 };

static FILE *null_file(void)
{
	static FILE *out;

	if (!out)
		out = fopen("/dev/null", "w");
	return out ?: stderr;
}

static void print_comparison(const json_t *document)
{
	const struct input inputs[] = { { "a", document }, { "b", document } };
	const struct comparison_gate gate = { .set = true, .kinds = { true } };
	json_t *comparison = comparison_build(inputs, 2, false, &gate);

	comparison_table(comparison, true, null_file());
	comparison_csv(comparison, null_file());
	comparison_ktap(comparison, null_file());
	comparison_junit(comparison, null_file());
	comparison_markdown(comparison, null_file());
	comparison_html(comparison, null_file());
	comparison_gate_failures(comparison);
	json_decref(comparison);
}

/* Ask for advice on objects like those of the first result. */
static void print_advice(const json_t *document)
{
	const json_t *first = json_array_get(document_results(document), 0);
	struct requirements requirements = {
		.object_size = json_int(first, "object_size", 0),
		.objects = json_int(first, "objects", 0),
		.contiguous = true, .zeroed = true, .cpus = 2,
	};
	cleanup_free char *error = NULL;
	json_t *advice;

	for (int lifetime = LIFETIME_ANY; lifetime <= LIFETIME_LONG; lifetime++) {
		free(error);
		requirements.lifetime = lifetime;
		requirements.contiguous = lifetime == LIFETIME_ANY;
		advice = advice_build(document, &requirements, &error);
		if (advice)
			advice_table(advice, null_file());
		json_decref(advice);
	}
}

static void print_results(const json_t *document)
{
	report_table(document, true, null_file());
	report_histogram(document, null_file());
	report_json(document, null_file());
	report_csv(document, null_file());
	report_csv_long(document, null_file());
	report_ktap(document, null_file());
	report_junit(document, null_file());
	report_openmetrics(document, null_file());
	report_benchmark_json(document, null_file());
	report_html(document, null_file());
	print_comparison(document);
	print_advice(document);
}

/* Records of "run" from a guest. */
static void read_results(const char *data, size_t size)
{
	cleanup_free char *error = NULL;
	json_t *document = document_build(data, size, &facts, &error);

	if (document)
		print_results(document);
	json_decref(document);
}

/* A results document from a file. */
static void read_document(const char *data, size_t size)
{
	cleanup_free char *error = NULL;
	json_t *document = document_read("FILE", data, size, &error);

	if (document)
		print_results(document);
	json_decref(document);
}

/* Records of "translate" from a guest. */
static void read_translation(const char *data, size_t size)
{
	cleanup_free char *error = NULL;
	json_t *document = translation_document(data, size, &facts, &error);

	if (document) {
		translation_print(document, false, null_file());
		translation_print(document, true, null_file());
		translation_disagreements(document);
	}
	json_decref(document);
}

/* Records of "map" from a guest. */
static void read_map_records(const char *data, size_t size)
{
	cleanup_free char *error = NULL;
	json_t *document = map_document(data, size, &facts, &error);

	if (document)
		map_print(document, false, null_file());
	json_decref(document);
}

/* Files of "map --diff". */
static void read_map(const char *data, size_t size)
{
	cleanup_free char *error = NULL;
	json_t *document = map_read("FILE", data, size, &error);

	if (document) {
		error = map_print_diff(document, document, null_file());
		map_html(document, null_file());
	}
	json_decref(document);
}

static void read_plan(const char *data, size_t size)
{
	FILE *in = fmemopen((void *)data, size, "r");
	struct plan plan;
	char error[256];

	plan_init(&plan);
	if (in && !plan_read(&plan, in, error, sizeof(error)))
		plan_write(&plan, null_file());
	if (in)
		fclose(in);
	plan_release(&plan);
}

static const char functions[] =
	"ffffffff00001000 t module_alloc_n\nffffffff00001100 T outer\nffffffff00001200 T inner\n"
	"ffffffff00001400 T __x86_indirect_thunk_rax\nffffffff00001500 T __x86_return_thunk\n"
	"ffffffff00001600 T asm_exc_page_fault\nffffffff00001800 t outer.cold\n"
	"ffffffff00001a00 T schedule\nffffffff00001b00 T __switch_to_asm\n"
	"ffffffff00001e00 T irq_entries_start\nffffffff00001f00 T asm_common_interrupt\n";

static void print_explanation(const struct analysis *analysis, const struct path *path)
{
	const struct explain_context context = {
		.facility = "kmalloc", .op = "alloc", .workload = "pair", .gfp = "kernel",
		.kernel = "6.1", .arch = "amd64", .state = "cold", .input_sha256 = "0",
	};
	json_t *document = explain_document(analysis, path, &context);
	json_t *kernels = json_pack("[O, O]", document, document);
	json_t *difference = explain_diff_document(kernels);

	explain_print_tree(document, null_file());
	explain_print_blocks(document, null_file());
	explain_print_folded(document, null_file());
	report_explanation_html(document, null_file());
	explain_print_diff(difference, null_file());
	json_decref(difference);
	json_decref(kernels);
	json_decref(document);
}

/* The trace that QEMU's plugin writes. */
static void read_trace(const char *data, size_t size)
{
	struct analysis analysis = { 0 };
	struct trace trace = { 0 };
	struct samples samples = { .list = xcalloc(16, sizeof(*samples.list)), .count = 16 };
	char *error = symbols_add_kernel(&analysis.symbols, functions) ?:
		      trace_begin(&trace, data, size) ?:
		      analysis_run(&analysis, &trace, &samples, NULL);

	trace_end(&trace);
	if (!error && analysis.operations) {
		error = trace_begin(&trace, data, size) ?:
			analysis_take_blocks(&analysis, STATE_COLD, &trace, NULL);
		trace_end(&trace);
		if (!error)
			print_explanation(&analysis, analysis_path(&analysis, STATE_COLD));
	}
	free(error);
	free(samples.list);
	analysis_release(&analysis);
}

/* Records of the samples of a traced experiment, one per line. */
static void read_samples(const char *data, size_t size)
{
	struct samples samples = { 0 };
	json_t *record = json_loadb(data, size, 0, NULL);

	free(samples_add(&samples, record));
	free(samples.list);
	json_decref(record);
}

static void look_up(struct symbols *symbols)
{
	for (int shift = 0; shift < 64; shift += 7) {
		const uint64_t address = UINT64_C(1) << shift;

		free(symbols_place(symbols, symbols_find(symbols, address), address));
	}
	symbols_release(symbols);
}

/* ELF files: the module, the kernel, a program of the user's own. */
static void read_elf(const char *data, size_t size)
{
	struct symbols symbols = { 0 };

	free(symbols_add_module(&symbols, data, size, 0x1000));
	look_up(&symbols);
	vmlinux_has_pvh(data, size);
	vmlinux_end_bytes(data, size);
	elf_is_dynamic(data, size);
}

static void read_kallsyms(const char *data, size_t size)
{
	struct symbols symbols = { 0 };
	cleanup_free char *text = xstrndup(data, size);

	free(symbols_add_kernel(&symbols, text));
	look_up(&symbols);
}

static void read_ktap(const char *data, size_t size)
{
	json_t *lines = json_array();
	const char *end = data + size;

	while (data < end) {
		const char *newline = memchr(data, '\n', end - data) ?: end;

		/* Lines that are not UTF-8 are not in a log. */
		json_array_append_new(lines, json_stringn(data, newline - data) ?:
					     json_string(""));
		data = newline + 1;
	}
	json_decref(ktap_parse(lines));
	json_decref(lines);
}

static void read_image(const char *data, size_t size)
{
	const char *reason;

	free(vmlinux_from_bzimage(data, size, &(size_t) { 0 }, &reason));
	free(image_from_zboot(data, size, &(size_t) { 0 }, &reason));
	free(local_kernel_release(data, size));
}

static void read_device_tree(const char *data, size_t size)
{
	cleanup_free char *tree = malloc(size + !size);

	memcpy(tree, data, size);
	device_tree_enable(tree, size, "arm,pl011");
}

/* Output of apt-cache and apt-get. */
static void read_packages(const char *data, size_t size)
{
	const struct suite *suite = suite_find("bookworm");
	const struct arch *arch = arch_find("amd64");
	cleanup_free char *text = xstrndup(data, size);

	free(kernel_newest(text, "6.1", suite, arch));
	free(kernel_neighbours(text, "6.6", suite, arch));
	free(kernel_dependency(text, "linux-image-", "amd64"));
	free(apt_sources_from_targets(text, suite));
	apt_uri_bytes(text);
}

static void read_channel(const char *data, size_t size)
{
	struct guest_channel channel = { 0 };
	cleanup_free char *console = xstrndup(data, size);

	guest_channel_feed(&channel, data, size);
	guest_channel_release(&channel);
	console_panic(console);
	free(console_panic_report(console));
}

/* QEMU's answers to three questions. */
static void read_qmp(const char *data, size_t size)
{
	cleanup_free char *status = NULL;
	json_t *reply = NULL;
	struct qmp qmp;
	int pair[2];

	if (size > 4096 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return;
	if (write(pair[1], data, size) < 0 || shutdown(pair[1], SHUT_WR))
		return;
	if (!qmp_begin(&qmp, pair[0], seconds_now() + 1)) {
		qmp_status(&qmp, "{}", &status);
		qmp_query(&qmp, "{}", &reply);
		qmp_wait_event(&qmp, "STOP");
	}
	json_decref(reply);
	qmp_end(&qmp);
	close(pair[1]);
}

const struct reader readers[] = {
	{ "channel", read_channel },
	{ "device_tree", read_device_tree },
	{ "document", read_document },
	{ "elf", read_elf },
	{ "image", read_image },
	{ "kallsyms", read_kallsyms },
	{ "ktap", read_ktap },
	{ "map", read_map },
	{ "map_records", read_map_records },
	{ "packages", read_packages },
	{ "plan", read_plan },
	{ "qmp", read_qmp },
	{ "results", read_results },
	{ "samples", read_samples },
	{ "trace", read_trace },
	{ "translation", read_translation },
	{ NULL, NULL }
};
