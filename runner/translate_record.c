// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/translate.h"

#include <string.h>

#include "lib/pgtable_decode.h"
#include "runner/record_writer.h"

static const struct {
	const char *status;
	const char *reason;	/* NULL: taken from the last level's entry */
} statuses[] = {
	[KMEMLAB_LOOKUP_OK] = { "ok", NULL },
	[KMEMLAB_LOOKUP_NOT_PRESENT] = { "not_mapped", NULL },
	[KMEMLAB_LOOKUP_NON_CANONICAL] = { "no_address", "not an address of this machine: "
		"the bits above the translated ones are invalid" },
	[KMEMLAB_LOOKUP_NOT_KERNEL] = { "no_address", "user address (name its process with --pid)" },
	[KMEMLAB_LOOKUP_NOT_PROCESS] = { "no_address", "kernel address (omit --pid)" },
	[KMEMLAB_LOOKUP_UNREADABLE] = { "unreadable", "the next page table cannot be read" },
	[KMEMLAB_LOOKUP_CHANGING] = { "changing", "the page tables kept changing" },
	[KMEMLAB_LOOKUP_NO_DIRECT_MAP] = { "no_address", "no memory: a hole or a device" },
	[KMEMLAB_LOOKUP_NO_OBJECT] = { "no_address", "the object set has no such object" },
};

static void write_input(struct record_writer *w, const struct lookup_input *input)
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

