// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest_monitor.h"

#include <fcntl.h>
#include <inttypes.h>
#include <nettle/base64.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "lib/hash.h"
#include "qemu.h"
#include "qmp.h"
#include "runner/shell.h"

#define TICK_MS		10
#define PROGRESS_S	0.2
#define PANIC		"Kernel panic - not syncing"
#define USER_RIP	"RIP: 0033:"	/* of the process, not the kernel */

/* Console lines of a panic that are reported: of those before it, and in total */
#define LINES_BEFORE	5
#define REPORT_LINES	40
#define LINE_BYTES	200

/*
 * Timeouts in seconds, multiplied by KMEMLAB_TIMEOUT_SCALE. They are long, because a
 * loaded host must not look like a broken guest.
 */
#define BANNER_S	60
#define INIT_S		120
#define OUTPUT_S	300
#define TOTAL_S		3600

/* Looks at the CPU of a silent guest, and the time that they may take */
#define SAMPLES		30
#define SAMPLE_S	10

/* Parse "1 BASE64\n"; the output is decoded in place. */
static void parse_output(struct guest_channel *channel)
{
	char *text = channel->line.text;
	size_t length = channel->line.length, bytes = length;
	struct base64_decode_ctx base64;

	base64_decode_init(&base64);
	if (length < 3 || text[1] != ' ' ||
	    !base64_decode_update(&base64, &bytes, (uint8_t *)text + 2, length - 3, text + 2) ||
	    !base64_decode_final(&base64))
		channel->fault = "garbled output";
	else if (channel->output && !channel->output_err)
		channel->output_err = channel->output(channel->context, text[0] - '0', text + 2,
						      bytes);
}

static void parse_trailer(struct guest_channel *channel)
{
	uint64_t bytes;
	uint32_t crc;
	char end;

	if (sscanf(channel->line.text, "KMEMLAB END %" SCNu64 " %" SCNx32 " %d%c", &bytes, &crc,
		   &channel->status, &end) != 4 || end != '\n')
		channel->fault = "a garbled trailer";
	else if (bytes != channel->payload_bytes || crc != channel->payload_crc)
		channel->fault = "results that do not match their checksum";
	else
		channel->complete = true;
}

static void parse_line(struct guest_channel *channel)
{
	const char *text = channel->line.text;
	size_t length = channel->line.length;

	/* A driver that probes its port writes to it before init runs. */
	if (!channel->ready && text[0] != 'K')
		return;
	switch (text[0]) {
	case '{':
	case '1':
	case '2':
		channel->payload_bytes += length;
		channel->payload_crc = crc32_update(channel->payload_crc, text, length);
		channel->results += !strncmp(text, RESULT_RECORD, strlen(RESULT_RECORD));
		if (text[0] == '{')
			strbuf_add(&channel->records, text, length);
		else
			parse_output(channel);
		break;
	case '.':
		break;
	case 'K':
		if (!strcmp(text, "KMEMLAB READY 1\n"))
			channel->ready = true;
		else
			parse_trailer(channel);
		break;
	default:
		channel->fault = "an unknown kind of line";
	}
}

void guest_channel_feed(struct guest_channel *channel, const void *data, size_t size)
{
	const char *rest = data, *end = rest + size;

	while (rest < end && !channel->complete && !channel->fault) {
		const char *newline = memchr(rest, '\n', end - rest);
		size_t bytes = (newline ? newline + 1 : end) - rest;

		strbuf_add(&channel->line, rest, bytes);
		rest += bytes;
		if (newline) {
			parse_line(channel);
			channel->line.length = 0;
		}
	}
}

void guest_channel_release(struct guest_channel *channel)
{
	strbuf_release(&channel->line);
	strbuf_release(&channel->records);
}

static struct termios original_mode;

static struct winsize read_window_size(void)
{
	struct winsize size = { 0 };

	ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	size.ws_row = size.ws_row ?: 24;
	size.ws_col = size.ws_col ?: 80;
	return size;
}

