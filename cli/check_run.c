// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/check_run.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/strbuf.h"
#include "cli/check_verdict.h"
#include "cli/measure.h"
#include "runner/check.h"
#include "vm/board.h"
#include "vm/kernels.h"
#include "vm/module_info.h"
#include "vm/module_lines.h"
#include "vm/request.h"
#include "vm/source_build.h"

/*
 * Find errors early: objects are surrounded by red zones and free memory is filled. A task that
 * computes for twice the threshold, in seconds of the guest, is a soft lockup.
 */
#define GUEST_ARGUMENTS	"slub_debug=FZPU page_poison=1 softlockup_panic=1 watchdog_thresh=2"
#define TIMEOUT_S	240	/* of one boot, */
#define LOAD_S		15	/* and of each load */
#define SILENCE_S	40	/* of a guest in a loop; it waits 30 s for a task that does not return */
#define BOOTS_MAX	4	/* a module that crashes with each value is not tried with all */
#define STRUCTS_PER_MIB	(1 << 15)

struct check_job {
	const struct options *options;
	const char *path;	/* given by the user */
	bool several;		/* modules, of which not each has all parameters */
	char *name;		/* of the module in the kernel */
	struct kernel kernel;
	struct module_lines lines;
	struct check_verdict verdict;
	struct strbuf output;	/* of the guest: records */
	char **values;		/* parameters of each load */
	size_t value_count;
	struct error error;
};

static void add_value(struct check_job *job, char *value)
{
	*array_add(&job->values, &job->value_count) = value;
}

/* Add "NAME=VALUE" for each value of "NAME=LIST", with a prefix. */
static void add_list(struct check_job *job, const char *prefix, const char *list)
{
	size_t name_length = strcspn(list, "=");
	cleanup_free char *values = xstrdup(list + name_length + 1);
	char *rest = values, *value;

	while ((value = strsep(&rest, ",")))
		add_value(job, xasprintf("%s%.*s=%s", prefix, (int)name_length, list, value));
}

/*
 * The exercise's values: one page, exactly full pages, a rest, none, and more than there is memory.
 * Live changes belong to the load before them.
 */
static void find_values(struct check_job *job)
{
	const struct name_list *params = &job->options->params;
	unsigned long long refused = 2ULL * job->options->memory_mib * STRUCTS_PER_MIB;

	add_value(job, xstrdup(""));
	for (size_t i = 0; i < params->count; i++)
		add_list(job, "live:", params->names[i]);
	for (size_t i = 0; i < params->count; i++)
		add_list(job, "", params->names[i]);
	if (!job->verdict.studio || params->count)
		return;
	add_list(job, "", "nr_structs=1,256,300,0");
	add_value(job, xasprintf("nr_structs=%llu", refused));
	job->verdict.refused = job->values[job->value_count - 1];
}

/* The kernel ignores a parameter that the module lacks, so it would be loaded with the defaults. */
static int check_params(struct check_job *job, const struct module_info *module)
{
	const struct name_list *params = &job->options->params;
	cleanup_strbuf struct strbuf known = STRBUF_INIT;

	module_info_add_params(module, &known);
	for (size_t i = 0; i < params->count && !job->several; i++) {
		size_t length = strcspn(params->names[i], "=");

		if (!module_info_has_param(module, params->names[i], length))
			return error_set(&job->error, EXIT_USAGE,
					 "--param: '%s' does not describe a parameter '%.*s' "
					 "(described: %s)", job->path, (int)length, params->names[i],
					 known.length ? known.text : "none");
	}
	return 0;
}

/* Read what the module says of itself. Return: 0 or -1. */
static int open_module(struct check_job *job, const char *path)
{
	struct module_info module;
	int err;

	if (module_info_read(&module, path) && access(path, R_OK))
		return error_set(&job->error, EXIT_USAGE, "cannot open '%s': %s", path,
				 strerror(errno));
	if (!module.name)
		return error_set(&job->error, EXIT_USAGE, "'%s' is not a kernel module", path);
	err = check_params(job, &module);
	free(job->name);
	job->name = xstrdup(module.name);
	job->verdict.name = job->name;
	job->verdict.takes_spinlocks = module.takes_spinlocks;
	module_info_release(&module);
	return err;
}

static char *find_line(void *context, const char *place, bool is_return)
{
	return module_line(context, place, is_return);
}

static void take_output(void *context, int stream, const void *data, size_t size)
{
	struct check_job *job = context;

	if (stream == 1)
		strbuf_add(&job->output, data, size);
}

