// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/check_state.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array_size.h"
#include "runner/system.h"

#define KTHREADD	2	/* parent of all kernel threads */

static const struct {
	enum state_kind kind;
	const char *name;
	const char *directory;
} directories[] = {
	{ STATE_PROC, "file in /proc", "/proc" },
	{ STATE_DEV, "file in /dev", "/dev" },
	{ STATE_DEBUGFS, "file in debugfs", "/sys/kernel/debug" },
	{ STATE_CLASS, "device class", "/sys/class" },
	{ STATE_CACHE, "slab cache", "/sys/kernel/slab" },
};

const char *state_kind_name(enum state_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (directories[i].kind == kind)
			return directories[i].name;
	return "thread";
}

uint64_t task_cpu_ns(pid_t pid)
{
	char path[64], line[128];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	sysfs_read_line(path, line, sizeof(line));
	return strtoull(line, NULL, 10);
}

/* Return the new entry, or NULL without memory for it. */
static struct state_entry *add(struct state *state, enum state_kind kind, const char *name)
{
	struct state_entry *entry, *entries = realloc(state->entries,
						      (state->count + 1) * sizeof(*entries));

	if (!entries) {
		state->incomplete = true;
		return NULL;
	}
	state->entries = entries;
	entry = &state->entries[state->count++];
	*entry = (struct state_entry) { .kind = kind };
	snprintf(entry->name, sizeof(entry->name), "%.63s", name);
	return entry;
}

/* Add a kernel thread, "80 (k_memory) S 2 ...", unless it belongs to a workqueue. */
static void add_thread(struct state *state, pid_t pid)
{
	char path[64], line[256], name[64];
	struct state_entry *entry;
	const char *end;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	sysfs_read_line(path, line, sizeof(line));
	end = strrchr(line, ')');
	if (!end || sscanf(end, ") %*c %d", &parent) != 1 || parent != KTHREADD ||
	    sscanf(line, "%*d (%63[^)]", name) != 1 || !strncmp(name, "kworker/", 8))
		return;
	entry = add(state, STATE_THREAD, name);
	if (!entry)
		return;
	entry->pid = pid;
	entry->cpu_ns = task_cpu_ns(pid);
}

static void read_directory(struct state *state, enum state_kind kind, const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		if (isdigit((unsigned char)entry->d_name[0]) && kind == STATE_PROC)
			continue;
		if (entry->d_name[0] != '.')
			add(state, kind, entry->d_name);
	}
	if (directory)
		closedir(directory);
}

void state_read_threads(struct state *state)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			add_thread(state, atoi(entry->d_name));
	if (proc)
		closedir(proc);
}

void state_read(struct state *state)
{
	state_read_threads(state);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		read_directory(state, directories[i].kind, directories[i].directory);
}

bool state_has(const struct state *state, const struct state_entry *entry)
{
	for (size_t i = 0; i < state->count; i++)
		if (state->entries[i].kind == entry->kind && state->entries[i].pid == entry->pid &&
		    !strcmp(state->entries[i].name, entry->name))
			return true;
	return false;
}

void state_filter(struct state *state, const struct state *other, bool present)
{
	size_t count = 0;

	for (size_t i = 0; i < state->count; i++)
		if (state_has(other, &state->entries[i]) == present)
			state->entries[count++] = state->entries[i];
	state->count = count;
}

void state_release(struct state *state)
{
	free(state->entries);
	*state = (struct state) { 0 };
}