static void write_kind(struct record_writer *w, const struct pgtable_entry *entry)
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
			unsigned int level, const struct kmemlab_walk_level *step,
			const struct pgtable_entry *entry)
{
	writer_open(w, NULL, '{');
	writer_string(w, "name", pgtable_level_name(format, level));
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

/* Write all levels. Set *last to the last entry and *allows to the combined permissions. */
static void write_levels(struct record_writer *w, const struct kmemlab_table_format *format,
			 const struct kmemlab_lookup *lookup, struct pgtable_entry *last,
			 unsigned int *allows)
{
	*allows = PGTABLE_ALL;
	*last = (struct pgtable_entry) { .kind = DECODED_EMPTY };
	writer_open(w, "levels", '[');
	for (unsigned int i = 0; i < lookup->steps_count && i < KMEMLAB_STEPS_MAX; i++) {
		pgtable_decode_entry(format, &lookup->steps[i], last);
		write_level(w, format, i, &lookup->steps[i], last);
		*allows &= last->allows;
	}
	writer_close(w, ']');
}

static void write_mapping(struct record_writer *w, const struct kmemlab_lookup *lookup,
			  const struct pgtable_entry *last, unsigned int allows)
{
	const bool mapped = lookup->leaf_shift;
	char text[DECODED_PERMISSIONS_SIZE];

	pgtable_permissions(allows, text);
	writer_string(w, "permissions", mapped ? text : NULL);
	writer_unsigned(w, "leaf_bytes", mapped ? UINT64_C(1) << lookup->leaf_shift : NO_COUNT);
	writer_unsigned(w, "contiguous_bytes", mapped && last->contiguous_shift ?
			UINT64_C(1) << last->contiguous_shift : NO_COUNT);
}

static void write_page(struct record_writer *w, const struct page_names *names,
		       const struct kmemlab_lookup *lookup, unsigned int struct_page_bytes)
{
	const struct kmemlab_page *page = &lookup->page;

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
	writer_unsigned(w, "order", page->valid & KMEMLAB_PAGE_HAS_ORDER ? page->order : NO_COUNT);
	writer_unsigned(w, "head_pfn", page->head_pfn);
	writer_string(w, "zone", page->zone < ZONES_MAX ? names->zones[page->zone] : "");
	writer_signed(w, "node", page->node);
	writer_string(w, "migrate_type", page->valid & KMEMLAB_PAGE_HAS_MIGRATE_TYPE &&
		      page->migrate_type < MIGRATE_TYPES_MAX ?
		      names->migrate_types[page->migrate_type] : NULL);
	writer_hex(w, "struct_page", lookup->struct_page);
	writer_unsigned(w, "struct_page_bytes", struct_page_bytes);
	writer_close(w, '}');
}

static void write_routes(struct record_writer *w, const struct kmemlab_lookup *lookup)
{
	writer_open(w, "routes", '[');
	for (unsigned int i = 0; route_names[i]; i++) {
		if (!(lookup->routes & 1U << i))
			continue;
		writer_open(w, NULL, '{');
		writer_string(w, "name", route_names[i]);
		writer_unsigned(w, "pfn", lookup->route_pfns[i]);
		writer_close(w, '}');
	}
	writer_close(w, ']');
	if (lookup->routes)
		writer_bool(w, "agree", !lookup->disagree);
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

/* Write the other kernel addresses of the byte, and that of a mapped set in this process. */
static void write_aliases(struct record_writer *w, const struct lookup_input *input,
			  const struct kmemlab_lookup *lookup, unsigned int page_shift)
{
	const uint64_t pfn = lookup->phys >> page_shift;
	const struct kernel_mappings *mappings = input->mappings;

	if (!mappings) {
		writer_null(w, "aliases");
		return;
	}
	writer_open(w, "aliases", '[');
	for (size_t i = 0; i < mappings->count; i++) {
		const struct kmemlab_mapping *mapping = &mappings->mappings[i];
		uint64_t address = mapping->address + lookup->phys -
				   (mapping->pfn << page_shift);

		if (pfn - mapping->pfn < mapping->pages && address != lookup->address)
			write_alias(w, region_name(mapping->region), address);
	}
	if (input->process_address)
		write_alias(w, "process", input->process_address);
	writer_close(w, ']');
}

/* Return true for memory that the kernel maps only while it uses it. */
static bool is_high_memory(const struct kmemlab_lookup *lookup)
{
	return lookup->status == KMEMLAB_LOOKUP_NO_DIRECT_MAP &&
	       lookup->page.kind != KMEMLAB_PAGE_NONE;
}

static const char *lookup_status(const struct kmemlab_lookup *lookup)
{
	return is_high_memory(lookup) ? "not_mapped" : statuses[lookup->status].status;
}

static void write_reason(struct record_writer *w, const struct kmemlab_lookup *lookup,
			 const struct pgtable_entry *last)
{
	const char *reason = is_high_memory(lookup) ? "high memory: not in the direct map" :
						      statuses[lookup->status].reason;
	char text[128];

	if (!reason && lookup->status != KMEMLAB_LOOKUP_OK)
		reason = pgtable_reason(last, text, sizeof(text));
	if (reason)
		writer_string(w, "reason", reason);
	else
		writer_null(w, "reason");
}

static void write_frame(struct record_writer *w, const struct lookup_input *input,
			const struct kmemlab_lookup *lookup,
			const struct kmemlab_table_format *format)
{
	const char *space = input->spec->space;
	const bool known = lookup->status == KMEMLAB_LOOKUP_OK || !strcmp(space, "phys") ||
			   !strcmp(space, "pfn");

	if (known) {
		writer_unsigned(w, "pfn", lookup->phys >> format->page_shift);
		writer_hex(w, "phys", lookup->phys);
	} else {
		writer_null(w, "pfn");
		writer_null(w, "phys");
	}
}

void write_lookup_record(FILE *out, const struct lookup_input *input,
			 const struct kmemlab_table_format *format,
			 const struct page_names *names, const struct kmemlab_lookup *lookup)
{
	struct record_writer w = { .out = out };
	struct pgtable_entry last;
	unsigned int allows;

	writer_begin(&w, "lookup");
	write_input(&w, input);
	if (lookup->address)
		writer_hex(&w, "address", lookup->address);
	else
		writer_null(&w, "address");
	writer_string(&w, "status", lookup_status(lookup));
	write_levels(&w, format, lookup, &last, &allows);
	write_reason(&w, lookup, &last);
	write_mapping(&w, lookup, &last, allows);
	write_frame(&w, input, lookup, format);
	write_page(&w, names, lookup, format->struct_page_bytes);
	write_routes(&w, lookup);
	write_aliases(&w, input, lookup, format->page_shift);
	writer_end(&w);
}
