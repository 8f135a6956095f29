/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts about facilities that hold on every kernel: the C calls, and what a facility never
 * supports. Facts that depend on the kernel are part of the results.
 */
#ifndef KMEMLAB_REPORT_FACILITY_INFO_H
#define KMEMLAB_REPORT_FACILITY_INFO_H

#include <stdbool.h>
#include <stddef.h>

enum lifetime {
	LIFETIME_ANY,		/* cost and memory count equally */
	LIFETIME_SHORT,		/* only the cost counts */
	LIFETIME_LONG,		/* only the memory counts */
};

/* Objects that a facility is needed for. */
struct requirements {
	long long object_size, objects;
	bool contiguous, atomic, dma32, zeroed;
	unsigned int cpus;
	enum lifetime lifetime;
};

/* Return the name of the GFP profile that the requirements are measured with. */
const char *requirements_gfp(const struct requirements *requirements);

/*
 * Placeholders in calls: {size} and {pages} are per object, {block_size} and {block_pages} per
 * call, {gfp} the GFP flags; see placeholder_value() for all.
 */
struct facility_info {
	const char *name;
	const char *setup;	/* code that runs once before; or NULL */
	const char *alloc;
	const char *zeroed;	/* allocation that clears; NULL: alloc with __GFP_ZERO */
	const char *dma32;	/* allocation below 4 GiB; "gfp": alloc with __GFP_DMA32; or NULL */
	const char *free;	/* NULL: unknown */
	const char *caveat;	/* a drawback that no metric shows; or NULL */
	const char *unmeasured;	/* work of the caller that the cost does not include; or NULL */
	const char *special;	/* the purpose it is limited to; or NULL: general */
	bool device;		/* special, except for objects that a device requires */
	const char *not_in_kernel;	/* why kernel code cannot use it; or NULL */
	bool may_be_atomic;
};

/* Return the facts about a facility: of one that is not in the list, hardly any. */
const struct facility_info *facility_info_find(const char *name);

/* Return true if the facility has a special purpose that the requirements do not imply. */
bool facility_is_special(const struct facility_info *info, const struct requirements *requirements);

/*
 * Return the C code for setup, allocation and release, one statement per line; the caller frees
 * it. per_call: objects that one call allocates.
 */
char *facility_call(const struct facility_info *info, const struct requirements *requirements,
		    long long per_call, long long page_size);

#endif
