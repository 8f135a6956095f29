// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/check_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runner/kernel_log.h"

#define LOG_LINES	200
#define ALIVE_S		1

void output_begin(struct check_output *output, const char *record)
{
	writer_begin(&output->w, record);
	writer_unsigned(&output->w, "cycle", output->cycle);
}

void output_end(struct check_output *output)
{
	writer_end(&output->w);
	fflush(output->w.out);
	output->last_s = now_s();
}

double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

void output_alive(struct check_output *output)
{
	if (now_s() < output->last_s + ALIVE_S)
		return;
	output_begin(output, "alive");
	output_end(output);
}

void check_log_restart(struct check_log *log)
{
	log->phase[0] = '\0';
}

/* Report a record of /dev/kmsg. Return: false if there are too many. */
static bool report_line(struct check_log *log, struct check_output *output, char *record)
{
	char line[KERNEL_LOG_LINE_MAX];
	unsigned int priority;
	char *text = strchr(record, ';');
	bool warning;

	if (!text || sscanf(record, "%u,", &priority) != 1)
		return true;
	warning = kernel_log_line(record, line, sizeof(line));
	if (!warning && log->lines++ >= LOG_LINES)
		return false;
	output_begin(output, "log");
	writer_string(&output->w, "phase", log->phase);
	writer_unsigned(&output->w, "level", priority & 7);
	writer_bool(&output->w, "warning", warning);
	text[1 + strcspn(text + 1, "\n")] = '\0';
	writer_string(&output->w, "text", text + 1);
	output_end(output);
	return true;
}

void check_log_report(struct check_log *log, struct check_output *output, const char *phase)
{
	unsigned int dropped = 0;
	bool overwritten = false;
	char record[8192];
	ssize_t n;

	if (strcmp(log->phase, phase)) {
		snprintf(log->phase, sizeof(log->phase), "%s", phase);
		log->lines = 0;
	}
	while ((n = read(log->fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		record[n > 0 ? n : 0] = '\0';
		overwritten |= n < 0;
		dropped += n > 0 && !report_line(log, output, record);
	}
	if (!dropped && !overwritten)
		return;
	output_begin(output, "truncated");
	writer_string(&output->w, "phase", phase);
	writer_unsigned(&output->w, "dropped", dropped);
	writer_bool(&output->w, "overwritten", overwritten);
	output_end(output);
}
