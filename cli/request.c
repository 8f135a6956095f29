// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/request.h"

struct vm_request request_from_options(const struct options *options)
{
	return (struct vm_request) {
		.kernel = options->kernels.names[0],
		.headers = options->headers,
		.arch = options->archs.names[0],
		.board = options->board,
		.memory_mib = options->memory_mib,
		.memory_set = option_given(options, "memory"),
		.cpus = 1,
		.append = options->append,
		.cpu = options->cpus.count ? options->cpus.names[0] : NULL,
		.timeout_s = options->timeout_s,
		.console = options->console,
	};
}
