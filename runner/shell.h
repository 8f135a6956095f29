/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shells in the guest: busybox for a script or on the user's terminal. Only for the guest's init. */
#ifndef KMEMLAB_RUNNER_SHELL_H
#define KMEMLAB_RUNNER_SHELL_H

#include <sys/types.h>

/* Name by which init is called as a program */
#define SHELL_INSMOD	"insmod"

/* Prepare the file system for a shell: programs, and the index of the modules in /. */
void shell_setup(void);

/* Execute a script in place of the process. */
void shell_exec(const char *script) __attribute__((noreturn));

/*
 * Run a shell on a pseudo terminal that is connected to port, a serial port in raw mode, with new
 * kernel warnings. The host sends SHELL_RESIZE before the size of its window, "ROWS COLUMNS\n".
 * Return: the exit status, or a negative errno if there is no shell.
 */
int shell_run(int port, const char *module_path);
#define SHELL_RESIZE	0x1d	/* Ctrl-], which ends kmemlab on the host, cannot be typed */

/* Wait for one child, and reap orphans. Return: its exit status or a negative errno. */
int child_wait(pid_t pid);

/*
 * Load a module once: "insmod FILE PARAMETER...". If the kernel refuses a module, busybox tries
 * again in another way, which runs the module's init function twice. Return: the exit status.
 */
int shell_insmod(char **arguments);

#endif
