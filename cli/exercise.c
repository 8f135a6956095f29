// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab exercise: a guided exercise, whose answers are compared with a booted kernel. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/strbuf.h"
#include "cli/exercise.h"
#include "cli/options.h"
#include "lib/parse_number.h"

#define DEFAULT_FOLDER	"kmemlab-exercise"
#define STATE		".state"

/* The folder of a student */
struct folder {
	const struct options *options;
	const char *path;
	json_t *state;		/* {"seed": "1", "steps": {"1": {...}}} */
};

static char *state_path(const struct folder *folder)
{
	return xasprintf("%s/" STATE, folder->path);
}

static char *task_path(const struct folder *folder, unsigned int number)
{
	return xasprintf("%s/%u.txt", folder->path, number);
}

/* Return "kmemlab exercise 2 --check", as the user calls it, which the caller frees. */
static char *command_text(const struct folder *folder, unsigned int number, const char *option)
{
	cleanup_free char *text = xasprintf("'kmemlab exercise %u %s%s%s'", number, option,
					    option_given(folder->options, "folder") ? " --folder " : "",
					    option_given(folder->options, "folder") ? folder->path : "");

	return program_text(text);
}

/* Read the state, or make a new one with a random seed. Return: EXIT_OK or EXIT_USAGE. */
static enum exit_code folder_open(struct folder *folder)
{
	cleanup_free char *path = state_path(folder);
	uint64_t seed;

	folder->state = json_load_file(path, 0, NULL);
	if (json_is_object(json_at(folder->state, "steps")) && json_str(folder->state, "seed", NULL))
		return EXIT_OK;
	if (file_exists(path))
		return usage_error(folder->options, "'%s' is damaged: remove it to begin again", path);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = getpid();
	json_decref(folder->state);
	folder->state = json_pack("{s:o, s:{}}", "seed", json_sprintf("%llu", (unsigned long long)seed),
				  "steps");
	return EXIT_OK;
}

enum exit_code exercise_write(const char *path, const char *text)
{
	int err = file_write(path, text, strlen(text));

	if (err)
		log_error("cannot write '%s': %s", path, strerror(-err));
	return err ? EXIT_HOST_ERROR : EXIT_OK;
}

static enum exit_code folder_save(const struct folder *folder)
{
	cleanup_free char *path = state_path(folder);
	cleanup_free char *text = json_dumps(folder->state, JSON_INDENT(1));

	return exercise_write(path, text);
}

/* Return the state of a step, or NULL if it was not started. */
static json_t *step_state(const struct folder *folder, unsigned int number)
{
	cleanup_free char *key = xasprintf("steps.%u", number);
	json_t *state = json_at(folder->state, key);

	return json_is_object(state) ? state : NULL;
}

static void print_progress(const struct folder *folder)
{
	unsigned int next = 0;

	for (unsigned int i = 1; i <= EXERCISE_STEPS; i++) {
		const json_t *state = step_state(folder, i);
		const bool done = json_flag(state, "done");

		printf("  %u  %-7s  %s\n", i, done ? "done" : state ? "started" : "open",
		       exercise_steps[i - 1].title);
		if (!done && !next)
			next = i;
	}
	if (next) {
		const bool started = step_state(folder, next);
		cleanup_free char *path = task_path(folder, next);
		cleanup_free char *command = command_text(folder, next, started ? "--check" : "--start");

		if (started)
			printf("Next: do what %s says, then run %s\n", path, command);
		else
			printf("Next: run %s\n", command);
	} else {
		puts("All steps are done.");
	}
}

static void job_open(struct exercise_job *job, const struct folder *folder, unsigned int number,
		     json_t *state)
{
	const struct exercise_step *step = &exercise_steps[number - 1];

	*job = (struct exercise_job) {
		.number = number, .folder = folder->path, .state = state, .texts = json_object(),
		.right = json_object(), .mistakes = json_array(),
	};
	if (parse_address(json_str(folder->state, "seed", ""), &job->seed))
		job->seed = 1;
	if (step->prepare)
		step->prepare(job);
}

static void job_close(struct exercise_job *job)
{
	json_decref(job->texts);
	json_decref(job->right);
	json_decref(job->mistakes);
}

/* Return text with the numbers of the task in place of their names in braces; the caller frees it. */
static char *fill_in(const struct exercise_job *job, const char *text)
{
	const json_t *sources[] = { job->texts, job->state };
	char *filled = xstrdup(text);

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		const char *name;
		json_t *value;

		json_object_foreach((json_t *)sources[i], name, value) {
			cleanup_free char *pattern = xasprintf("{%s}", name);
			cleanup_free char *number = json_is_integer(value) ?
				xasprintf("%lld", (long long)json_integer_value(value)) :
				xstrdup(json_string_value(value) ?: "");
			struct strbuf next = STRBUF_INIT;

			strbuf_add_replaced(&next, filled, pattern, number);
			free(filled);
			filled = strbuf_detach(&next);
		}
	}
	return filled;
}

