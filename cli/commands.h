/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subcommands: one file each, all in one table in main.c. */
#ifndef KMEMLAB_COMMANDS_H
#define KMEMLAB_COMMANDS_H

#include "base/exit_codes.h"

struct command {
	const char *name;
	enum exit_code (*run)(int argc, char **argv);	/* argv[0] is the subcommand */
	const char *help;	/* one line */
};

enum exit_code cmd_run(int argc, char **argv);
enum exit_code cmd_translate(int argc, char **argv);
enum exit_code cmd_map(int argc, char **argv);
enum exit_code cmd_explain(int argc, char **argv);
enum exit_code cmd_advise(int argc, char **argv);
enum exit_code cmd_compare(int argc, char **argv);
enum exit_code cmd_report(int argc, char **argv);
enum exit_code cmd_list(int argc, char **argv);
enum exit_code cmd_results(int argc, char **argv);
enum exit_code cmd_kernel(int argc, char **argv);
enum exit_code cmd_shell(int argc, char **argv);
enum exit_code cmd_doctor(int argc, char **argv);

#endif
