/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads a user's modules in the guest, and reports what they did. Only for the guest's init.
 *
 * The job (bench_job.h) lists the modules. Standard output has records, which the host puts into
 * the document:
 *
 *   guest	release of the kernel, ticks per instruction of get_cycles() and ktime_get()
 *   log	a message of the kernel, as a line of dmesg
 *   lost	messages were overwritten before they were read
 *   module	a module was loaded
 */
#ifndef KMEMLAB_RUNNER_BENCH_H
#define KMEMLAB_RUNNER_BENCH_H

#define BENCH_JOB	"job/bench"

/* Run the job in the file. Return: the exit status. */
int bench_run(const char *job);

#endif
