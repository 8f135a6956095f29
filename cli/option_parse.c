// SPDX-License-Identifier: GPL-2.0-or-later
/* Parse command lines by the option table; every command reports errors in the same words. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "lib/parse_number.h"
#include "vm/arch.h"
#include "vm/board.h"

enum exit_code usage_error(const struct options *options, const char *format, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&text, format, args);
	va_end(args);
	log_error("%s: %s%s%s", options->command->name, options->place ?: "",
		  options->place ? ": " : "", text.text);
	strbuf_release(&text);
	return EXIT_USAGE;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

enum exit_code command_unknown(const char *name)
{
	cleanup_free const char **names = xcalloc(command_count, sizeof(*names));
	cleanup_free char *error = NULL;

	for (size_t i = 0; i < command_count; i++)
		names[i] = commands[i]->name;
	error = unknown_name("command", "", name, names, command_count, "kmemlab --help");
	log_error("%s", error);
	return EXIT_USAGE;
}

const struct option_spec *option_find(const struct command *command, const char *name)
{
	for (size_t i = 0; i < option_count; i++)
		if ((option_table[i].commands & command->bit) &&
		    !strcmp(option_table[i].name, name))
			return &option_table[i];
	return NULL;
}

static const struct option_spec *option_by_letter(const struct command *command, char letter)
{
	for (size_t i = 0; i < option_count; i++)
		if ((option_table[i].commands & command->bit) && option_table[i].letter == letter)
			return &option_table[i];
	return NULL;
}

/*
 * Return the option with this name, or the only option that begins with it. The name of an option
 * of another command is not an abbreviation.
 */
static const struct option_spec *option_by_prefix(const struct command *command,
						  const char *prefix, size_t length)
{
	const struct option_spec *found = NULL;
	bool is_name = false;
	size_t matches = 0;

	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *option = &option_table[i];
		const bool is_exact = strlen(option->name) == length;

		if (strncmp(option->name, prefix, length))
			continue;
		is_name |= is_exact;
		if (!(option->commands & command->bit))
			continue;
		if (is_exact)
			return option;
		found = matches++ ? NULL : option;
	}
	return is_name ? NULL : found;
}

bool option_given(const struct options *options, const char *name)
{
	const struct option_spec *option = option_find(options->command, name);

	return option && options->given[option - option_table];
}

static void *member(struct options *options, const struct option_spec *option)
{
	return (char *)options + option->offset;
}

static char *range_error(const struct option_spec *option, const char *kind, const char *text)
{
	return xasprintf("must be %sbetween %" PRIu64 " and %" PRIu64 "%s%s, got '%s'", kind,
			 option->min, option->max, option->unit ? " " : "", option->unit ?: "",
			 text);
}

static char *parse_uint(struct options *options, const struct option_spec *option,
			const char *text)
{
	const char *end = text;
	uint64_t value;

	if (parse_number(text, &end, &value) || *end)
		return range_error(option, "a number ", text);
	/* "4G" is a size in bytes, "4096" is in MiB. */
	if (option->type == OPTION_MEMORY && end[-1] > '9') {
		if (value % (1 << 20))
			return xasprintf("must be a multiple of 1 MiB, got '%s'", text);
		value >>= 20;
	}
	if (value < option->min || value > option->max)
		return range_error(option, "", text);
	if (option->size == sizeof(uint64_t))
		*(uint64_t *)member(options, option) = value;
	else
		*(unsigned int *)member(options, option) = value;
	return NULL;
}

static char *count_error(const struct option_spec *option, size_t count, const char *text)
{
	if (!option->count_max || count <= option->count_max)
		return NULL;
	if (option->count_max == 1)
		return xasprintf("must be a single value, got '%s'", text);
	return xasprintf("must be at most %zu values, got %zu", option->count_max, count);
}

static char *parse_numbers(struct options *options, const struct option_spec *option,
			   const char *text)
{
	struct number_list *list = member(options, option);
	char *error;

	number_list_release(list);
	error = number_list_read(list, text);
	for (size_t i = 0; !error && i < list->count; i++) {
		if (list->values[i] > option->max)
			error = range_error(option, "", text);
	}
	return error ?: count_error(option, list->count, text);
}

static char *parse_names(struct options *options, const struct option_spec *option,
			 const char *text)
{
	struct name_list *list = member(options, option);

	name_list_release(list);
	return name_list_read(list, text, option->names) ?:
	       count_error(option, list->count, text);
}

