// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/check_trace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/array_size.h"
#include "runner/system.h"

#define TRACEFS		"/sys/kernel/tracing"
#define BUFFER_KIB	"8192"

/* Bits of an event's common_flags: in a hardware interrupt, in a softirq */
#define IN_INTERRUPT	"0x18"

/*
 * A probe reads at most 64 elements of an array, so there are several for each call. Together they
 * read a page of pointers, which is what kfree_rcu() collects if pages have 4 KiB.
 */
#define BULK_PART	64
#define BULK_MAX	(4096 / sizeof(void *))
#define BULK_NAME	"free_bulk_"

/* Registers of the arguments and of the return address at a function's entry */
#if defined(__x86_64__)
#define FREE_PAGES_ARGUMENTS	"page=%di order=%si caller=+0(%sp)"
#define FREE_BULK_ARGUMENTS	"count=%%si objects=+%zu(%%dx):x64[64]"
#elif defined(__aarch64__)
#define FREE_PAGES_ARGUMENTS	"page=%x0 order=%x1 caller=%x30"
#define FREE_BULK_ARGUMENTS	"count=%%x1 objects=+%zu(%%x2):x64[64]"
#else
#define FREE_PAGES_ARGUMENTS	"page=%r0 order=%r1 caller=%lr"
#define FREE_BULK_ARGUMENTS	"count=%%r1 objects=+%zu(%%r2):x32[64]"
#endif

/*
 * Addresses of objects begin here at the earliest, hashes anywhere below 2^32. No address: kmalloc(0)
 * returns 16.
 */
#define NO_OBJECT		16
#define OBJECTS_START		(sizeof(void *) == 8 ? UINT64_C(1) << 32 : UINT64_C(1) << 30)

static const struct {
	const char *name;
	enum trace_kind kind;
	bool required;		/* nothing can be paired without it; others are not in all kernels */
} kinds[] = {
	{ "mm_page_alloc", TRACE_PAGE_ALLOC, true },
	{ "mm_page_free", TRACE_PAGE_FREE, true },
	{ "mm_page_free_batched", TRACE_OTHER, false },
	{ "kmalloc", TRACE_OBJECT_ALLOC, true },
	{ "kmalloc_node", TRACE_OBJECT_ALLOC, false },
	{ "kmem_cache_alloc", TRACE_OBJECT_ALLOC, true },
	{ "kmem_cache_alloc_node", TRACE_OBJECT_ALLOC, false },
	{ "kfree", TRACE_OBJECT_FREE, true },
	{ "kmem_cache_free", TRACE_OBJECT_FREE, true },
	{ "percpu_alloc_percpu", TRACE_PERCPU_ALLOC, true },
	{ "percpu_free_percpu", TRACE_PERCPU_FREE, true },
	{ "module_load", TRACE_LOADED, true },
	{ "tracing_mark_write", TRACE_MARK, false },
	{ "free_pages", TRACE_FREE_CALL, false },
};

static int trace_write(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), TRACEFS "/%s", name);
	return system_write(path, text);
}

/* Enable an event where a condition, which begins with " && ", is true. */
static int enable_event(const char *group, const char *name, const char *condition)
{
	char path[96], filter[96];
	int err;

	/* Interrupts, which run timers and RCU callbacks, have the PID of the task below them. */
	snprintf(path, sizeof(path), "events/%s/%s/filter", group, name);
	snprintf(filter, sizeof(filter), "(common_pid != %d || common_flags & " IN_INTERRUPT ")%s",
		 getpid(), condition);
	err = trace_write(path, filter);
	if (err)
		return err;
	snprintf(path, sizeof(path), "events/%s/%s/enable", group, name);
	return trace_write(path, "1");
}

static const char *event_group(enum trace_kind kind)
{
	switch (kind) {
	case TRACE_LOADED:
		return "module";
	case TRACE_PERCPU_ALLOC:
	case TRACE_PERCPU_FREE:
		return "percpu";
	case TRACE_FREE_CALL:
		return "kmemlab";
	default:
		return "kmem";
	}
}

