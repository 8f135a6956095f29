// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The option table: a missing, malformed, out-of-range or repeated value of any option, a
 * violated rule and an option of another command are refused in one line that names the option.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cli/config_file.h"
#include "cli/options.h"

#define ARGS_MAX 8

struct args {
	char *words[ARGS_MAX + 1];
	int count;
};

static void args_add(struct args *args, char *word)
{
	args->words[args->count++] = word;
}

static void args_release(struct args *args)
{
	for (int i = 0; i < args->count; i++)
		free(args->words[i]);
	*args = (struct args) { .count = 0 };
}

/* Return a valid operand of the command; it is to be freed. */
static char *sample_operand(const struct command *command)
{
	return xstrdup(command->first_operands ? command->first_operands[0] : "kmalloc");
}

/* Start a command line with the operands that the command requires. */
static void args_init(struct args *args, const struct command *command)
{
	*args = (struct args) { .count = 0 };
	if (command->operands_min)
		args_add(args, sample_operand(command));
}

/* Return the text that parsing writes to standard error, to be freed. */
static char *parse(const struct command *command, struct args *args, enum exit_code *code)
{
	int saved = dup(STDERR_FILENO);
	FILE *file = tmpfile();
	struct options options;
	char *text;
	long length;

	assert_non_null(file);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	*code = options_parse(&options, command, args->count, args->words);
	options_release(&options);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	length = lseek(fileno(file), 0, SEEK_END);
	text = xcalloc(length + 1, 1);
	assert_int_equal(pread(fileno(file), text, length, 0), length);
	fclose(file);
	return text;
}

static char *line_of(const struct command *command, const struct args *args)
{
	char *line = xasprintf("kmemlab %s", command->name);

	for (int i = 0; i < args->count; i++) {
		char *longer = xasprintf("%s %s", line, args->words[i]);

		free(line);
		line = longer;
	}
	return line;
}

/* Check that the arguments are rejected in one line that names the option. Frees them. */
static void check_refused(const struct command *command, struct args *args, const char *name)
{
	cleanup_free char *line = line_of(command, args);
	enum exit_code code;
	cleanup_free char *text = parse(command, args, &code);
	cleanup_free char *prefix = xasprintf("kmemlab: %s: ", command->name);
	const char *newline = strchr(text, '\n');

	if (code != EXIT_USAGE || !newline || newline[1] || !strstr(text, name) ||
	    strncmp(text, prefix, strlen(prefix)))
		fail_msg("'%s' must be refused with a line that names '%s': exit code %d, '%s'",
			 line, name, code, text);
	args_release(args);
}

static char *sample_value(const struct option_spec *option)
{
	/* The example in the document defines a facility. */
	if (!strcmp(option->name, "facility-file"))
		return xstrdup("docs/facility.md");
	if (option->sample || option->fallback)
		return xstrdup(option->sample ?: option->fallback);
	if (option->choices)
		return xstrdup(option->choices[0]);
	if (option->names)
		return xstrdup(option->names->entries[0].name);
	if (option->type == OPTION_ARCHS)
		return xstrdup("amd64");
	return option->max ? xasprintf("%" PRIu64, option->min) : xstrdup("x");
}

static void args_add_value(struct args *args, const struct option_spec *option, const char *value)
{
	args_add(args, xasprintf("--%s", option->name));
	if (option->metavar)
		args_add(args, value ? xstrdup(value) : sample_value(option));
}

static void check_value(const struct command *command, const struct option_spec *option,
			const char *value)
{
	cleanup_free char *name = xasprintf("--%s", option->name);
	struct args args;

	args_init(&args, command);
	args_add_value(&args, option, value);
	check_refused(command, &args, name);
}

static bool is_number(const struct option_spec *option)
{
	return option->type == OPTION_NUMBER || option->type == OPTION_NUMBERS ||
	       option->type == OPTION_MEMORY;
}

static void for_each_option(void (*check)(const struct command *, const struct option_spec *))
{
	for (size_t i = 0; i < command_count; i++)
		for (size_t j = 0; j < option_count; j++)
			if (option_table[j].commands & commands[i]->bit)
				check(commands[i], &option_table[j]);
}

static void check_missing(const struct command *command, const struct option_spec *option)
{
	cleanup_free char *name = xasprintf("--%s", option->name);
	struct args args;

	args_init(&args, command);
	if (!option->metavar) {
		args_add(&args, xasprintf("--%s=x", option->name));
		check_refused(command, &args, name);
		return;
	}
	args_add(&args, xstrdup(name));
	check_refused(command, &args, name);
	args_init(&args, command);
	args_add(&args, xstrdup(name));
	args_add(&args, xstrdup("--help"));
	check_refused(command, &args, name);
}

