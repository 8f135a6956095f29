// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab measure: the cost of a user's code in the kernel. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "base/terminal.h"
#include "cli/measure.h"
#include "report/report.h"

#define BLANKS		"[[:space:]]*"

/* Pattern of the definition of a function without parameters, after a word of its return type */
#define FUNCTION(name)	"[[:alnum:]_][[:space:]]+(" name ")" BLANKS "\\(" BLANKS "(void)?" BLANKS \
			"\\)" BLANKS "\\{"
#define OPERATION	"operation|operation_[[:alnum:]_]+"

/* Begin the generated file. The context must be defined before the header is included. */
static void file_begin(struct strbuf *file, const struct options *options)
{
	if (options->irqs_off)
		strbuf_addstr(file, "#define KMEMLAB_OPERATION_IRQS_OFF\n");
	if (options->softirq)
		strbuf_addstr(file, "#define KMEMLAB_OPERATION_SOFTIRQ\n");
	strbuf_addstr(file, "#include \"facilities/operation.h\"\n");
}

/* Add a function of an expression. Messages of the compiler refer to the source of its code. */
static void add_function(struct strbuf *text, const char *head, const char *source,
			 const char *code, const char *end)
{
	strbuf_addf(text, "%s\n{\n", head);
	if (code) {
		c_add_line(text, source);
		strbuf_addf(text, "%s\n;\n", code);
	}
	strbuf_addf(text, "%s}\n", end);
}

static void add_facility(struct strbuf *file, const char *name, const char *setup,
			 const char *teardown)
{
	strbuf_addf(file, "KMEMLAB_OPERATION(%s, %s, %s)\n"
		    "const struct kmemlab_facility_ops kmemlab_%s = KMEMLAB_OPERATION_OPS(%s);\n",
		    name, setup, teardown, name, name);
}

/* Return code that uses the value of an expression or of the last of several statements. */
static char *operation_code(const char *text)
{
	size_t length = strlen(text);

	/* The value of a statement expression is that of its last statement, if it has one. */
	while (length && strchr(" \t\n;", text[length - 1]))
		length--;
	return length ? xasprintf("kmemlab_evaluate(({ %.*s\n; }))", (int)length, text) :
			xstrdup("");
}

static void write_expression(struct strbuf *file, struct options *options)
{
	cleanup_free char *code = operation_code(options->operands[0]);

	for (size_t i = 0; i < options->includes.count; i++)
		strbuf_addf(file, "#line 1 \"--include\"\n#include <%s>\n",
			    options->includes.names[i]);
	if (options->declare) {
		c_add_line(file, "--declare");
		strbuf_addf(file, "%s\n", options->declare);
	}
	add_function(file, "static int operation__setup(void)", "--setup", options->setup,
		     "return 0;\n");
	add_function(file, "static void operation__teardown(void)", "--teardown",
		     options->teardown, "");
	add_function(file, "static __always_inline void operation(void)", "operation", code,
		     "");
	name_list_add(&options->facilities, "operation");
	add_facility(file, "operation", "operation__setup", "operation__teardown");
}

/* Return the function if the code defines it, else one that does nothing. */
static const char *optional_function(const char *code, const char *pattern, const char *name)
{
	struct name_list found = { 0 };
	const char *function;

	c_find_names(code, pattern, &found);
	function = found.count ? name : "kmemlab_no_function";
	name_list_release(&found);
	return function;
}

static enum exit_code check_operations(const struct options *options)
{
	const struct name_list *names = &options->facilities;

	if (!names->count)
		return usage_error(options, "--file: '%s' defines neither 'static void "
				   "operation(void)' nor operation_NAME()", options->file);
	for (size_t i = 0; i < names->count; i++)
		if (strlen(names->names[i]) >= KMEMLAB_NAME_MAX)
			return usage_error(options, "--file: '%s' defines %s(): the name must have "
					   "at most %d characters", options->file, names->names[i],
					   KMEMLAB_NAME_MAX - 1);
	return EXIT_OK;
}

/* Inlined, an operation costs no call. */
static void add_operations(struct strbuf *file, const struct options *options, const char *text,
			   const char *code)
{
	const struct name_list *names = &options->facilities;
	const char *setup = optional_function(code, FUNCTION("setup"), "setup");
	const char *teardown = optional_function(code, FUNCTION("teardown"), "teardown");

	for (size_t i = 0; i < names->count; i++)
		strbuf_addf(file, "static __always_inline void %s(void);\n", names->names[i]);
	c_add_line(file, options->file);
	strbuf_addf(file, "%s\n", text);
	for (size_t i = 0; i < names->count; i++)
		add_facility(file, names->names[i], setup, teardown);
}

