/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A team: one thread on each of several CPUs, doing their timed parts together.
 *
 * Before a timed part all gather asleep, for the others may take long with
 * what is not timed; then they spin until the last one is there. What all of
 * them get done is counted from the moment the last one has begun to the moment
 * the first one ends: only then do all run.
 */
#ifndef KMEMLAB_TEAM_H
#define KMEMLAB_TEAM_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "on_cpu.h"

struct kmemlab_member;
struct kmemlab_run;

/**
 * struct kmemlab_team - those who work together
 * @count: how many
 * @members: each of them
 * @work: what each does
 * @error: the first that befell one of them, which ends it for all
 * @wait: where members wait asleep
 * @gathered: members that have gathered, all times together
 * @spinning: that have come to a barrier, alike
 * @begun: that have begun a timed part, alike
 * @ended: that have come to the end of one, alike
 * @left: that have left it, alike
 * @finished: whose thread has done its work
 * @begin: when the last one began the timed part
 * @end: when the first one ended it
 * @ticks: in which all ran, all timed parts together
 */
struct kmemlab_team {
	unsigned int count;
	struct kmemlab_member *members;
	int (*work)(struct kmemlab_member *member);
	int error;
	wait_queue_head_t wait;
	atomic_t gathered;
	atomic_t spinning;
	atomic_t begun;
	atomic_t ended;
	atomic_t left;
	atomic_t finished;
	u64 begin;
	u64 end;
	u64 ticks;
};

/**
 * struct kmemlab_member - one of them
 * @team: whose
 * @run: whose samples say how far it is
 * @cpu: where it works
 * @gathers: how often it has gathered
 * @parts: how many timed parts it has begun
 * @at_begin: operations that it had done when the last one began
 * @at_end: and when the first one ended
 * @together: operations that it did while all ran
 * @call: its thread; NULL: it works in the caller
 */
struct kmemlab_member {
	struct kmemlab_team *team;
	const struct kmemlab_run *run;
	unsigned int cpu;
	unsigned int gathers;
	unsigned int parts;
	u64 at_begin;
	u64 at_end;
	u64 together;
	struct kmemlab_cpu_call *call;
};

/* @members: each with its run, its CPU and its thread; the rest is filled in here. */
void kmemlab_team_init(struct kmemlab_team *team, struct kmemlab_member *members,
		       unsigned int count, int (*work)(struct kmemlab_member *member));

/*
 * Lets all members work and waits for them; a single one works in the caller, on
 * the CPU it is on. A signal to the caller ends it for all.
 * Return: 0, -ENODEV where one of them was moved to another CPU, or what the first
 * member that failed returned.
 */
int kmemlab_team_run(struct kmemlab_team *team);

/* Waits asleep until all have come so far. Return: 0, or why the team is at its end. */
int kmemlab_team_gather(struct kmemlab_member *member);

/*
 * Around a timed part; @member may be NULL: then nothing happens. Unless the first
 * returned 0 the second must not be called. @error: what the part came to; it
 * ends the work of all others.
 * Return: as for gather, or -ETIMEDOUT where the CPUs do not get to run at once.
 */
int kmemlab_team_begin(struct kmemlab_member *member);
void kmemlab_team_end(struct kmemlab_member *member, int error);

#endif
