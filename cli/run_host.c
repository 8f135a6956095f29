// SPDX-License-Identifier: GPL-2.0-or-later
#include "run_host.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libkmod.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/message.h"
#include "exec/exec.h"
#include "lib/device.h"

#define MODULE_NAME "kernel_memory"

/* Where an uninstalled module is: the file that make left. */
#define MODULE_VARIABLE "KMEMLAB_MODULE"

static void fail(struct vm_result *result, enum exit_code code, char *message)
{
	result->code = code;
	result->message = message;
}

static int find_module(struct kmod_ctx *context, struct kmod_module **module)
{
	const char *file = getenv(MODULE_VARIABLE);
	struct kmod_list *list = NULL;
	int error;

	if (file)
		return kmod_module_new_from_path(context, file, module);
	error = kmod_module_new_from_lookup(context, MODULE_NAME, &list);
	if (error < 0 || !list)
		return error < 0 ? error : -ENOENT;
	*module = kmod_module_get_module(list);
	kmod_module_unref_list(list);
	return 0;
}

static char *words_for_load(int error)
{
	switch (-error) {
	case ENOENT:
		return xasprintf("no module " MODULE_NAME " for this kernel: build it with "
				 "'make -C module' and name its file in " MODULE_VARIABLE);
	case ENOEXEC:
		return xasprintf("the module " MODULE_NAME " was built for another kernel");
	case EPERM:
	case EKEYREJECTED:
		return xasprintf("the kernel refuses the module: locked down, or it wants a signature");
	default:
		return xasprintf("the module " MODULE_NAME " cannot be loaded: %s",
				 strerror(-error));
	}
}

/* nr_structs=0: the studio's own object set is to be in nobody's figures. */
static int load_module(struct kmod_ctx *context, struct kmod_module **module)
{
	int error;

	if (!access(KMEMLAB_DEVICE_PATH, F_OK))
		return 0;
	error = find_module(context, module);
	if (error < 0)
		return error;
	return kmod_module_insert_module(*module, 0, "nr_structs=0");
}

/* In a child, so that a timeout can end it: the module unwinds when the signal comes. */
static pid_t start(const struct plan *plan, unsigned int timeout_s, FILE *records)
{
	pid_t child = fork();

	if (child)
		return child;
	alarm(timeout_s);
	_exit(exec_plan(plan, records) || fflush(records) ? 1 : 0);
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno == EINTR && interrupted())
			kill(child, SIGTERM);
	return status;
}

static char *read_all(FILE *in, size_t *bytes)
{
	char *text;

	fseek(in, 0, SEEK_END);
	*bytes = ftell(in);
	rewind(in);
	text = xcalloc(*bytes + 1, 1);
	*bytes = fread(text, 1, *bytes, in);
	return text;
}

static void carry_out(const struct plan *plan, unsigned int timeout_s, struct vm_result *result)
{
	cleanup_fclose FILE *records = tmpfile();
	pid_t child = records ? start(plan, timeout_s, records) : -1;
	int status;

	if (child < 0) {
		fail(result, EXIT_TROUBLE, xasprintf("cannot start: %s", strerror(errno)));
		return;
	}
	status = wait_for(child);
	if (interrupted())
		fail(result, EXIT_INTERRUPTED, xstrdup("interrupted"));
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		fail(result, EXIT_WATCHDOG, xasprintf("not done after %u s (--timeout)", timeout_s));
	else if (WIFSIGNALED(status))
		fail(result, EXIT_TROUBLE, xasprintf("ended by signal %d", WTERMSIG(status)));
	else
		result->guest_status = WEXITSTATUS(status);
	result->records = read_all(records, &result->records_bytes);
}

/* NULL, or why the device cannot be used, to be freed. */
static char *try_device(void)
{
	int device = kmemlab_open();

	if (device >= 0) {
		kmemlab_close(device);
		return NULL;
	}
	return xasprintf(KMEMLAB_DEVICE_PATH " cannot be opened: %s", device == -EPERM ?
			 "that takes CAP_SYS_ADMIN" : strerror(-device));
}

void host_run(const struct plan *plan, unsigned int timeout_s, struct vm_result *result)
{
	struct kmod_ctx *context = NULL;
	struct kmod_module *module = NULL;
	char *fault = NULL;
	int error;

	*result = (struct vm_result) { .code = EXIT_FINE };
	if (geteuid()) {
		fail(result, EXIT_TROUBLE, xstrdup("--target host needs root"));
		return;
	}
	context = kmod_new(NULL, NULL);
	error = context ? load_module(context, &module) : -ENOMEM;
	if (!error)
		fault = try_device();
	if (error < 0)
		fail(result, EXIT_TROUBLE, words_for_load(error));
	else if (fault)
		fail(result, EXIT_TROUBLE, fault);
	else
		carry_out(plan, timeout_s, result);
	if (module && !error && kmod_module_remove_module(module, 0) < 0)
		say_error("the module " MODULE_NAME " cannot be unloaded: %s", strerror(errno));
	kmod_module_unref(module);
	kmod_unref(context);
}
