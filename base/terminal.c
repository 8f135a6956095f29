// SPDX-License-Identifier: GPL-2.0-or-later
#include "terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_MIN	40
#define INDENT		2	/* of the continuation of a line */

static const char *color_mode = "auto";
static bool has_utf8 = true;
static FILE *wrapped;		/* stream of terminal_out(), or NULL */
static char *line;		/* its last, incomplete line; or NULL */
static size_t line_length;

void terminal_setup(const char *color)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", NULL);

	color_mode = color ?: "auto";
	has_utf8 = locale && !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");
	if (locale)
		freelocale(locale);
}

bool terminal_utf8(void)
{
	return has_utf8;
}

unsigned int terminal_columns(int fd, unsigned int fallback)
{
	struct winsize size;

	if (fd < 0 || !isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
		return fallback;
	return size.ws_col < COLUMNS_MIN ? COLUMNS_MIN : size.ws_col;
}

static int terminal_fd(FILE *out)
{
	return out == wrapped ? STDOUT_FILENO : fileno(out);
}

size_t terminal_width(FILE *out, size_t fallback)
{
	return terminal_columns(terminal_fd(out), 0) ?: fallback;
}

bool terminal_has_color(FILE *out)
{
	const char *off = getenv("NO_COLOR"), *type = getenv("TERM");
	int fd = terminal_fd(out);

	if (fd < 0 || !strcmp(color_mode, "never"))
		return false;
	if (!strcmp(color_mode, "always"))
		return fd == STDOUT_FILENO || isatty(fd);
	return isatty(fd) && (!off || !*off) && type && *type && strcmp(type, "dumb");
}

const char *style_start(FILE *out, enum style style)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "", [STYLE_BOLD] = "\033[1m", [STYLE_RED] = "\033[31m",
		[STYLE_GREEN] = "\033[32m",
	};

	return style && terminal_has_color(out) ? codes[style] : "";
}

const char *style_end(FILE *out, enum style style)
{
	return style && terminal_has_color(out) ? "\033[0m" : "";
}

/* Return the bytes of the next character or escape sequence, and add its width to *column. */
static size_t next_glyph(const char *text, size_t *column)
{
	size_t length = 1;

	if (*text == '\033') {
		length = strcspn(text, "m");
		return length + (text[length] == 'm');
	}
	while ((text[length] & 0xc0) == 0x80)
		length++;
	++*column;
	return length;
}

/*
 * Return the length of the longest part of the text that ends at a blank and is at most width
 * columns wide; the whole length if it fits or has no such part.
 */
static size_t fitting_length(const char *text, size_t width)
{
	const char *pos = text + strspn(text, " "), *end = NULL;
	size_t column = pos - text;

	while (*pos && column <= width) {
		if (*pos == ' ')
			end = pos;
		pos += next_glyph(pos, &column);
	}
	return column > width && end ? (size_t)(end - text) : strlen(text);
}

/* Print the line, and break it at blanks where it is longer than the terminal is wide. */
static void print_wrapped(const char *text)
{
	const size_t width = terminal_columns(STDOUT_FILENO, 80);
	const size_t indent = strspn(text, " ") % (width / 2) + INDENT;
	size_t length = fitting_length(text, width);

	printf("%.*s", (int)length, text);
	while (text[length]) {
		text += length + strspn(text + length, " ");
		length = fitting_length(text, width - indent);
		printf("\n%*s%.*s", (int)indent, "", (int)length, text);
	}
	putchar('\n');
}

/* Return false without memory. */
static bool add_to_line(const char *data, size_t size)
{
	char *longer = realloc(line, line_length + size + 1);

	if (!longer)
		return false;
	line = longer;
	memcpy(line + line_length, data, size);
	line_length += size;
	line[line_length] = '\0';
	return true;
}

static ssize_t wrap_write(void *cookie, const char *data, size_t size)
{
	const char *end = data + size, *newline;

	(void)cookie;
	for (const char *pos = data; pos < end; pos = newline + 1) {
		newline = memchr(pos, '\n', end - pos);
		if (!add_to_line(pos, (newline ?: end) - pos))
			return 0;
		if (!newline)
			break;
		print_wrapped(line);
		line_length = 0;
	}
	return size;
}

FILE *terminal_out(void)
{
	const cookie_io_functions_t functions = { .write = wrap_write };

	if (!wrapped && isatty(STDOUT_FILENO))
		wrapped = fopencookie(NULL, "w", functions);
	return wrapped ?: stdout;
}

int terminal_flush(void)
{
	if ((wrapped && fflush(wrapped)) || fflush(stdout))
		return -1;
	if (!ferror(stdout))
		return 0;
	/* An earlier write failed; its errno is lost, and the next write has the same. */
	if (write(STDOUT_FILENO, "\n", 1) > 0)
		errno = EIO;
	return -1;
}
