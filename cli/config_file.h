/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Defaults of options from /etc/kmemlab.conf and ~/.config/kmemlab/config. Lines are
 * "OPTION = VALUE" or "COMMAND.OPTION = VALUE". The user's file precedes the system's, and in a
 * file the line of a command precedes the general one.
 */
#ifndef KMEMLAB_CLI_CONFIG_FILE_H
#define KMEMLAB_CLI_CONFIG_FILE_H

#include <stddef.h>

#include "cli/options.h"

struct config_line {
	char *place;			/* "FILE:LINE" */
	char *name, *value;
	const struct command *command;	/* NULL: every command with this option */
	unsigned int rank;		/* of several lines for an option, the highest one applies */
};

struct config {
	struct config_line *lines;
	size_t count;
};

/*
 * Read both files, and set the options that the command line neither names nor excludes to their
 * defaults. Return EXIT_OK, or EXIT_USAGE after reporting the error.
 */
enum exit_code config_apply(struct options *options);

/* Return the line that applies to an option of a command, or NULL. */
const struct config_line *config_find(const struct config *config, const struct command *command,
				      const char *name);
void config_release(struct config *config);

#endif
