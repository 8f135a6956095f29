// SPDX-License-Identifier: GPL-2.0-or-later
#include "snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/process.h"
#include "cache.h"
#include "qmp.h"
#include "runner/ivshmem.h"

/* Limit for all snapshots; the least recently used are deleted first. */
#define TOTAL_BYTES	(1ULL << 30)

/* Files of a snapshot, and links to them in QEMU's directory */
#define STATE		"state"
#define STATE_GOOD	"state.good"	/* created after a successful write */
#define STATE_BAD	"state.bad"	/* created after a failed write */

/* Timeouts in seconds, multiplied by KMEMLAB_TIMEOUT_SCALE */
#define BOOT_S		120
#define RESTORE_S	30

/* Retry: a busy host may stop the guest too late. */
#define ATTEMPTS	6

int snapshot_write_job(const char *directory, const char *text)
{
	cleanup_free char *path = xasprintf("%s/" QEMU_JOB, directory);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), err = 0;
	struct ivshmem_job *job = MAP_FAILED;

	/* Allocate the file's blocks: on a full disk, access to a hole raises SIGBUS. */
	err = fd < 0 ? -errno : -posix_fallocate(fd, 0, IVSHMEM_JOB_BYTES);
	if (!err) {
		job = mmap(NULL, IVSHMEM_JOB_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		err = job == MAP_FAILED ? -errno : 0;
	}
	if (!err && text) {
		job->bytes = strlen(text);
		memcpy(job->text, text, job->bytes);
		memcpy(job->magic, IVSHMEM_JOB_MAGIC, sizeof(job->magic));
	}
	if (job != MAP_FAILED)
		munmap(job, IVSHMEM_JOB_BYTES);
	if (fd >= 0)
		close(fd);
	return err;
}

static double deadline(const struct vm_snapshot *snapshot, double timeout_s)
{
	double end = seconds_now() + timeout_s * timeout_scale();
	double limit = snapshot->started_s + snapshot->timeout_s;

	return snapshot->timeout_s && limit < end ? limit : end;
}

/* Start QEMU with a QMP socket. Return: a process id or a negative errno. */
static pid_t start_with_qmp(const struct vm_snapshot *snapshot, const char *incoming,
			    const struct vm_trace *trace, int *socket)
{
	struct qemu_command command = { 0 };
	pid_t pid;

	for (size_t i = 0; i < snapshot->command->count; i++)
		qemu_add_option(&command, snapshot->command->argv[i], NULL);
	if (incoming)
		qemu_add_option(&command, "-incoming", "%s", incoming);
	if (trace)
		qemu_add_trace(&command, trace);
	pid = qemu_start_with_qmp(&command, snapshot->directory, socket);
	qemu_command_release(&command);
	return pid;
}

/* Link a name in QEMU's directory to a path, replacing an existing file. */
static int link_file(const struct vm_snapshot *snapshot, const char *name, const char *path)
{
	cleanup_free char *link = xasprintf("%s/%s", snapshot->directory, name);

	unlink(link);
	return symlink(path, link) ? -errno : 0;
}

/* Wait until QEMU has sent everything and its receiver has written it. */
static int wait_saved(const struct vm_snapshot *snapshot, struct qmp *qmp)
{
	cleanup_free char *good = xasprintf("%s/" STATE_GOOD, snapshot->directory);
	cleanup_free char *bad = xasprintf("%s/" STATE_BAD, snapshot->directory);

	for (;;) {
		cleanup_free char *status = NULL;
		int err = qmp_status(qmp, "{\"execute\":\"query-migrate\"}", &status);

		if (err)
			return err;
		if (file_exists(bad) ||
		    (status && (!strcmp(status, "failed") || !strcmp(status, "cancelled"))))
			return -EIO;
		if (file_exists(good) && status && !strcmp(status, "completed"))
			return 0;
		usleep(10000);
	}
}

