// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/bench_around.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "cli/result_store.h"
#include "lib/spelling.h"
#include "runner/statistics.h"
#include "vm/guest_symbols.h"
#include "vm/kernels.h"
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

enum exit_code bench_around_find(struct around *around, const struct options *options,
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

enum exit_code bench_around_add(struct around *around, bool kunit, FILE *trace, json_t *document)
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