/* Probe kmem_cache_free_bulk(), which has no tracepoint, as often as its array has parts. */
static int probe_bulk(void)
{
	int err = 0;

	for (size_t first = 0; first < BULK_MAX && !err; first += BULK_PART) {
		char probe[128], name[32], condition[32];

		snprintf(name, sizeof(name), BULK_NAME "%zu", first);
		snprintf(condition, sizeof(condition), " && count > %zu", first);
		snprintf(probe, sizeof(probe), "p:kmemlab/%s kmem_cache_free_bulk "
			 FREE_BULK_ARGUMENTS "\n", name, first * sizeof(void *));
		err = trace_write("kprobe_events", probe) ?: enable_event("kmemlab", name, condition);
	}
	return err;
}

static void add_missing(struct trace_reader *reader, const char *name)
{
	if (reader->missing_count < ARRAY_SIZE(reader->missing))
		reader->missing[reader->missing_count++] = name;
}

int trace_start(struct trace_reader *reader)
{
	int err = 0;

	reader->fd = -1;
	if (mount("tracefs", TRACEFS, "tracefs", 0, NULL) && errno != EBUSY)
		return -errno;
	reader->fd = open(TRACEFS "/trace_pipe", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (reader->fd < 0)
		return -errno;
	trace_write("options/stacktrace", "1");
	trace_write("options/sym-addr", "1");
	trace_write("options/sym-offset", "1");
	trace_write("buffer_size_kb", BUFFER_KIB);
	/* The tracepoints do not tell of frees without effect, nor of kfree_rcu(), which frees in bulk. */
	trace_write("kprobe_events", "p:kmemlab/free_pages __free_pages " FREE_PAGES_ARGUMENTS "\n");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!enable_event(event_group(kinds[i].kind), kinds[i].name, ""))
			continue;
		if (kinds[i].required || kinds[i].kind == TRACE_FREE_CALL)
			add_missing(reader, kinds[i].name);
		err = kinds[i].required ? -ENOENT : err;
	}
	reader->no_bulk = probe_bulk();
	if (reader->no_bulk)
		add_missing(reader, "free_bulk");
	if (err) {
		trace_write("events/enable", "0");
		close(reader->fd);
		reader->fd = -1;
	}
	return err;
}

void trace_set_blocking(struct trace_reader *reader, bool blocking)
{
	fcntl(reader->fd, F_SETFL, blocking ? 0 : O_NONBLOCK);
}

bool trace_read(struct trace_reader *reader)
{
	char data[16384];
	ssize_t n = read(reader->fd, data, sizeof(data));

	if (n > 0)
		trace_parse(reader, data, n);
	return n > 0;
}

void trace_mark(const char *text)
{
	trace_write("trace_marker", text);
}

/* Return the number after a name ("pfn="), or 0. */
static uint64_t number_after(const char *line, const char *name, int base)
{
	const char *found = strstr(line, name);

	return found ? strtoull(found + strlen(name), NULL, base) : 0;
}

/*
 * Parse " => name+0x1a/0x40 [module] <ffffffffc0203012>". Without a known symbol, the name is
 * the address.
 */
static void parse_frame(struct kernel_event *event, const char *line)
{
	const char *address = strrchr(line, '<');
	struct trace_frame *frame = &event->frames[event->frame_count];
	size_t length = strcspn(line, "+ <");

	if (!address || event->frame_count == TRACE_FRAMES_MAX)
		return;
	*frame = (struct trace_frame) { .address = strtoull(address + 1, NULL, 16),
					.in_module = strchr(line, '[') };
	if (strncmp(line, "0x", 2))
		snprintf(frame->name, sizeof(frame->name), "%.*s", (int)length, line);
	/* The handler of the event is a part of tracing, and so is the iterator on arm64. */
	if (!strncmp(frame->name, "trace_event_raw_event_", 22) ||
	    !strncmp(frame->name, "__traceiter_", 12))
		return;
	event->frame_count++;
}

