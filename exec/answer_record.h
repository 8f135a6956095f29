/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One answer as a record: levels decoded, page flags by name, routes compared. */
#ifndef KMEMLAB_ANSWER_RECORD_H
#define KMEMLAB_ANSWER_RECORD_H

#include <stdbool.h>
#include <stdio.h>

#include "kernel_mappings.h"
#include "page_names.h"
#include "plan.h"

/* What was asked, as far as the answer does not say it. */
struct answer_input {
	const struct translate_spec *spec;
	uint64_t object;	/* of space objects: its number ... */
	uint64_t page;		/* ... and which of its pages; else the page from spec->address */
	uint64_t address;	/* as asked; of space objects 0 */
	uint64_t process_address;	/* where the process that asks has it as well, or 0 */
	const struct kernel_mappings *mappings;	/* other addresses are told of; or NULL */
};

void write_answer_record(FILE *out, const struct answer_input *input,
			 const struct kmemlab_table_format *format,
			 const struct page_names *names, const struct kmemlab_answer *answer);

#endif
