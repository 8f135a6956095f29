// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/check_verdict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "lib/array_size.h"
#include "vm/module_lines.h"

#define BUSY_PERCENT	20

void check_verdict_init(struct check_verdict *verdict)
{
	verdict->findings = json_array();
	verdict->notes = json_array();
}

void check_verdict_release(struct check_verdict *verdict)
{
	json_decref(verdict->findings);
	json_decref(verdict->notes);
	free(verdict->unchecked);
}

void check_note(struct check_verdict *verdict, const char *text)
{
	if (!json_has_text(verdict->notes, text))
		json_array_append_new(verdict->notes, json_text(text));
}

/* Return the parameters of the current load as printed. */
static const char *values_text(const struct check_verdict *verdict)
{
	return verdict->values && *verdict->values ? verdict->values : "default parameters";
}

/* Note the current parameters in a finding. */
static void add_values(const struct check_verdict *verdict, json_t *finding)
{
	json_t *values = json_object_get(finding, "values");

	if (!json_has_text(values, values_text(verdict)))
		json_array_append_new(values, json_text(values_text(verdict)));
}

void check_finding(struct check_verdict *verdict, const char *title, const char *place,
		   bool is_return, const char *format, ...)
{
	cleanup_free char *line = place ? verdict->line(verdict->context, place, is_return) : NULL;
	cleanup_strbuf struct strbuf text = STRBUF_INIT;
	json_t *finding;
	va_list args;
	size_t i;

	json_array_foreach(verdict->findings, i, finding) {
		const char *known = json_str(finding, "line", NULL);

		/* Without a line, it is the same failure as one with a line. */
		if (!json_is(finding, "title", title) ||
		    (known && line && strcmp(known, line)))
			continue;
		if (line && !known)
			json_object_set_new(finding, "line", json_text(line));
		add_values(verdict, finding);
		return;
	}
	va_start(args, format);
	strbuf_vaddf(&text, format, args);
	va_end(args);
	finding = json_pack("{s:s, s:o, s:o, s:[]}", "title", title, "text", json_text(text.text),
			    "line", json_text(line), "values");
	add_values(verdict, finding);
	json_array_append_new(verdict->findings, finding);
}

void check_unchecked(struct check_verdict *verdict, const char *format, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list args;

	if (verdict->unchecked)
		return;
	va_start(args, format);
	strbuf_vaddf(&text, format, args);
	va_end(args);
	verdict->unchecked = strbuf_detach(&text);
}

/* Return the innermost place of the module in a stack, or NULL. */
static char *stack_place(const struct check_verdict *verdict, const json_t *record)
{
	json_t *frame;
	size_t i;

	json_array_foreach(json_object_get(record, "stack"), i, frame) {
		char *place = module_place(verdict->name, json_string_value(frame));

		if (place)
			return place;
	}
	return NULL;
}

static void check_thread(struct check_verdict *verdict, const json_t *record)
{
	long long percent = json_int(record, "cpu_ns", 0) * 100 /
			    json_int(record, "window_ns", 1);
	cleanup_free char *place = stack_place(verdict, record);

	if (percent < BUSY_PERCENT)
		return;
	/* The window is what was requested, and the guest may have slept longer. */
	percent = percent > 100 ? 100 : percent;
	verdict->busy = true;
	check_finding(verdict, "busy while idle", place, true,
		      "Thread %s uses %lld %% of a CPU while it has nothing to do. schedule() alone "
		      "does not sleep: call set_current_state(TASK_INTERRUPTIBLE) before it, and "
		      "test kthread_should_stop() in between.", json_str(record, "name", "?"), percent);
}

static void check_left(struct check_verdict *verdict, const json_t *record)
{
	const char *kind = json_str(record, "kind", ""), *name = json_str(record, "name", "");

	if (!strcmp(kind, "thread"))
		check_finding(verdict, "thread never stopped", NULL, false,
			      "Thread %s still exists after the module was unloaded: it will execute "
			      "code that is gone. Call kthread_stop() in the exit function.", name);
	else
		check_finding(verdict, "something left behind", NULL, false,
			      "The %s '%s' still exists after the module was unloaded. Remove it in "
			      "the exit function.", kind, name);
}

static void check_hang(struct check_verdict *verdict, const json_t *record)
{
	const char *phase = json_str(record, "phase", "");
	cleanup_free char *place = stack_place(verdict, record);
	double cpu_s = json_int(record, "cpu_ns", 0) / 1e9;

	check_finding(verdict, !strcmp(phase, "load") ? "loading never ends" : "unloading never ends",
		      place, true, "The %s function has not returned after %s. %s",
		      !strcmp(phase, "load") ? "init" : "exit",
		      cpu_s > 1 ? "seconds of computing" : "30 seconds of waiting",
		      cpu_s > 1 ? "It is in a loop that does not end." :
		      "It waits for something that does not happen: kthread_stop(), for example, "
		      "waits until the thread's function returns.");
}

