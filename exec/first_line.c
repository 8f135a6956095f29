// SPDX-License-Identifier: GPL-2.0-or-later
#include "first_line.h"

#include <stdio.h>
#include <string.h>

void read_first_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return;
	if (!fgets(line, size, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}