static enum exit_code write_file(struct strbuf *file, struct options *options)
{
	struct name_list *names = &options->facilities;
	cleanup_free char *error = NULL;
	cleanup_free char *text = c_file_read(options->file, &error);
	cleanup_free char *code = text ? c_without_comments(text) : NULL;
	enum exit_code result;

	if (!text)
		return usage_error(options, "--file: %s", error);
	c_find_names(code, FUNCTION(OPERATION), names);
	result = check_operations(options);
	if (!result)
		add_operations(file, options, text, code);
	return result;
}

static void print_operations(const json_t *document, bool verbose)
{
	report_table(document, verbose, terminal_out());
}

/* Set what an experiment needs and an operation does not have. */
static void set_experiment(struct options *options, struct strbuf *file)
{
	options->extra = (struct facility_file) {
		options->file ?: "operation", strbuf_detach(file), options->file != NULL,
	};
	name_list_add(&options->workloads, "batch");
	name_list_add(&options->gfps, "kernel");
	number_list_read(&options->sizes, "1");
	options->repeats = 1;
	options->layouts = 1;
}

static enum exit_code explain_operations(const struct options *options)
{
	const struct name_list *archs = &options->archs, *names = &options->facilities;
	enum exit_code code = EXIT_OK;

	for (size_t i = 0; i < archs->count; i++)
		for (size_t k = 0; !code && k < names->count; k++)
			code = explain_facility(options, names->names[k], archs->names[i]);
	return code;
}

static enum exit_code measure_operations(const struct options *options)
{
	json_t *document = NULL;
	enum exit_code code;
	struct plan plan;

	plan_init(&plan);
	code = plan_build(&plan, options);
	/* The counters would also count what starts a softirq. */
	for (size_t i = 0; i < plan.count; i++)
		plan.experiments[i].pmu = 0;
	code = code ?: options_check_outputs(options) ?: measure_all(options, &plan, &document);
	if (!code)
		code = publish_results(options, document, print_operations);
	if (!code && options->explain)
		code = explain_operations(options);
	if (!code && operations_leak(document))
		code = EXIT_CHECK_FAILED;
	json_decref(document);
	plan_release(&plan);
	return code;
}

/* The call tree is text on standard output, and of one number of operations. */
static enum exit_code check_explain(const struct options *options)
{
	const char *const outputs[] = { options->json, options->csv, options->ktap, options->html };

	if (!options->explain)
		return EXIT_OK;
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++)
		if (outputs[i] && !strcmp(outputs[i], "-"))
			return usage_error(options, "--explain cannot be used with a document on "
					   "standard output");
	if (options->objects.count > 1)
		return usage_error(options, "--explain requires a single value of --operations");
	if (options->clock && strcmp(options->clock, "instructions"))
		return usage_error(options, "--explain requires --clock instructions");
	return EXIT_OK;
}

static enum exit_code cmd_measure(struct options *options)
{
	cleanup_strbuf struct strbuf file = STRBUF_INIT;
	enum exit_code code = check_explain(options);

	if (!options->file && !options->operand_count)
		return usage_error(options, "an expression or --file is missing");
	if (!options->file && !options->operands[0][strspn(options->operands[0], " \t\n;")])
		return usage_error(options, "EXPRESSION must not be empty");
	file_begin(&file, options);
	if (!code && options->file)
		code = write_file(&file, options);
	else if (!code)
		write_expression(&file, options);
	if (!code) {
		set_experiment(options, &file);
		code = measure_operations(options);
	}
	return code;
}

const struct command measure_command = {
	.name = "measure",
	.bit = CMD_OPERATION,
	.run = cmd_measure,
	.summary = "measure code of your own in the kernel",
	.usage = "measure EXPRESSION [OPTION]...\nmeasure --file FILE.c [OPTION]...",
	.description = "Build C code into the module and measure it: an expression, statements, "
		"or functions of a file. The code runs in the "
		"kernel of a temporary virtual machine: setup, the operations back to back, and "
		"teardown. Further rounds measure the operations in a loop and look for lost "
		"memory.\n"
		"The file defines 'static void operation(void)', or several operation_NAME(), each "
		"of which is measured by itself, and may define 'static int setup(void)' and "
		"'static void teardown(void)'.\n"
		"The exit status is 3 if the code does not build for a kernel, and 1 if it loses "
		"memory.",
	.example = "measure 'crc32_le(0, buf, 4096)' --include linux/crc32.h "
		"--declare 'static char buf[4096];'",
	.operand = "EXPRESSION",
	.operands_min = 0,
	.operands_max = 1,
};
