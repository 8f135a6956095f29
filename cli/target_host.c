// SPDX-License-Identifier: GPL-2.0-or-later
/* --target host: run a plan on the running kernel. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libkmod.h>

#include "base/process.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "cli/measure.h"
#include "lib/device.h"
#include "runner/runner.h"
#include "vm/guest_monitor.h"

#define MODULE_NAME KMEMLAB_MODULE

/* Environment variable with the path of a module that is not installed. */
#define MODULE_VARIABLE "KMEMLAB_MODULE"

static void set_failure(struct vm_result *result, enum exit_code code, char *message)
{
	result->code = code;
	result->message = message;
}

static int find_module(struct kmod_ctx *context, struct kmod_module **module)
{
	const char *path = getenv(MODULE_VARIABLE);
	struct kmod_list *list = NULL;
	int err;

	if (path)
		return kmod_module_new_from_path(context, path, module);
	err = kmod_module_new_from_lookup(context, MODULE_NAME, &list);
	if (err < 0 || !list)
		return err < 0 ? err : -ENOENT;
	*module = kmod_module_get_module(list);
	kmod_module_unref_list(list);
	return 0;
}

static char *load_error(int err)
{
	const char *path = getenv(MODULE_VARIABLE);

	if (path && access(path, R_OK))
		return xasprintf(MODULE_VARIABLE ": cannot read '%s': %s", path, strerror(errno));
	switch (-err) {
	case ENOENT:
		return xasprintf("no module " MODULE_NAME " for this kernel (build it with "
				 "'make -C module' and set " MODULE_VARIABLE " to its path)");
	case ENOEXEC:
		return xasprintf("module " MODULE_NAME " was built for another kernel");
	case EPERM:
	case EKEYREJECTED:
		return xasprintf("the kernel rejected module " MODULE_NAME " (lockdown, or a "
				 "signature is required)");
	default:
		return xasprintf("cannot load module " MODULE_NAME ": %s", strerror(-err));
	}
}

/* nr_structs=0 keeps the demo's objects out of the measurements. */
static int load_module(struct kmod_ctx *context, struct kmod_module **module)
{
	int err;

	if (!access(KMEMLAB_DEVICE_PATH, F_OK))
		return 0;
	err = find_module(context, module);
	if (err < 0)
		return err;
	return kmod_module_insert_module(*module, 0, "nr_structs=0");
}

/* Run the plan in a child, so that a timeout can kill it: a signal stops the module. */
static pid_t start_runner(const struct plan *plan, unsigned int timeout_s, FILE *records)
{
	pid_t child = fork();

	if (child)
		return child;
	alarm(timeout_s);
	if (log_shows_progress())
		setvbuf(records, NULL, _IOLBF, 65536);
	_exit(runner_run(plan, records) || fflush(records) ? 1 : 0);
}

/* Return the number of results that the child has written since *offset. */
static size_t read_new_results(int records, off_t *offset)
{
	cleanup_strbuf struct strbuf text = STRBUF_INIT;
	size_t results = 0;
	char data[65536];
	ssize_t n;

	while ((n = pread(records, data, sizeof(data), *offset + text.length)) > 0)
		strbuf_add(&text, data, n);
	for (const char *line = text.text, *end; (end = strchr(line, '\n')); line = end + 1) {
		results += !strncmp(line, RESULT_RECORD, strlen(RESULT_RECORD));
		*offset += end + 1 - line;
	}
	return results;
}

/*
 * Wait for the child. On a terminal, show its progress meanwhile.
 *
 * Return: the child's wait status, or a negative errno value.
 */
static int wait_for_runner(pid_t child, int records, struct progress *progress)
{
	const bool shown = log_shows_progress();
	size_t results = 0;
	off_t offset = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(child, &status, shown ? WNOHANG : 0)) != child) {
		if (pid < 0 && errno != EINTR)
			return -errno;
		if (interrupted())
			kill(child, SIGTERM);
		if (!shown)
			continue;
		results += read_new_results(records, &offset);
		progress_show(progress, results);
		usleep(200000);
	}
	return status;
}

static char *read_records(FILE *in, size_t *bytes)
{
	char *text;

	fseek(in, 0, SEEK_END);
	*bytes = ftell(in);
	rewind(in);
	text = xcalloc(*bytes + 1, 1);
	*bytes = fread(text, 1, *bytes, in);
	return text;
}

static void run_in_child(const struct plan *plan, unsigned int timeout_s,
			 struct progress *progress, struct vm_result *result)
{
	cleanup_fclose FILE *records = tmpfile();
	pid_t child = records ? start_runner(plan, timeout_s, records) : -1;
	int status;

	if (child < 0) {
		set_failure(result, EXIT_HOST_ERROR,
			    xasprintf("cannot start the runner: %s", strerror(errno)));
		return;
	}
	status = wait_for_runner(child, fileno(records), progress);
	if (interrupted())
		set_failure(result, EXIT_INTERRUPTED, xstrdup("interrupted"));
	else if (status < 0)
		set_failure(result, EXIT_HOST_ERROR,
			    xasprintf("cannot wait for the runner: %s", strerror(-status)));
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		set_failure(result, EXIT_WATCHDOG,
			    xasprintf("timed out after %u s (--timeout)", timeout_s));
	else if (WIFSIGNALED(status))
		set_failure(result, EXIT_HOST_ERROR,
			    xasprintf("the runner was killed by signal %d", WTERMSIG(status)));
	else
		result->guest_status = WEXITSTATUS(status);
	result->records = read_records(records, &result->records_bytes);
}

/* Return NULL, or why the device cannot be opened; the caller frees it. */
static char *try_device(void)
{
	int device = kmemlab_open();

	if (device >= 0) {
		kmemlab_close(device);
		return NULL;
	}
	return xasprintf("cannot open '" KMEMLAB_DEVICE_PATH "': %s", device == -EPERM ?
			 "CAP_SYS_ADMIN is required" : strerror(-device));
}

void target_host_run(const struct plan *plan, unsigned int timeout_s, struct progress *progress,
		     struct vm_result *result)
{
	struct kmod_ctx *context = NULL;
	struct kmod_module *module = NULL;
	char *reason = NULL;
	int err;

	*result = (struct vm_result) { .code = EXIT_OK };
	if (geteuid()) {
		set_failure(result, EXIT_HOST_ERROR, xstrdup("--target host requires root"));
		return;
	}
	context = kmod_new(NULL, NULL);
	err = context ? load_module(context, &module) : -ENOMEM;
	if (!err)
		reason = try_device();
	if (err < 0)
		set_failure(result, EXIT_HOST_ERROR, load_error(err));
	else if (reason)
		set_failure(result, EXIT_HOST_ERROR, reason);
	else
		run_in_child(plan, timeout_s, progress, result);
	if (module && !err && kmod_module_remove_module(module, 0) < 0)
		log_error("cannot unload module " MODULE_NAME ": %s", strerror(errno));
	kmod_module_unref(module);
	kmod_unref(context);
}
