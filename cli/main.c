// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab: find the command, parse its options and run it. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/terminal.h"
#include "cli/measure.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "vm/apt.h"

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
	options->command_line = quote_argv(argc, argv);
	log_set_quiet(options->quiet);
	log_set_verbose(options->verbose);
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
