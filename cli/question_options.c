// SPDX-License-Identifier: GPL-2.0-or-later
#include "question_options.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "exec/nearest.h"
#include "exec/number.h"
#include "names.h"
#include "output.h"
#include "report/report.h"
#include "vm/suites.h"
#include "vm/vm.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPTIONS_MAX 40

const char question_set_help[] =
	"An object set, allocated for the question and freed after it:\n"
	"  --facility NAME     from 'kmemlab list facilities'\n"
	"  --objects N         how many (K, M, G): 3 for translate, 2000 for map\n"
	"  --size BYTES        of one object\n"
	"  --gfp NAME          GFP profile\n";

const char question_target_help[] =
	"Where:\n"
	"  --target TARGET     vm (default), or host: this machine's own kernel, as root\n"
	"  --kernel KERNEL     a version (6.1.0-56), series (6.1), suite (bookworm) or default\n"
	"  --arch ARCH         of the virtual machine: amd64, arm64, arm64-16k, armhf, armhf-lpae\n"
	"  --cpu MODEL         of the virtual machine, as QEMU calls it: qemu64,+la57\n"
	"  --memory MIB        of the virtual machine, 512 unless told\n"
	"  --append ARGS       more for the virtual machine's kernel command line\n"
	"  --clock CLOCK       time, or instructions: exact, and the boot takes longer\n"
	"  --timeout SECONDS   give up after so long\n"
	"\n"
	"What becomes of it:\n"
	"  --json FILE         the whole document, see docs/results.md; - for standard output\n"
	"  --quiet             results and errors only\n"
	"  --help              this text\n";

enum option_id {
	OPTION_FACILITY = QUESTION_OPTION_FIRST, OPTION_OBJECTS, OPTION_SIZE, OPTION_GFP,
	OPTION_TARGET, OPTION_KERNEL, OPTION_ARCH, OPTION_CPU, OPTION_MEMORY, OPTION_APPEND,
	OPTION_CLOCK, OPTION_TIMEOUT, OPTION_JSON, OPTION_QUIET, OPTION_HELP,
};

static const struct option common[] = {
	{ "facility", required_argument, NULL, OPTION_FACILITY },
	{ "objects", required_argument, NULL, OPTION_OBJECTS },
	{ "size", required_argument, NULL, OPTION_SIZE },
	{ "gfp", required_argument, NULL, OPTION_GFP },
	{ "target", required_argument, NULL, OPTION_TARGET },
	{ "kernel", required_argument, NULL, OPTION_KERNEL },
	{ "arch", required_argument, NULL, OPTION_ARCH },
	{ "cpu", required_argument, NULL, OPTION_CPU },
	{ "memory", required_argument, NULL, OPTION_MEMORY },
	{ "append", required_argument, NULL, OPTION_APPEND },
	{ "clock", required_argument, NULL, OPTION_CLOCK },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "json", required_argument, NULL, OPTION_JSON },
	{ "quiet", no_argument, NULL, OPTION_QUIET },
	{ "help", no_argument, NULL, OPTION_HELP },
};

static char *read_number(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
	const char *end = text;
	int error = number_parse(text, &end, value);

	if (!error && !*end && *value >= least && *value <= most)
		return NULL;
	return xasprintf("a whole number from %" PRIu64 " to %" PRIu64 " is wanted", least, most);
}

static char *read_unsigned(const char *text, unsigned int least, unsigned int most,
			   unsigned int *value)
{
	uint64_t number = 0;
	char *error = read_number(text, least, most, &number);

	*value = number;
	return error;
}

static char *read_word(const char *text, const char *first, const char *second, bool *is_second)
{
	*is_second = !strcmp(text, second);
	if (*is_second || !strcmp(text, first))
		return NULL;
	return xasprintf("it can be %s or %s", first, second);
}

static char *read_arch(const char *text, const char **arch)
{
	*arch = text;
	return arch_find(text) ? NULL : arch_unknown(text);
}

static char *read_text(const char *text, const char **value)
{
	*value = text;
	if (strchr(text, '\n'))
		return xasprintf("one line is wanted");
	return *text ? NULL : xasprintf("it is empty");
}

