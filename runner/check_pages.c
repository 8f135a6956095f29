// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/check_pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/check_memory.h"

#define ELEMENTS	8

struct studio_values {
	uint64_t pages;		/* that the module has allocated */
	uint64_t blocks;
	uint64_t order;		/* of the first block */
	uint64_t site;		/* of its allocation */
	uint64_t right, wrong;	/* words; those that lie in no page are neither */
	uint64_t wrong_index, wrong_pfn, wrong_offset, found;	/* of the first wrong word */
	uint64_t beyond;	/* words behind the last struct that hold their index, or 0 */
	bool beyond_pages;	/* these lie behind the module's pages */
	bool pfn_as_address;	/* the values lie where the PFN is the physical address */
	bool readable;		/* the kernel lets programs read its memory */
};

struct values_reader {
	struct memory *memory;	/* or NULL */
	struct studio_values *values;
	uint64_t words;		/* that the exercise has */
	uint64_t next;		/* index of the next word */
	uint32_t *page;		/* NULL: no values are read */
	size_t page_bytes;
	uint64_t first_pfn, end_pfn;
};

static void check_word(struct values_reader *reader, uint64_t pfn, unsigned int i)
{
	struct studio_values *values = reader->values;
	uint64_t index = reader->next;
	bool right = reader->page[i] == (uint32_t)index;

	if (index >= reader->words) {
		values->beyond += right;
		return;
	}
	if (right) {
		values->right++;
		return;
	}
	if (!values->wrong++) {
		values->wrong_index = index;
		values->wrong_pfn = pfn;
		values->wrong_offset = i * sizeof(uint32_t);
		values->found = reader->page[i];
	}
}

static void check_page(struct values_reader *reader, uint64_t pfn)
{
	size_t words = reader->page_bytes / sizeof(uint32_t);

	if (!reader->memory || !memory_read(reader->memory, pfn * reader->page_bytes, reader->page,
					    reader->page_bytes)) {
		reader->values->readable = false;
		return;
	}
	for (unsigned int i = 0; i < words; i++, reader->next++)
		check_word(reader, pfn, i);
}

static void check_block(void *context, uint64_t pfn, unsigned int order, uint64_t site)
{
	struct values_reader *reader = context;
	struct studio_values *values = reader->values;

	if (!values->blocks++) {
		values->order = order;
		values->site = site;
		reader->first_pfn = pfn;
	}
	values->pages += 1ULL << order;
	for (uint64_t i = 0; reader->page && i < 1ULL << order; i++)
		check_page(reader, pfn + i);
	reader->end_pfn = pfn + (1ULL << order);
}

/*
 * Look for the values of the last page where its PFN, in place of PFN * page size, is the address.
 * Pages written in this way overlap, and the last one stays whole.
 */
static bool is_pfn_address(const struct values_reader *reader)
{
	uint64_t page_words = reader->page_bytes / sizeof(uint32_t);
	uint64_t last = (reader->words - 1) / page_words;
	uint32_t words[ELEMENTS];

	if (!reader->memory ||
	    !memory_read(reader->memory, reader->first_pfn + last, words, sizeof(words)))
		return false;
	for (uint32_t i = 0; i < ELEMENTS; i++)
		if (words[i] != last * page_words + i)
			return false;
	return true;
}

/*
 * Find the pages that the module has allocated, and compare their first words if there are any. Without
 * memory for that, pairs->lost is set and the values are meaningless.
 */
static void read_values(struct studio_values *values, struct pairs *pairs, uint64_t words)
{
	struct values_reader reader = {
		.values = values, .words = words, .page_bytes = sysconf(_SC_PAGESIZE),
	};

	*values = (struct studio_values) { .readable = true };
	if (words) {
		reader.memory = memory_open();
		reader.page = calloc(1, reader.page_bytes);
		pairs->lost |= !reader.page;
	}
	pairs_visit_pages(pairs, check_block, &reader);
	/* A module may fill its last page. The page behind that one is another's. */
	if (values->beyond > ELEMENTS)
		values->beyond = 0;
	if (values->blocks && reader.page && reader.next == words) {
		check_page(&reader, reader.end_pfn);
		values->beyond_pages = values->beyond;
	}
	values->pfn_as_address = values->blocks && values->wrong && is_pfn_address(&reader);
	free(reader.page);
	memory_close(reader.memory);
}

/* Return the value of nr_structs among the parameters, or the exercise's default. */
static uint64_t structs_of(const char *parameters)
{
	const char *found = strstr(parameters, "nr_structs=");

	return found ? strtoull(found + strlen("nr_structs="), NULL, 0) : 2000;
}

/* Report the pages that the module has allocated. */
static void write_pages(struct check_output *output, const struct sections *sections,
			const struct studio_values *values, const char *parameters)
{
	writer_unsigned(&output->w, "structs", structs_of(parameters));
	writer_unsigned(&output->w, "page_bytes", sysconf(_SC_PAGESIZE));
	writer_unsigned(&output->w, "blocks", values->blocks);
	writer_unsigned(&output->w, "pages", values->pages);
	writer_unsigned(&output->w, "order", values->order);
	sections_write(sections, &output->w, "site", values->site);
}

void studio_report_pages(struct check_output *output, const struct sections *sections,
			 struct pairs *pairs, const char *parameters)
{
	struct studio_values values;

	read_values(&values, pairs, 0);
	if (pairs->lost)
		return;
	output_begin(output, "pages");
	write_pages(output, sections, &values, parameters);
	output_end(output);
}

void studio_report(struct check_output *output, const struct sections *sections,
		   struct pairs *pairs, const char *parameters)
{
	struct studio_values values;

	read_values(&values, pairs, structs_of(parameters) * 8);
	if (pairs->lost)
		return;
	output_begin(output, "studio");
	write_pages(output, sections, &values, parameters);
	writer_bool(&output->w, "readable", values.readable);
	writer_unsigned(&output->w, "right", values.right);
	writer_unsigned(&output->w, "wrong", values.wrong);
	writer_unsigned(&output->w, "wrong_index", values.wrong_index);
	writer_hex(&output->w, "wrong_pfn", values.wrong_pfn);
	writer_unsigned(&output->w, "wrong_offset", values.wrong_offset);
	writer_unsigned(&output->w, "found", values.found);
	writer_unsigned(&output->w, "beyond", values.beyond);
	writer_bool(&output->w, "beyond_pages", values.beyond_pages);
	writer_bool(&output->w, "pfn_as_address", values.pfn_as_address);
	output_end(output);
}
