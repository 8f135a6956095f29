/* SPDX-License-Identifier: GPL-2.0 */
/* The studio's job: the thread k_memory and its nr_structs objects, from load to unload. */
#ifndef KMEMLAB_JOB_H
#define KMEMLAB_JOB_H

/* Starts the thread and waits for its verdict. Return: 0 or a negative errno, logged. */
int kmemlab_job_start(void);

/* Checks and frees the set, ends the thread. */
void kmemlab_job_stop(void);

#endif
