/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each line of a plan can say; for reading and writing one alike. */
#ifndef KMEMLAB_PLAN_FIELDS_H
#define KMEMLAB_PLAN_FIELDS_H

#include "plan.h"

enum field_type {
	FIELD_NAME,
	FIELD_U64,
	FIELD_U32,
	FIELD_S32,
	FIELD_CPUS,
	FIELD_ADDRESS,
	FIELD_FLAG,
};

struct field {
	const char *name;	/* NULL: behind the last one */
	enum field_type type;
	size_t offset;		/* in the spec */
	int64_t least;		/* of a number */
};

extern const struct field experiment_fields[], translate_fields[], map_fields[];

#endif