/* Return the file of a step: the task as comments, and the questions; the caller frees it. */
static char *task_text(const struct exercise_job *job)
{
	const struct exercise_step *step = &exercise_steps[job->number - 1];
	const char *kernel = json_str(job->state, "kernel", ""), *arch = json_str(job->state, "arch", "");
	struct strbuf text = STRBUF_INIT;
	cleanup_free char *task = fill_in(job, step->task);
	cleanup_free char *named = program_text(task);
	char *rest = named, *line;

	strbuf_addf(&text, "# Step %u of %d: %s\n#\n", job->number, EXERCISE_STEPS, step->title);
	while ((line = strsep(&rest, "\n")))
		strbuf_addf(&text, "#%s%s\n", *line ? " " : "", line);
	if (strcmp(kernel, "default"))
		strbuf_addf(&text, "#\n# Add --kernel %s to the commands.\n", kernel);
	if (strcmp(arch, "amd64") && job->number != EXERCISE_STEPS)
		strbuf_addf(&text, "#\n# Add --arch %s to the commands.\n", arch);
	if (step->questions[0].name)
		strbuf_addstr(&text, "#\n# Write your answers in place of the question marks.\n");
	for (size_t i = 0; i < EXERCISE_QUESTIONS_MAX && step->questions[i].name; i++) {
		cleanup_free char *question = fill_in(job, step->questions[i].text);

		strbuf_addf(&text, "\n# %s\n%s = ?\n", question, step->questions[i].name);
	}
	return strbuf_detach(&text);
}

static enum exit_code start_new(const struct folder *folder, unsigned int number)
{
	const struct exercise_step *step = &exercise_steps[number - 1];
	cleanup_free char *key = xasprintf("%u", number);
	cleanup_free char *path = task_path(folder, number);
	json_t *state = json_pack("{s:s, s:s, s:s}", "kernel", folder->options->kernels.names[0], "arch",
				  folder->options->archs.names[0], "folder", folder->path);
	cleanup_free char *text = NULL;
	struct exercise_job job;
	enum exit_code code;

	job_open(&job, folder, number, state);
	code = step->begin ? step->begin(&job) : EXIT_OK;
	if (!code) {
		text = task_text(&job);
		code = exercise_write(path, text);
	}
	if (!code) {
		json_object_set(json_at(folder->state, "steps"), key, state);
		code = folder_save(folder);
	}
	job_close(&job);
	json_decref(state);
	return code;
}

static void print_task(const struct folder *folder, unsigned int number)
{
	cleanup_free char *path = task_path(folder, number);
	cleanup_free char *text = file_read(path, NULL);
	cleanup_free char *check = command_text(folder, number, "--check");
	cleanup_free char *hint = command_text(folder, number, "--hint");

	fputs(text ?: "", stdout);
	printf("\nThis text is in %s.\nThen run %s; %s prints a hint.\n", path, check, hint);
}

/* A second start shows the task again, and writes it only if its file is missing. */
static enum exit_code start(const struct folder *folder, unsigned int number)
{
	cleanup_free char *path = task_path(folder, number);
	enum exit_code code = EXIT_OK;
	int err = directory_create(folder->path);

	if (!err && access(folder->path, W_OK))
		err = -errno;
	if (err) {
		log_error("cannot write to '%s': %s", folder->path, strerror(-err));
		return EXIT_HOST_ERROR;
	}
	if (step_state(folder, number) && file_exists(path))
		log_notice("step %u was already started, its file is not changed", number);
	else if (file_exists(path))
		return usage_error(folder->options, "'%s' exists, but the step was not started: "
				   "rename the file", path);
	else
		code = start_new(folder, number);
	if (!code)
		print_task(folder, number);
	return code;
}

/* Report missing and invalid answers, before anything boots. */
static enum exit_code check_form(const struct folder *folder, const struct exercise_job *job,
				 const char *path, const char *text)
{
	const struct exercise_question *questions = exercise_steps[job->number - 1].questions;
	enum exit_code code = EXIT_OK;

	for (size_t i = 0; i < EXERCISE_QUESTIONS_MAX && questions[i].name; i++) {
		struct exercise_answer answer = exercise_answer_find(text, questions[i].name);

		if (answer.kind == ANSWER_MISSING)
			code = usage_error(folder->options, "%s has no answer for '%s'", path,
					   questions[i].name);
		else if (answer.kind == ANSWER_INVALID)
			code = usage_error(folder->options, "%s must be a number (decimal, or 0x and "
					   "hexadecimal) or a word, got '%s'", questions[i].name,
					   answer.text);
	}
	return code;
}

