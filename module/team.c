// SPDX-License-Identifier: GPL-2.0
#include "team.h"

#include <linux/ktime.h>
#include <linux/sched/signal.h>

#include "clock.h"
#include "facilities/facility.h"

/* For CPUs that others keep busy: all are awake when they come to the barrier. */
#define MEETING_NS	NSEC_PER_SEC

void kmemlab_team_init(struct kmemlab_team *team, struct kmemlab_member *members,
		       unsigned int count, int (*work)(struct kmemlab_member *member))
{
	unsigned int i;

	*team = (struct kmemlab_team) {
		.count = count,
		.members = members,
		.work = work,
	};
	init_waitqueue_head(&team->wait);
	for (i = 0; i < count; i++)
		members[i].team = team;
}

/* For all: the first error is the one that counts. */
static void fail(struct kmemlab_team *team, int error)
{
	cmpxchg(&team->error, 0, error);
	wake_up_all(&team->wait);
}

static bool all_are(const atomic_t *count, const struct kmemlab_team *team, unsigned int times)
{
	/*
	 * It goes on counting: with wrapping differences it never ends. Acquired: whoever
	 * sees one that failed counted as here must see the error, too.
	 */
	return (int)(atomic_read_acquire(count) - times * team->count) >= 0;
}

int kmemlab_team_gather(struct kmemlab_member *member)
{
	struct kmemlab_team *team = member->team;

	member->gathers++;
	atomic_inc(&team->gathered);
	wake_up_all(&team->wait);
	/* Who comes after one that left is to know. */
	if (wait_event_interruptible(team->wait, READ_ONCE(team->error) ||
				     all_are(&team->gathered, team, member->gathers)))
		fail(team, -EINTR);
	return READ_ONCE(team->error);
}

static int meet(struct kmemlab_member *member)
{
	struct kmemlab_team *team = member->team;
	const u64 deadline = ktime_get_ns() + MEETING_NS;

	atomic_inc(&team->spinning);
	while (!all_are(&team->spinning, team, member->parts)) {
		if (READ_ONCE(team->error))
			return team->error;
		if (ktime_get_ns() > deadline)
			return -ETIMEDOUT;
		cpu_relax();
	}
	return 0;
}

static u64 done_by(const struct kmemlab_member *member)
{
	return (u64)READ_ONCE(member->run->alloc.count) + READ_ONCE(member->run->free.count);
}

int kmemlab_team_begin(struct kmemlab_member *member)
{
	struct kmemlab_team *team;
	unsigned int i;
	int error;

	if (!member)
		return 0;
	team = member->team;
	member->parts++;
	error = kmemlab_team_gather(member);
	if (!error)
		error = meet(member);
	if (error)
		return error;
	if (atomic_inc_return(&team->begun) != (int)(member->parts * team->count))
		return 0;
	team->begin = kmemlab_clock_end();
	for (i = 0; i < team->count; i++)
		team->members[i].at_begin = done_by(&team->members[i]);
	return 0;
}

/* By the last one: nobody writes to these any more. */
static void add_up(struct kmemlab_team *team)
{
	unsigned int i;

	/* Where one was through before another began, all ran at no time. */
	if ((s64)(team->end - team->begin) <= 0)
		return;
	team->ticks += team->end - team->begin;
	for (i = 0; i < team->count; i++)
		team->members[i].together += team->members[i].at_end - team->members[i].at_begin;
}

void kmemlab_team_end(struct kmemlab_member *member, int error)
{
	struct kmemlab_team *team;
	unsigned int i;

	if (!member)
		return;
	team = member->team;
	if (atomic_inc_return(&team->ended) == (int)((member->parts - 1) * team->count + 1)) {
		team->end = kmemlab_clock_end();
		for (i = 0; i < team->count; i++)
			team->members[i].at_end = done_by(&team->members[i]);
	}
	if (atomic_inc_return(&team->left) == (int)(member->parts * team->count))
		add_up(team);
	if (error && team->count > 1)
		fail(team, error);
}

static void work(struct kmemlab_member *member)
{
	int error = member->team->work(member);

	if (error)
		fail(member->team, error);
}

/* A thread of the kernel ignores signals unless it says otherwise. */
static void work_in_thread(void *context)
{
	struct kmemlab_team *team = ((struct kmemlab_member *)context)->team;

	allow_signal(SIGINT);
	work(context);
	atomic_inc(&team->finished);
	wake_up_all(&team->wait);
}

/* Threads look at their signals as the caller would: it hands its own on. */
static void interrupt_all(struct kmemlab_team *team)
{
	unsigned int i;

	fail(team, -EINTR);
	for (i = 0; i < team->count; i++)
		send_sig(SIGINT, team->members[i].call->thread, 1);
}

int kmemlab_team_run(struct kmemlab_team *team)
{
	bool moved = false;
	unsigned int i;

	if (team->count == 1) {
		work(team->members);
		return team->error;
	}
	for (i = 0; i < team->count; i++)
		kmemlab_cpu_call_start(team->members[i].call, work_in_thread, &team->members[i]);
	if (wait_event_interruptible(team->wait, atomic_read(&team->finished) == (int)team->count))
		interrupt_all(team);
	for (i = 0; i < team->count; i++)
		moved |= kmemlab_cpu_call_finish(team->members[i].call);
	return moved && team->error != -EINTR ? -ENODEV : team->error;
}
