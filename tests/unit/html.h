/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of HTML pages that need no browser. */
#ifndef KMEMLAB_TESTS_HTML_H
#define KMEMLAB_TESTS_HTML_H

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define HTML_DEPTH_MAX	200

static inline bool html_is_void(const char *name, size_t length)
{
	static const char *const names[] = { "meta", "br", "input" };

	for (size_t i = 0; i < 3; i++)
		if (strlen(names[i]) == length && !strncmp(names[i], name, length))
			return true;
	return false;
}

/* Return the end of a tag, behind its '>', or NULL if its attributes are not quoted. */
static inline const char *html_tag_end(const char *pos)
{
	while (*pos && *pos != '>') {
		if (*pos == '<' || (*pos == '=' && pos[1] != '"'))
			return NULL;
		if (*pos == '"') {
			pos = strchr(pos + 1, '"');
			if (!pos || (pos[1] != ' ' && pos[1] != '>' && pos[1] != '/'))
				return NULL;
		}
		pos++;
	}
	return *pos ? pos + 1 : NULL;
}

/* Return where elements stop to be nested correctly, or NULL if the page is well-formed. */
static inline const char *html_error(const char *page)
{
	struct {
		const char *name;
		size_t length;
	} open[HTML_DEPTH_MAX];
	const char *pos = page, *end;
	size_t depth = 0;

	while ((pos = strchr(pos, '<'))) {
		bool closes = pos[1] == '/';
		const char *name = pos + 1 + closes;
		size_t length = 0;

		if (!strncmp(pos, "<!DOCTYPE html>", 15)) {
			pos += 15;
			continue;
		}
		while (isalnum((unsigned char)name[length]))
			length++;
		end = html_tag_end(name + length);
		if (!length || !end)
			return pos;
		if (closes) {
			if (!depth || open[--depth].length != length ||
			    strncmp(open[depth].name, name, length))
				return pos;
		} else if (end[-2] != '/' && !html_is_void(name, length)) {
			if (depth == HTML_DEPTH_MAX)
				return pos;
			open[depth].name = name;
			open[depth++].length = length;
			if (!strncmp(name, "script>", 7) || !strncmp(name, "style>", 6)) {
				pos = strstr(end, "</");
				continue;
			}
		}
		pos = end;
	}
	return depth ? open[depth - 1].name : NULL;
}

static inline size_t html_count(const char *page, const char *text)
{
	size_t count = 0;

	while ((page = strstr(page, text))) {
		count++;
		page += strlen(text);
	}
	return count;
}

#endif