/* Return -EAGAIN if the guest was stopped too late: it had already looked for its job. */
static int check_waiting(const struct vm_snapshot *snapshot)
{
	cleanup_free char *path = xasprintf("%s/" QEMU_JOB, snapshot->directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t over = 1;

	if (fd < 0)
		return -errno;
	if (pread(fd, &over, sizeof(over), offsetof(struct ivshmem_job, over)) != sizeof(over))
		over = 1;
	close(fd);
	return over ? -EAGAIN : 0;
}

/* Boot until the guest waits for a job, then save the machine's state and console. */
static int boot_and_save(const struct vm_snapshot *snapshot, const char *console)
{
	cleanup_free char *qemu_console = xasprintf("%s/" QEMU_CONSOLE, snapshot->directory);
	struct qmp qmp = { .fd = -1 };
	int socket, err;
	pid_t qemu = start_with_qmp(snapshot, NULL, NULL, &socket);

	if (qemu < 0)
		return qemu;
	err = qmp_begin(&qmp, socket, deadline(snapshot, BOOT_S)) ?:
	      qmp_wait_event(&qmp, "GUEST_PANICKED") ?:
	      qmp_command(&qmp, "{\"execute\":\"stop\"}") ?:
	      check_waiting(snapshot) ?:
	      qmp_command(&qmp, "{\"execute\":\"migrate-set-parameters\","
			  "\"arguments\":{\"max-bandwidth\":100000000000}}") ?:
	      qmp_command(&qmp, "{\"execute\":\"migrate\","
			  "\"arguments\":{\"uri\":\"exec:cat >" STATE " && touch "
			  STATE_GOOD " || touch " STATE_BAD "\"}}") ?:
	      wait_saved(snapshot, &qmp) ?:
	      file_copy(qemu_console, console);
	qmp_end(&qmp);
	process_kill(qemu);
	return err;
}

/* Size on disk of a snapshot, and the time of its last use */
struct usage {
	char *path;
	unsigned long long bytes;
	struct timespec time;
};

static int compare_time(const void *a, const void *b)
{
	const struct timespec *first = &((const struct usage *)a)->time;
	const struct timespec *second = &((const struct usage *)b)->time;

	if (first->tv_sec != second->tv_sec)
		return first->tv_sec < second->tv_sec ? -1 : 1;
	return first->tv_nsec < second->tv_nsec ? -1 : first->tv_nsec > second->tv_nsec;
}

/* Delete old snapshots to make room for a new one; the caller holds the cache's lock. */
static void evict_snapshots(unsigned long long new_bytes)
{
	cleanup_free char *parent = cache_path("states");
	DIR *directory = opendir(parent);
	struct usage *usages = NULL;
	unsigned long long total = new_bytes;
	struct dirent *item;
	size_t count = 0;

	while (directory && (item = readdir(directory))) {
		char *path = xasprintf("%s/%s", parent, item->d_name);
		struct stat st;

		if (*item->d_name == '.' || stat(path, &st)) {
			free(path);
			continue;
		}
		*array_add(&usages, &count) = (struct usage) { path, directory_bytes(path),
							       st.st_mtim };
		total += usages[count - 1].bytes;
	}
	if (directory)
		closedir(directory);
	if (count)
		qsort(usages, count, sizeof(*usages), compare_time);
	for (size_t i = 0; i < count; i++) {
		if (total > TOTAL_BYTES) {
			total -= usages[i].bytes;
			directory_remove(usages[i].path);
		}
		free(usages[i].path);
	}
	free(usages);
}

/* Delete the files of a previous attempt from QEMU's directory. */
static int reset_directory(const struct vm_snapshot *snapshot)
{
	static const char *const names[] = { QEMU_JOB, QEMU_CONSOLE, QEMU_RESULTS, STATE_GOOD,
					     STATE_BAD };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cleanup_free char *path = xasprintf("%s/%s", snapshot->directory, names[i]);

		if (unlink(path) && errno != ENOENT)
			return -errno;
	}
	return snapshot_write_job(snapshot->directory, NULL);
}

static int save_state(const struct vm_snapshot *snapshot, const char *directory)
{
	cleanup_free char *state = xasprintf("%s/" STATE, directory);
	cleanup_free char *console = xasprintf("%s/" QEMU_CONSOLE, directory);
	char hex[SHA256_HEX_SIZE];
	int err = link_file(snapshot, STATE, state) ?: -EAGAIN;

	for (int attempt = 0; attempt < ATTEMPTS && err == -EAGAIN; attempt++)
		err = reset_directory(snapshot) ?: boot_and_save(snapshot, console);
	return err ?: cache_seal(state, hex);
}

struct creation {
	const struct vm_snapshot *snapshot;
	bool cache_full;	/* out: the snapshot did not fit into the cache */
};

