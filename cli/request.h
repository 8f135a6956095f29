/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual machine that a command's options describe. */
#ifndef KMEMLAB_CLI_REQUEST_H
#define KMEMLAB_CLI_REQUEST_H

#include "cli/options.h"
#include "vm/request.h"

/*
 * Return a request for the first kernel, architecture and CPU model of the options, on one CPU.
 * Options that the command lacks have their defaults. The caller adds the clock and what to run.
 */
struct vm_request request_from_options(const struct options *options);

#endif
