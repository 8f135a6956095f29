// SPDX-License-Identifier: GPL-2.0-or-later
#include "answer_record.h"

#include <string.h>

#include "lib/decode.h"
#include "record_writer.h"
#include "route_names.h"

#define NO_FRAME UINT64_MAX

static const struct {
	const char *status;
	const char *reason;	/* NULL: the last level says it */
} statuses[] = {
	[KMEMLAB_ANSWER_OK] = { "ok", NULL },
	[KMEMLAB_ANSWER_NOT_PRESENT] = { "not_mapped", NULL },
	[KMEMLAB_ANSWER_NON_CANONICAL] = { "no_address", "this is no address of this machine: "
		"the bits above those that are translated are not as they must be" },
	[KMEMLAB_ANSWER_NOT_KERNEL] = { "no_address", "a process's address, and no process is named" },
	[KMEMLAB_ANSWER_NOT_PROCESS] = { "no_address", "the kernel's address, not a process's" },
	[KMEMLAB_ANSWER_UNREADABLE] = { "unreadable", "the next table cannot be read" },
	[KMEMLAB_ANSWER_CHANGING] = { "changing", "the tables kept changing" },
	[KMEMLAB_ANSWER_NO_DIRECT_MAP] = { "not_mapped", "no memory of the kernel's: "
		"a hole, a device, or memory that no kernel address shows" },
	[KMEMLAB_ANSWER_NO_OBJECT] = { "no_address", "the set has no such object" },
};

static void write_input(struct record_writer *w, const struct answer_input *input)
{
	const struct translate_spec *spec = input->spec;

	writer_open(w, "input", '{');
	writer_string(w, "space", spec->space);
	if (*spec->facility) {
		writer_string(w, "facility", spec->facility);
		writer_unsigned(w, "object", input->object);
		writer_unsigned(w, "page", input->page);
	} else {
		if (!strcmp(spec->space, "process"))
			writer_unsigned(w, "pid", spec->pid);
		writer_hex(w, "address", input->address);
	}
	writer_close(w, '}');
}

static void write_kind(struct record_writer *w, const struct decoded *entry)
{
	static const char *const kinds[] = {
		[DECODED_EMPTY] = "empty", [DECODED_TABLE] = "table", [DECODED_LEAF] = "leaf",
		[DECODED_PROT_NONE] = "prot_none", [DECODED_SWAP] = "swap",
		[DECODED_MIGRATION] = "migration", [DECODED_SPECIAL] = "special",
		[DECODED_INVALID] = "invalid",
	};

	writer_string(w, "kind", kinds[entry->kind]);
}

static void write_level(struct record_writer *w, const struct kmemlab_table_format *format,
			unsigned int level, const struct kmemlab_step *step,
			const struct decoded *entry)
{
	writer_open(w, NULL, '{');
	writer_string(w, "name", decode_level_name(format, level));
	writer_hex(w, "table_phys", step->table);
	writer_unsigned(w, "index", step->index);
	writer_hex(w, "entry_phys", step->table + (uint64_t)step->index * step->entry_bytes);
	writer_hex(w, "raw", step->raw);
	write_kind(w, entry);
	writer_open(w, "flags", '[');
	for (size_t i = 0; i < entry->flag_count; i++)
		writer_string(w, NULL, entry->flags[i]);
	writer_close(w, ']');
	writer_close(w, '}');
}

/* All levels; the last one, and what all of them allow, go to the caller. */
static void write_levels(struct record_writer *w, const struct kmemlab_table_format *format,
			 const struct kmemlab_answer *answer, struct decoded *last,
			 unsigned int *allows)
{
	*allows = DECODED_ALL;
	*last = (struct decoded) { .kind = DECODED_EMPTY };
	writer_open(w, "levels", '[');
	for (unsigned int i = 0; i < answer->steps_count && i < KMEMLAB_STEPS_MAX; i++) {
		decode_entry(format, &answer->steps[i], last);
		write_level(w, format, i, &answer->steps[i], last);
		*allows &= last->allows;
	}
	writer_close(w, ']');
}

static void write_leaf(struct record_writer *w, const struct kmemlab_answer *answer,
		       const struct decoded *last, unsigned int allows)
{
	char text[DECODED_PERMISSIONS_SIZE];

	if (!answer->leaf_shift) {
		writer_null(w, "permissions");
		writer_null(w, "leaf_bytes");
		writer_null(w, "contiguous_bytes");
		return;
	}
	decode_permissions(allows, text);
	writer_string(w, "permissions", text);
	writer_unsigned(w, "leaf_bytes", UINT64_C(1) << answer->leaf_shift);
	if (last->contiguous_shift)
		writer_unsigned(w, "contiguous_bytes", UINT64_C(1) << last->contiguous_shift);
	else
		writer_null(w, "contiguous_bytes");
}