/* Return the command that checks the module with the values from first on. */
static char *guest_script(const struct check_job *job, const char *module, size_t first)
{
	struct strbuf script = STRBUF_INIT;

	strbuf_addstr(&script, "exec /init " CHECK_APPLET " /");
	strbuf_add_quoted(&script, basename(module));
	strbuf_addstr(&script, " ");
	strbuf_add_quoted(&script, job->verdict.name);
	strbuf_addf(&script, " %u %s", job->options->load_cycles,
		    job->verdict.studio ? "studio" : "none");
	for (size_t i = first; i < job->value_count; i++) {
		strbuf_addstr(&script, " ");
		strbuf_add_quoted(&script, job->values[i]);
	}
	return strbuf_detach(&script);
}

/* Return the position behind the values of the last load that began. */
static size_t next_value(const struct check_job *job, const json_t *records, size_t first)
{
	const char *last = NULL;
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
		if (json_is(record, "record", "cycle"))
			last = json_str(record, "values", "");
	for (i = first; last && i < job->value_count; i++)
		if (!strcmp(job->values[i], last))
			break;
	for (i++; i < job->value_count && !strncmp(job->values[i], "live:", 5); i++)
		;
	return i;
}

/* Judge a boot by its records and its result. Return: 0, or -1 if the module was not checked. */
static int judge(struct check_job *job, const json_t *records, const struct vm_result *result)
{
	bool ended_early = result->code == EXIT_GUEST_PANIC || result->code == EXIT_WATCHDOG;

	if ((!result->code || ended_early) &&
	    check_verdict_add(&job->verdict, records, result->message) && !result->guest_status)
		return 0;
	if (result->code)
		return error_set(&job->error, result->code, "%s", result->message);
	return error_set(&job->error, EXIT_HOST_ERROR, "the program in the guest that checks the module "
			 "ended too early, with status %d%s", result->guest_status,
			 result->guest_status > 128 ? ": the module may take all memory" : "");
}

/* Sleeping takes no time if instructions are counted, but a sleeping Raspberry Pi does not wake up. */
static bool is_countable(const struct options *options)
{
	const struct arch *arch = arch_find(options->archs.names[0]);

	return arch && board_find(arch, options->board) == board_find(arch, NULL);
}

/* Return the timeout of a boot that begins with value number @first. */
static unsigned int timeout_s(const struct check_job *job, size_t first)
{
	return (TIMEOUT_S + LOAD_S * (job->value_count - first) * job->options->load_cycles) *
	       timeout_scale();
}

/* Boot once and judge. Set *first to the next value to check. Return: 0 or -1. */
static int boot(struct check_job *job, const char *module, size_t *first)
{
	const struct options *options = job->options;
	struct vm_file file = { .path = module };
	cleanup_free char *append = xasprintf(GUEST_ARGUMENTS "%s%s", options->append ? " " : "",
					      options->append ?: "");
	cleanup_free char *script = guest_script(job, module, *first);
	struct vm_request request = request_from_options(options);
	struct vm_result result;
	json_t *records;
	int err;

	request.append = append;
	request.timeout_s = options->timeout_s ?: timeout_s(job, *first);
	request.silence_s = SILENCE_S;
	request.clock = is_countable(options) ? VM_CLOCK_INSTRUCTIONS : VM_CLOCK_NONE;
	request.script = script;
	request.files = &file;
	request.file_count = 1;
	request.output = take_output;
	request.output_context = job;
	strbuf_release(&job->output);
	vm_run(&request, &result);
	records = json_lines(job->output.text);
	err = judge(job, records, &result);
	*first = next_value(job, records, *first);
	json_decref(records);
	vm_result_release(&result);
	return err;
}

static int check_module(struct check_job *job, const char *module)
{
	size_t first = 0;
	int err = module_lines_open(&job->lines, &job->kernel, module, &job->error);

	for (int boots = 0; !err && boots < BOOTS_MAX && first < job->value_count; boots++) {
		log_progress("checking %s ...", job->path);
		err = boot(job, module, &first);
	}
	if (!err && first < job->value_count)
		check_note(&job->verdict, "not loaded with all values, because it crashes with most");
	module_lines_close(&job->lines);
	return err;
}

/* Add a finding for a source that the compiler refuses. */
static void add_build_error(struct check_job *job, const char *output)
{
	cleanup_free char *line = output ? check_line_with(output, "error: ") : NULL;

	if (output && strstr(output, "missing MODULE_LICENSE")) {
		check_finding(&job->verdict, "no MODULE_LICENSE", NULL, false,
			      "The module does not state its license, and the kernel's build refuses it. "
			      "Add MODULE_LICENSE(\"GPL\");");
		return;
	}
	check_finding(&job->verdict, "does not build", NULL, false, "%s", line ?: "");
}

static size_t count_warnings(const char *output)
{
	size_t count = 0;

	while (output && (output = strstr(output, ": warning: "))) {
		output++;
		count++;
	}
	return count;
}

