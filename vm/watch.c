// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/process.h"
#include "qemu.h"

#define TICK_MS		10
#define CONSOLE_LINES	12

/* Generous, because a loaded machine is no broken guest; KMEMLAB_TIMEOUT_SCALE stretches them. */
#define BANNER_S	60
#define INIT_S		120
#define OUTPUT_S	300
#define TOTAL_S		3600

/* A file that QEMU appends to. */
struct tail {
	int fd;
	char *text;		/* all of it, and a zero */
	size_t bytes;
};

struct state {
	struct tail console;
	struct tail results;
	double start;
	double last_output;
	bool ended;		/* QEMU has */
};

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void tail_open(struct tail *tail, const char *directory, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);

	/* Made here, so that it is there before QEMU is. */
	*tail = (struct tail) { .fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600),
				.text = xstrdup("") };
}

static void tail_close(struct tail *tail)
{
	if (tail->fd >= 0)
		close(tail->fd);
	free(tail->text);
}

/* Reads what came; the number of new bytes. */
static size_t tail_read(struct tail *tail)
{
	size_t before = tail->bytes;
	char data[65536];
	ssize_t n;

	while ((n = pread(tail->fd, data, sizeof(data), tail->bytes)) > 0) {
		tail->text = xrealloc(tail->text, tail->bytes + n + 1);
		memcpy(tail->text + tail->bytes, data, n);
		tail->bytes += n;
		tail->text[tail->bytes] = '\0';
	}
	return tail->bytes - before;
}

const char *console_trouble(const char *console)
{
	static const char *const marks[] = { "BUG: ",
					     "Oops: ",
					     "general protection fault",
					     "Unable to handle kernel",
					     "Internal error: ",
					     "PANIC: early exception",
					     "Kernel panic - not syncing" };
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const char *found = strstr(console, marks[i]);

		if (found && (!first || found < first))
			first = found;
	}
	while (first && first > console && first[-1] != '\n')
		first--;
	return first;
}

/* 127, with the lines that the console has of it. */
static int fail_panic(const char *trouble, struct failure *failure)
{
	cleanup_free char *text = NULL;
	const char *line = trouble;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < CONSOLE_LINES && *line; i++) {
		fprintf(out, "\n  %.*s", (int)strcspn(line, "\r\n"), line);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	fclose(out);
	return fail_with(failure, EXIT_GUEST_PANIC,
			 "the guest's kernel panicked; its console says:%s", text);
}

/* QEMU is gone and there is no complete trailer. */
static int fail_ended(struct watch *watch, struct state *state, struct failure *failure)
{
	const char *trouble = console_trouble(state->console.text);
	cleanup_free char *path = xasprintf("%s/" QEMU_MESSAGES, watch->directory);
	cleanup_free char *messages = file_read(path, NULL);
	const char *when = "before the results were complete";

	if (trouble)
		return fail_panic(trouble, failure);
	if (disk_is_full(watch->directory))
		return fail_with(failure, EXIT_TROUBLE, "no space is left in %s", watch->directory);
	/* With a word of its own and nothing from the guest, QEMU did not even start it. */
	if (messages && *messages && !state->console.bytes)
		return fail_with(failure, EXIT_TROUBLE, "QEMU failed: %.*s",
				 (int)strcspn(messages, "\n"), messages);
	if (!state->console.bytes)
		when = "without a word from the kernel (is there memory enough?)";
	else if (!watch->channel->ready)
		when = "before the guest's init ran";
	return fail_with(failure, EXIT_GUEST_LOST, "the guest was lost: QEMU ended %s", when);
}

double watch_scale(void)
{
	const char *text = getenv("KMEMLAB_TIMEOUT_SCALE");
	double factor = text ? strtod(text, NULL) : 1;

	return factor > 0 ? factor : 1;
}

/* The watchdog that has fired, as a message, or NULL. */
static int check_watchdogs(struct watch *watch, struct state *state, struct failure *failure)
{
	double now = seconds_now(), run = now - state->start, factor = watch_scale();
	bool banner = strstr(state->console.text, "Linux version") != NULL;
	double total = watch->timeout_s ?: TOTAL_S * factor;

	if (!banner && run > BANNER_S * factor)
		return fail_with(failure, EXIT_WATCHDOG,
				 "watchdog \"no kernel banner\": no word from the kernel for %.0f s",
				 run);
	if (!watch->channel->ready && run > INIT_S * factor)
		return fail_with(failure, EXIT_WATCHDOG,
				 "watchdog \"no init\": the kernel started, its init did not (%.0f s)",
				 run);
	if (!watch->terminal && now - state->last_output > OUTPUT_S * factor)
		return fail_with(failure, EXIT_WATCHDOG,
				 "watchdog \"no output\": the guest was silent for %.0f s",
				 now - state->last_output);
	if ((!watch->terminal || watch->timeout_s) && run > total)
		return fail_with(failure, EXIT_WATCHDOG,
				 "watchdog \"total\": the run was not over after %.0f s%s",
				 total, watch->timeout_s ? " (--timeout)" : "");
	return 0;
}

static void read_new(struct watch *watch, struct state *state)
{
	size_t seen = state->console.bytes, new_bytes;

	if (tail_read(&state->console) && watch->verbose)
		fputs(state->console.text + seen, stderr);
	seen = state->results.bytes;
	new_bytes = tail_read(&state->results);
	if (!new_bytes)
		return;
	state->last_output = seconds_now();
	channel_feed(watch->channel, state->results.text + seen, new_bytes);
	if (!watch->first_record_s && watch->channel->ready)
		watch->first_record_s = state->last_output - state->start;
}

/* One look at everything: 1 go on, 0 complete, -1 failed. */
static int look(struct watch *watch, struct state *state, struct failure *failure)
{
	siginfo_t info = { 0 };

	/* First whether it has ended, then what it wrote: so nothing is missed. */
	waitid(P_PID, watch->qemu, &info, WEXITED | WNOHANG | WNOWAIT);
	state->ended = info.si_pid == watch->qemu;
	read_new(watch, state);
	if (watch->channel->complete)
		return 0;
	if (interrupted())
		return fail_interrupted(failure);
	if (watch->channel->fault)
		return fail_with(failure, EXIT_GUEST_LOST, "the guest was lost: it sent %s",
				 watch->channel->fault);
	if (watch->terminal && watch->terminal->left)
		return fail_with(failure, EXIT_INTERRUPTED, "the guest was switched off");
	if (state->ended)
		return fail_ended(watch, state, failure);
	/* One that comes before "panic=-1" is looked at stands there for ever. */
	if (strstr(state->console.text, "---[ end Kernel panic") ||
	    strstr(state->console.text, "PANIC: early exception"))
		return fail_panic(console_trouble(state->console.text), failure);
	return check_watchdogs(watch, state, failure) ?: 1;
}

int watch_guest(struct watch *watch, struct failure *failure)
{
	struct state state = { .start = seconds_now(), .last_output = seconds_now() };
	int status;

	tail_open(&state.console, watch->directory, QEMU_CONSOLE);
	tail_open(&state.results, watch->directory, QEMU_RESULTS);
	while ((status = look(watch, &state, failure)) > 0) {
		if (watch->terminal)
			terminal_relay(watch->terminal, TICK_MS);
		else
			usleep(TICK_MS * 1000);
	}
	process_kill(watch->qemu);
	tail_close(&state.console);
	tail_close(&state.results);
	return status;
}
