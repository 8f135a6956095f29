// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmemlab completion: complete command lines in bash, zsh and fish. The scripts call
 * "kmemlab completion words", which reads the option table and the cache.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/options.h"
#include "cli/result_store.h"
#include "vm/arch.h"
#include "vm/kernels.h"
#include "vm/distro.h"

static const char bash_script[] =
	"_kmemlab() {\n"
	"\tmapfile -t COMPREPLY < <(kmemlab completion words -- \\\n"
	"\t\t\"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null | cut -f1)\n"
	"\tcase ${COMPREPLY[0]-} in *[,:]) compopt -o nospace ;; esac\n"
	"}\n"
	"complete -o default -F _kmemlab kmemlab\n";

static const char zsh_script[] =
	"#compdef kmemlab\n"
	"_kmemlab() {\n"
	"\tlocal -a candidates\n"
	"\tcandidates=(${(f)\"$(kmemlab completion words -- \"${(@)words[2,CURRENT]}\" \\\n"
	"\t\t2>/dev/null | sed 's/:/\\\\:/g; s/\\t/:/')\"})\n"
	"\tif (( $#candidates )); then _describe kmemlab candidates; else _files; fi\n"
	"}\n"
	"compdef _kmemlab kmemlab\n";

static const char fish_script[] =
	"complete -c kmemlab -a '(kmemlab completion words -- (commandline -opc)[2..] \\\n"
	"\t(commandline -ct) 2>/dev/null)'\n";

/* A candidate is printed as the part of the word that is complete, its text and a description. */
struct completion {
	const char *done;	/* "a," of a list "a,b" */
	int done_length;
	const char *prefix;	/* what the candidate must begin with: "b" */
};

static void print_candidate(const struct completion *completion, const char *text,
			    const char *description)
{
	if (!strncmp(text, completion->prefix, strlen(completion->prefix)))
		printf("%.*s%s\t%s\n", completion->done_length, completion->done, text,
		       description);
}

static void print_words(const struct completion *completion, const char *const *words)
{
	for (; *words; words++)
		print_candidate(completion, *words, "");
}

static void print_table(const struct completion *completion, const struct name_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		print_candidate(completion, table->entries[i].name, table->entries[i].description);
}

static void print_commands(const struct completion *completion)
{
	for (size_t i = 0; i < command_count; i++)
		print_candidate(completion, commands[i]->name, commands[i]->summary);
}

static void print_archs(const struct completion *completion)
{
	const struct arch *arch;

	for (unsigned int i = 0; (arch = arch_at(i)); i++)
		print_candidate(completion, arch->name, "");
}

static void print_kernels(const struct completion *completion)
{
	const struct suite *suite;
	struct kernel *kernels;
	size_t count = kernels_cached(&kernels);

	print_candidate(completion, "default", "");
	print_candidate(completion, "latest", "");
	for (unsigned int i = 0; (suite = suite_at(i)); i++)
		print_candidate(completion, suite->name, suite->series ?: "");
	for (size_t i = 0; i < count; i++)
		print_candidate(completion, kernels[i].release, "cached");
	kernels_release(kernels, count);
}

static void print_results(const struct completion *completion)
{
	struct store *store = result_store_open();
	struct error failure = { 0 };
	struct stored *entries = NULL;
	size_t count = 0;

	print_candidate(completion, "last", "newest result");
	if (store && !store_list(store, NULL, &entries, &count, &failure))
		for (size_t i = 0; i < count; i++)
			if (entries[i].name)
				print_candidate(completion, entries[i].name, entries[i].date);
	error_release(&failure);
	stored_release(entries, count);
	store_close(store);
}

/* Print the values of an option. The shell itself completes the names of files. */
static void complete_value(const struct option_spec *option, const char *word)
{
	const bool is_list = option->type >= OPTION_NUMBERS && option->type <= OPTION_ARCHS &&
			     option->count_max != 1;
	const char *comma = is_list ? strrchr(word, ',') : NULL;
	const struct completion completion = {
		word, comma ? comma + 1 - word : 0, comma ? comma + 1 : word
	};

	if (option->names)
		print_table(&completion, option->names);
	if (option->names && is_list)
		print_candidate(&completion, "all", "");
	if (option->choices)
		print_words(&completion, option->choices);
	if (option->type == OPTION_ARCHS)
		print_archs(&completion);
	if (!strcmp(option->name, "kernel"))
		print_kernels(&completion);
	if (!strcmp(option->metavar, "RESULT"))
		print_results(&completion);
}

static void complete_option(const struct command *command, const char *word)
{
	const struct completion completion = { word, 0, word };

	for (size_t i = 0; i < option_count; i++) {
		cleanup_free char *name = xasprintf("--%s", option_table[i].name);

		if (option_table[i].commands & command->bit)
			print_candidate(&completion, name, option_table[i].help);
	}
}

static void complete_operand(const struct command *command, const char *previous,
			     const char *word)
{
	const struct completion completion = { word, 0, word };
	const char *operand = command->operand ?: "";

	if (command->first_operands && !strcmp(previous, command->name))
		print_words(&completion, command->first_operands);
	else if (command == &kernel_command)
		print_kernels(&completion);
	else if (command == &help_command)
		print_commands(&completion);
	else if (!strcmp(operand, "FACILITY"))
		print_table(&completion, &facility_names);
	else if (!strcmp(operand, "RESULT") || command == &results_command)
		print_results(&completion);
}

/* Return the option named by the word before the last one, if it takes a value. */
static const struct option_spec *option_before(const struct command *command, const char *word)
{
	const struct option_spec *option = NULL;

	if (!strncmp(word, "--", 2))
		option = option_find(command, word + 2);
	else if (*word == '-' && word[1] == 'c' && !word[2])
		option = option_find(command, "command");
	return option && option->metavar ? option : NULL;
}

static void complete_line(char **words, int count)
{
	const struct completion first = { "", 0, count ? words[0] : "" };
	const struct command *command;
	const struct option_spec *option;
	const char *word;

	if (count < 2) {
		print_commands(&first);
		return;
	}
	command = command_find(words[0]);
	if (!command)
		return;
	word = words[count - 1];
	option = option_before(command, words[count - 2]);
	if (option)
		complete_value(option, word);
	else if (*word == '-')
		complete_option(command, word);
	else
		complete_operand(command, words[count - 2], word);
}

static enum exit_code cmd_completion(struct options *options)
{
	const char *shell = options->operands[0];

	if (!strcmp(shell, "words"))
		complete_line(options->operands + 1, options->operand_count - 1);
	else if (options->operand_count > 1)
		return usage_error(options, "unexpected argument '%s'", options->operands[1]);
	else if (!strcmp(shell, "bash"))
		fputs(bash_script, stdout);
	else
		fputs(strcmp(shell, "zsh") ? fish_script : zsh_script, stdout);
	return EXIT_OK;
}

const struct command completion_command = {
	.name = "completion",
	.bit = CMD_COMPLETION,
	.run = cmd_completion,
	.summary = "print a completion script for bash, zsh or fish",
	.usage = "completion bash|zsh|fish\ncompletion words -- [WORD]...",
	.description = "Print a script that completes commands, options and their values: "
		"'source <(kmemlab completion bash)', or the same with zsh, or 'kmemlab completion "
		"fish | source'. The scripts call 'completion words', which prints the candidates "
		"for the last WORD.",
	.example = "completion bash >/etc/bash_completion.d/kmemlab",
	.operand = "shell",
	.operands_min = 1,
	.operands_max = 1000,
	.first_operands = (const char *const[]) { "bash", "zsh", "fish", "words", NULL },
};
