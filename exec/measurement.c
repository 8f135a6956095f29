// SPDX-License-Identifier: GPL-2.0-or-later
#include "measurement.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "first_line.h"
#include "lib/device.h"
#include "memory_cgroup.h"
#include "records.h"
#include "user.h"

#define OVERFLOWS_MAX	1024	/* as many as the module keeps */

/* Room for the samples of one direction: address space, filled only as far as it is used. */
struct sample_buffer {
	uint32_t *samples;
	size_t capacity;
	struct kmemlab_overflow *overflows;
};

static int buffer_create(struct sample_buffer *buffer, size_t capacity)
{
	buffer->capacity = capacity;
	buffer->overflows = calloc(OVERFLOWS_MAX, sizeof(*buffer->overflows));
	buffer->samples = mmap(NULL, capacity * sizeof(*buffer->samples), PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (buffer->samples != MAP_FAILED && buffer->overflows)
		return 0;
	if (buffer->samples != MAP_FAILED)
		munmap(buffer->samples, capacity * sizeof(*buffer->samples));
	free(buffer->overflows);
	return -ENOMEM;
}

static void buffer_destroy(struct sample_buffer *buffer)
{
	munmap(buffer->samples, buffer->capacity * sizeof(*buffer->samples));
	free(buffer->overflows);
}

static void buffer_ask(const struct sample_buffer *buffer, struct kmemlab_samples *samples)
{
	samples->samples = (uintptr_t)buffer->samples;
	samples->capacity = buffer->capacity;
	samples->overflows = (uintptr_t)buffer->overflows;
	samples->overflow_capacity = OVERFLOWS_MAX;
}

/* The samples of one CPU, which lie from first on; first moves on behind them. */
static int evaluate_slice(const struct sample_buffer *buffer,
			  const struct kmemlab_samples *samples, uint64_t *first, uint64_t count,
			  uint32_t overhead, struct cost *cost)
{
	struct kmemlab_overflow *overflows = calloc(OVERFLOWS_MAX, sizeof(*overflows));
	size_t kept = 0;
	int error;

	if (!overflows)
		return -ENOMEM;
	for (size_t i = 0; i < samples->overflow_count && i < OVERFLOWS_MAX; i++) {
		uint64_t index = buffer->overflows[i].index;

		if (index < *first || index - *first >= count)
			continue;
		overflows[kept].index = index - *first;
		overflows[kept++].value = buffer->overflows[i].value;
	}
	error = cost_from_samples(buffer->samples + *first, count, overflows, kept, overhead,
				  cost);
	free(overflows);
	*first += count;
	return error;
}

static int buffer_evaluate(const struct sample_buffer *buffer,
			   const struct kmemlab_samples *samples, uint32_t overhead,
			   struct cost *cost)
{
	size_t overflows = samples->overflow_count;
	size_t count = samples->count < buffer->capacity ? samples->count : buffer->capacity;

	return cost_from_samples(buffer->samples, count, buffer->overflows,
				 overflows < OVERFLOWS_MAX ? overflows : OVERFLOWS_MAX,
				 overhead, cost);
}

static int pin_to(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static void fill_request(const struct experiment_spec *spec, struct kmemlab_experiment *request)
{
	memset(request, 0, sizeof(*request));
	memcpy(request->facility, spec->facility, sizeof(request->facility));
	memcpy(request->workload, spec->workload, sizeof(request->workload));
	memcpy(request->gfp, spec->gfp, sizeof(request->gfp));
	memcpy(request->condition, spec->condition, sizeof(request->condition));
	memcpy(request->free_order, spec->free_order, sizeof(request->free_order));
	request->object_size = spec->object_size;
	request->objects = spec->objects;
	request->align = spec->align;
	request->seed = spec->seed;
	request->bulk = spec->bulk;
	request->repeats = spec->repeats;
	request->node = spec->node;
	request->free_cpu = spec->free_cpu;
	request->cpu_count = spec->cpu_count;
	request->cpus = (uintptr_t)spec->cpus;
	request->flags = (spec->mark ? KMEMLAB_EXPERIMENT_MARK : 0) |
			 (spec->tails ? KMEMLAB_EXPERIMENT_TAILS : 0) |
			 (spec->pmu ? KMEMLAB_EXPERIMENT_PMU : 0);
}

/* Without them no percentile would be exact. */
static bool overflows_lost(const struct kmemlab_experiment *request, struct measurement *m)
{
	if (request->alloc.overflow_count <= OVERFLOWS_MAX &&
	    request->free.overflow_count <= OVERFLOWS_MAX)
		return false;
	m->result.status = KMEMLAB_STATUS_FAILED;
	snprintf(m->result.reason, sizeof(m->result.reason),
		 "more than %d operations took 2^28 ticks or longer: their costs are lost",
		 OVERFLOWS_MAX);
	return true;
}

static int evaluate_cpus(const struct kmemlab_experiment *request,
			 const struct kmemlab_cpu_share *shares, uint32_t overhead,
			 const struct sample_buffer *alloc, const struct sample_buffer *free_side,
			 struct measurement *m)
{
	uint64_t first_alloc = 0, first_free = 0;
	int error = 0;

	m->cpu_count = request->cpu_count;
	m->cpus = calloc(m->cpu_count, sizeof(*m->cpus));
	if (!m->cpus)
		return -ENOMEM;
	for (size_t i = 0; i < m->cpu_count && !error; i++) {
		struct cpu_measurement *cpu = &m->cpus[i];

		cpu->share = shares[i];
		error = evaluate_slice(alloc, &request->alloc, &first_alloc,
				       cpu->share.alloc_samples, overhead, &cpu->alloc);
		if (!error)
			error = evaluate_slice(free_side, &request->free, &first_free,
					       cpu->share.free_samples, overhead, &cpu->free);
	}
	return error;
}

static void take_off(uint32_t overhead, struct kmemlab_slow *slow)
{
	slow->threshold -= slow->threshold < overhead ? slow->threshold : overhead;
}

static int run(int device, struct kmemlab_experiment *request, uint32_t overhead,
	       struct sample_buffer *alloc, struct sample_buffer *free_side,
	       struct measurement *m, FILE *records)
{
	struct kmemlab_cpu_share shares[PLAN_CPUS_MAX];
	bool accounted;
	int error;

	buffer_ask(alloc, &request->alloc);
	buffer_ask(free_side, &request->free);
	request->result = (uintptr_t)&m->result;
	request->shares = (uintptr_t)shares;
	/* Where no cgroup is to be had, the module says what comes of that. */
	accounted = !strcmp(request->gfp, "accounted") && !memory_cgroup_enter();
	error = kmemlab_run_experiment(device, request);
	if (accounted)
		memory_cgroup_leave();
	if (error || m->result.status == KMEMLAB_STATUS_REFUSED)
		return error;
	take_off(overhead, &m->result.slow_allocs);
	take_off(overhead, &m->result.slow_frees);
	if (overflows_lost(request, m))
		return 0;
	if (records) {
		write_samples_record(records, "alloc", overhead, &request->alloc);
		write_samples_record(records, "free", overhead, &request->free);
	}
	error = buffer_evaluate(alloc, &request->alloc, overhead, &m->alloc);
	if (!error)
		error = buffer_evaluate(free_side, &request->free, overhead, &m->free);
	if (!error && request->cpu_count)
		error = evaluate_cpus(request, shares, overhead, alloc, free_side, m);
	return error;
}

/* What the caller named is no CPU that it can run on. */
static void say_no_cpu(const struct experiment_spec *spec, struct kmemlab_result *result)
{
	char online[64];

	read_first_line("/sys/devices/system/cpu/online", online, sizeof(online));
	snprintf(result->reason, sizeof(result->reason),
		 "there is no CPU %" PRIu32 " to run on: CPUs are named by number, and online are: %s",
		 spec->cpus[0], online);
	result->status = KMEMLAB_STATUS_REFUSED;
}

/* One place that turns the module's errors into words. */
static const char *words_for(int error)
{
	switch (-error) {
	case ENOENT:
		return "the module does not know this facility, workload, gfp profile or condition";
	case ENOMEM:
		return "there is no memory for the samples of so many operations";
	case EOVERFLOW:
		return "object size times objects is beyond this machine";
	case EOPNOTSUPP:
		return "the module does not know one of these parameters";
	default:
		return strerror(-error);
	}
}

/* The most samples that one direction can have. */
static int samples_max(int device, const struct experiment_spec *spec, size_t *count)
{
	struct kmemlab_info info;
	uint64_t objects = spec->objects;
	int error = kmemlab_get_info(device, &info);

	/* It goes on as far as the budget reaches, however many were asked for. */
	if (!strcmp(spec->workload, "ramp"))
		objects = info.budget_pages * info.page_size / spec->object_size + 1;
	if (!error && __builtin_mul_overflow(objects, spec->repeats, count))
		error = -EOVERFLOW;
	return error;
}

int measure(int device, const struct experiment_spec *spec, uint32_t overhead,
	    struct measurement *m, FILE *records)
{
	struct sample_buffer alloc, free_side;
	struct kmemlab_experiment request;
	size_t samples;
	int error;

	memset(m, 0, sizeof(*m));
	fill_request(spec, &request);
	error = pin_to(spec->cpu_count ? spec->cpus[0] : 0);
	if (error == -EINVAL) {
		say_no_cpu(spec, &m->result);
		return 0;
	}
	if (!error && !strcmp(spec->facility, USER_FACILITY)) {
		error = user_measure(device, spec, m);
		if (spec->tails)
			strcpy(m->result.tail_reason, "a process's page faults are not traced");
		if (spec->pmu)
			strcpy(m->result.pmu_reason, "a process's page faults are not counted");
		goto say;
	}
	if (!error)
		error = samples_max(device, spec, &samples);
	if (!error)
		error = buffer_create(&alloc, samples);
	if (error)
		goto say;
	error = buffer_create(&free_side, samples);
	if (!error) {
		error = run(device, &request, overhead, &alloc, &free_side, m,
			    spec->mark ? records : NULL);
		buffer_destroy(&free_side);
	}
	buffer_destroy(&alloc);
say:
	if (error)
		strncpy(m->result.reason, words_for(error), sizeof(m->result.reason) - 1);
	return error;
}

void measurement_release(struct measurement *m)
{
	free(m->cpus);
	m->cpus = NULL;
	m->cpu_count = 0;
}