static int build_and_check(struct check_job *job, const char *directory)
{
	struct source_build build = { 0 };
	int err = source_build(&job->kernel, job->path, directory, &build, &job->error);
	size_t warnings = count_warnings(build.output);

	if (build.output && job->options->operand_count == 1)
		fputs(build.output, stderr);
	if (err && job->error.code == EXIT_BUILD_FAILED)
		add_build_error(job, build.output);
	if (warnings)
		json_array_append_new(job->verdict.notes,
				      json_sprintf("the compiler has %zu warning%s", warnings,
						   warnings == 1 ? "" : "s"));
	job->several = build.module_count > 1;
	for (size_t i = 0; i < build.module_count && !err; i++)
		err = open_module(job, build.modules[i]) ?: check_module(job, build.modules[i]);
	source_build_release(&build);
	return err;
}

static int check_source(struct check_job *job)
{
	cleanup_free char *directory = directory_temporary(&job->error);
	int err;

	if (!directory)
		return -1;
	err = build_and_check(job, directory);
	directory_remove(directory);
	return err;
}

/* Return a line of a file without its indentation, which the caller frees, or NULL. */
static char *read_line(const char *path, unsigned long number)
{
	cleanup_free char *text = file_read(path, NULL);
	const char *line = text;

	while (line && --number) {
		line = strchr(line, '\n');
		line += line ? 1 : 0;
	}
	if (!line)
		return NULL;
	line += strspn(line, " \t");
	return xstrndup(line, strcspn(line, "\n"));
}

/* Add the code of its line to a finding, if the source can be read. */
static void add_code(const struct check_job *job, json_t *finding)
{
	const char *line = json_str(finding, "line", NULL), *slash = strrchr(job->path, '/');
	const char *colon = line ? strchr(line, ':') : NULL;
	cleanup_free char *path = NULL, *code = NULL;

	if (!colon)
		return;
	if (str_ends_with(job->path, ".c") || str_ends_with(job->path, ".ko"))
		path = xasprintf("%.*s%.*s", slash ? (int)(slash + 1 - job->path) : 0, job->path,
				 (int)(colon - line), line);
	else
		path = xasprintf("%s/%.*s", job->path, (int)(colon - line), line);
	code = read_line(path, strtoul(colon + 1, NULL, 10));
	if (code && *code)
		json_object_set_new(finding, "code", json_text(code));
}

static json_t *make_result(const struct check_job *job, int err)
{
	const char *verdict = json_array_size(job->verdict.findings) ? "wrong" : "right";
	json_t *finding;
	size_t i;

	json_array_foreach(job->verdict.findings, i, finding)
		add_code(job, finding);
	if (err)
		verdict = job->error.code == EXIT_BUILD_FAILED ? "does not build" : "not checked";
	return json_pack("{s:o, s:s, s:s?, s:i, s:o, s:O, s:O}", "module", json_text(job->path),
			 "verdict", verdict, "kernel", job->kernel.release, "error_code",
			 err ? (int)job->error.code : 0, "error", json_text(job->error.message),
			 "findings", job->verdict.findings, "notes", job->verdict.notes);
}

json_t *check_run(const struct options *options, const char *path)
{
	struct check_job job = {
		.options = options, .path = path, .output = STRBUF_INIT,
		.verdict = { .studio = !strcmp(options->exercise, "studio"), .line = find_line },
	};
	regex_t log;
	json_t *result;
	int err;

	check_verdict_init(&job.verdict);
	job.verdict.context = &job.lines;
	job.verdict.may_refuse_any = options->params.count > 0;
	if (options->log) {
		regcomp(&log, options->log, REG_EXTENDED | REG_NOSUB);
		job.verdict.log = &log;
	}
	find_values(&job);
	if (options->load_cycles < CHECK_LOADS_MIN)
		check_note(&job.verdict, "memory that functions of the kernel allocate for the module is "
			   "compared only with --cycles 3 or more");
	err = str_ends_with(path, ".ko") ? open_module(&job, path) : 0;
	if (!err)
		err = kernel_find(options->kernels.names[0], NULL, options->archs.names[0], false,
				  &job.kernel, &job.error);
	if (!err)
		err = str_ends_with(path, ".ko") ? check_module(&job, path) : check_source(&job);
	check_verdict_finish(&job.verdict);
	if (!err && job.verdict.unchecked && !json_array_size(job.verdict.findings))
		err = error_set(&job.error, EXIT_HOST_ERROR, "%s", job.verdict.unchecked);
	result = make_result(&job, err);
	for (size_t i = 0; i < job.value_count; i++)
		free(job.values[i]);
	free(job.values);
	if (options->log)
		regfree(&log);
	check_verdict_release(&job.verdict);
	strbuf_release(&job.output);
	free(job.name);
	kernel_release(&job.kernel);
	error_release(&job.error);
	return result;
}
