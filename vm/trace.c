// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/paths.h"

#define PLUGIN	"plugin.so"
#define TRACE	"trace"

int trace_prepare(const char *directory)
{
	cleanup_free char *link = xasprintf("%s/" PLUGIN, directory);

	if (access(path_plugin(), R_OK))
		return -errno;
	return symlink(path_plugin(), link) ? -errno : 0;
}

void trace_add_arguments(const struct vm_trace *trace, struct qemu_command *command)
{
	qemu_command_add(command, "-plugin");
	qemu_command_add(command, "file=./" PLUGIN ",out=" TRACE ",op=%s,limit=%llu", trace->op,
			 trace->limit_bytes);
}

int trace_open(const char *directory, FILE **trace, struct failure *failure)
{
	cleanup_free char *path = xasprintf("%s/" TRACE, directory);

	*trace = fopen(path, "re");
	return *trace ? 0 : fail_with(failure, EXIT_TROUBLE, "QEMU's plugin wrote no trace: %s",
				 strerror(errno));
}