bool check_must_refuse(const struct check_verdict *verdict)
{
	return verdict->refused && verdict->values && !strcmp(verdict->values, verdict->refused);
}

/* Return the kernel's message of a symbol that the load before record number @i needs, or NULL. */
static const char *missing_symbol(const json_t *records, size_t i)
{
	const json_t *record;

	for (; (record = json_array_get(records, i)); i++) {
		const char *text = json_str(record, "text", "");

		if (json_is(record, "record", "cycle"))
			return NULL;
		if (strstr(text, ": Unknown symbol ") && strstr(text, " (err "))
			return text;
	}
	return NULL;
}

static void note_refused(struct check_verdict *verdict, const char *error)
{
	cleanup_free char *note = xasprintf("does not load with %s: %s", verdict->values, error);

	check_note(verdict, note);
}

static void check_end(struct check_verdict *verdict, const json_t *records, size_t i)
{
	const json_t *record = json_array_get(records, i);
	const char *symbol = json_int(record, "status", 0) == -ENOENT ? missing_symbol(records, i) : NULL;
	const char *phase = json_str(record, "phase", ""), *error = json_str(record, "error", NULL);
	bool load = !strcmp(phase, "load");

	verdict->loaded |= load && !error;
	verdict->failed_load |= load && error && !symbol;
	verdict->unloaded |= !load && !error;
	if (!error)
		return;
	if (symbol)
		check_unchecked(verdict, "it needs another module, which is not loaded: %s", symbol);
	else if (!load)
		check_finding(verdict, "cannot be unloaded", NULL, false,
			      "Unloading fails: %s. A module needs an exit function, and nothing may "
			      "use it any more.", error);
	else if (*verdict->values && verdict->may_refuse_any)
		note_refused(verdict, error);
	else if (!check_must_refuse(verdict) && strcmp(verdict->values, "nr_structs=0"))
		check_finding(verdict, "does not load", NULL, false,
			      "Loading fails with %s: %s.", values_text(verdict), error);
}

/* Judge messages that must exist. If some are missing, it is not known. */
static void check_messages(struct check_verdict *verdict)
{
	bool missing = verdict->log && !verdict->log_matched &&
		       (verdict->loaded || verdict->failed_load);
	bool unchecked = verdict->has_studio && verdict->unloaded && !verdict->logged_at_unload;

	if ((missing && verdict->truncated) || (unchecked && verdict->truncated_at_unload))
		check_unchecked(verdict, "the module's messages were not checked with %s: it prints too "
				"many to read all", values_text(verdict));
	if (missing && !verdict->truncated)
		check_finding(verdict, "message missing", NULL, false,
			      "No message of the kernel's log matches --log.");
	if (unchecked && !verdict->truncated_at_unload)
		check_finding(verdict, "no check at unload", NULL, false,
			      "The module prints nothing while it is unloaded. The exercise wants the "
			      "values verified then, and the result logged.");
}

static void end_load(struct check_verdict *verdict)
{
	if (!verdict->values)
		return;
	check_messages(verdict);
	if (verdict->studio && verdict->unloaded && !verdict->seen_studio &&
	    !check_studio_seen(verdict, verdict->values))
		check_unchecked(verdict, "the values were not checked with %s: the module's allocations "
				"could not be followed", values_text(verdict));
}

/* Messages were dropped, because they are too many. */
static void check_truncated(struct check_verdict *verdict, const json_t *record)
{
	verdict->truncated = true;
	verdict->truncated_at_unload |= json_is(record, "phase", "unload");
	check_note(verdict, "the module prints more than can be read: not all of its messages were checked");
}

static void begin_load(struct check_verdict *verdict, const json_t *record)
{
	end_load(verdict);
	verdict->values = json_str(record, "values", "");
	verdict->loaded = false;
	verdict->unloaded = false;
	verdict->failed_load = false;
	verdict->logged_at_unload = false;
	verdict->seen_studio = false;
	verdict->has_studio = verdict->busy = false;
	verdict->log_matched = false;
	verdict->truncated = false;
	verdict->truncated_at_unload = false;
}

static void check_live(struct check_verdict *verdict, const json_t *record)
{
	const char *value = json_str(record, "value", "");
	long long status = json_int(record, "status", 0);
	cleanup_free char *note = NULL;

	if (!json_flag(record, "writable"))
		note = xasprintf("parameter %.*s is read-only: its values were not written to the "
				 "loaded module", (int)strcspn(value, "="), value);
	else if (status)
		note = xasprintf("%s cannot be written to the loaded module: %s", value,
				 strerror(-status));
	if (note)
		check_note(verdict, note);
}

