// SPDX-License-Identifier: GPL-2.0-or-later
#include "measurement.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/device.h"
#include "records.h"

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

static int buffer_evaluate(const struct sample_buffer *buffer,
			   const struct kmemlab_samples *samples, uint32_t overhead,
			   struct cost *cost)
{
	size_t overflows = samples->overflow_count;

	return cost_from_samples(buffer->samples, samples->count, buffer->overflows,
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
	request->flags = spec->mark ? KMEMLAB_EXPERIMENT_MARK : 0;
}

static int run(int device, struct kmemlab_experiment *request, uint32_t overhead,
	       struct sample_buffer *alloc, struct sample_buffer *free_side,
	       struct measurement *m, FILE *samples)
{
	int error;

	buffer_ask(alloc, &request->alloc);
	buffer_ask(free_side, &request->free);
	request->result = (uintptr_t)&m->result;
	error = kmemlab_run_experiment(device, request);
	if (error || m->result.status == KMEMLAB_STATUS_REFUSED)
		return error;
	if (samples) {
		write_samples_record(samples, "alloc", overhead, &request->alloc);
		write_samples_record(samples, "free", overhead, &request->free);
	}
	error = buffer_evaluate(alloc, &request->alloc, overhead, &m->alloc);
	return error ? error : buffer_evaluate(free_side, &request->free, overhead, &m->free);
}

/* One place that turns the module's errors into words. */
static const char *words_for(int error)
{
	switch (-error) {
	case ENOENT:
		return "the module does not know this facility, workload, gfp profile or condition";
	case EOVERFLOW:
		return "object size times objects is beyond this machine";
	case EOPNOTSUPP:
		return "the module does not know one of these parameters";
	default:
		return strerror(-error);
	}
}

int measure(int device, const struct experiment_spec *spec, uint32_t overhead,
	    struct measurement *m, FILE *samples)
{
	struct sample_buffer alloc, free_side;
	struct kmemlab_experiment request;
	int error;

	memset(m, 0, sizeof(*m));
	fill_request(spec, &request);
	error = pin_to(spec->cpu_count ? spec->cpus[0] : 0);
	if (error)
		goto say;
	error = buffer_create(&alloc, spec->objects * spec->repeats);
	if (error)
		goto say;
	error = buffer_create(&free_side, spec->objects * spec->repeats);
	if (!error) {
		error = run(device, &request, overhead, &alloc, &free_side, m,
			    spec->mark ? samples : NULL);
		buffer_destroy(&free_side);
	}
	buffer_destroy(&alloc);
say:
	if (error)
		strncpy(m->result.reason, words_for(error), sizeof(m->result.reason) - 1);
	return error;
}
