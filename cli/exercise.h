/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guided exercise: a table of steps whose answers are measured in a virtual machine. */
#ifndef KMEMLAB_CLI_EXERCISE_H
#define KMEMLAB_CLI_EXERCISE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"

#define EXERCISE_STEPS		8
#define EXERCISE_QUESTIONS_MAX	6
#define EXERCISE_HINTS_MAX	3

/* A step that a student works on */
struct exercise_job {
	unsigned int number;	/* of the step, from 1 */
	const char *folder;
	uint64_t seed;		/* of the folder: each has other numbers */
	json_t *state;		/* of the step: kernel, arch, hints, done, what --start measured */
	json_t *texts;		/* numbers of the task by their name in braces */
	json_t *right;		/* answers by name: integers, of 64 bits without a sign, or words */
	json_t *mistakes;	/* [name, wrong answer, explanation] */
};

struct exercise_question {
	const char *name;	/* before '=' in the file of answers */
	const char *text;
	const char *advice;	/* for a wrong answer without an explanation of its own */
	unsigned int tolerance;	/* of a figure that the table rounds */
};

struct exercise_step {
	const char *title;
	const char *task;
	const char *hints[EXERCISE_HINTS_MAX];
	struct exercise_question questions[EXERCISE_QUESTIONS_MAX];
	/* Set the numbers of the task from the seed. NULL: none */
	void (*prepare)(struct exercise_job *job);
	/* Measure the numbers of the task, once. NULL: none */
	enum exit_code (*begin)(struct exercise_job *job);
	/* Measure the right answers, or check what was written. */
	enum exit_code (*measure)(struct exercise_job *job);
};

extern const struct exercise_step exercise_steps[EXERCISE_STEPS];

/* Measurements of the steps; their questions are in exercise_table.c. */
void exercise_prepare_structs(struct exercise_job *job);
void exercise_prepare_waste(struct exercise_job *job);
void exercise_prepare_change(struct exercise_job *job);
void exercise_prepare_map(struct exercise_job *job);
void exercise_prepare_cost(struct exercise_job *job);
enum exit_code exercise_begin_chain(struct exercise_job *job);
enum exit_code exercise_begin_studio(struct exercise_job *job);
enum exit_code exercise_measure_structs(struct exercise_job *job);
enum exit_code exercise_measure_chain(struct exercise_job *job);
enum exit_code exercise_measure_studio(struct exercise_job *job);
enum exit_code exercise_measure_waste(struct exercise_job *job);
enum exit_code exercise_measure_change(struct exercise_job *job);
enum exit_code exercise_measure_map(struct exercise_job *job);
enum exit_code exercise_measure_cost(struct exercise_job *job);

/* Write a file. Return EXIT_OK, or EXIT_HOST_ERROR after reporting the error. */
enum exit_code exercise_write(const char *path, const char *text);

/*
 * Run this program with the words, the last of which is NULL, on the kernel of the step. Return
 * its exit status; *output is its standard output, which the caller frees.
 */
enum exit_code exercise_run(const struct exercise_job *job, char **output, ...);

enum exercise_answer_kind { ANSWER_MISSING, ANSWER_INVALID, ANSWER_NUMBER, ANSWER_WORD };

/* An answer of the student */
struct exercise_answer {
	enum exercise_answer_kind kind;
	char text[64];		/* as written, cut */
	uint64_t number;
};

/*
 * Find "NAME = VALUE" in the text of a file. A value is a word, or a number: decimal, where commas
 * may separate thousands, or 0x and hexadecimal. '?' or nothing is a missing answer.
 */
struct exercise_answer exercise_answer_find(const char *text, const char *name);

/* Return true if the answer is the right one, an integer or a word. */
bool exercise_answer_is(const struct exercise_answer *answer, const json_t *right,
			unsigned int tolerance);

#endif
