/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address translation: the plan's "translate" lines. */
#ifndef KMEMLAB_RUNNER_TRANSLATE_H
#define KMEMLAB_RUNNER_TRANSLATE_H

#include <stdio.h>

#include "runner/names.h"
#include "runner/phys_owners.h"
#include "runner/plan.h"

/* Upper limit for pages in one request. */
#define TRANSLATE_PAGES_MAX 65536

/* One input of a lookup, as far as struct kmemlab_lookup does not contain it. */
struct lookup_input {
	const struct translate_spec *spec;
	uint64_t object;	/* space objects: number of the object */
	uint64_t page;		/* number of the page in the object, or from spec->address on */
	uint64_t address;	/* requested address; space objects: 0 */
	uint64_t process_address;	/* address in this process of the same byte, or 0 */
	const struct kernel_mappings *mappings;	/* searched for aliases; NULL: do not search */
};

/*
 * Translate and write the records of one line. Return: 0, even if it was skipped, or a
 * negative errno.
 */
int translate(int device, const struct translate_spec *spec, FILE *records);

/* Write {"record":"lookup"}. */
void write_lookup_record(FILE *out, const struct lookup_input *input,
			 const struct kmemlab_table_format *format,
			 const struct page_names *names, const struct kmemlab_lookup *lookup);

#endif
