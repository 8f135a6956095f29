/* SPDX-License-Identifier: GPL-2.0 */
/* Proof: every object is written through one route and read back through another. */
#ifndef KMEMLAB_VERIFY_H
#define KMEMLAB_VERIFY_H

#include "frame_set.h"
#include "object_set.h"
#include "translate/routes.h"

/**
 * struct kmemlab_proof - what proving found, summed over all calls
 * @frames: the frames behind the objects, each once
 * @result: whose verification fields, usable_bytes and contiguous_objects are added to
 * @seed: of the patterns
 * @page: the page translated last, since many objects can share one
 * @here: its translation
 * @unmapped: it has none, or none that the routes agree on
 */
struct kmemlab_proof {
	struct kmemlab_frame_set frames;
	struct kmemlab_result *result;
	u64 seed;
	unsigned long page;
	struct kmemlab_translation here;
	bool unmapped;
};

/*
 * Writes a pattern into every object of @count sets through the facility's address;
 * then translates every page of every object by all routes, and reads the
 * pattern back at the page frame that the walk found.
 * Return: 0 (also where something was wrong: the result says so), -EINTR,
 * -ENOMEM, -ERANGE.
 */
int kmemlab_verify(struct kmemlab_object_set *sets, size_t count, struct kmemlab_proof *proof);

#endif
