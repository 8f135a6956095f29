// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/config_file.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/paths.h"

/* Remove blanks from both ends of a line in place. */
static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text;
}

/* Return true for options that ask for something else, or are needed before others are parsed. */
static bool is_refused(const char *name)
{
	static const char *const refused[] = { "help", "man", "schema", "no-config",
						"facility-file" };

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (!strcmp(refused[i], name))
			return true;
	return false;
}

/* Return an error unless the command, or any command if it is NULL, has an option of this name. */
static char *check_name(const struct command *command, const char *name)
{
	cleanup_free const char **names = xcalloc(option_count, sizeof(*names));
	cleanup_free char *help = xasprintf("kmemlab %s%s--help", command ? command->name : "",
					    command ? " " : "");
	size_t count = 0;

	if (is_refused(name))
		return xasprintf("option '%s' cannot have a default", name);
	for (size_t i = 0; i < option_count; i++) {
		if (command && !(option_table[i].commands & command->bit))
			continue;
		if (!strcmp(option_table[i].name, name))
			return NULL;
		names[count++] = option_table[i].name;
	}
	return unknown_name("option", "", name, names, count, help);
}

/* Parse "[COMMAND.]OPTION = VALUE". Return NULL or an error, which the caller frees. */
static char *parse_line(struct config_line *line, char *text)
{
	char *value = strchr(text, '='), *name, *dot;

	if (!value)
		return xasprintf("must be OPTION = VALUE or COMMAND.OPTION = VALUE, got '%s'", text);
	*value++ = '\0';
	name = trim(text);
	dot = strchr(name, '.');
	if (dot) {
		*dot = '\0';
		line->command = command_find(name);
		if (!line->command)
			return xasprintf("unknown command '%s' (see 'kmemlab --help')", name);
		name = dot + 1;
		line->rank++;
	}
	line->name = xstrdup(name);
	line->value = xstrdup(trim(value));
	return check_name(line->command, name);
}

static char *check_repeated(const struct config *config, const struct config_line *line)
{
	for (const struct config_line *other = config->lines; other < line; other++)
		if (other->rank == line->rank && other->command == line->command &&
		    !strcmp(other->name, line->name))
			return xasprintf("option '%s' is given twice (first in %s)", line->name,
					 other->place);
	return NULL;
}

static enum exit_code read_file(struct config *config, const struct options *options,
				const char *path, unsigned int rank)
{
	size_t bytes, number = 0;
	cleanup_free char *text = file_read(path, &bytes);
	char *rest = text, *line;

	if (!text)
		return errno == ENOENT || errno == ENOTDIR ? EXIT_OK :
		       usage_error(options, "cannot read '%s': %s", path, strerror(errno));
	while ((line = strsep(&rest, "\n"))) {
		cleanup_free char *error = NULL;
		struct config_line *parsed;

		number++;
		line = trim(line);
		if (!*line || *line == '#')
			continue;
		parsed = array_add(&config->lines, &config->count);
		parsed->rank = rank;
		parsed->place = xasprintf("%s:%zu", path, number);
		error = parse_line(parsed, line) ?: check_repeated(config, parsed);
		if (error)
			return usage_error(options, "%s: %s", parsed->place, error);
	}
	return EXIT_OK;
}

static enum exit_code read_files(struct options *options)
{
	options->config = xcalloc(1, sizeof(*options->config));
	return read_file(options->config, options, "/etc/kmemlab.conf", 0) ?:
	       read_file(options->config, options, path_config(), 2);
}

const struct config_line *config_find(const struct config *config, const struct command *command,
				      const char *name)
{
	const struct config_line *found = NULL;

	for (size_t i = 0; i < config->count; i++) {
		const struct config_line *line = &config->lines[i];

		if ((!line->command || line->command == command) && !strcmp(line->name, name) &&
		    (!found || line->rank > found->rank))
			found = line;
	}
	return found;
}

/* Return an error if the default violates a rule together with the given options, or NULL. */
static char *default_conflict(const struct options *options, const bool *given,
			      const struct option_spec *option, const struct config_line *line)
{
	struct options trial = *options;

	memcpy(trial.given, given, sizeof(trial.given));
	trial.given[option - option_table] = true;
	/* Rules depend on the values of choices. */
	if (option->type == OPTION_CHOICE)
		*(const char **)((char *)&trial + option->offset) = line->value;
	return options_rule_error(&trial);
}

static enum exit_code set_default(struct options *options, const struct option_spec *option,
				  const struct config_line *line)
{
	const bool is_flag = option->type == OPTION_FLAG;
	cleanup_free char *word = xasprintf("--%s%s%s", option->name, is_flag ? "" : "=",
					    is_flag ? "" : line->value);
	enum exit_code code;

	if (is_flag && strcmp(line->value, "yes"))
		return usage_error(options, "--%s must be 'yes' or 'no', got '%s'", option->name,
				   line->value);
	code = option_set(options, option, line->value);
	if (!code)
		name_list_add(&options->defaults, word);
	return code;
}

/*
 * Set the option to its default unless the command line excludes it. Two defaults that exclude
 * each other are an error.
 */
static enum exit_code apply_default(struct options *options, const bool *given,
				    const struct option_spec *option)
{
	const struct config_line *line = config_find(options->config, options->command,
						     option->name);
	cleanup_free char *error = NULL, *ignored = NULL;
	enum exit_code code;

	if (!line || given[option - option_table] ||
	    (option->type == OPTION_FLAG && !strcmp(line->value, "no")))
		return EXIT_OK;
	error = default_conflict(options, options->given, option, line);
	ignored = error ? default_conflict(options, given, option, line) : NULL;
	if (ignored)
		return EXIT_OK;
	options->place = line->place;
	code = error ? usage_error(options, "%s", error) : set_default(options, option, line);
	options->place = NULL;
	return code;
}

enum exit_code config_apply(struct options *options)
{
	bool given[OPTIONS_MAX];
	enum exit_code code;

	if (options->no_config || !option_find(options->command, "no-config"))
		return EXIT_OK;
	memcpy(given, options->given, sizeof(given));
	code = read_files(options);
	for (size_t i = 0; !code && i < option_count; i++)
		if (option_table[i].commands & options->command->bit)
			code = apply_default(options, given, &option_table[i]);
	return code;
}

void config_release(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->count; i++) {
		free(config->lines[i].place);
		free(config->lines[i].name);
		free(config->lines[i].value);
	}
	free(config->lines);
	free(config);
}
