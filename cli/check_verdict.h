/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts on a module from what the guest reports. */
#ifndef KMEMLAB_CLI_CHECK_VERDICT_H
#define KMEMLAB_CLI_CHECK_VERDICT_H

#include <jansson.h>
#include <regex.h>
#include <stdbool.h>

/* Loads that must leave memory of a function of the kernel, which may otherwise be a cache */
#define CHECK_LOADS_MIN	3

struct check_verdict {
	/* in */
	const char *name;		/* of the module in the kernel */
	bool studio;			/* the exercise is checked */
	bool may_refuse_any;		/* a parameter's value may be refused */
	bool takes_spinlocks;		/* the module does */
	const char *refused;		/* values that need too much memory, or NULL */
	const regex_t *log;		/* must match a message of each load, or NULL */
	/* Return "file.c:94" for a place in the module, which the caller frees, or NULL. */
	char *(*line)(void *context, const char *place, bool is_return);
	void *context;

	/* out: objects with "title", "text", "line" (or null) and "values", in order of discovery */
	json_t *findings;
	json_t *notes;			/* strings: facts other than failures */
	char *unchecked;		/* what could not be checked and why, or NULL: all was */
	/* private: the load that is read */
	const json_t *records;		/* of the boot */
	const char *values;
	const json_t *module;		/* where it lies, or NULL */
	bool loaded, unloaded, failed_load;
	bool seen_studio, has_studio;	/* its record was read, and has values */
	bool busy;			/* a thread uses the CPU while it has nothing to do */
	bool logged_at_unload, log_matched;
	bool truncated, truncated_at_unload;	/* messages are missing */
};

void check_verdict_init(struct check_verdict *verdict);
void check_verdict_release(struct check_verdict *verdict);

/*
 * Add the findings of one boot: its records, and the message if it ended early, or NULL. Return:
 * false if not everything was checked, and the module is not the cause.
 */
bool check_verdict_add(struct check_verdict *verdict, const json_t *records, const char *crash);

/* Leave out failures that others explain. */
void check_verdict_finish(struct check_verdict *verdict);

/* Add a finding; the text is a format. place is a place in the module, or NULL. */
void check_finding(struct check_verdict *verdict, const char *title, const char *place,
		   bool is_return, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Add a fact other than a failure, once. */
void check_note(struct check_verdict *verdict, const char *text);

/* State what could not be checked; the first statement is kept. The text is a format. */
void check_unchecked(struct check_verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Return whether the current parameters need more memory than there is. */
bool check_must_refuse(const struct check_verdict *verdict);

/*
 * Add the findings of the exercise in one load: the pages as soon as it is loaded, then all. _seen
 * returns whether a load with these values, or with any if NULL, has shown the module's pages.
 */
void check_studio_pages(struct check_verdict *verdict, const json_t *record);
void check_studio(struct check_verdict *verdict, const json_t *record);
bool check_studio_seen(const struct check_verdict *verdict, const char *values);
void check_studio_log(struct check_verdict *verdict, const json_t *record,
		      const json_t *records, size_t index);

/* Add the finding of a block of memory; records are those of the boot. */
void check_memory(struct check_verdict *verdict, const json_t *record, const json_t *records);

/* Add the finding of a message of the kernel, which is records[index]. */
void check_log(struct check_verdict *verdict, const json_t *record, const json_t *records,
	       size_t index);

/*
 * Add the finding of a message that reports a panic or a silent guest. Return: false if it is a
 * timeout whose cause is unknown.
 */
bool check_crash(struct check_verdict *verdict, const char *phase, const char *text);

/* Return the line of a text that contains a word, which the caller frees, or NULL. */
char *check_line_with(const char *text, const char *word);

#endif
