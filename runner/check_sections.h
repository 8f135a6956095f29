/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of a loaded module's sections, and places in the module as section and offset. */
#ifndef KMEMLAB_RUNNER_CHECK_SECTIONS_H
#define KMEMLAB_RUNNER_CHECK_SECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/check_pairs.h"
#include "runner/record_writer.h"

struct sections {
	const char *name;	/* of the module */
	bool known;
	uint64_t text, init_text, exit_text;
};

/* Find the module's memory, once for each load, as early as possible. */
void sections_read(struct sections *sections, struct pairs_module *module);

/* Write an address of the module as a member, ".text+0x10". */
void sections_write(const struct sections *sections, struct record_writer *w, const char *key,
		    uint64_t address);

#endif