char *terminal_size(void)
{
	const struct winsize size = read_window_size();
	const char *type = getenv("TERM");

	return xasprintf("%u %u %.32s\n", size.ws_row, size.ws_col,
			 type && *type ? type : "vt100");
}

/* Tell the guest the size of the window, if it has changed. */
static void terminal_send_size(struct terminal *terminal)
{
	const struct winsize size = read_window_size();
	cleanup_free char *message = NULL;

	if (size.ws_row == terminal->rows && size.ws_col == terminal->columns)
		return;
	message = xasprintf("%c%u %u\n", SHELL_RESIZE, size.ws_row, size.ws_col);
	if (send(terminal->guest, message, strlen(message), MSG_NOSIGNAL) < 0)
		return;
	terminal->rows = size.ws_row;
	terminal->columns = size.ws_col;
}

static void terminal_start(struct terminal *terminal)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &original_mode))
		return;
	raw = original_mode;
	cfmakeraw(&raw);
	terminal->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

void terminal_stop(struct terminal *terminal)
{
	if (terminal->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &original_mode);
	terminal->raw = false;
}

static void terminal_write(const char *data, ssize_t size)
{
	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, data, size);

		if (n <= 0)
			return;
		data += n;
		size -= n;
	}
}

/*
 * Wait up to timeout_ms and copy data in both directions. Input that is typed before
 * the guest's shell starts stays in the terminal's buffer until then.
 */
static void terminal_relay(struct terminal *terminal, int timeout_ms)
{
	struct pollfd polls[] = {
		{ terminal->is_open ? STDIN_FILENO : -1, POLLIN, 0 },
		{ terminal->guest, POLLIN, 0 },
	};
	char data[4096];
	ssize_t n;

	if (terminal->is_open)
		terminal_send_size(terminal);
	if (poll(polls, 2, timeout_ms) <= 0)
		return;
	if (polls[1].revents) {
		n = read(terminal->guest, data, sizeof(data));
		if (n > 0 && !terminal->is_open) {
			terminal->is_open = true;
			terminal_start(terminal);
		}
		terminal_write(data, n);
		if (n <= 0)
			usleep(timeout_ms * 1000);	/* QEMU has exited; the caller checks */
	}
	if (polls[0].revents) {
		n = read(STDIN_FILENO, data, sizeof(data));
		if (n <= 0 || memchr(data, TERMINAL_LEAVE, n))
			terminal->left = true;
		else
			send(terminal->guest, data, n, MSG_NOSIGNAL);
	}
}

/* Print the guest's last output, which was sent before the trailer. */
static void terminal_drain(struct terminal *terminal)
{
	char data[4096];
	ssize_t n;

	while ((n = recv(terminal->guest, data, sizeof(data), MSG_DONTWAIT)) > 0)
		terminal_write(data, n);
}

/* A file that QEMU appends to, and its contents so far */
struct log_file {
	int fd;
	struct strbuf content;
};

/* Open the file. Create it if QEMU has not done so yet. */
static void log_open(struct log_file *log, const char *directory, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);

	*log = (struct log_file) { .fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600),
				   .content = STRBUF_INIT };
}

static void log_close(struct log_file *log)
{
	if (log->fd >= 0)
		close(log->fd);
	strbuf_release(&log->content);
}

/* Read what was appended. Return: its offset; it extends to the end of the content. */
static size_t log_read(struct log_file *log)
{
	size_t before = log->content.length;
	char data[65536];
	ssize_t n;

	while ((n = pread(log->fd, data, sizeof(data), log->content.length)) > 0)
		strbuf_add(&log->content, data, n);
	return before;
}

/* State of one run. */
struct monitor_state {
	struct log_file console;
	size_t shown;		/* bytes of the console that were printed */
	struct log_file results;
	double start;
	double last_output;
	double last_progress;
	bool exited;		/* QEMU has */
};

/* Return the first mark of a panic or oops in a text, or NULL. */
static const char *panic_mark(const char *text)
{
	static const char *const marks[] = { "BUG: ",
					     "Oops: ",
					     "Oops - ",
					     "general protection fault",
					     "Unable to handle kernel",
					     "Internal error: ",
					     "[#1]",	/* "divide error: 0000 [#1] SMP" */
					     "PANIC: early exception",
					     PANIC };
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *found = strstr(text, marks[i]);

		if (found && (!first || found < first))
			first = found;
	}
	return first;
}

