// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the kernel that report an error of the module. */
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "cli/check_verdict.h"
#include "lib/array_size.h"
#include "vm/module_lines.h"

#define TRACE_LINES	60	/* of one warning in the kernel's log */

/*
 * A rule for messages of the kernel. A module may print such words, too: a rule matches the start of
 * a line as the kernel writes it, and one that is less exact requires a call trace.
 */
static const struct {
	const char *start;	/* of a line */
	const char *text;	/* that the rest contains */
	bool has_trace;		/* a call trace follows */
	const char *title;
	const char *why;
} log_rules[] = {
	{ "BUG: scheduling while atomic: ", "/0x", false, "sleeps in atomic context",
	  "The module sleeps while it holds a spinlock, or preemption or interrupts are disabled. "
	  "Unlock first, or use a mutex." },
	{ "BUG: sleeping function called from invalid context at ", "", false,
	  "sleeps in atomic context",
	  "The module calls a function that may sleep while it holds a spinlock, or preemption or "
	  "interrupts are disabled. Unlock first, or use a mutex." },
	{ "BUG ", "Redzone overwritten", false, "writes beyond an object",
	  "Bytes next to an object were overwritten: an index or a size is too large." },
	{ "BUG ", "Object already free", false, "freed twice",
	  "An object that is free already is freed again." },
	{ "BUG ", "Poison overwritten", false, "writes to freed memory",
	  "Memory was changed after it had been freed." },
	{ "BUG: Bad page state in process ", "pfn:", false, "corrupts pages",
	  "The kernel found a page in a wrong state: pages are freed twice, used after the free, or "
	  "freed while others use them." },
	{ "pagealloc: memory corruption", "", false, "writes beyond its pages",
	  "A page that the module does not own was changed." },
	{ "refcount_t: addition on 0", "", true, "uses something that is gone",
	  "An object was used after its last reference had been dropped. kthread_stop() may only be "
	  "called for a thread whose function has not returned." },
	{ "refcount_t: underflow", "", true, "uses something that is gone",
	  "A reference was dropped once too often." },
	{ "INFO: task ", " blocked for more than ", false, "waits forever",
	  "A task waits for something that never happens." },
	{ "WARNING: CPU: ", " at ", false, "kernel warning",
	  "The kernel has found a misuse of one of its functions." },
	{ "WARNING: ", "", true, "kernel warning",
	  "The kernel has found a misuse of one of its functions." },
	{ "BUG: ", "", true, "kernel bug", "The kernel has found an error that the module causes." },
	{ "BUG ", "", false, "kernel bug", "The kernel has found an error that the module causes." },
};

static const char *log_text(const json_t *records, size_t i)
{
	const json_t *record = json_array_get(records, i);

	return record && json_is(record, "record", "log") ?
	       json_str(record, "text", "") : NULL;
}

static bool begins_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* Return whether a message is followed by a call trace, before another one that may have its own. */
static bool has_trace(const json_t *records, size_t i)
{
	const char *text;

	for (size_t line = i + 1; line < i + TRACE_LINES && (text = log_text(records, line)); line++) {
		if (strstr(text, "Call Trace:") || strstr(text, "Call trace:") ||
		    begins_with(text, "Backtrace:") || strstr(text, "unwind_backtrace") ||
		    begins_with(text, "---[ end trace"))
			return true;
		if (begins_with(text, "BUG") || (begins_with(text, "WARNING: ") &&
						 !strstr(text, " at ")))
			return false;
	}
	return false;
}

/* Return whether rule number @rule matches message number @i. */
static bool rule_matches(size_t rule, const json_t *records, size_t i)
{
	const char *text = log_text(records, i), *start = log_rules[rule].start;

	if (!begins_with(text, start) || !strstr(text + strlen(start), log_rules[rule].text))
		return false;
	/* The slab allocator names its cache: "BUG kmalloc-64 (Not tainted): ...". */
	if (!strcmp(start, "BUG "))
		return strstr(text, " (Not tainted): ") || strstr(text, " (Tainted: ");
	return !log_rules[rule].has_trace || has_trace(records, i);
}

/* Return the module's place in the call trace after a message, or NULL. */
static char *log_place(const struct check_verdict *verdict, const json_t *records, size_t i)
{
	const char *text;

	for (size_t line = i; line < i + TRACE_LINES && (text = log_text(records, line)); line++) {
		char *place = *text == ' ' || !strncmp(text, "RIP: ", 5) || line == i ||
			      strstr(text, " from ") ? module_place(verdict->name, text) : NULL;

		if (place || strstr(text, "---[ end"))
			return place;
	}
	return NULL;
}

/*
 * The page allocator warns of an order that is too large and returns NULL, as documented. A task whose
 * counter of disabled preemption is 0 has slept with a spinlock before, which was reported.
 */
static bool is_harmless(const char *text)
{
	return (strstr(text, "scheduling while atomic") && strstr(text, "/0x00000000")) ||
	       strstr(text, "mm/page_alloc.c:") || strstr(text, "page allocation failure");
}

void check_log(struct check_verdict *verdict, const json_t *record, const json_t *records,
	       size_t index)
{
	const char *text = json_str(record, "text", "");
	cleanup_free char *place = NULL;

	if (verdict->log && !regexec(verdict->log, text, 0, NULL, 0))
		verdict->log_matched = true;
	if (!json_flag(record, "warning") || is_harmless(text))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(log_rules); i++) {
		if (!rule_matches(i, records, index))
			continue;
		place = log_place(verdict, records, index);
		check_finding(verdict, log_rules[i].title, place, true, "%s The kernel says: %s",
			      log_rules[i].why, text);
		return;
	}
}
