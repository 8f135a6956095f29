// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/process.h"
#include "cache.h"
#include "exec/shared_job.h"
#include "qmp.h"
#include "trace.h"
#include "watch.h"

/* All saved states together; the ones used longest ago go first. */
#define TOTAL_BYTES	(1ULL << 30)

/* Names in a state's directory, and of links to them in QEMU's. */
#define STATE		"state"
#define STATE_GOOD	"state.good"	/* what writes it tells how that ended */
#define STATE_BAD	"state.bad"
#define CHECK		"check"		/* "SIZE HASH\n" of the state */

/* A boot's patience, and a restore's; KMEMLAB_TIMEOUT_SCALE stretches both. */
#define BOOT_S		120
#define RESTORE_S	30

/* A host so busy that it stops the guest too late will not be so every time. */
#define ATTEMPTS	6

/*
 * Other boards lack the bus that the job's memory and the bell hang on. Several CPUs
 * take turns, and that they take the same ones after a restore was not shown.
 */
static bool is_usual_machine(const struct vm_job *job)
{
	const struct arch *arch = arch_find(job->arch ?: "amd64");

	return arch && board_find(arch, job->board) == board_find(arch, NULL) && job->cpus <= 1;
}

bool saved_state_serves(const struct vm_job *job)
{
	return job->plan && is_usual_machine(job) && job->clock == VM_CLOCK_INSTRUCTIONS &&
	       strlen(job->plan) <= sizeof(((struct shared_job *)NULL)->text);
}

int saved_state_write_job(const char *directory, const char *text)
{
	cleanup_free char *path = xasprintf("%s/" QEMU_JOB, directory);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), error = 0;
	struct shared_job *job = MAP_FAILED;

	if (fd < 0 || ftruncate(fd, SHARED_JOB_BYTES))
		error = -errno;
	else
		job = mmap(NULL, SHARED_JOB_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!error && job == MAP_FAILED)
		error = -errno;
	if (!error && text) {
		job->bytes = strlen(text);
		memcpy(job->text, text, job->bytes);
		memcpy(job->magic, SHARED_JOB_MAGIC, sizeof(job->magic));
	}
	if (job != MAP_FAILED)
		munmap(job, SHARED_JOB_BYTES);
	if (fd >= 0)
		close(fd);
	return error;
}

static void say_why(const struct saved_machine *machine, const char *what, const char *why)
{
	if (machine->verbose)
		say_error("%s: %s", what, why);
}

/* Fast, and sees any damage that a disk or a crash does; nobody forges one's own cache. */
static bool hash_file(const char *path, uint64_t *size, uint64_t *hash)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const uint64_t *words;
	struct stat st;

	*hash = 0xcbf29ce484222325ULL;
	if (fd < 0 || fstat(fd, &st) || !st.st_size) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	*size = st.st_size;
	words = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (words == MAP_FAILED)
		return false;
	for (uint64_t i = 0; i < *size / sizeof(*words); i++)
		*hash = (*hash ^ words[i]) * 0x9e3779b97f4a7c15ULL + (*hash >> 32);
	munmap((void *)words, *size);
	return true;
}

static char *check_text(const char *state)
{
	uint64_t size, hash;

	return hash_file(state, &size, &hash) ? xasprintf("%" PRIu64 " %016" PRIx64 "\n", size, hash) :
						NULL;
}

static double deadline(const struct saved_machine *machine, double patience_s)
{
	double end = seconds_now() + patience_s * watch_scale();
	double given = machine->started_s + machine->timeout_s;

	return machine->timeout_s && given < end ? given : end;
}

/* QEMU with a socket to it. The process, or a negative errno. */
static pid_t start_with_monitor(const struct saved_machine *machine, const char *first,
				const char *second, const struct vm_trace *trace, int *monitor)
{
	struct qemu_command command = { 0 };
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	for (size_t i = 0; i < machine->command->count; i++)
		qemu_command_add(&command, "%s", machine->command->argv[i]);
	qemu_command_add(&command, "-chardev");
	qemu_command_add(&command, "socket,id=monitor,fd=%d", pair[1]);
	qemu_command_add(&command, "-mon");
	qemu_command_add(&command, "chardev=monitor,mode=control");
	if (first) {
		qemu_command_add(&command, "%s", first);
		qemu_command_add(&command, "%s", second);
	}
	if (trace)
		trace_add_arguments(trace, &command);
	pid = qemu_start(&command, machine->directory, pair[1]);
	qemu_command_release(&command);
	close(pair[1]);
	*monitor = pair[0];
	if (pid < 0)
		close(pair[0]);
	return pid;
}

/* Links name in QEMU's directory to a path, in place of what is there. */
static int link_in(const struct saved_machine *machine, const char *name, const char *path)
{
	cleanup_free char *link = xasprintf("%s/%s", machine->directory, name);

	unlink(link);
	return symlink(path, link) ? -errno : 0;
}