static void test_missing_value(void **state)
{
	(void)state;
	for_each_option(check_missing);
}

static void check_malformed(const struct command *command, const struct option_spec *option)
{
	if (option->type == OPTION_FLAG)
		return;
	if (option->parse && !strcmp(option->name, "append"))
		check_value(command, option, "a\tb");
	else
		check_value(command, option, "");
	if (is_number(option) || option->type == OPTION_CHOICE || option->names ||
	    option->type == OPTION_ARCHS)
		check_value(command, option, "?");
	if (option->count_max == 1 && option->type != OPTION_NUMBERS)
		check_value(command, option, "amd64,arm64");
	if (option->count_max == 1 && option->type == OPTION_NUMBERS)
		check_value(command, option, "1,2");
}

static void test_malformed_value(void **state)
{
	(void)state;
	for_each_option(check_malformed);
}

static void check_range(const struct command *command, const struct option_spec *option)
{
	cleanup_free char *below = xasprintf("%" PRId64, (int64_t)option->min - 1);
	cleanup_free char *above = xasprintf("%" PRIu64, option->max + 1);

	if (!is_number(option))
		return;
	check_value(command, option, below);
	check_value(command, option, above);
}

static void test_value_out_of_range(void **state)
{
	(void)state;
	for_each_option(check_range);
}

static void check_repeated(const struct command *command, const struct option_spec *option)
{
	cleanup_free char *name = xasprintf("--%s", option->name);
	struct args args;

	if (option->type == OPTION_PATHS)
		return;
	args_init(&args, command);
	args_add_value(&args, option, NULL);
	args_add_value(&args, option, NULL);
	check_refused(command, &args, name);
}

static void test_repeated_option(void **state)
{
	(void)state;
	for_each_option(check_repeated);
}

static void check_typing_error(const struct command *command, const struct option_spec *option)
{
	cleanup_free char *name = xasprintf("--%sq", option->name);
	struct args args;

	args_init(&args, command);
	args_add(&args, xstrdup(name));
	check_refused(command, &args, name);
}

static void test_typing_error(void **state)
{
	(void)state;
	for_each_option(check_typing_error);
}

/* An option that the command does not use must not be accepted and ignored. */
static void test_option_of_other_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		for (size_t j = 0; j < option_count; j++) {
			cleanup_free char *name = xasprintf("--%s", option_table[j].name);
			struct args args;

			if (option_find(commands[i], option_table[j].name))
				continue;
			args_init(&args, commands[i]);
			args_add_value(&args, &option_table[j], NULL);
			check_refused(commands[i], &args, name);
		}
	}
}

/* Add an option, "name=value" or "@" as in the rules. */
static void args_add_rule(struct args *args, const struct command *command, const char *name)
{
	cleanup_free char *copy = xstrdup(name);
	char *value = copy, *key = strsep(&value, "=");

	if (*key != '@') {
		const struct option_spec *option = option_find(command, key);

		assert_non_null(option);
		args_add_value(args, option, value);
		return;
	}
	if (command->operands_min)
		free(args->words[--args->count]);
	args_add(args, value ? xstrdup(value) : sample_operand(command));
}

static void check_conflict(const struct command *command, const struct option_rule *rule,
			   const char *other)
{
	cleanup_free char *bare = xasprintf("%.*s", (int)strcspn(other, "="), other);
	cleanup_free char *name = *other == '@' ? xstrdup(command->operand) :
						  xasprintf("--%s", bare);
	struct args args;

	if (*other != '@' && !option_find(command, bare))
		return;
	args_init(&args, command);
	args_add_rule(&args, command, rule->option);
	args_add_rule(&args, command, other);
	check_refused(command, &args, name);
}

static bool is_exception(const struct option_rule *rule, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rule->except) && rule->except[i]; i++)
		if (!strcmp(rule->except[i], name))
			return true;
	return !strncmp(rule->option, name, strlen(name));
}