/* Fill the cache entry with the state, its check and the console output so far. */
static int snapshot_fill(void *context, const char *directory, struct error *error)
{
	struct creation *creation = context;
	int err;

	log_progress("saving a snapshot, from which the next runs start ...");
	err = save_state(creation->snapshot, directory);
	creation->cache_full = err && disk_is_full(directory);
	if (err)
		return error_set(error, EXIT_HOST_ERROR, "%s", strerror(-err));
	evict_snapshots(directory_bytes(directory));
	return 0;
}

/* Create the snapshot. Return: 0 or -1. */
static int snapshot_create(const struct vm_snapshot *snapshot, const char *entry)
{
	struct creation creation = { .snapshot = snapshot };
	struct error error = { 0 };
	int err = cache_ensure(entry, snapshot_fill, &creation, &error);

	if (creation.cache_full)
		log_notice("booting without a snapshot: no space left in %s", path_cache());
	else if (error.message)
		log_detail("cannot save a snapshot: %s", error.message);
	error_release(&error);
	return err;
}

/* Return whether the state file is undamaged. */
static bool is_intact(const char *entry)
{
	cleanup_free char *state = xasprintf("%s/" STATE, entry);
	char hex[SHA256_HEX_SIZE];

	return cache_check(state, hex) == CACHE_GOOD;
}

/* Wait until QEMU has loaded the state, pass the job on, and let the guest run. */
static int resume_guest(const struct vm_snapshot *snapshot, int socket)
{
	struct qmp qmp;
	int err = qmp_begin(&qmp, socket, deadline(snapshot, RESTORE_S));

	while (!err) {
		cleanup_free char *status = NULL;

		err = qmp_status(&qmp, "{\"execute\":\"query-status\"}", &status);
		if (!err && strcmp(status ?: "", "inmigrate"))
			break;
		usleep(2000);
	}
	err = err ?: snapshot_write_job(snapshot->directory, snapshot->job) ?:
		     qmp_command(&qmp, "{\"execute\":\"cont\"}");
	qmp_end(&qmp);
	return err;
}

/* Return: a process id or a negative errno. */
static pid_t restore_snapshot(const struct vm_snapshot *snapshot, const char *entry)
{
	cleanup_free char *state = xasprintf("%s/" STATE, entry);
	cleanup_free char *console = xasprintf("%s/" QEMU_CONSOLE, entry);
	cleanup_free char *qemu_console = xasprintf("%s/" QEMU_CONSOLE, snapshot->directory);
	int socket = -1, err;
	pid_t qemu;

	err = link_file(snapshot, STATE, state) ?: reset_directory(snapshot) ?:
	      file_copy(console, qemu_console);
	if (err)
		return err;
	qemu = start_with_qmp(snapshot, "exec:cat " STATE, snapshot->trace, &socket);
	if (qemu < 0)
		return qemu;
	err = resume_guest(snapshot, socket);
	if (!err)
		return qemu;
	process_kill(qemu);
	return err;
}

pid_t snapshot_start(const struct vm_snapshot *snapshot, struct error *error)
{
	cleanup_free char *entry = cache_path("states/%.32s", snapshot->digest);

	/* A snapshot that cannot be used is created once more. */
	for (int attempt = 0; attempt < 2 && !interrupted(); attempt++) {
		pid_t qemu;

		if (snapshot_create(snapshot, entry))
			break;
		if (is_intact(entry)) {
			qemu = restore_snapshot(snapshot, entry);
			if (qemu > 0) {
				utimensat(AT_FDCWD, entry, NULL, 0);
				return qemu;
			}
			log_detail("cannot start from the snapshot: %s", strerror(-qemu));
			/* QEMU may lack plugin support: boot to find out. */
			if (snapshot->trace)
				break;
		} else {
			log_detail("damaged snapshot: %s", entry);
		}
		directory_remove(entry);
	}
	if (interrupted())
		return error_interrupted(error);
	if (snapshot->timeout_s && seconds_now() > snapshot->started_s + snapshot->timeout_s)
		return error_set(error, EXIT_WATCHDOG, "the guest took longer than %u s "
				 "(--timeout)", snapshot->timeout_s);
	/* The boot that follows must not see files of this attempt. */
	reset_directory(snapshot);
	return 0;
}