static void parse_values(struct trace_reader *reader, const char *values)
{
	struct kernel_event *event = &reader->event;
	const char *objects, *pointer = strstr(values, " ptr="), *site = strstr(values, "call_site=");

	switch (event->kind) {
	case TRACE_PAGE_ALLOC:
	case TRACE_PAGE_FREE:
		event->address = number_after(values, " pfn=", 0);
		event->size = number_after(values, " order=", 10);
		break;
	case TRACE_OBJECT_ALLOC:
	case TRACE_OBJECT_FREE:
	case TRACE_PERCPU_ALLOC:
	case TRACE_PERCPU_FREE:
		if (site && pointer > site)
			snprintf(event->caller, sizeof(event->caller), "%.*s",
				 (int)(pointer - site - 10), site + 10);
		event->address = pointer ? strtoull(pointer + 5, NULL, 16) : 0;
		/* The kernel hides all addresses until it has a key to hash them. */
		if (pointer && !strncmp(pointer + 5, "(__", 3))
			event->kind = TRACE_OBJECTS_LOST;
		reader->hashed |= event->kind == TRACE_OBJECT_ALLOC && event->address > NO_OBJECT &&
				  event->address < OBJECTS_START;
		event->size = number_after(values, event->kind == TRACE_PERCPU_ALLOC ? " size=" :
					   " bytes_req=", 10);
		break;
	case TRACE_BULK_FREE:
		event->size = number_after(values, " count=", 16);
		objects = strchr(values, '{');
		snprintf(event->objects, sizeof(event->objects), "%s", objects ? objects + 1 : "");
		break;
	case TRACE_FREE_CALL:
		event->address = number_after(values, " page=", 16);
		event->size = number_after(values, " order=", 16);
		/* The stack of a probe may lack the caller, which the registers name. */
		event->frames[0].address = number_after(values, " caller=", 16);
		event->frame_count = 1;
		break;
	default:
		break;
	}
	event->may_sleep = strstr(values, "GFP_KERNEL") || strstr(values, "GFP_USER") ||
			   strstr(values, "__GFP_DIRECT_RECLAIM") || strstr(values, "__GFP_RECLAIM") ||
			   strstr(values, "GFP_NOFS") || strstr(values, "GFP_NOIO");
}

/*
 * Handle each object of "count=0x2 objects={0xffff888006e32240,0xffff888006e32280,...}", which is the
 * part of an array from event->first on.
 */
static void handle_bulk(struct trace_reader *reader)
{
	struct kernel_event *event = &reader->event;
	uint64_t left = event->size > event->first ? event->size - event->first : 0;
	uint64_t count = left < BULK_PART ? left : BULK_PART, i;
	char *next = event->objects;

	event->kind = TRACE_OBJECT_FREE;
	for (i = 0; i < count && !strncmp(next, "0x", 2) && !reader->hashed; i++) {
		event->address = strtoull(next, &next, 16);
		reader->handle(reader->context, event);
		next += *next == ',';
	}
	/* The addresses are not known, or no other probe reads the rest. */
	if (i < count || (left > BULK_PART && event->first + BULK_PART >= BULK_MAX)) {
		event->kind = TRACE_OBJECTS_LOST;
		reader->handle(reader->context, event);
	}
}

/* Return the address of a module's symbol, or 0. */
static uint64_t symbol_address(struct trace_reader *reader, const char *name)
{
	char line[512], symbol[256], module[80];
	uint64_t address;
	FILE *symbols;

	if (!strcmp(reader->symbol, name))
		return reader->symbol_address;
	symbols = fopen("/proc/kallsyms", "re");
	if (!symbols)
		return 0;
	snprintf(reader->symbol, sizeof(reader->symbol), "%s", name);
	reader->symbol_address = 0;
	while (fgets(line, sizeof(line), symbols))
		if (sscanf(line, "%" SCNx64 " %*c %255s %79s", &address, symbol, module) == 3 &&
		    !strcmp(symbol, name))
			reader->symbol_address = address;
	fclose(symbols);
	return reader->symbol_address;
}

/*
 * Add the caller to the stack if the stack lacks it: on ARM, the kernel leaves out the innermost
 * functions, as many as it has on other architectures for the trace itself.
 */
