// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab: find the command, parse its options and run it. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "base/terminal.h"
#include "cli/measure.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "vm/apt.h"

/* Return the command line with the defaults of configuration files; the caller frees it. */
static char *full_command_line(const struct options *options, int argc, char **argv)
{
	const struct name_list *defaults = &options->defaults;
	cleanup_free char **words = xcalloc(argc + defaults->count, sizeof(*words));

	words[0] = argv[0];
	for (size_t i = 0; i < defaults->count; i++)
		words[1 + i] = defaults->names[i];
	for (int i = 1; i < argc; i++)
		words[defaults->count + i] = argv[i];
	return quote_argv(argc + defaults->count, words);
}

/* Print the defaults that are in use, without those that change no result, such as --color. */
static void print_defaults(const struct options *options)
{
	cleanup_strbuf struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < options->defaults.count; i++) {
		const char *word = options->defaults.names[i] + strlen("--");
		cleanup_free char *name = xstrndup(word, strcspn(word, "="));

		if (option_find(options->command, name)->group == GROUP_GENERAL)
			continue;
		strbuf_separate(&text, " ");
		strbuf_addf(&text, "--%s", word);
	}
	if (text.length)
		log_notice("defaults of configuration files (--no-config ignores them): %s",
			   text.text);
}

static enum exit_code command_execute(struct options *options, const struct command *command,
				  int argc, char **argv)
{
	enum exit_code code = options_parse(options, command, argc - 1, argv + 1), lost;

	if (code)
		return code;
	if (options->help) {
		help_print(command);
		return output_finish();
	}
	terminal_setup(options->color);
	options->command_line = full_command_line(options, argc, argv);
	log_set_quiet(options->quiet);
	log_set_verbose(options->verbose);
	print_defaults(options);
	if (options->allow_expired)
		apt_allow_expired();
	code = command->run(options);
	lost = output_finish();
	return code ?: lost;
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct options options;
	enum exit_code code;

	if (argc < 2) {
		help_print_commands(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		help_print_commands(stdout);
		return output_finish();
	}
	if (!strcmp(argv[1], "--version")) {
		puts("kmemlab " KMEMLAB_VERSION);
		return output_finish();
	}
	command = command_find(argv[1]);
	if (!command)
		return command_unknown(argv[1]);
	code = command_execute(&options, command, argc - 1, argv + 1);
	options_release(&options);
	return code;
}
