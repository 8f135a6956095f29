// SPDX-License-Identifier: GPL-2.0-or-later
/* The fields of maps and of their document. */
#include "map.h"

#define PAGE_SIZE_MAX	(1 << 20)

/* Fields that readers check before all others. */
#define MAP_FIELDS \
	{ .name = "phase", .type = FIELD_TEXT }, \
	{ .name = "condition", .type = FIELD_TEXT }, \
	{ .name = "gfp", .type = FIELD_TEXT, .null_if = "" }, \
	{ .name = "migrate_types", .type = FIELD_TEXTS, .null_if = "" }, \
	{ .name = "page_size", .type = FIELD_COUNT, .min = 1, .max = PAGE_SIZE_MAX }, \
	{ .name = "pages", .type = FIELD_COUNT }, \
	{ .name = "order_max", .type = FIELD_COUNT, .max = ORDERS_MAX - 1, .null_if = "" }, \
	{ .name = "ticks", .type = FIELD_COUNT }, \
	{ .name = "zones", .type = FIELD_TEXTS }, \
	{ .name = "unattributed", .type = FIELD_TEXT, .null_if = "" }, \
	{ .name = "objects_missing", .type = FIELD_TEXT, .null_if = "" }

const struct field map_fields[] = { MAP_FIELDS, { 0 } };

static const struct field cma_fields[] = {
	{ .name = "pages", .type = FIELD_COUNT },
	{ .name = "kinds", .type = FIELD_FREE },
	{ 0 }
};

static const struct field blocker_fields[] = {
	{ .name = "pfn", .type = FIELD_COUNT },
	{ .name = "pages", .type = FIELD_COUNT },
	{ .name = "kind", .type = FIELD_TEXT },
	{ 0 }
};

static const struct field next_block_fields[] = {
	{ .name = "order", .type = FIELD_COUNT },
	{ .name = "pfn", .type = FIELD_COUNT },
	{ .name = "pages_in_use", .type = FIELD_COUNT },
	{ .name = "first_in_use", .type = FIELD_GROUPS, .members = blocker_fields },
	{ 0 }
};

static const struct field zone_fields[] = {
	{ .name = "name", .type = FIELD_TEXT },
	{ .name = "node", .type = FIELD_SIGNED },
	{ .name = "pages", .type = FIELD_COUNT },
	{ .name = "kinds", .type = FIELD_FREE },
	{ .name = "cma", .type = FIELD_GROUP, .members = cma_fields, .null_if = "" },
	{ .name = "free_by_order", .type = FIELD_COUNTS },
	{ .name = "usable_by_order", .type = FIELD_COUNTS },
	{ .name = "largest_free_order", .type = FIELD_SIGNED },
	{ .name = "unusable", .type = FIELD_REALS },
	{ .name = "fragmentation", .type = FIELD_REALS },
	{ .name = "next_larger", .type = FIELD_GROUP, .members = next_block_fields,
	  .null_if = "" },
	{ 0 }
};

static const struct field map_entry_fields[] = {
	MAP_FIELDS,
	{ .name = "kinds", .type = FIELD_TEXTS },
	{ .name = "owner_names", .type = FIELD_TEXTS },
	{ .name = "owners", .type = FIELD_LISTS },
	{ .name = "objects", .type = FIELD_LISTS, .null_if = "" },
	{ .name = "runs", .type = FIELD_LISTS },
	{ .name = "statistics", .type = FIELD_GROUPS, .members = zone_fields },
	{ 0 }
};

const struct field map_document_fields[] = {
	{ .name = "schema", .type = FIELD_TEXT,
	  .choices = (const char *const[]) { MAP_SCHEMA, NULL } },
	{ .name = "environment", .type = FIELD_GROUP, .members = environment_fields },
	{ .name = "maps", .type = FIELD_GROUPS, .members = map_entry_fields },
	{ .name = "skipped", .type = FIELD_GROUPS, .members = skipped_fields },
	{ 0 }
};
