// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/bench_job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Split a line, which is changed. Return false if memory runs out. */
static bool read_module(char *line, struct bench_module *module)
{
	char *rest = line;

	line[strcspn(line, "\n")] = '\0';
	module->path = strdup(strsep(&rest, "\t"));
	module->name = strdup(strsep(&rest, "\t") ?: "");
	module->is_operand = !strcmp(strsep(&rest, "\t") ?: "", "operand");
	module->parameters = strdup(rest ?: "");
	return module->path && module->name && module->parameters;
}

struct bench_module *bench_job_read(FILE *in, size_t *count)
{
	struct bench_module *modules = NULL;
	bool failed = false;
	char *line = NULL;
	size_t size = 0;

	*count = 0;
	while (!failed && getline(&line, &size, in) > 0) {
		struct bench_module *more = realloc(modules, (*count + 1) * sizeof(*more));

		failed = !more;
		if (failed)
			break;
		modules = more;
		modules[*count] = (struct bench_module) { 0 };
		failed = !read_module(line, &modules[(*count)++]);
	}
	free(line);
	if (!failed)
		return modules;
	bench_job_free(modules, *count);
	*count = 0;
	return NULL;
}

void bench_job_free(struct bench_module *modules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(modules[i].path);
		free(modules[i].name);
		free(modules[i].parameters);
	}
	free(modules);
}

size_t bench_job_first_operand(const struct bench_module *modules, size_t count)
{
	size_t i = 0;

	while (i < count && !modules[i].is_operand)
		i++;
	return i;
}

bool bench_job_continues(int err)
{
	return !err || err == EAGAIN;
}
