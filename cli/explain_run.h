/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One kernel's part of kmemlab explain: boots, traces, analyses. */
#ifndef KMEMLAB_EXPLAIN_RUN_H
#define KMEMLAB_EXPLAIN_RUN_H

#include "explain/view.h"
#include "explain_options.h"

struct explanation {
	struct analysis analysis;
	struct view_facts facts;
	struct cache_model model;
	/* behind the facts */
	char *kernel, *input_sha256;
};

/* EXIT_FINE, or another code with one line said. */
enum exit_code explain_kernel(struct explanation *explanation, const char *kernel,
			      const struct explain_options *options);
void explanation_release(struct explanation *explanation);

#endif