static char *parse_archs(struct options *options, const struct option_spec *option,
			 const char *text)
{
	struct name_list *list = member(options, option);
	char *error = parse_names(options, option, text);

	for (size_t i = 0; !error && i < list->count; i++) {
		const struct arch *arch = arch_find(list->names[i]);

		if (!arch) {
			error = arch_unknown(list->names[i]);
			break;
		}
		free(list->names[i]);
		list->names[i] = xstrdup(arch->name);
	}
	return error;
}

static char *parse_choice(struct options *options, const struct option_spec *option,
			  const char *text)
{
	cleanup_strbuf struct strbuf words = STRBUF_INIT;

	*(const char **)member(options, option) = text;
	for (const char *const *word = option->choices; *word; word++) {
		if (!strcmp(*word, text))
			return NULL;
		strbuf_separate(&words, word[1] ? ", " : " or ");
		strbuf_addf(&words, "'%s'", *word);
	}
	return xasprintf("must be %s, got '%s'", words.text, text);
}

static char *parse_value(struct options *options, const struct option_spec *option,
			 const char *text)
{
	switch (option->type) {
	case OPTION_FLAG:
		*(bool *)member(options, option) = true;
		return NULL;
	case OPTION_NUMBER:
	case OPTION_MEMORY:
		return parse_uint(options, option, text);
	case OPTION_NUMBERS:
		return parse_numbers(options, option, text);
	case OPTION_NAMES:
		return parse_names(options, option, text);
	case OPTION_ARCHS:
		return parse_archs(options, option, text);
	case OPTION_CHOICE:
		return parse_choice(options, option, text);
	case OPTION_CUSTOM:
		return option->parse(options, text);
	default:
		break;
	}
	if (!*text)
		return xstrdup("must not be empty");
	if (option->type == OPTION_PATHS)
		name_list_add(member(options, option), text);
	else if (option->type == OPTION_OUTPUT)
		*(const char **)member(options, option) = output_path(text);
	else
		*(const char **)member(options, option) = text;
	return NULL;
}

/* A reason that begins with "must" forms a sentence with the name of the option. */
static enum exit_code value_error(const struct options *options, const struct option_spec *option,
				  const char *reason)
{
	return usage_error(options, "--%s%s %s", option->name,
			   strncmp(reason, "must ", 5) ? ":" : "", reason);
}

enum exit_code option_set(struct options *options, const struct option_spec *option,
			  const char *text)
{
	bool *given = &options->given[option - option_table];
	cleanup_free char *error = NULL;

	if (*given && option->type != OPTION_PATHS)
		return usage_error(options, "--%s is given twice", option->name);
	*given = true;
	error = parse_value(options, option, text);
	return error ? value_error(options, option, error) : EXIT_OK;
}

static enum exit_code unknown_option(const struct options *options, const char *name)
{
	cleanup_free const char **names = xcalloc(option_count, sizeof(*names));
	cleanup_strbuf struct strbuf users = STRBUF_INIT;
	cleanup_free char *help = xasprintf("kmemlab %s --help", options->command->name);
	cleanup_free char *error = NULL;
	size_t count = 0;

	for (size_t i = 0; i < option_rule_count; i++)
		if (option_rules[i].kind == RULE_UNAVAILABLE &&
		    (option_rules[i].commands & options->command->bit) &&
		    !strcmp(option_rules[i].option, name))
			return usage_error(options, "--%s is not available (%s)", name,
					   option_rules[i].note);
	for (size_t i = 0; i < command_count; i++) {
		if (!option_find(commands[i], name))
			continue;
		strbuf_separate(&users, ", ");
		strbuf_addstr(&users, commands[i]->name);
	}
	if (users.length)
		return usage_error(options, "unknown option '--%s' (it is an option of: %s)", name,
				   users.text);
	for (size_t i = 0; i < option_count; i++)
		if (option_table[i].commands & options->command->bit)
			names[count++] = option_table[i].name;
	error = unknown_name("option", "--", name, names, count, help);
	return usage_error(options, "%s", error);
}

/*
 * "--json --csv x", "--json --no-sto" and "--json -q" lack a file name; a value that looks like
 * an option needs "=".
 */
static bool is_option(const struct options *options, const char *word)
{
	const char *letter = word + 1;

	if (*word != '-')
		return false;
	if (*letter == '-')
		return letter[1];
	while (*letter && option_by_letter(options->command, *letter))
		letter++;
	return word[1] && !*letter;
}

static enum exit_code parse_long(struct options *options, char ***words)
{
	const char *word = **words + 2;
	size_t length = strcspn(word, "=");
	const struct option_spec *option = option_by_prefix(options->command, word, length);
	const char *text = word[length] ? word + length + 1 : NULL;

