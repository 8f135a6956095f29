// SPDX-License-Identifier: GPL-2.0-or-later
/* Check the options and operands of a command line against each other. */
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "cli/options.h"
#include "cli/output_file.h"

/* Return the value of a choice or an output file. */
static const char *option_text(const struct options *options, const struct option_spec *option)
{
	return *(const char *const *)((const char *)options + option->offset);
}

/* Return true if the option, value or operand of this rule's name was given. */
static bool rule_matches(const struct options *options, const char *name)
{
	cleanup_free char *copy = xstrdup(name);
	char *value = copy, *key = strsep(&value, "=");
	const struct option_spec *option;
	const char *text = options->operands[0];

	if (*key != '@') {
		option = option_find(options->command, key);
		if (!option || !options->given[option - option_table])
			return false;
		text = option->type == OPTION_CHOICE ? option_text(options, option) : "";
	}
	return text && (!value || !strcmp(text, value));
}

/* Return the name of a rule's option or operand for messages; the caller frees it. */
static char *rule_title(const struct options *options, const char *name)
{
	const char *value = strchr(name, '=');

	if (*name == '@')
		return value ? xasprintf("'%s'", value + 1) : xstrdup(options->command->operand);
	if (value)
		return xasprintf("--%.*s %s", (int)(value - name), name, value + 1);
	return xasprintf("--%s", name);
}

/* Return true if the rule applies to an option of its groups. */
static bool rule_covers(const struct option_rule *rule, const struct option_spec *option)
{
	size_t length = strcspn(rule->option, "=");

	for (size_t i = 0; i < ARRAY_SIZE(rule->except) && rule->except[i]; i++)
		if (!strcmp(rule->except[i], option->name))
			return false;
	return (rule->groups >> option->group & 1) &&
	       (strncmp(option->name, rule->option, length) || option->name[length]);
}

/* Return the title of the first given option that the rule excludes; the caller frees it. */
static char *find_conflict(const struct options *options, const struct option_rule *rule)
{
	for (size_t i = 0; i < ARRAY_SIZE(rule->others) && rule->others[i]; i++)
		if (rule_matches(options, rule->others[i]))
			return rule_title(options, rule->others[i]);
	for (size_t i = 0; i < option_count; i++)
		if (options->given[i] && rule_covers(rule, &option_table[i]))
			return xasprintf("--%s", option_table[i].name);
	return NULL;
}

/* Return the error of a rule whose option was given, or NULL. */
static char *rule_error(const struct options *options, const struct option_rule *rule)
{
	cleanup_free char *title = rule_title(options, rule->option);
	cleanup_free char *other = NULL;

	if (rule->kind == RULE_REQUIRE) {
		if (rule_matches(options, rule->others[0]))
			return NULL;
		other = rule_title(options, rule->others[0]);
		if (*rule->option == '@')
			return xasprintf("unexpected argument '%s' (only with %s)",
					 options->operands[0], other);
		return xasprintf("%s requires %s", title, other);
	}
	other = find_conflict(options, rule);
	if (!other)
		return NULL;
	return xasprintf("%s cannot be used with %s%s%s%s", other, title, rule->note ? " (" : "",
			 rule->note ?: "", rule->note ? ")" : "");
}

char *options_rule_error(const struct options *options)
{
	char *error = NULL;

	for (size_t i = 0; !error && i < option_rule_count; i++) {
		const struct option_rule *rule = &option_rules[i];

		if ((rule->commands & options->command->bit) && rule->kind != RULE_UNAVAILABLE &&
		    rule_matches(options, rule->option))
			error = rule_error(options, rule);
	}
	return error;
}

static enum exit_code check_rules(const struct options *options)
{
	cleanup_free char *error = options_rule_error(options);

	return error ? usage_error(options, "%s", error) : EXIT_OK;
}

static const char *output_of(const struct options *options, size_t i)
{
	const struct option_spec *option = &option_table[i];

	return options->given[i] && option->type == OPTION_OUTPUT ?
	       option_text(options, option) : NULL;
}

static enum exit_code check_distinct_outputs(const struct options *options)
{
	for (size_t i = 0; i < option_count; i++) {
		const char *path = output_of(options, i);

		for (size_t j = 0; path && j < i; j++) {
			const char *other = output_of(options, j);

			if (other && !strcmp(path, other))
				return usage_error(options, "--%s and --%s name the same file '%s'",
						   option_table[j].name, option_table[i].name,
						   path);
		}
	}
	return EXIT_OK;
}

enum exit_code options_check_outputs(const struct options *options)
{
	enum exit_code code = EXIT_OK;

	for (size_t i = 0; !code && i < option_count; i++)
		if (output_of(options, i))
			code = output_check(output_of(options, i));
	return code;
}

static enum exit_code check_first_operand(const struct options *options)
{
	const struct command *command = options->command;
	const char *const *names = command->first_operands;
	cleanup_free char *help = xasprintf("kmemlab %s --help", command->name);
	cleanup_free char *error = NULL;
	size_t count = 0;

	for (; names[count]; count++)
		if (!strcmp(names[count], options->operands[0]))
			return EXIT_OK;
	error = unknown_name(command->operand, "", options->operands[0], names, count, help);
	return usage_error(options, "%s", error);
}

static enum exit_code missing_operand(const struct options *options)
{
	const struct command *command = options->command;
	const char *const *names = command->first_operands;
	cleanup_strbuf struct strbuf known = STRBUF_INIT;

	for (; names && *names; names++) {
		strbuf_separate(&known, ", ");
		strbuf_addstr(&known, *names);
	}
	if (known.length)
		return usage_error(options, "missing %s (known: %s)", command->operand, known.text);
	return usage_error(options, "missing %s (see 'kmemlab %s --help')", command->operand,
			   command->name);
}

static enum exit_code check_operands(const struct options *options)
{
	const struct command *command = options->command;

	if (options->operand_count > command->operands_max)
		return usage_error(options, "unexpected argument '%s' (see 'kmemlab %s --help')",
				   options->operands[command->operands_max], command->name);
	if (options->operand_count < command->operands_min)
		return missing_operand(options);
	if (options->operand_count && command->first_operands)
		return check_first_operand(options);
	return EXIT_OK;
}

enum exit_code options_check(const struct options *options)
{
	enum exit_code code = check_operands(options);

	if (!code)
		code = check_rules(options);
	return code ? code : check_distinct_outputs(options);
}
