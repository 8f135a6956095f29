// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/kernel_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/array_size.h"
#include "runner/system.h"

#define LEVEL_WARNING	4
#define LEVEL_DEBUG	7

/* Taint flags by bit: the letter of the kernel's "Tainted:", and the meaning */
static const struct {
	char letter;
	const char *meaning;
} taints_known[] = {
	{ 'P', "proprietary module" },	{ 'F', "module was forced" },
	{ 'S', "CPU out of spec" },	{ 'R', "module was forced to unload" },
	{ 'M', "machine check" },	{ 'B', "bad page" },
	{ 'U', "set by the user" },	{ 'D', "oops" },
	{ 'A', "ACPI table replaced" },	{ 'W', "warning" },
	{ 'C', "staging driver" },	{ 'I', "firmware bug" },
	{ 'O', "module from outside" },	{ 'E', "unsigned module" },
	{ 'L', "soft lockup" },		{ 'K', "live patch" },
	{ 'X', "distribution" },	{ 'T', "randomized structures" },
	{ 'N', "test" },
};

#define TAINTS_OF_ANY_MODULE	(1UL << 12 | 1UL << 13)

int kernel_log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* A busy host disturbs an emulator's timers; our own module taints the kernel, too. */
static bool is_expected(const char *text)
{
	static const char *const prefixes[] = { "clocksource: ", "hrtimer: interrupt took",
						"perf: interrupt took" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(text, prefixes[i], strlen(prefixes[i])))
			return true;
	if (!strncmp(text, "workqueue: ", 11) && strstr(text, " hogged CPU for "))
		return true;
	return strstr(text, "loading out-of-tree module taints kernel");
}

/*
 * Convert a record of this or a more important level; of warnings only the unexpected ones. A
 * record is "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,...];TEXT\n", then lines of a dictionary.
 */
static bool format_record(const char *record, unsigned int level, char *line, size_t size)
{
	const char *text = strchr(record, ';');
	unsigned long long time_us;
	unsigned int priority;

	/* Priorities from 8 on are those of programs. */
	if (!text || sscanf(record, "%u,%*u,%llu", &priority, &time_us) != 2 ||
	    priority > level || (level == LEVEL_WARNING && is_expected(text + 1)))
		return false;
	text++;
	snprintf(line, size, "[%5llu.%06llu] %.*s", time_us / 1000000, time_us % 1000000,
		 (int)strcspn(text, "\n"), text);
	return true;
}

bool kernel_log_line(const char *record, char *line, size_t size)
{
	return format_record(record, LEVEL_WARNING, line, size);
}

static bool next_line(int fd, unsigned int level, char *line, size_t size, bool *lost)
{
	char record[8192];
	ssize_t n;

	/* EPIPE: messages were overwritten before they were read. */
	while ((n = read(fd, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		*lost |= n < 0;
		if (n <= 0)
			continue;
		record[n] = '\0';
		if (format_record(record, level, line, size))
			return true;
	}
	return false;
}

bool kernel_log_next(int fd, char *line, size_t size)
{
	bool lost = false;

	return next_line(fd, LEVEL_WARNING, line, size, &lost);
}

bool kernel_log_next_any(int fd, char *line, size_t size, bool *lost)
{
	return next_line(fd, LEVEL_DEBUG, line, size, lost);
}

unsigned long kernel_taints(void)
{
	char line[32];

	sysfs_read_line("/proc/sys/kernel/tainted", line, sizeof(line));
	return strtoul(line, NULL, 10);
}

bool kernel_taints_text(unsigned long taints, char *text, size_t size)
{
	size_t used = 0;

	taints &= ~TAINTS_OF_ANY_MODULE;
	*text = '\0';
	for (unsigned int bit = 0; bit < ARRAY_SIZE(taints_known) && used < size; bit++)
		if (taints >> bit & 1)
			used += snprintf(text + used, size - used, "%s%c (%s)", used ? ", " : "",
					 taints_known[bit].letter, taints_known[bit].meaning);
	return *text;
}
