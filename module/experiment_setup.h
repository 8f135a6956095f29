/* SPDX-License-Identifier: GPL-2.0 */
/* An experiment on its way, and all that must be there before its first operation. */
#ifndef KMEMLAB_EXPERIMENT_SETUP_H
#define KMEMLAB_EXPERIMENT_SETUP_H

#include <linux/cpumask.h>
#include <linux/mutex.h>

#include "ledger.h"
#include "object_set.h"
#include "request.h"
#include "team.h"
#include "verify.h"

struct experiment;

/**
 * struct part - what one CPU does of it
 * @whole: what it is a part of
 * @member: of the team that does it
 * @set: the part's objects
 * @round: which of the repeats it is at
 */
struct part {
	struct experiment *whole;
	struct kmemlab_member *member;
	struct kmemlab_object_set *set;
	unsigned int round;
};

/**
 * struct experiment - one experiment on its way
 * @request: what the caller wants
 * @result: what comes of it
 * @set: what the objects are to be, all CPUs' together
 * @cpus: how many CPUs, each of them with one of @sets, @members and @parts
 * @held: CPUs that may not go offline before it is over
 * @calls: a thread on each of those, in their order
 * @sets: the objects
 * @members: who allocates them
 * @parts: what they do
 * @team: in which they work
 * @proof: what proving the objects finds
 * @proving: one at a time
 * @before: the system's ledger before the facility was prepared
 * @reserved: pages taken from the budget
 * @live_bytes: of all objects, which may be alive from now on
 * @prepared: the facility was, so that it must be finished
 * @more_gfp: allocation flags beside the profile's
 * @held_objects: objects that were alive when they were proved last
 * @proved_objects: objects that were to be proved, all together
 */
struct experiment {
	struct kmemlab_request request;
	struct kmemlab_result *result;
	struct kmemlab_object_set set;
	unsigned int cpus;
	struct cpumask held;
	struct kmemlab_cpu_call *calls;
	struct kmemlab_object_set *sets;
	struct kmemlab_member *members;
	struct part *parts;
	struct kmemlab_team team;
	struct kmemlab_proof proof;
	struct mutex proving;	/* @proof is that of all CPUs */
	struct kmemlab_ledger before;
	u64 reserved;
	u64 live_bytes;
	bool prepared;
	gfp_t more_gfp;
	size_t held_objects;
	u64 proved_objects;
};

/*
 * The facility's own caches and pools anew; nothing may be alive. Return: 0, or a
 * negative errno with the refusal said.
 */
int kmemlab_experiment_renew(struct experiment *e);

/* Pages that @objects need which are alive at once, and all bookkeeping. */
u64 kmemlab_experiment_pages(const struct experiment *e, size_t objects);

/*
 * @e->request is resolved, and @e->cpus says of how many. Return: 0, or a negative
 * errno with the refusal in @e->result; unless 0 nothing is kept.
 */
int kmemlab_experiment_set_up(struct experiment *e);
void kmemlab_experiment_take_down(struct experiment *e);

#endif
