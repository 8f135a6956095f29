// SPDX-License-Identifier: GPL-2.0-or-later
#include "module_lines.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"

static char *run_tool(const struct module_lines *lines, const char *arguments)
{
	const char *slash = strrchr(lines->path, '/');
	cleanup_strbuf struct strbuf script = STRBUF_INIT;
	cleanup_free char *directory = slash ? xstrndup(lines->path, slash - lines->path) :
				       xstrdup(".");
	cleanup_free char *build = realpath(directory, NULL);
	char *output = NULL;

	strbuf_addf(&script, "%s%s \"$BUILD\"/", lines->toolchain.prefix, arguments);
	strbuf_add_quoted(&script, slash ? slash + 1 : lines->path);
	if (build && !toolchain_run(&lines->toolchain, lines->kernel, build, script.text, &output))
		return output;
	free(output);
	return NULL;
}

int module_lines_open(struct module_lines *lines, const struct kernel *kernel, const char *path,
		      struct error *error)
{
	*lines = (struct module_lines) { .kernel = kernel, .path = xstrdup(path) };
	if (toolchain_find(kernel, &lines->toolchain, error))
		return -1;
	lines->symbols = run_tool(lines, "objdump -t");
	return 0;
}

void module_lines_close(struct module_lines *lines)
{
	free(lines->path);
	free(lines->symbols);
	toolchain_release(&lines->toolchain);
}

/*
 * Find a function in "0000000000000040 l     F .text	0000000000000021 name". Return its section,
 * which the caller frees, or NULL.
 */
static char *find_function(const struct module_lines *lines, const char *name, size_t length,
			   unsigned long long *value)
{
	const char *line = lines->symbols ?: "";

	for (; *line; line += strcspn(line, "\n") + !!line[strcspn(line, "\n")]) {
		const char *tab = memchr(line, '\t', strcspn(line, "\n"));
		const char *end = line + strcspn(line, "\n");
		char *flags;

		*value = strtoull(line, &flags, 16);
		/* A space and seven flags precede the section. */
		if (!tab || tab < flags + 9 || end < tab + length + 1 ||
		    strncmp(end - length, name, length) || end[-(long)length - 1] != ' ')
			continue;
		return xstrndup(flags + 9, tab - flags - 9);
	}
	return NULL;
}

/* Return whether a file belongs to the kernel, not to the module, or is skipped. */
static bool is_foreign(const struct module_lines *lines, const char *path, size_t length)
{
	cleanup_free char *copy = xstrndup(path, length);

	return (lines->skipped && strstr(copy, lines->skipped)) || strstr(copy, "include/linux/") ||
	       strstr(copy, "include/asm") || strstr(copy, "??");
}

/* Return the innermost line of the module's own files in the output of addr2line -i. */
static char *own_line(const struct module_lines *lines, const char *output)
{
	while (*output) {
		size_t length = strcspn(output, "\n"), used = strcspn(output, " \n");
		const char *name = memrchr(output, '/', used);

		if (used && !is_foreign(lines, output, used)) {
			name = name ? name + 1 : output;
			return xstrndup(name, output + used - name);
		}
		output += length + !!output[length];
	}
	return NULL;
}

/* Return whether a name of the guest is one of a section or function, which a shell takes as it is. */
static bool is_plain(const char *name)
{
	return name[strspn(name, "_.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] ==
	       '\0';
}

char *module_line(const struct module_lines *lines, const char *place, bool is_return)
{
	const char *plus = strchr(place, '+');
	cleanup_free char *section = NULL, *arguments = NULL, *output = NULL;
	unsigned long long base = 0, offset;

	if (!plus)
		return NULL;
	offset = strtoull(plus + 1, NULL, 16);
	section = *place == '.' ? xstrndup(place, plus - place) :
		  find_function(lines, place, plus - place, &base);
	if (!section || !is_plain(section))
		return NULL;
	offset += base;
	if (is_return && offset)
		offset--;
	arguments = xasprintf("addr2line -i -j %s 0x%llx -e", section, offset);
	output = run_tool(lines, arguments);
	return output ? own_line(lines, output) : NULL;
}

char *module_place(const char *name, const char *text)
{
	cleanup_free char *mark = xasprintf(" [%s]", name);
	const char *found = strstr(text, mark), *start = found, *slash;

	if (!found)
		return NULL;
	while (start > text && !isspace((unsigned char)start[-1]) && start[-1] != ':')
		start--;
	slash = memchr(start, '/', found - start);
	return xstrndup(start, (slash ?: found) - start);
}