/* QEMU says "completed" when it has written all; who receives it may not have yet. */
static int wait_saved(const struct saved_machine *machine, struct qmp *qmp)
{
	cleanup_free char *good = xasprintf("%s/" STATE_GOOD, machine->directory);
	cleanup_free char *bad = xasprintf("%s/" STATE_BAD, machine->directory);

	for (;;) {
		cleanup_free char *status = NULL;
		int error = qmp_status(qmp, "{\"execute\":\"query-migrate\"}", &status);

		if (error)
			return error;
		if (file_exists(bad) ||
		    (status && (!strcmp(status, "failed") || !strcmp(status, "cancelled"))))
			return -EIO;
		if (file_exists(good) && status && !strcmp(status, "completed"))
			return 0;
		usleep(10000);
	}
}

/* Whether the guest had looked for its job already when it was stopped. */
static int check_waiting(const struct saved_machine *machine)
{
	cleanup_free char *path = xasprintf("%s/" QEMU_JOB, machine->directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t over = 1;

	if (fd < 0)
		return -errno;
	if (pread(fd, &over, sizeof(over), offsetof(struct shared_job, over)) != sizeof(over))
		over = 1;
	close(fd);
	return over ? -EAGAIN : 0;
}

/* Boots until the guest waits for its job, and writes the machine out, with its console so far. */
static int boot_and_save(const struct saved_machine *machine, const char *console)
{
	cleanup_free char *own_console = xasprintf("%s/" QEMU_CONSOLE, machine->directory);
	struct qmp qmp = { .fd = -1 };
	int monitor, error;
	pid_t qemu = start_with_monitor(machine, NULL, NULL, NULL, &monitor);

	if (qemu < 0)
		return qemu;
	error = qmp_begin(&qmp, monitor, deadline(machine, BOOT_S));
	if (!error)
		error = qmp_wait_event(&qmp, "GUEST_PANICKED");
	if (!error)
		error = qmp_command(&qmp, "{\"execute\":\"stop\"}");
	if (!error)
		error = check_waiting(machine);
	if (!error)
		error = qmp_command(&qmp, "{\"execute\":\"migrate-set-parameters\","
				    "\"arguments\":{\"max-bandwidth\":100000000000}}");
	if (!error)
		error = qmp_command(&qmp, "{\"execute\":\"migrate\","
				    "\"arguments\":{\"uri\":\"exec:cat >" STATE " && touch "
				    STATE_GOOD " || touch " STATE_BAD "\"}}");
	if (!error)
		error = wait_saved(machine, &qmp);
	if (!error)
		error = file_copy(own_console, console);
	qmp_end(&qmp);
	process_kill(qemu);
	return error;
}

/* Bytes on disk of a state, and when it was used last. */
struct entry {
	char *path;
	unsigned long long bytes;
	struct timespec used;
};

static int by_use(const void *a, const void *b)
{
	const struct timespec *first = &((const struct entry *)a)->used;
	const struct timespec *second = &((const struct entry *)b)->used;

	if (first->tv_sec != second->tv_sec)
		return first->tv_sec < second->tv_sec ? -1 : 1;
	return first->tv_nsec < second->tv_nsec ? -1 : first->tv_nsec > second->tv_nsec;
}

/* Makes room for one more of that size. With the cache's lock held. */
static void evict(unsigned long long more)
{
	cleanup_free char *all = cache_path("states");
	DIR *directory = opendir(all);
	struct entry *entries = NULL;
	unsigned long long total = more;
	struct dirent *item;
	size_t count = 0;

	while (directory && (item = readdir(directory))) {
		char *path = xasprintf("%s/%s", all, item->d_name);
		struct stat st;

		if (*item->d_name == '.' || stat(path, &st)) {
			free(path);
			continue;
		}
		entries = xrealloc(entries, (count + 1) * sizeof(*entries));
		entries[count] = (struct entry) { path, directory_bytes(path), st.st_mtim };
		total += entries[count++].bytes;
	}
	if (directory)
		closedir(directory);
	qsort(entries, count, sizeof(*entries), by_use);
	for (size_t i = 0; i < count; i++) {
		if (total > TOTAL_BYTES) {
			directory_remove(entries[i].path);
			total -= entries[i].bytes;
		}
		free(entries[i].path);
	}
	free(entries);
}

/* What an attempt before left in QEMU's directory. */
static int clear(const struct saved_machine *machine)
{
	static const char *const names[] = { QEMU_JOB, QEMU_CONSOLE, QEMU_RESULTS, STATE_GOOD,
					     STATE_BAD };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		cleanup_free char *path = xasprintf("%s/%s", machine->directory, names[i]);

		if (unlink(path) && errno != ENOENT)
			return -errno;
	}
	return saved_state_write_job(machine->directory, NULL);
}

