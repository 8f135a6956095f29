// SPDX-License-Identifier: GPL-2.0
#include "settle.h"

#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/smp.h>

#include "clock.h"
#include "compat/compat.h"

#define UNKNOWN_US	U64_MAX

static u64 idle_us(void)
{
	return num_online_cpus() == 1 ? compat_cpu_idle_us(raw_smp_processor_id()) : UNKNOWN_US;
}

/* Ticks of the wait in which the CPU did something; the clock's tick need not be a time known. */
static u64 busy_ticks(void (*wait)(void))
{
	const u64 idle = idle_us(), begin = ktime_to_us(ktime_get());
	struct kmemlab_start start;
	u64 ticks, all, idled;

	kmemlab_clock_begin(&start);
	wait();
	ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
	all = max_t(u64, ktime_to_us(ktime_get()) - begin, 1);
	idled = min(idle_us() - idle, all);
	return ticks - div64_u64(ticks * idled, all);
}

void kmemlab_settle(void (*wait)(void), struct kmemlab_deferred *deferred)
{
	u64 with, without;

	if (idle_us() == UNKNOWN_US) {
		wait();
		return;
	}
	with = busy_ticks(wait);
	without = busy_ticks(wait);
	deferred->ticks += with > without ? with - without : 0;
	deferred->known = true;
}