static char *read_facility(const char *text, const char **value)
{
	*value = text;
	return name_known(&facility_names, text) ? NULL : name_error(&facility_names, text);
}

static char *read_gfp(const char *text, const char **value)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	*value = text;
	if (length && !text[length] && length < KMEMLAB_NAME_MAX)
		return NULL;
	return xasprintf("a name of a-z, 0-9 and _ is wanted");
}

static char *read_common(struct question_options *options, int id, const char *text)
{
	switch (id) {
	case OPTION_FACILITY:
		return read_facility(text, &options->facility);
	case OPTION_OBJECTS:
		return read_number(text, 1, INT64_MAX, &options->objects);
	case OPTION_SIZE:
		return read_number(text, 1, INT64_MAX, &options->object_size);
	case OPTION_GFP:
		return read_gfp(text, &options->gfp);
	case OPTION_TARGET:
		return read_word(text, "vm", "host", &options->target.on_host);
	case OPTION_KERNEL:
		return read_text(text, &options->target.kernel);
	case OPTION_ARCH:
		return read_arch(text, &options->target.arch);
	case OPTION_CPU:
		return read_text(text, &options->target.cpu);
	case OPTION_MEMORY:
		return read_unsigned(text, VM_MEMORY_MIB_MIN, VM_MEMORY_MIB_MAX,
				     &options->target.memory_mib);
	case OPTION_APPEND:
		return read_text(text, &options->target.append);
	case OPTION_CLOCK:
		return read_word(text, "time", "instructions", &options->counted);
	case OPTION_TIMEOUT:
		return read_unsigned(text, 1, INT_MAX, &options->target.timeout_s);
	case OPTION_JSON:
		return read_text(strcmp(text, "/dev/stdout") ? text : "-", &options->json);
	case OPTION_QUIET:
		options->quiet = true;
		return NULL;
	default:
		options->help = true;
		return NULL;
	}
}

static enum exit_code say_unknown(const char *command, const struct option *all, size_t count,
				  const char *text)
{
	const char *names[OPTIONS_MAX];
	const char *meant;

	for (size_t i = 0; i < count; i++)
		names[i] = all[i].name;
	meant = nearest_name(text + strspn(text, "-"), names, count);
	if (meant)
		say_error("%s: unknown option '%s': did you mean '--%s'?", command, text, meant);
	else
		say_error("%s: unknown option '%s': 'kmemlab %s --help' shows them all", command,
			  text, command);
	return EXIT_USAGE;
}

static const char *name_of(const struct option *all, int id)
{
	while (all->name && all->val != id)
		all++;
	return all->name;
}

static enum exit_code check_together(const struct question_options *options, const char *command,
				     uint64_t seen)
{
	const uint64_t set = 1ULL << OPTION_OBJECTS % 64 | 1ULL << OPTION_SIZE % 64 |
			     1ULL << OPTION_GFP % 64;
	const uint64_t vm = 1ULL << OPTION_KERNEL % 64 | 1ULL << OPTION_ARCH % 64 |
			    1ULL << OPTION_CPU % 64 | 1ULL << OPTION_MEMORY % 64 |
			    1ULL << OPTION_APPEND % 64;
	int64_t bytes;

	if (options->target.on_host && seen & vm)
		say_error("%s: --%s and --target host: it is the virtual machine's option", command,
			  name_of(common, QUESTION_OPTION_FIRST + __builtin_ctzll(seen & vm)));
	else if (options->target.on_host && options->counted)
		say_error("%s: --clock and --target host: instructions are counted in the virtual "
			  "machine only", command);
	else if (!options->facility && seen & set)
		say_error("%s: --%s without --facility: whose objects?", command,
			  name_of(common, QUESTION_OPTION_FIRST + __builtin_ctzll(seen & set)));
	else if (__builtin_mul_overflow(options->objects, options->object_size, &bytes))
		say_error("%s: %" PRIu64 " objects of %" PRIu64 " bytes are beyond 2^63 - 1 bytes",
			  command, options->objects, options->object_size);
	else
		return EXIT_FINE;
	return EXIT_USAGE;
}