/* The state, its check and the console so far, into a new directory of the cache. */
static int fill(const struct saved_machine *machine, const char *partial)
{
	cleanup_free char *state = xasprintf("%s/" STATE, partial);
	cleanup_free char *check = xasprintf("%s/" CHECK, partial);
	cleanup_free char *console = xasprintf("%s/" QEMU_CONSOLE, partial);
	cleanup_free char *text = NULL;
	int error = link_in(machine, STATE, state);

	for (int attempt = 0; attempt < ATTEMPTS && (!error || error == -EAGAIN); attempt++) {
		error = clear(machine);
		if (!error)
			error = boot_and_save(machine, console);
		if (!error)
			break;
	}
	if (error)
		return error;
	text = check_text(state);
	if (!text)
		return -EIO;
	return file_write(check, text, strlen(text));
}

/* 0 where there is one afterwards. */
static int make(const struct saved_machine *machine, const char *path)
{
	struct failure failure = { 0 };
	int lock = cache_lock(&failure), error = -1;
	char *partial = NULL;

	/* Somebody else may have made it meanwhile. */
	if (lock >= 0 && file_exists(path))
		error = 0;
	else if (lock >= 0)
		partial = cache_partial(&failure);
	if (partial) {
		say_progress("saving a booted machine, so that the next runs start at once ...");
		error = fill(machine, partial);
		if (!error) {
			evict(directory_bytes(partial));
			error = cache_commit(partial, path, &failure);
		} else {
			directory_remove(partial);
			say_why(machine, "the booted machine cannot be saved", strerror(-error));
		}
	}
	if (failure.message)
		say_why(machine, "the booted machine cannot be saved", failure.message);
	failure_release(&failure);
	cache_unlock(lock);
	free(partial);
	return error;
}

/* Whether the state is as it was written. */
static bool is_whole(const char *path)
{
	cleanup_free char *state = xasprintf("%s/" STATE, path);
	cleanup_free char *check = xasprintf("%s/" CHECK, path);
	cleanup_free char *noted = file_read(check, NULL);
	cleanup_free char *text = check_text(state);

	return noted && text && !strcmp(noted, text);
}

/* Loads the state, hands the job over, lets it run. */
static int resume(const struct saved_machine *machine, int monitor)
{
	struct qmp qmp;
	int error = qmp_begin(&qmp, monitor, deadline(machine, RESTORE_S));

	while (!error) {
		cleanup_free char *status = NULL;

		error = qmp_status(&qmp, "{\"execute\":\"query-status\"}", &status);
		if (!error && strcmp(status ?: "", "inmigrate"))
			break;
		usleep(2000);
	}
	if (!error)
		error = saved_state_write_job(machine->directory, machine->job);
	if (!error)
		error = qmp_command(&qmp, "{\"execute\":\"cont\"}");
	qmp_end(&qmp);
	return error;
}

static pid_t restore(const struct saved_machine *machine, const char *path)
{
	cleanup_free char *state = xasprintf("%s/" STATE, path);
	cleanup_free char *console = xasprintf("%s/" QEMU_CONSOLE, path);
	cleanup_free char *own_console = xasprintf("%s/" QEMU_CONSOLE, machine->directory);
	int monitor = -1, error;
	pid_t qemu;

	error = link_in(machine, STATE, state) ?: clear(machine) ?:
		file_copy(console, own_console);
	if (error)
		return error;
	qemu = start_with_monitor(machine, "-incoming", "exec:cat " STATE, machine->trace,
				  &monitor);
	if (qemu < 0)
		return qemu;
	error = resume(machine, monitor);
	if (!error)
		return qemu;
	process_kill(qemu);
	return error;
}

pid_t saved_state_start(const struct saved_machine *machine, struct failure *failure)
{
	cleanup_free char *path = cache_path("states/%.32s", machine->digest);

	/* One that is there and does no good is made once more. */
	for (int attempt = 0; attempt < 2 && !interrupted(); attempt++) {
		pid_t qemu;

		if (!file_exists(path) && make(machine, path))
			break;
		if (is_whole(path)) {
			qemu = restore(machine, path);
			if (qemu > 0) {
				utimensat(AT_FDCWD, path, NULL, 0);
				return qemu;
			}
			say_why(machine, "the saved machine does not start", strerror(-qemu));
			/* An emulator without plugins is not the state's fault: a real boot tells. */
			if (machine->trace)
				break;
		} else {
			say_why(machine, "the saved machine is damaged", path);
		}
		directory_remove(path);
	}
	if (interrupted())
		return fail_interrupted(failure);
	if (machine->timeout_s && seconds_now() > machine->started_s + machine->timeout_s)
		return fail_with(failure, EXIT_WATCHDOG, "watchdog \"total\": the run was not over after "
				 "%u s (--timeout)", machine->timeout_s);
	/* Nothing of what was tried may be taken for the real boot's. */
	clear(machine);
	return 0;
}
