// SPDX-License-Identifier: GPL-2.0-or-later
#include "self_check.h"

#include <stdlib.h>
#include <string.h>

#include "lib/device.h"

#define OPERATIONS	1000

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static int measure_instrument(int device, const char *facility, uint32_t overhead,
			      struct measurement *m)
{
	struct experiment_spec spec;
	int error;

	experiment_spec_init(&spec);
	strcpy(spec.facility, facility);
	strcpy(spec.workload, "pair");
	spec.objects = OPERATIONS;
	error = measure(device, &spec, overhead, m, NULL);
	measurement_release(m);
	return error;
}

/*
 * Counted instructions are exact. Where the clock is time, null may read what
 * the clock itself jitters by, and what delay takes is the machine's business.
 */
static bool is_right(const struct self_check *check, bool counted, uint32_t overhead)
{
	if (counted)
		return check->null == 0 && check->delay_read == check->delay_asked;
	return check->null <= overhead && check->delay_read > check->null;
}

int self_check_add(int device, const char *clock_unit, struct self_check *check)
{
	bool counted = !strcmp(clock_unit, "instructions");
	struct measurement null, delay;
	struct kmemlab_info info;
	uint64_t off, read;
	int error;

	error = kmemlab_get_info(device, &info);
	if (!error)
		error = measure_instrument(device, "null", info.clock_overhead, &null);
	if (!error)
		error = measure_instrument(device, "delay", info.clock_overhead, &delay);
	if (error)
		return error;
	check->null = max_u64(check->null, counted ?
			      max_u64(null.alloc.clean.p99, null.free.clean.p99) :
			      max_u64(null.alloc.clean.p50, null.free.clean.p50));
	check->delay_asked = info.delay_instructions;
	read = delay.alloc.clean.p50;
	/* Keep the direction and the call that is furthest off. */
	off = llabs((long long)check->delay_read - (long long)check->delay_asked);
	if (!check->delay_read ||
	    (uint64_t)llabs((long long)read - (long long)check->delay_asked) > off)
		check->delay_read = read;
	read = delay.free.clean.p50;
	off = llabs((long long)check->delay_read - (long long)check->delay_asked);
	if ((uint64_t)llabs((long long)read - (long long)check->delay_asked) > off)
		check->delay_read = read;
	check->ok = is_right(check, counted, info.clock_overhead);
	return 0;
}
