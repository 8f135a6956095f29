/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The job of a guest that loads a user's modules. */
#ifndef KMEMLAB_RUNNER_BENCH_JOB_H
#define KMEMLAB_RUNNER_BENCH_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct bench_module {
	char *path, *name, *parameters;
	bool is_operand;	/* not only needed by it */
	bool loaded;
};

/*
 * Read a line "PATH\tNAME\tROLE\tPARAMETERS" for each module in the order of loading; ROLE is
 * "operand" or "add". Lines and their number are not limited. Return the modules, which
 * the caller frees with bench_job_free(), or NULL if there are none or memory runs out.
 */
struct bench_module *bench_job_read(FILE *in, size_t *count);
void bench_job_free(struct bench_module *modules, size_t count);

/* Return the index of the first module of the operand, where calls begin to be counted. */
size_t bench_job_first_operand(const struct bench_module *modules, size_t count);

/*
 * Return whether modules after one with this error of loading are loaded: many benchmarks return
 * -EAGAIN after they ran, so that they need not be unloaded.
 */
bool bench_job_continues(int err);

#endif