/* Return the explanation of a wrong answer. */
static const char *explanation(const struct exercise_job *job, const struct exercise_question *question,
			       const struct exercise_answer *answer)
{
	const json_t *right = json_object_get(job->right, question->name), *entry;
	size_t i;

	if (json_is_integer(right) && answer->kind != ANSWER_NUMBER)
		return "The answer is a number.";
	json_array_foreach(job->mistakes, i, entry)
		if (!strcmp(json_string_value(json_array_get(entry, 0)), question->name) &&
		    exercise_answer_is(answer, json_array_get(entry, 1), 0))
			return json_string_value(json_array_get(entry, 2));
	return question->advice;
}

static enum exit_code compare_answers(const struct exercise_job *job, const char *text)
{
	const struct exercise_question *questions = exercise_steps[job->number - 1].questions;
	enum exit_code code = EXIT_OK;

	for (size_t i = 0; i < EXERCISE_QUESTIONS_MAX && questions[i].name; i++) {
		struct exercise_answer answer = exercise_answer_find(text, questions[i].name);
		const json_t *right = json_object_get(job->right, questions[i].name);
		cleanup_free char *why = NULL;

		if (exercise_answer_is(&answer, right, questions[i].tolerance)) {
			printf("%s: right\n", questions[i].name);
			continue;
		}
		why = fill_in(job, explanation(job, &questions[i], &answer));
		printf("%s: %s is wrong. %s\n", questions[i].name, answer.text, why);
		code = EXIT_CHECK_FAILED;
	}
	return code;
}

static enum exit_code check_step(const struct folder *folder, struct exercise_job *job)
{
	cleanup_free char *path = task_path(folder, job->number);
	cleanup_free char *text = file_read(path, NULL);
	enum exit_code code;

	if (!text)
		return usage_error(folder->options, "cannot read '%s': %s", path, strerror(errno));
	code = check_form(folder, job, path, text);
	if (!code)
		code = exercise_steps[job->number - 1].measure(job);
	if (!code)
		code = compare_answers(job, text);
	if (code)
		return code;
	json_object_set_new(job->state, "done", json_true());
	code = folder_save(folder);
	if (!code) {
		printf("Step %u is done.\n", job->number);
		print_progress(folder);
	}
	return code;
}

static enum exit_code print_hint(const struct folder *folder, struct exercise_job *job)
{
	const char *const *hints = exercise_steps[job->number - 1].hints;
	long long given = json_int(job->state, "hints", 0), count = 0;
	cleanup_free char *named = NULL;

	while (count < EXERCISE_HINTS_MAX && hints[count])
		count++;
	if (given < 0 || given >= count)
		given = count - 1;
	named = program_text(hints[given]);
	printf("Hint %lld of %lld: %s\n", given + 1, count, named);
	json_object_set_new(job->state, "hints", json_integer(given + 1));
	return folder_save(folder);
}

static enum exit_code work_on(const struct folder *folder, unsigned int number)
{
	const struct options *options = folder->options;
	json_t *state = step_state(folder, number);
	enum exit_code code = EXIT_OK;
	struct exercise_job job;

	if (options->start)
		return start(folder, number);
	if (!state) {
		cleanup_free char *command = command_text(folder, number, "--start");

		return usage_error(options, "step %u was not started in '%s' (start it with %s)", number,
				   folder->path, command);
	}
	job_open(&job, folder, number, state);
	if (options->check)
		code = check_step(folder, &job);
	else if (options->hint)
		code = print_hint(folder, &job);
	else
		print_task(folder, number);
	job_close(&job);
	return code;
}

static enum exit_code cmd_exercise(struct options *options)
{
	struct folder folder = { .options = options, .path = options->folder ?: DEFAULT_FOLDER };
	const char *step = options->operand_count ? options->operands[0] : NULL;
	enum exit_code code = folder_open(&folder);

	interrupt_catch();
	if (!code && (!step || options->progress))
		print_progress(&folder);
	else if (!code)
		code = work_on(&folder, *step - '0');
	json_decref(folder.state);
	return interrupted() ? EXIT_INTERRUPTED : code;
}

const struct command exercise_command = {
	.name = "exercise",
	.bit = CMD_EXERCISE,
	.run = cmd_exercise,
	.summary = "learn how the kernel allocates memory, in eight steps",
	.usage = "exercise [STEP] [OPTION]...",
	.description = "A guided exercise, from pages and orders to a module on a Raspberry Pi. --start "
		"writes the task of a step to DIR/STEP.txt, with numbers that differ between folders. "
		"Write the answers into this file; --check boots a kernel, measures the right answers "
		"and explains wrong ones; --hint prints the next hint. Without a step, the progress is "
		"shown.\n"
		"The exit status is 0 if all answers are right, 1 if one is wrong, 2 if one is missing, "
		"and 125 if they could not be measured.",
	.example = "exercise 1 --start",
	.operand = "step",
	.operands_max = 1,
	.first_operands = (const char *const[]) { "1", "2", "3", "4", "5", "6", "7", "8", NULL },
};
