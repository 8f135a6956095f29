/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitors a running guest: its console, its channel, the watchdogs, and signals.
 *
 * The channel is the guest's second serial port. It sends lines of these kinds:
 *
 *   KMEMLAB READY 1			init is running
 *   {...				a record
 *   1 BASE64, 2 BASE64			data for standard output, standard error
 *   .					heartbeat; human-readable text may follow
 *   KMEMLAB END BYTES CRC STATUS	size and CRC-32 of all record and data lines
 */
#ifndef KMEMLAB_VM_GUEST_MONITOR_H
#define KMEMLAB_VM_GUEST_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"

/* Start of the record of an experiment */
#define RESULT_RECORD	"{\"record\":\"result\""

struct guest_channel {
	/* Receives output of stream 1 or 2. Return: 0 or a negative errno. May be NULL. */
	int (*output)(void *context, int stream, const void *data, size_t size);
	void *context;

	bool ready;
	bool complete;		/* a valid trailer was received */
	const char *fault;	/* protocol error, or NULL */
	int output_err;		/* negative errno of output(), or 0 */
	int status;		/* exit status in the trailer */
	struct strbuf records;
	size_t results;		/* records of experiments */

	/* private */
	struct strbuf line;
	uint64_t payload_bytes;
	uint32_t payload_crc;
};

#define GUEST_CHANNEL_INIT	{ .records = STRBUF_INIT, .line = STRBUF_INIT }

/* Parse the next data of any size; data after the trailer or a fault is ignored. */
void guest_channel_feed(struct guest_channel *channel, const void *data, size_t size);
void guest_channel_release(struct guest_channel *channel);

#define TERMINAL_LEAVE	0x1d	/* Ctrl-]: ends the guest */

/* This terminal, connected to the guest in raw mode */
struct terminal {
	int guest;		/* socket to the guest's serial port */
	bool is_open;		/* the guest has written; until then, Ctrl-C ends kmemlab */
	bool raw;
	bool left;		/* the user typed TERMINAL_LEAVE */
	unsigned short rows, columns;	/* that the guest was told; 0: none yet */
};

/* Return "ROWS COLUMNS TERM" for the guest's shell, which the caller frees. */
char *terminal_size(void);

/* Restore this terminal's mode. */
void terminal_stop(struct terminal *terminal);

struct guest_monitor {
	pid_t qemu;
	const char *directory;		/* QEMU's working directory, see qemu.h */
	struct guest_channel *channel;
	struct terminal *terminal;	/* or NULL */
	unsigned int timeout_s;		/* for the whole run, or 0: default */
	unsigned int silence_s;		/* without output, or 0: default */
	int qmp;			/* socket to QEMU, used if silence_s is set */
	bool show_console;		/* copy the console to standard error */
	bool may_be_silent;		/* a module keeps the guest from sending heartbeats */
	/* Called a few times per second with the number of results so far; or NULL */
	void (*progress)(void *context, size_t results);
	void *progress_context;
	double first_record_s;		/* out: time from start to the first line */
};

/* Monitor the guest until its trailer is received, then kill QEMU. Return: 0 or -1. */
int guest_monitor_run(struct guest_monitor *monitor, struct error *error);

/* Return the first console line that reports a panic or oops, or NULL. */
const char *console_panic(const char *console);

/*
 * Return the lines of a panic that tell its cause, each after a newline: the messages before it,
 * the first BUG line, the instruction, the call trace. The caller frees it.
 */
char *console_panic_report(const char *console);

#endif
