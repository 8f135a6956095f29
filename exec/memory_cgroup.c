// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT	"/sys/fs/cgroup"
#define OURS	ROOT "/kmemlab"

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

static bool is_guest(void)
{
	return getpid() == 1;
}

int memory_cgroup_make(void)
{
	int error;

	if (!is_guest())
		return 0;
	if (mount("cgroup", ROOT, "cgroup2", 0, NULL) && errno != EBUSY)
		return -errno;
	error = write_text(ROOT "/cgroup.subtree_control", "+memory");
	if (error)
		return error;
	return mkdir(OURS, 0755) && errno != EEXIST ? -errno : 0;
}

int memory_cgroup_enter(void)
{
	return is_guest() ? write_text(OURS "/cgroup.procs", "0") : 0;
}

int memory_cgroup_leave(void)
{
	return is_guest() ? write_text(ROOT "/cgroup.procs", "0") : 0;
}
