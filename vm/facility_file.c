// SPDX-License-Identifier: GPL-2.0-or-later
#include "facility_file.h"

#include <dirent.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define BYTES_MAX	(1 << 20)	/* limit that keeps a mistyped path from being read */

#define DEFINITION	"struct[[:space:]]+kmemlab_facility_ops[[:space:]]+" \
			"kmemlab_([[:alnum:]_]+)[[:space:]]*="

char *c_file_read(const char *path, char **error)
{
	cleanup_fclose FILE *in = fopen(path, "re");
	char *text = xcalloc(BYTES_MAX + 2, 1);
	size_t bytes = in ? fread(text, 1, BYTES_MAX + 1, in) : 0;

	if (!in || ferror(in))
		*error = xasprintf("cannot read '%s': %s", path, strerror(errno));
	else if (bytes > BYTES_MAX)
		*error = xasprintf("'%s' must be at most %d KiB", path, BYTES_MAX >> 10);
	else if (strlen(text) != bytes)
		*error = xasprintf("'%s' must be a text file", path);
	else
		return text;
	free(text);
	return NULL;
}

static int is_header(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && str_ends_with(entry->d_name, ".h");
}

void c_file_headers(const char *path, struct name_list *headers)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *folder = slash ? xstrndup(path, slash - path + 1) : xstrdup("./");
	struct dirent **entries = NULL;
	int found = scandir(folder, &entries, is_header, alphasort);

	for (int i = 0; i < found; i++) {
		*array_add(&headers->names, &headers->count) =
			xasprintf("%s%s", folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

/* Return the end of the comment or the quoted text at pos, or pos. */
static char *skip_token(char *pos)
{
	const char quote = *pos;
	char *end;

	if (!strncmp(pos, "//", 2))
		return pos + strcspn(pos, "\n");
	if (!strncmp(pos, "/*", 2)) {
		end = strstr(pos + 2, "*/");
		return end ? end + 2 : pos + strlen(pos);
	}
	if (quote != '"' && quote != '\'')
		return pos;
	for (end = pos + 1; *end && *end != quote && *end != '\n'; end++)
		if (*end == '\\' && end[1])
			end++;
	return *end ? end + 1 : end;
}

char *c_without_comments(const char *text)
{
	char *copy = xstrdup(text);

	for (char *pos = copy; *pos; ) {
		char *end = skip_token(pos);

		if (*pos == '/')
			for (; pos < end; pos++)
				*pos = *pos == '\n' ? '\n' : ' ';
		pos = end > pos ? end : pos + 1;
	}
	return copy;
}

void c_add_line(struct strbuf *text, const char *path)
{
	strbuf_addstr(text, "#line 1 \"");
	for (; *path; path++)
		strbuf_addf(text, "%s%c", strchr("\"\\", *path) ? "\\" : "", *path);
	strbuf_addstr(text, "\"\n");
}

void c_find_names(const char *code, const char *pattern, struct name_list *names)
{
	regmatch_t match[2];
	regex_t regex;

	if (regcomp(&regex, pattern, REG_EXTENDED))
		return;
	while (!regexec(&regex, code, 2, match, 0)) {
		cleanup_free char *name = xstrndup(code + match[1].rm_so,
						   match[1].rm_eo - match[1].rm_so);

		name_list_add(names, name);
		code += match[0].rm_eo;
	}
	regfree(&regex);
}

void facility_file_names(const char *text, struct name_list *names)
{
	cleanup_free char *code = c_without_comments(text);

	c_find_names(code, DEFINITION, names);
}