const char *console_panic(const char *console)
{
	const char *first = panic_mark(console);

	while (first && first > console && first[-1] != '\n')
		first--;
	return first;
}

/* Return the text of a console line without its time stamp. */
static const char *message_text(const char *line)
{
	const char *end = *line == '[' ? strstr(line, "] ") : NULL;

	return end && !memchr(line, '\n', end - line) ? end + 2 : line;
}

static const char *line_after(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

/* Return whether a line of a panic says what happened, where, or in which program. */
static bool tells_cause(const char *text, size_t length)
{
	static const char *const prefixes[] = { "RIP: ", "pc : ", "PC is at ", "CPU: ",
						"Call Trace:", "Call trace:", "Read of size",
						"Write of size", "kernel BUG at " };
	cleanup_free char *line = xasprintf("%.*s", (int)length, text);

	if (!strncmp(line, USER_RIP, strlen(USER_RIP)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(line, prefixes[i], strlen(prefixes[i])))
			return true;
	return panic_mark(line) || (strstr(line, " from ") && strstr(line, "+0x"));
}

/* Return whether a line of a trace is a call, not a register, a mark or a guess of the unwinder. */
static bool is_call(const char *text)
{
	const char *first = text + strspn(text, " ");

	return *text == ' ' && *first != '<' && *first != '?';
}

/* Return whether a call trace ends. The registers at an exception are in the middle of one. */
static bool ends_trace(const char *text)
{
	static const char *const prefixes[] = { " </TASK>", "Modules linked in", "---[ end" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(text, prefixes[i], strlen(prefixes[i])))
			return true;
	return !strcspn(text, "\r\n");
}

/* The registers are printed again after the trace, but also the reason for the panic. */
static bool is_panic(const char *text)
{
	return !strncmp(text, PANIC, strlen(PANIC));
}

char *console_panic_report(const char *console)
{
	const char *panic = console_panic(console) ?: console, *line = panic;
	cleanup_strbuf struct strbuf report = STRBUF_INIT;
	bool in_trace = false, ended = false, reported;
	int lines = 0;

	for (int i = 0; i < LINES_BEFORE && line > console; i++)
		for (line--; line > console && line[-1] != '\n'; line--)
			;
	for (; *line && lines < REPORT_LINES; line = line_after(line)) {
		const char *text = message_text(line);
		size_t length = strcspn(text, "\r\n");

		length = length < LINE_BYTES ? length : LINE_BYTES;
		in_trace = in_trace && !ends_trace(text);
		ended = ended || (line > panic && !strncmp(text, "---[ end", strlen("---[ end")));
		/* The last line is for the reason of the panic. */
		if (ended || lines == REPORT_LINES - 1)
			reported = is_panic(text);
		else
			reported = line < panic || is_panic(text) ||
				   (in_trace ? is_call(text) : tells_cause(text, length));
		if (!reported)
			continue;
		if (!strncmp(text, "Call ", strlen("Call ")))
			in_trace = true;
		strbuf_addf(&report, "\n  %.*s", (int)(text - line + length), line);
		lines++;
	}
	return strbuf_detach(&report);
}

/* Report a panic with the console lines that tell its cause. */
static int fail_panic(const char *console, struct error *error)
{
	cleanup_free char *report = console_panic_report(console);

	return error_set(error, EXIT_GUEST_PANIC, "the guest's kernel panicked; console:%s",
			 report);
}

/* Report that QEMU exited before the trailer. */
static int fail_exited(struct guest_monitor *monitor, struct monitor_state *state,
		       struct error *error)
{
	const char *console = state->console.content.text;
	cleanup_free char *path = xasprintf("%s/" QEMU_MESSAGES, monitor->directory);
	cleanup_free char *messages = file_read(path, NULL);
	const char *when = "before the results were complete";

	if (console_panic(console))
		return fail_panic(console, error);
	if (disk_is_full(monitor->directory))
		return error_set(error, EXIT_HOST_ERROR, "no space left in %s", monitor->directory);
	/* An error message and no console output: QEMU did not start the guest. */
	if (messages && *messages && !*console)
		return error_set(error, EXIT_HOST_ERROR, "QEMU failed: %.*s",
				 (int)strcspn(messages, "\n"), messages);
	if (!*console)
		when = "without any console output (check --memory)";
	else if (!monitor->channel->ready)
		when = "before the guest's init ran";
	return error_set(error, EXIT_GUEST_LOST, "guest lost: QEMU exited %s", when);
}

/* Return the CPU time of a process in seconds. */
static double cpu_seconds(pid_t pid)
{
	struct timespec used = { 0 };
	clockid_t clock;

	if (!clock_getcpuclockid(pid, &clock))
		clock_gettime(clock, &used);
	return used.tv_sec + used.tv_nsec / 1e9;
}

/* Report a silent guest; the CPU time tells a hang from a busy host. */
static int fail_silent(const struct guest_monitor *monitor, const char *name, const char *what,
		       double silent_s, struct error *error)
{
	return error_set(error, EXIT_WATCHDOG,
			 "watchdog '%s': %s for %.0f s (QEMU used %.1f s of CPU time)", name, what,
			 silent_s, cpu_seconds(monitor->qemu));
}

/* Append the address of the instruction that the CPU executes, at several times. */
static void sample_cpu(int socket, struct strbuf *places)
{
	static const char *const registers[] = { "RIP=", " PC=", "R15=" };
	struct qmp qmp;
	int err = qmp_begin(&qmp, dup(socket), seconds_now() + SAMPLE_S * timeout_scale());

	for (int i = 0; !err && i < SAMPLES; i++) {
		json_t *reply = NULL;
		const char *text, *found = NULL;

		err = qmp_query(&qmp, "{\"execute\":\"human-monitor-command\",\"arguments\":"
				"{\"command-line\":\"info registers\"}}", &reply);
		text = json_string_value(reply) ?: "";
		for (size_t j = 0; !found && j < ARRAY_SIZE(registers); j++) {
			found = strstr(text, registers[j]);
			found = found ? strchr(found, '=') + 1 : NULL;
		}
		if (found)
			strbuf_addf(places, " 0x%.*s", (int)strspn(found, "0123456789abcdef"),
				    found);
		json_decref(reply);
		usleep(TICK_MS * 1000);
	}
	qmp_end(&qmp);
}

/* Report a silent guest whose CPU may be in a loop. */
static int fail_loop(const struct guest_monitor *monitor, double silent_s, struct error *error)
{
	cleanup_strbuf struct strbuf places = STRBUF_INIT;

	sample_cpu(monitor->qmp, &places);
	return error_set(error, EXIT_WATCHDOG,
			 "watchdog 'no output': no output from the guest for %.0f s, its CPU is at%s",
			 silent_s, places.length ? places.text : " an unknown address");
}

/* Return: 0 or -1 if a timeout has expired. */
static int check_watchdogs(struct guest_monitor *monitor, struct monitor_state *state,
			   struct error *error)
{
	double now = seconds_now(), run = now - state->start, factor = timeout_scale();
	bool banner = strstr(state->console.content.text, "Linux version") != NULL;
	double total = monitor->timeout_s ?: TOTAL_S * factor;

	if (!banner && run > BANNER_S * factor)
		return fail_silent(monitor, "no kernel banner", "no kernel output", run, error);
	if (!monitor->channel->ready && run > INIT_S * factor)
		return fail_silent(monitor, "no init", "the kernel started, but not its init",
				   run, error);
	if (monitor->silence_s && monitor->channel->ready &&
	    now - state->last_output > monitor->silence_s * factor)
		return fail_loop(monitor, now - state->last_output, error);
	if (!monitor->terminal && !monitor->may_be_silent &&
	    now - state->last_output > OUTPUT_S * factor)
		return fail_silent(monitor, "no output", "no output from the guest",
				   now - state->last_output, error);
	if ((!monitor->terminal || monitor->timeout_s) && run > total)
		return error_set(error, EXIT_WATCHDOG,
				 "%s took longer than %.0f s%s",
				 monitor->terminal ? "the shell" : "the guest", total,
				 monitor->timeout_s ? " (--timeout)" : "");
	return 0;
}

/* Print the console up to the last whole line: progress would overwrite the rest of a line. */
static void show_console(struct monitor_state *state)
{
	const struct strbuf *console = &state->console.content;
	const char *rest = console->text + state->shown;
	const char *newline = memrchr(rest, '\n', console->length - state->shown);

	if (!newline)
		return;
	log_status_clear();
	fwrite(rest, 1, newline + 1 - rest, stderr);
	state->shown = newline + 1 - console->text;
}

static void read_output(struct guest_monitor *monitor, struct monitor_state *state)
{
	struct strbuf *results = &state->results.content;
	size_t offset;

	log_read(&state->console);
	if (monitor->show_console)
		show_console(state);
	offset = log_read(&state->results);
	if (offset == results->length)
		return;
	state->last_output = seconds_now();
	guest_channel_feed(monitor->channel, results->text + offset, results->length - offset);
	if (!monitor->first_record_s && monitor->channel->ready)
		monitor->first_record_s = state->last_output - state->start;
}

/* Check everything once. Return: 1 to continue, 0 when complete, -1 on failure. */
static int monitor_poll(struct guest_monitor *monitor, struct monitor_state *state,
			struct error *error)
{
	struct guest_channel *channel = monitor->channel;
	const char *console;
	siginfo_t info = { 0 };

	/* Check for exit before reading output, so that no output is lost. */
	waitid(P_PID, monitor->qemu, &info, WEXITED | WNOHANG | WNOWAIT);
	state->exited = info.si_pid == monitor->qemu;
	read_output(monitor, state);
	if (channel->output_err)
		return error_set(error, EXIT_HOST_ERROR, "cannot write the guest's output: %s",
				 strerror(-channel->output_err));
	if (channel->complete)
		return 0;
	if (interrupted())
		return error_interrupted(error);
	if (channel->fault)
		return error_set(error, EXIT_GUEST_LOST, "guest lost: it sent %s", channel->fault);
	if (monitor->terminal && monitor->terminal->left)
		return error_set(error, EXIT_INTERRUPTED, "the guest was switched off");
	if (state->exited)
		return fail_exited(monitor, state, error);
	/* A panic before the kernel parses "panic=-1" hangs instead of rebooting. */
	console = state->console.content.text;
	if (strstr(console, "---[ end Kernel panic") || strstr(console, "PANIC: early exception"))
		return fail_panic(console, error);
	return check_watchdogs(monitor, state, error) ?: 1;
}

static void report_progress(struct guest_monitor *monitor, struct monitor_state *state)
{
	double now = seconds_now();

	if (!monitor->progress || !monitor->channel->ready ||
	    now < state->last_progress + PROGRESS_S)
		return;
	state->last_progress = now;
	monitor->progress(monitor->progress_context, monitor->channel->results);
}

int guest_monitor_run(struct guest_monitor *monitor, struct error *error)
{
	struct monitor_state state = { .start = seconds_now(), .last_output = seconds_now() };
	int status;

	log_open(&state.console, monitor->directory, QEMU_CONSOLE);
	log_open(&state.results, monitor->directory, QEMU_RESULTS);
	while ((status = monitor_poll(monitor, &state, error)) > 0) {
		report_progress(monitor, &state);
		if (monitor->terminal)
			terminal_relay(monitor->terminal, TICK_MS);
		else
			usleep(TICK_MS * 1000);
	}
	process_kill(monitor->qemu);
	if (monitor->terminal)
		terminal_drain(monitor->terminal);
	/* Without a newline, no message would begin on its own line. */
	if (monitor->show_console && state.shown < state.console.content.length) {
		strbuf_addstr(&state.console.content, "\n");
		show_console(&state);
	}
	log_close(&state.console);
	log_close(&state.results);
	return status;
}
