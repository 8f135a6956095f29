/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of a check, each with the number of its cycle, and the kernel's messages as such. */
#ifndef KMEMLAB_RUNNER_CHECK_OUTPUT_H
#define KMEMLAB_RUNNER_CHECK_OUTPUT_H

#include "runner/record_writer.h"

struct check_output {
	struct record_writer w;
	unsigned int cycle;
	double last_s;		/* time of the last record */
};

/* Start a record, and end it. */
void output_begin(struct check_output *output, const char *record);
void output_end(struct check_output *output);

/* Return the time since the guest's start. */
double now_s(void);

/* Write a record "alive" if the last record was a second ago: silence is the sign of a hang. */
void output_alive(struct check_output *output);

struct check_log {
	int fd;			/* of kernel_log_open() */
	char phase[16];		/* "load", "live" or "unload" */
	unsigned int lines;	/* of the phase, without warnings */
};

/* Start another load: it may have as many lines as each before. */
void check_log_restart(struct check_log *log);

/*
 * Report new messages of the kernel. A phase has a limit for lines that are not warnings; a record
 * "truncated" tells of those that are left out, or were overwritten before they were read.
 */
void check_log_report(struct check_log *log, struct check_output *output, const char *phase);

#endif
