/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that kmemlab translate and kmemlab map have in common. */
#ifndef KMEMLAB_QUESTION_OPTIONS_H
#define KMEMLAB_QUESTION_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/exit_codes.h"
#include "target.h"

struct question_options {
	struct target target;
	bool counted;		/* --clock instructions */
	/* an object set */
	const char *facility;
	const char *gfp;
	uint64_t objects;	/* 0: the command's own default */
	uint64_t object_size;
	/* what becomes of the answers */
	const char *json;
	bool quiet, verbose, help;
};

/* Their long options begin here; a command's own take 1 to QUESTION_OPTION_FIRST - 1. */
#define QUESTION_OPTION_FIRST 64

extern const char question_set_help[];
extern const char question_target_help[];

/*
 * Reads the command line of command: the options above and own[own_count],
 * which own_option() reads and of whose text it returns what is wrong, to be
 * freed. optind is at the first operand afterwards. EXIT_FINE, or EXIT_USAGE
 * with one line said.
 */
enum exit_code question_options_read(struct question_options *options, const char *command,
				     const struct option *own, size_t own_count,
				     char *(*own_option)(void *context, int id, const char *text),
				     void *context, int argc, char **argv);

/*
 * Carries the plan out; then document() makes of the records what json() or
 * print() show. Returns what judge() says of the document.
 */
struct question {
	const char *name;		/* of the subcommand */
	const char *command;		/* the line that repeats it */
	const char *answers;		/* the document's list of them */
	json_t *(*document)(const char *records, size_t bytes, const struct run_facts *facts,
			    char **error);
	void (*print)(const json_t *document, bool verbose, FILE *out);
	enum exit_code (*judge)(const json_t *document);
};

enum exit_code question_carry_out(const struct question *question, struct plan *plan,
				  const struct question_options *options);

#endif
