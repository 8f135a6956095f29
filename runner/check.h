/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads and unloads a module in the guest and reports what it does. Only for the guest's init. */
#ifndef KMEMLAB_RUNNER_CHECK_H
#define KMEMLAB_RUNNER_CHECK_H

/* Name by which init is called as a program */
#define CHECK_APPLET	"check"

/*
 * Check a module: "check FILE NAME CYCLES EXERCISE VALUES...". NAME is that of the module, EXERCISE
 * is "studio" or "none". VALUES are the parameters of one load, "" for none; "live:NAME=VALUE" is a
 * value that is written while the module of the values before it is loaded. Writes records, one JSON
 * object for each line, to standard output. Return: the exit status.
 */
int check_main(char **arguments);

#endif