static void add_caller(struct trace_reader *reader)
{
	struct kernel_event *event = &reader->event;
	const char *plus = strchr(event->caller, '+');
	struct trace_frame caller = { .in_module = strchr(event->caller, '[') };

	if (plus)
		snprintf(caller.name, sizeof(caller.name), "%.*s", (int)(plus - event->caller),
			 event->caller);
	else
		caller.address = strtoull(event->caller, NULL, 16);
	for (unsigned int i = 0; i < event->frame_count; i++)
		if (plus ? !strcmp(event->frames[i].name, caller.name) :
			   event->frames[i].address == caller.address)
			return;
	if ((!plus && !caller.address) || event->frame_count == TRACE_FRAMES_MAX)
		return;
	if (caller.in_module && symbol_address(reader, caller.name))
		caller.address = reader->symbol_address + strtoull(plus, NULL, 16);
	memmove(event->frames + 1, event->frames, event->frame_count * sizeof(*event->frames));
	event->frames[0] = caller;
	event->frame_count++;
}

void trace_flush(struct trace_reader *reader)
{
	if (reader->has_event)
		add_caller(reader);
	if (reader->has_event && reader->event.kind == TRACE_BULK_FREE)
		handle_bulk(reader);
	else if (reader->has_event)
		reader->handle(reader->context, &reader->event);
	reader->has_event = false;
}

/*
 * Parse "insmod-80 [000] d..1.  2.362643: kmalloc: ptr=...". A mark has the address of a function
 * behind its name. The flags are: interrupts disabled,
 * the CPU is needed, in an interrupt, depth of disabled preemption, and of disabled migration.
 */
static void parse_event(struct trace_reader *reader, const char *line)
{
	struct kernel_event *event = &reader->event;
	const char *cpu = strstr(line, " ["), *pid = cpu, *flags, *name, *values;

	flags = cpu ? strstr(cpu, "] ") : NULL;
	name = flags ? strstr(flags, ": ") : NULL;
	values = name ? strstr(name + 2, ": ") : NULL;
	if (!values)
		return;
	trace_flush(reader);
	while (pid > line && isspace((unsigned char)*pid))
		pid--;
	while (pid > line && pid[-1] != '-')
		pid--;
	flags += 2;
	*event = (struct kernel_event) { .kind = TRACE_OTHER,
					 .pid = flags[2] == '.' ? atoi(pid) : TRACE_INTERRUPT };
	event->atomic = flags[0] == 'd' || flags[0] == 'D' || flags[2] != '.' || flags[3] != '.';
	name += 2;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcspn(name, ":+") == strlen(kinds[i].name) &&
		    !strncmp(name, kinds[i].name, strlen(kinds[i].name)))
			event->kind = kinds[i].kind;
	if (!strncmp(name, BULK_NAME, strlen(BULK_NAME))) {
		event->kind = TRACE_BULK_FREE;
		event->first = strtoull(name + strlen(BULK_NAME), NULL, 10);
	}
	snprintf(event->mark, sizeof(event->mark), "%s", values + 2);
	parse_values(reader, values + 1);
	reader->has_event = true;
	if (event->kind == TRACE_LOADED)
		*reader->symbol = '\0';
	/* These have no use for the stack, and the next event may be late. */
	if (event->kind == TRACE_LOADED || event->kind == TRACE_MARK)
		trace_flush(reader);
}

static void parse_line(struct trace_reader *reader, const char *line)
{
	if (!strncmp(line, " => ", 4)) {
		parse_frame(&reader->event, line + 4);
	} else if (!strncmp(line, "CPU:", 4) && strstr(line, " [LOST ")) {
		trace_flush(reader);
		reader->event = (struct kernel_event) { .kind = TRACE_LOST };
		reader->has_event = true;
	} else {
		parse_event(reader, line);
	}
}

void trace_parse(struct trace_reader *reader, const char *text, size_t size)
{
	char *start = reader->text, *newline;
	size_t space = sizeof(reader->text) - 1 - reader->length;

	while (size) {
		size_t bytes = size < space ? size : space;

		memcpy(reader->text + reader->length, text, bytes);
		reader->length += bytes;
		reader->text[reader->length] = '\0';
		text += bytes;
		size -= bytes;
		start = reader->text;
		while ((newline = strchr(start, '\n'))) {
			*newline = '\0';
			parse_line(reader, start);
			start = newline + 1;
		}
		reader->length -= start - reader->text;
		/* No line is that long. */
		if (start == reader->text && reader->length == sizeof(reader->text) - 1)
			reader->length = 0;
		memmove(reader->text, start, reader->length);
		space = sizeof(reader->text) - 1 - reader->length;
	}
}
