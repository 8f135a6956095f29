/* SPDX-License-Identifier: GPL-2.0-only */
/* Verification: write every object through one route, read it back through another. */
#ifndef KMEMLAB_VERIFY_H
#define KMEMLAB_VERIFY_H

#include "object_set.h"
#include "pfn_set.h"
#include "translate/lookup.h"

/**
 * struct kmemlab_verify - state of a verification, summed over all calls
 * @frames: page frames of the objects
 * @result: verification fields, usable_bytes and contiguous_objects are added to it
 * @seed: seed of the patterns
 * @page: address of the page that was translated last; many objects can share a page
 * @translation: translation of @page
 * @unmapped: @page has no translation, or its routes disagree
 */
struct kmemlab_verify {
	struct kmemlab_pfn_set frames;
	struct kmemlab_result *result;
	u64 seed;
	unsigned long page;
	struct kmemlab_translation translation;
	bool unmapped;
};

int kmemlab_verify_objects(struct kmemlab_object_set *sets, size_t count,
			   struct kmemlab_verify *verify);
int kmemlab_verify_again(struct kmemlab_object_set *sets, size_t count,
			 struct kmemlab_verify *verify);

#endif
