// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/check_sections.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array_size.h"
#include "runner/system.h"

/* Return the address of a section of the loaded module, or 0. */
static uint64_t section_address(const struct sections *sections, const char *section)
{
	char path[160], line[32];

	snprintf(path, sizeof(path), "/sys/module/%s/sections/%s", sections->name, section);
	sysfs_read_line(path, line, sizeof(line));
	return strtoull(line, NULL, 16);
}

void sections_read(struct sections *sections, struct pairs_module *module)
{
	FILE *modules = fopen("/proc/modules", "re");
	uint64_t size, base;
	char line[512], name[80];

	*module = (struct pairs_module) { 0 };
	while (modules && fgets(line, sizeof(line), modules))
		if (sscanf(line, "%79s %" SCNu64 " %*s %*s %*s %" SCNx64, name, &size, &base) == 3 &&
		    !strcmp(name, sections->name)) {
			module->core = base;
			module->core_end = base + size;
		}
	if (modules)
		fclose(modules);
	sections->text = section_address(sections, ".text") ?: module->core;
	sections->init_text = section_address(sections, ".init.text");
	sections->exit_text = section_address(sections, ".exit.text");
	/* Newer kernels have text and data in areas of their own. */
	if (sections->text && (sections->text < module->core || sections->text >= module->core_end)) {
		module->core = sections->text;
		module->core_end = sections->text + (1 << 20);
	}
	module->init = sections->init_text;
	module->init_end = sections->init_text ? sections->init_text + (1 << 16) : 0;
	sections->known = sections->text;
}

void sections_write(const struct sections *sections, struct record_writer *w, const char *key,
		    uint64_t address)
{
	const struct {
		const char *name;
		uint64_t base;
	} bases[] = {
		{ ".text", sections->text },
		{ ".init.text", sections->init_text },
		{ ".exit.text", sections->exit_text },
	};
	size_t nearest = 0;
	char text[64];

	if (!address) {
		writer_null(w, key);
		return;
	}
	for (size_t i = 1; i < ARRAY_SIZE(bases); i++)
		if (bases[i].base && bases[i].base <= address &&
		    (bases[nearest].base > address || bases[i].base > bases[nearest].base))
			nearest = i;
	snprintf(text, sizeof(text), "%s+0x%" PRIx64, bases[nearest].name,
		 address - bases[nearest].base);
	writer_string(w, key, text);
}