static void set_defaults(struct question_options *options)
{
	*options = (struct question_options) {
		.target = { .kernel = "default", .arch = "amd64", .memory_mib = 512, .cpus = 1 },
		.gfp = "kernel",
		.object_size = 32,
	};
}

/* -1 to go on. */
static int read_one(struct question_options *options, const char *command,
		    const struct option *all, int id,
		    char *(*own_option)(void *context, int id, const char *text), void *context)
{
	cleanup_free char *error = id < QUESTION_OPTION_FIRST ? own_option(context, id, optarg) :
				   read_common(options, id, optarg);

	if (!error)
		return -1;
	say_error("%s: --%s %s: %s", command, name_of(all, id), optarg ?: "", error);
	return EXIT_USAGE;
}

enum exit_code question_options_read(struct question_options *options, const char *command,
				     const struct option *own, size_t own_count,
				     char *(*own_option)(void *context, int id, const char *text),
				     void *context, int argc, char **argv)
{
	struct option all[OPTIONS_MAX + 1] = { 0 };
	uint64_t seen[2] = { 0 };
	int id;

	memcpy(all, common, sizeof(common));
	memcpy(all + COUNT(common), own, own_count * sizeof(*own));
	set_defaults(options);
	opterr = 0;
	optind = 1;
	while ((id = getopt_long(argc, argv, ":", all, NULL)) != -1) {
		int code;

		if (id == ':') {
			say_error("%s: --%s wants a value", command, name_of(all, optopt));
			return EXIT_USAGE;
		}
		if (id == '?')
			return say_unknown(command, all, COUNT(common) + own_count,
					   argv[optind - 1]);
		if (seen[id / 64] >> id % 64 & 1) {
			say_error("%s: --%s is given twice", command, name_of(all, id));
			return EXIT_USAGE;
		}
		seen[id / 64] |= 1ULL << id % 64;
		code = read_one(options, command, all, id, own_option, context);
		if (code >= 0)
			return code;
	}
	say_quiet(options->quiet);
	options->target.clock = options->counted ? VM_CLOCK_INSTRUCTIONS : VM_CLOCK_NONE;
	options->target.verbose = false;
	return options->help ? EXIT_FINE : check_together(options, command, seen[1]);
}

/* What could not be answered at all is said, not shown. */
static bool say_refusals(const struct question *question, const json_t *document)
{
	const json_t *refusals = json_object_get(document, "refusals");
	json_t *refusal;
	size_t i;

	json_array_foreach(refusals, i, refusal)
		say_error("%s: %s", question->name,
			  json_string_value(json_object_get(refusal, "reason")));
	return json_array_size(refusals);
}

static enum exit_code show(const struct question *question, const struct vm_result *result,
			   const struct question_options *options, const struct run_facts *facts)
{
	cleanup_free char *error = NULL;
	json_t *document = question->document(result->records, result->records_bytes, facts, &error);
	enum exit_code code = EXIT_FINE;

	if (!document) {
		say_error("the results are not whole: %s", error);
		return EXIT_TROUBLE;
	}
	if (say_refusals(question, document) &&
	    !json_array_size(json_object_get(document, question->answers))) {
		json_decref(document);
		return EXIT_USAGE;
	}
	if (options->json)
		code = output_write(options->json, document, report_json);
	if (!code && (!options->json || strcmp(options->json, "-")))
		question->print(document, options->verbose, stdout);
	if (!code)
		code = output_finish();
	if (!code)
		code = question->judge(document);
	json_decref(document);
	return code;
}

enum exit_code question_carry_out(const struct question *question, struct plan *plan,
				  const struct question_options *options)
{
	struct vm_result result = { .code = EXIT_FINE };
	enum exit_code code = options->json ? output_check(options->json) : EXIT_FINE;

	if (code)
		return code;
	strcpy(plan->clock, options->counted ? "instructions" : "tsc");
	target_run(plan, &options->target, &result);
	code = result.code;
	if (code != EXIT_FINE) {
		say_error("%s", result.message ? result.message : "the run did not end well");
	} else {
		struct run_facts facts = target_facts(&result, &options->target, question->command);

		code = show(question, &result, options, &facts);
	}
	vm_result_release(&result);
	return code;
}