static void check_rule(const struct command *command, const struct option_rule *rule)
{
	struct args args;

	if (rule->kind == RULE_REQUIRE) {
		args_init(&args, command);
		args_add_rule(&args, command, rule->option);
		check_refused(command, &args, *rule->option == '@' ? "kmalloc" : rule->option);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rule->others) && rule->others[i]; i++)
		check_conflict(command, rule, rule->others[i]);
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *option = &option_table[i];

		if ((option->commands & command->bit) && (rule->groups >> option->group & 1) &&
		    !is_exception(rule, option->name))
			check_conflict(command, rule, option->name);
	}
}

static void test_option_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++)
		for (size_t j = 0; j < option_rule_count; j++)
			if ((option_rules[j].commands & commands[i]->bit) &&
			    option_rules[j].kind != RULE_UNAVAILABLE)
				check_rule(commands[i], &option_rules[j]);
}

/* Valid values are accepted, so the lines above are refused for no other reason. */
static void check_accepted(const struct command *command, const struct option_spec *option)
{
	struct args args;
	enum exit_code code;
	char *text;

	args_init(&args, command);
	for (size_t i = 0; i < option_rule_count; i++)
		if ((option_rules[i].commands & command->bit) &&
		    option_rules[i].kind == RULE_REQUIRE &&
		    !strcmp(option_rules[i].option, option->name))
			args_add_rule(&args, command, option_rules[i].others[0]);
	if (!strcmp(option->name, "allow-expired") && command == &kernel_command)
		args_add_rule(&args, command, "@=fetch");
	args_add_value(&args, option, NULL);
	text = parse(command, &args, &code);
	if (code || *text)
		fail_msg("kmemlab %s with --%s must be accepted: %s", command->name, option->name,
			 text);
	free(text);
	args_release(&args);
}

static void test_valid_values_are_accepted(void **state)
{
	(void)state;
	for_each_option(check_accepted);
}

/* Parse "run" with these words and check the result. */
static void parse_run(struct options *options, char *word, char *value)
{
	char *words[] = { word, value, NULL };

	assert_int_equal(options_parse(options, &run_command, 2, words), EXIT_OK);
}

static void test_equivalent_values(void **state)
{
	struct options options;
	char *joined[] = { "--memory=4G", "-qv", NULL };

	(void)state;
	parse_run(&options, "--arch", "x86_64,aarch64,armv7l");
	assert_int_equal(options.archs.count, 3);
	assert_string_equal(options.archs.names[0], "amd64");
	assert_string_equal(options.archs.names[1], "arm64");
	assert_string_equal(options.archs.names[2], "armhf");
	assert_int_equal(options.memory_mib, 512);
	assert_false(option_given(&options, "memory"));
	options_release(&options);
	assert_int_equal(options_parse(&options, &run_command, 2, joined), EXIT_OK);
	assert_int_equal(options.memory_mib, 4096);
	assert_true(option_given(&options, "memory"));
	assert_true(options.quiet && options.verbose);
	options_release(&options);
	parse_run(&options, "--timeo", "3");
	assert_int_equal(options.timeout_s, 3);
	options_release(&options);
}

/* The user's file precedes the system's; in a file, the line of a command the general one. */
static void test_order_of_config_lines(void **state)
{
	struct config_line lines[] = {
		{ .name = "memory", .value = "user", .rank = 2 },
		{ .name = "memory", .value = "user, run", .command = &run_command, .rank = 3 },
		{ .name = "memory", .value = "system, map", .command = &map_command, .rank = 1 },
		{ .name = "memory", .value = "system", .rank = 0 },
		{ .name = "seed", .value = "system", .rank = 0 },
		{ .name = "seed", .value = "system, run", .command = &run_command, .rank = 1 },
	};
	const struct config config = { lines, ARRAY_SIZE(lines) };

	(void)state;
	assert_string_equal(config_find(&config, &run_command, "memory")->value, "user, run");
	assert_string_equal(config_find(&config, &map_command, "memory")->value, "user");
	assert_string_equal(config_find(&config, &run_command, "seed")->value, "system, run");
	assert_string_equal(config_find(&config, &map_command, "seed")->value, "system");
	assert_null(config_find(&config, &run_command, "size"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_value),
		cmocka_unit_test(test_malformed_value),
		cmocka_unit_test(test_value_out_of_range),
		cmocka_unit_test(test_repeated_option),
		cmocka_unit_test(test_typing_error),
		cmocka_unit_test(test_option_of_other_commands),
		cmocka_unit_test(test_option_rules),
		cmocka_unit_test(test_valid_values_are_accepted),
		cmocka_unit_test(test_equivalent_values),
		cmocka_unit_test(test_order_of_config_lines),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
