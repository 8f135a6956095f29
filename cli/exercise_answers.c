// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/exercise.h"
#include "lib/parse_number.h"

/* Return what follows "NAME =" on the line, or NULL. */
static const char *value_on_line(const char *line, const char *name)
{
	size_t length = strlen(name);

	line += strspn(line, " \t");
	if (strncmp(line, name, length))
		return NULL;
	line += length;
	line += strspn(line, " \t");
	return *line == '=' ? line + 1 : NULL;
}

/* Remove commas that have three digits behind them; other commas make the number invalid. */
static void remove_separators(const char *text, char *plain)
{
	const char *from = text;
	size_t digits;

	for (; *from; from++) {
		digits = *from == ',' && from != text ? strspn(from + 1, "0123456789") : 0;
		if (digits != 3)
			*plain++ = *from;
	}
	*plain = '\0';
}

static void read_value(struct exercise_answer *answer, const char *value)
{
	char plain[sizeof(answer->text)];
	size_t length;

	value += strspn(value, " \t");
	length = strcspn(value, "#\r\n");
	while (length && isspace((unsigned char)value[length - 1]))
		length--;
	snprintf(answer->text, sizeof(answer->text), "%.*s", (int)length, value);
	if (!length || !strcmp(answer->text, "?")) {
		answer->kind = ANSWER_MISSING;
		return;
	}
	remove_separators(answer->text, plain);
	answer->kind = ANSWER_INVALID;
	if (length >= sizeof(answer->text))
		return;
	if (isalpha((unsigned char)*plain) && !plain[strspn(plain, "_abcdefghijklmnopqrstuvwxyz"
							     "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		answer->kind = ANSWER_WORD;
	else if (!parse_address(plain, &answer->number))
		answer->kind = ANSWER_NUMBER;
}

struct exercise_answer exercise_answer_find(const char *text, const char *name)
{
	struct exercise_answer answer = { .kind = ANSWER_MISSING };

	while (text && *text) {
		const char *value = value_on_line(text, name);

		/* A later line replaces an earlier one. */
		if (value)
			read_value(&answer, value);
		text = strchr(text, '\n');
		text += text ? 1 : 0;
	}
	return answer;
}

bool exercise_answer_is(const struct exercise_answer *answer, const json_t *right,
			unsigned int tolerance)
{
	uint64_t number = json_integer_value(right);

	if (json_is_string(right))
		return answer->kind == ANSWER_WORD &&
		       !strcasecmp(answer->text, json_string_value(right));
	return json_is_integer(right) && answer->kind == ANSWER_NUMBER &&
	       (answer->number > number ? answer->number - number : number - answer->number) <=
	       tolerance;
}