	if (!option) {
		cleanup_free char *name = xasprintf("%.*s", (int)length, word);

		return unknown_option(options, name);
	}
	if (!option->metavar && text)
		return usage_error(options, "--%s takes no value, got '%s'", option->name, text);
	if (option->metavar && !text) {
		text = (*words)[1];
		if (!text || is_option(options, text))
			return usage_error(options, "--%s requires a value: %s", option->name,
					   option->metavar);
		(*words)++;
	}
	return option_set(options, option, text);
}

static enum exit_code parse_letters(struct options *options, char ***words)
{
	enum exit_code code = EXIT_OK;

	for (const char *letter = **words + 1; !code && *letter; letter++) {
		const struct option_spec *option = option_by_letter(options->command, *letter);
		const char *text = letter[1] ? letter + 1 : (*words)[1];

		if (!option)
			return usage_error(options,
					   "unknown option '-%c' (see 'kmemlab %s --help')",
					   *letter, options->command->name);
		if (!option->metavar) {
			code = option_set(options, option, NULL);
			continue;
		}
		if (!text)
			return usage_error(options, "--%s requires a value: %s", option->name,
					   option->metavar);
		if (!letter[1])
			(*words)++;
		return option_set(options, option, text);
	}
	return code;
}

/* Parse all words. Options and operands may be mixed; only operands follow "--". */
static enum exit_code parse_words(struct options *options, char **words)
{
	enum exit_code code = EXIT_OK;
	bool operands_only = false;

	for (; !code && *words; words++) {
		if (operands_only || **words != '-' || !(*words)[1])
			options->operands[options->operand_count++] = *words;
		else if (!strcmp(*words, "--"))
			operands_only = true;
		else if ((*words)[1] == '-')
			code = parse_long(options, &words);
		else
			code = parse_letters(options, &words);
	}
	return code;
}

static void set_defaults(struct options *options)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *option = &option_table[i];

		if (option->fallback && (option->commands & options->command->bit))
			free(parse_value(options, option, option->fallback));
	}
}

static char *read_facility_file(struct options *options, const char *path)
{
	char *error = NULL;

	options->extra = (struct facility_file) { path, c_file_read(path, &error), true };
	return options->extra.text ? facility_names_add_file(&options->extra) : error;
}

/* The facilities of --facility-file are valid names in the options before it as well. */
static enum exit_code register_facilities(struct options *options, char **words)
{
	const struct option_spec *option = option_find(options->command, "facility-file");
	cleanup_free char *error = NULL;

	for (; option && *words && strcmp(*words, "--"); words++) {
		size_t length = strcspn(*words, "=");
		const char *path = (*words)[length] ? *words + length + 1 : words[1];

		if (strncmp(*words, "--", 2) || !path ||
		    option_by_prefix(options->command, *words + 2, length - 2) != option)
			continue;
		error = read_facility_file(options, path);
		break;
	}
	return error ? value_error(options, option, error) : EXIT_OK;
}

/* A board that the default architecture lacks selects its own. */
static void set_arch_of_board(struct options *options)
{
	const struct name_list *archs = &options->archs;

	if (!options->board || option_given(options, "arch") ||
	    board_find(arch_find(archs->names[0]), options->board))
		return;
	free(archs->names[0]);
	archs->names[0] = xstrdup(board_arch(options->board)->name);
}

enum exit_code options_parse(struct options *options, const struct command *command, int argc,
			     char **argv)
{
	enum exit_code code;

	*options = (struct options) { .command = command };
	options->operands = xcalloc(argc + 1, sizeof(*options->operands));
	code = register_facilities(options, argv);
	set_defaults(options);
	if (!code)
		code = parse_words(options, argv);
	if (!code && !options->help)
		code = config_apply(options);
	if (!code)
		set_arch_of_board(options);
	return code || options->help ? code : options_check(options);
}

void options_release(struct options *options)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *option = &option_table[i];

		if (option->type == OPTION_NUMBERS)
			number_list_release(member(options, option));
		else if (option->type == OPTION_NAMES || option->type == OPTION_ARCHS ||
			 option->type == OPTION_PATHS)
			name_list_release(member(options, option));
	}
	/* The table does not tell that these options are lists. */
	name_list_release(&options->tags);
	name_list_release(&options->cpus);
	name_list_release(&options->defaults);
	config_release(options->config);
	free((char *)options->extra.text);
	free(options->operands);
	free(options->command_line);
}
