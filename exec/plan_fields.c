// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan_fields.h"

/* What a directive can say, in the order in which plan_write() says it. */
const struct field experiment_fields[] = {
#define FIELD(name, type, least) { #name, type, offsetof(struct experiment_spec, name), least }
	FIELD(facility, FIELD_NAME, 0),
	FIELD(workload, FIELD_NAME, 0),
	FIELD(object_size, FIELD_U64, 1),
	FIELD(objects, FIELD_U64, 1),
	FIELD(cpus, FIELD_CPUS, 0),
	FIELD(gfp, FIELD_NAME, 0),
	FIELD(node, FIELD_S32, -1),
	FIELD(align, FIELD_U64, 0),
	FIELD(seed, FIELD_U64, 0),
	FIELD(free_order, FIELD_NAME, 0),
	FIELD(bulk, FIELD_U64, 0),
	FIELD(free_cpu, FIELD_S32, -1),
	FIELD(condition, FIELD_NAME, 0),
	FIELD(repeats, FIELD_U32, 1),
	FIELD(tails, FIELD_FLAG, 0),
	FIELD(pmu, FIELD_FLAG, 0),
	FIELD(mark, FIELD_FLAG, 0),
#undef FIELD
	{ 0 }
};

const struct field translate_fields[] = {
#define FIELD(name, type, least) { #name, type, offsetof(struct translate_spec, name), least }
	FIELD(space, FIELD_NAME, 0),
	FIELD(address, FIELD_ADDRESS, 0),
	FIELD(pages, FIELD_U64, 1),
	FIELD(pid, FIELD_U32, 0),
	FIELD(routes, FIELD_U32, 0),
	FIELD(facility, FIELD_NAME, 0),
	FIELD(object_size, FIELD_U64, 1),
	FIELD(objects, FIELD_U64, 1),
	FIELD(gfp, FIELD_NAME, 0),
	FIELD(mapped, FIELD_U32, 0),
#undef FIELD
	{ 0 }
};

const struct field map_fields[] = {
#define FIELD(name, type, least) { #name, type, offsetof(struct map_spec, name), least }
	FIELD(facility, FIELD_NAME, 0),
	FIELD(object_size, FIELD_U64, 1),
	FIELD(objects, FIELD_U64, 1),
	FIELD(gfp, FIELD_NAME, 0),
	FIELD(condition, FIELD_NAME, 0),
#undef FIELD
	{ 0 }
};