static void write_page(struct record_writer *w, const struct page_names *names,
		       const struct kmemlab_page *page)
{
	if (page->kind == KMEMLAB_PAGE_NONE) {
		writer_null(w, "page");
		return;
	}
	writer_open(w, "page", '{');
	writer_string(w, "kind", page_kind_name(page->kind));
	writer_open(w, "flags", '[');
	for (unsigned int i = 0; i < PAGE_FLAGS_MAX; i++)
		if (page->flags >> i & 1 && *names->flags[i])
			writer_string(w, NULL, names->flags[i]);
	writer_close(w, ']');
	writer_hex(w, "flags_raw", page->flags);
	writer_signed(w, "refcount", page->refcount);
	if (page->valid & KMEMLAB_PAGE_HAS_MAPCOUNT)
		writer_signed(w, "mapcount", page->mapcount);
	else
		writer_null(w, "mapcount");
	if (page->valid & KMEMLAB_PAGE_HAS_ORDER)
		writer_unsigned(w, "order", page->order);
	else
		writer_null(w, "order");
	writer_unsigned(w, "head_pfn", page->head_pfn);
	writer_string(w, "zone", page->zone < ZONES_MAX ? names->zones[page->zone] : "");
	writer_signed(w, "node", page->node);
	if (page->valid & KMEMLAB_PAGE_HAS_MIGRATE_TYPE && page->migrate_type < MIGRATE_TYPES_MAX)
		writer_string(w, "migrate_type", names->migrate_types[page->migrate_type]);
	else
		writer_null(w, "migrate_type");
	writer_close(w, '}');
}

static void write_routes(struct record_writer *w, const struct kmemlab_answer *answer)
{
	writer_open(w, "routes", '[');
	for (unsigned int i = 0; route_name(i); i++) {
		if (!(answer->routes & 1U << i))
			continue;
		writer_open(w, NULL, '{');
		writer_string(w, "name", route_name(i));
		if (answer->route_pfns[i] == NO_FRAME)
			writer_null(w, "pfn");
		else
			writer_unsigned(w, "pfn", answer->route_pfns[i]);
		writer_close(w, '}');
	}
	writer_close(w, ']');
	if (answer->routes)
		writer_bool(w, "agree", !answer->disagree);
	else
		writer_null(w, "agree");
}

static void write_alias(struct record_writer *w, const char *region, uint64_t address)
{
	writer_open(w, NULL, '{');
	writer_string(w, "region", region);
	writer_hex(w, "address", address);
	writer_close(w, '}');
}

/* The other addresses of the same byte: the kernel's, and of a mapped set the process's. */
static void write_aliases(struct record_writer *w, const struct answer_input *input,
			  const struct kmemlab_answer *answer, unsigned int page_shift)
{
	const uint64_t pfn = answer->phys >> page_shift;
	const struct kernel_mappings *all = input->mappings;

	if (!all) {
		writer_null(w, "aliases");
		return;
	}
	writer_open(w, "aliases", '[');
	for (size_t i = 0; i < all->count; i++) {
		const struct kmemlab_mapping *mapping = &all->mappings[i];
		uint64_t address = mapping->address + answer->phys -
				   (mapping->pfn << page_shift);

		if (pfn - mapping->pfn < mapping->pages && address != answer->address)
			write_alias(w, region_name(mapping->region), address);
	}
	if (input->process_address)
		write_alias(w, "process", input->process_address);
	writer_close(w, ']');
}

static void write_reason(struct record_writer *w, const struct kmemlab_answer *answer,
			 const struct decoded *last)
{
	const char *reason = statuses[answer->status].reason;
	char text[128];

	if (!reason && answer->status != KMEMLAB_ANSWER_OK)
		reason = decode_reason(last, text, sizeof(text));
	if (reason)
		writer_string(w, "reason", reason);
	else
		writer_null(w, "reason");
}

static void write_frame(struct record_writer *w, const struct answer_input *input,
			const struct kmemlab_answer *answer,
			const struct kmemlab_table_format *format)
{
	const char *space = input->spec->space;
	const bool known = answer->status == KMEMLAB_ANSWER_OK || !strcmp(space, "phys") ||
			   !strcmp(space, "pfn");

	if (known) {
		writer_unsigned(w, "pfn", answer->phys >> format->page_shift);
		writer_hex(w, "phys", answer->phys);
	} else {
		writer_null(w, "pfn");
		writer_null(w, "phys");
	}
}

void write_answer_record(FILE *out, const struct answer_input *input,
			 const struct kmemlab_table_format *format,
			 const struct page_names *names, const struct kmemlab_answer *answer)
{
	struct record_writer w = { .out = out };
	struct decoded last;
	unsigned int allows;

	writer_open(&w, NULL, '{');
	writer_string(&w, "record", "answer");
	write_input(&w, input);
	if (answer->address)
		writer_hex(&w, "address", answer->address);
	else
		writer_null(&w, "address");
	writer_string(&w, "status", statuses[answer->status].status);
	write_levels(&w, format, answer, &last, &allows);
	write_reason(&w, answer, &last);
	write_leaf(&w, answer, &last, allows);
	write_frame(&w, input, answer, format);
	write_page(&w, names, &answer->page);
	write_routes(&w, answer);
	write_aliases(&w, input, answer, format->page_shift);
	writer_close(&w, '}');
	writer_end_line(&w);
}
