/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line of kmemlab explain asks for. */
#ifndef KMEMLAB_EXPLAIN_OPTIONS_H
#define KMEMLAB_EXPLAIN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/exit_codes.h"
#include "explain/analysis.h"
#include "lists.h"

enum explain_output { EXPLAIN_JSON, EXPLAIN_FOLDED, EXPLAIN_HTML, EXPLAIN_OUTPUTS };

struct explain_options {
	const char *facility;
	const char *op;			/* "alloc" or "free" */
	const char *workload, *gfp;
	const char *state_name;
	enum path_state state;
	uint64_t size, objects, seed;
	struct name_list kernels;	/* at most SIDES_MAX */
	const char *arch, *append;
	unsigned int memory_mib, timeout_s;
	const char *model_text;		/* or NULL */
	const char *outputs[EXPLAIN_OUTPUTS];	/* paths, or NULL */
	bool blocks, boot, verbose, quiet, help;
};

extern const char explain_help[];

/* EXIT_FINE, or EXIT_USAGE with one line said. */
enum exit_code explain_options_read(struct explain_options *options, int argc, char **argv);
void explain_options_release(struct explain_options *options);

#endif