/* Note what cannot be seen on this kernel. */
static void check_kernel(struct check_verdict *verdict, const json_t *record)
{
	if (json_int(record, "status", 0))
		check_note(verdict, "this kernel has no tracepoints: leaks were not looked for");
	if (!json_flag(record, "preempt_count") && verdict->takes_spinlocks)
		check_unchecked(verdict, "the module takes spinlocks, and this kernel does not count them: "
				"sleeping with one held is not seen (a kernel with PREEMPT in 'uname -v' "
				"sees it, as that of amd64)");
}

static void check_record(struct check_verdict *verdict, const json_t *records, size_t i,
			 const char **phase)
{
	const json_t *record = json_array_get(records, i);
	const char *kind = json_str(record, "record", "");

	if (!strcmp(kind, "cycle"))
		begin_load(verdict, record);
	else if (!strcmp(kind, "begin"))
		*phase = json_str(record, "phase", "");
	else if (!strcmp(kind, "end"))
		check_end(verdict, records, i);
	else if (!strcmp(kind, "memory"))
		check_memory(verdict, record, records);
	else if (!strcmp(kind, "thread"))
		check_thread(verdict, record);
	else if (!strcmp(kind, "left"))
		check_left(verdict, record);
	else if (!strcmp(kind, "module"))
		verdict->module = record;
	else if (!strcmp(kind, "hang"))
		check_hang(verdict, record);
	else if (!strcmp(kind, "live"))
		check_live(verdict, record);
	else if (!strcmp(kind, "truncated"))
		check_truncated(verdict, record);
	else if (!strcmp(kind, "lost"))
		check_note(verdict, "not all allocations of one load could be followed");
	else if (!strcmp(kind, "trace"))
		check_kernel(verdict, record);
	else if (!strcmp(kind, "pages") && verdict->studio)
		check_studio_pages(verdict, record);
	else if (!strcmp(kind, "studio") && verdict->studio)
		check_studio(verdict, record);
	else if (!strcmp(kind, "log")) {
		check_log(verdict, record, records, i);
		if (verdict->studio)
			check_studio_log(verdict, record, records, i);
	}
}

/* Failures that damaged memory causes, in any part of the kernel */
static bool is_consequence(const char *title)
{
	static const char *const titles[] = {
		"corrupts pages", "kernel crash", "writes beyond its pages", "kernel bug",
		"kernel warning", "invalid address", "wrong values",
	};

	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		if (!strcmp(title, titles[i]))
			return true;
	return false;
}

/* Return whether a failure damages memory that the module does not own. */
static bool is_damage(const char *title)
{
	static const char *const titles[] = {
		"freed twice", "writes beyond the last struct", "frame number as address",
		"too few pages", "writes beyond an object", "writes to freed memory",
		"uses something that is gone",
	};

	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		if (!strcmp(title, titles[i]))
			return true;
	return false;
}

void check_verdict_finish(struct check_verdict *verdict)
{
	cleanup_strbuf struct strbuf left_out = STRBUF_INIT;
	bool damaged = false;
	json_t *finding;
	size_t i;

	json_array_foreach(verdict->findings, i, finding)
		damaged |= is_damage(json_str(finding, "title", ""));
	for (i = json_array_size(verdict->findings); damaged && i-- > 0; ) {
		const char *title = json_str(json_array_get(verdict->findings, i), "title", "");

		if (!is_consequence(title))
			continue;
		if (!strstr(left_out.text, title)) {
			strbuf_separate(&left_out, ", ");
			strbuf_addstr(&left_out, title);
		}
		json_array_remove(verdict->findings, i);
	}
	if (verdict->unchecked && json_array_size(verdict->findings))
		check_note(verdict, verdict->unchecked);
	if (left_out.length)
		json_array_append_new(verdict->notes, json_sprintf(
			"what damaged memory can cause is not listed: %s", left_out.text));
}

/* Return whether the guest came to its end, or stopped because the module cannot be unloaded. */
static bool is_complete(const json_t *records)
{
	const json_t *last = json_array_get(records, json_array_size(records) - 1), *record;
	size_t i;

	if (json_is(last, "record", "done"))
		return true;
	json_array_foreach(records, i, record) {
		const char *kind = json_str(record, "record", "");

		if (!strcmp(kind, "hang") || (!strcmp(kind, "end") && json_str(record, "error", NULL) &&
					      json_is(record, "phase", "unload")))
			return true;
	}
	return false;
}

bool check_verdict_add(struct check_verdict *verdict, const json_t *records, const char *crash)
{
	const char *phase = "load";
	size_t count = json_array_size(records);

	verdict->records = records;
	verdict->values = NULL;
	verdict->module = NULL;
	for (size_t i = 0; i < count; i++)
		check_record(verdict, records, i, &phase);
	if (!verdict->values)
		return false;
	if (crash)
		return check_crash(verdict, phase, crash);
	if (!is_complete(records))
		return false;
	end_load(verdict);
	return true;
}
