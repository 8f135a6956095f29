// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/experiment_run.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/catalog.h"
#include "lib/device.h"
#include "runner/anon.h"
#include "runner/phys_owners.h"
#include "runner/record_fields.h"
#include "runner/record_writer.h"
#include "runner/system.h"

#define OVERFLOWS_MAX		1024	/* the module's limit */
#define SAMPLE_TAG_SHIFT	28

/* Samples of one direction. The mapping is sparse: only the pages in use are allocated. */
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

static void buffer_attach(const struct sample_buffer *buffer, struct kmemlab_samples *samples)
{
	samples->samples = (uintptr_t)buffer->samples;
	samples->capacity = buffer->capacity;
	samples->overflows = (uintptr_t)buffer->overflows;
	samples->overflow_capacity = OVERFLOWS_MAX;
}

/* Compute the cost from count samples, starting with sample first. */
static int buffer_evaluate(const struct sample_buffer *buffer,
			   const struct kmemlab_samples *samples, uint64_t first, uint64_t count,
			   uint32_t overhead, struct cost *cost)
{
	struct kmemlab_overflow overflows[OVERFLOWS_MAX];
	size_t overflow_count = 0;

	for (size_t i = 0; i < samples->overflow_count && i < OVERFLOWS_MAX; i++) {
		uint64_t index = buffer->overflows[i].index;

		if (index < first || index - first >= count)
			continue;
		overflows[overflow_count].index = index - first;
		overflows[overflow_count++].value = buffer->overflows[i].value;
	}
	return cost_from_samples(buffer->samples + first, count, overflows, overflow_count,
				 overhead, cost);
}

static int buffer_evaluate_all(const struct sample_buffer *buffer,
			       const struct kmemlab_samples *samples, uint32_t overhead,
			       struct cost *cost)
{
	return buffer_evaluate(buffer, samples, 0, samples->count < buffer->capacity ?
			       samples->count : buffer->capacity, overhead, cost);
}

static int pin_to_cpu(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static void fill_request(const struct experiment_spec *spec, struct kmemlab_experiment *request)
{
	memset(request, 0, sizeof(*request));
	for (const struct plan_field *param = experiment_params; param->name; param++) {
		const void *value = (const char *)spec + param->offset;

		if (param->type == PLAN_FLAG)
			request->flags |= *(const uint32_t *)value ? param->flag : 0;
		else if (param->type != PLAN_CPUS)
			memcpy((char *)request + param->request_offset, value, param->size);
	}
	request->flags |= spec->avoid_ticks ? KMEMLAB_EXPERIMENT_AVOID_TICKS : 0;
	request->cpu_count = spec->cpu_count;
	request->cpus = (uintptr_t)spec->cpus;
}

/* Fail the experiment if values were lost: percentiles would not be exact. */
static bool check_overflows(const struct kmemlab_experiment *request, struct experiment_run *run)
{
	if (request->alloc.overflow_count <= OVERFLOWS_MAX &&
	    request->free.overflow_count <= OVERFLOWS_MAX)
		return true;
	run->result.status = KMEMLAB_STATUS_FAILED;
	snprintf(run->result.reason, sizeof(run->result.reason),
		 "too many operations of 2^28 ticks or more (at most %d can be recorded)",
		 OVERFLOWS_MAX);
	return false;
}

static int evaluate_cpus(const struct kmemlab_experiment *request,
			 const struct kmemlab_cpu_share *shares, uint32_t overhead,
			 const struct sample_buffer *alloc, const struct sample_buffer *free_buffer,
			 struct experiment_run *run)
{
	uint64_t first_alloc = 0, first_free = 0;
	int err = 0;

	run->cpu_count = request->cpu_count;
	run->cpus = calloc(run->cpu_count, sizeof(*run->cpus));
	if (!run->cpus)
		return -ENOMEM;
	for (size_t i = 0; i < run->cpu_count && !err; i++) {
		struct cpu_run *cpu = &run->cpus[i];

		cpu->share = shares[i];
		err = buffer_evaluate(alloc, &request->alloc, first_alloc,
				      cpu->share.alloc_samples, overhead, &cpu->alloc);
		if (!err)
			err = buffer_evaluate(free_buffer, &request->free, first_free,
					      cpu->share.free_samples, overhead, &cpu->free);
		first_alloc += cpu->share.alloc_samples;
		first_free += cpu->share.free_samples;
	}
	return err;
}

/*
 * Write {"record":"samples"} for one direction: the address of the module's code ("0x0" if it
 * is hidden), the per-CPU areas, and runs of equal samples in the order of operations, each as
 * [ticks with the clock's overhead, tags, count].
 */
static void write_samples_record(FILE *out, int device, const struct phys_owners *owners,
				 const char *direction, uint32_t overhead,
				 const struct kmemlab_samples *samples)
{
	const uint32_t *values = (const uint32_t *)(uintptr_t)samples->samples;
	const struct kmemlab_overflow *overflows =
		(const struct kmemlab_overflow *)(uintptr_t)samples->overflows;
	size_t overflow_count = samples->overflow_count < samples->overflow_capacity ?
				samples->overflow_count : samples->overflow_capacity;
	struct record_writer w = { .out = out };
	size_t overflow = 0;
	uint64_t i = 0;
	char text[32];

	module_read_line("sections/.text", text, sizeof(text));
	writer_begin(&w, "samples");
	writer_string(&w, "direction", direction);
	writer_unsigned(&w, "overhead", overhead);
	writer_string(&w, "module_text", *text ? text : "0x0");
	phys_owners_write_per_cpu(device, sysconf(_SC_PAGESIZE), owners, &w, "per_cpu");
	writer_open(&w, "runs", '[');
	while (i < samples->count) {
		uint64_t ticks = exact_ticks(values, i, overflows, overflow_count, &overflow);
		uint64_t first = i;

		do {
			i++;
		} while (i < samples->count && values[i] == values[first] &&
			 (values[i] & KMEMLAB_SAMPLE_VALUE) < KMEMLAB_SAMPLE_VALUE);
		writer_open(&w, NULL, '[');
		writer_unsigned(&w, NULL, ticks);
		writer_unsigned(&w, NULL, values[first] >> SAMPLE_TAG_SHIFT);
		writer_unsigned(&w, NULL, i - first);
		writer_close(&w, ']');
	}
	writer_close(&w, ']');
	writer_end(&w);
}

static void write_samples(FILE *out, int device, uint32_t overhead,
			  const struct kmemlab_experiment *request)
{
	struct phys_owners owners = { .count = 0 };

	phys_owners_init(&owners);
	/* Per-CPU areas that are not known are written as null. */
	phys_owners_read(device, sysconf(_SC_PAGESIZE), &owners);
	write_samples_record(out, device, &owners, "alloc", overhead, &request->alloc);
	write_samples_record(out, device, &owners, "free", overhead, &request->free);
	phys_owners_release(&owners);
}

static int run_with_buffers(int device, struct kmemlab_experiment *request, uint32_t overhead,
			    struct sample_buffer *alloc, struct sample_buffer *free_buffer,
			    struct experiment_run *run, FILE *records)
{
	struct kmemlab_cpu_share shares[PLAN_CPUS_MAX];
	bool in_cgroup;
	int err;

	buffer_attach(alloc, &request->alloc);
	buffer_attach(free_buffer, &request->free);
	request->result = (uintptr_t)&run->result;
	request->shares = (uintptr_t)shares;
	run->refusal.size = sizeof(run->refusal);
	request->refusal = (uintptr_t)&run->refusal;
	/* Without a cgroup, the module skips the experiment with a reason. */
	in_cgroup = !strcmp(request->gfp, "accounted") && !memory_cgroup_enter();
	err = kmemlab_run_experiment(device, request);
	if (in_cgroup)
		memory_cgroup_leave();
	if (err || run->result.status == KMEMLAB_STATUS_SKIPPED || !check_overflows(request, run))
		return err;
	if (records)
		write_samples(records, device, overhead, request);
	err = buffer_evaluate_all(alloc, &request->alloc, overhead, &run->alloc);
	if (!err)
		err = buffer_evaluate_all(free_buffer, &request->free, overhead, &run->free);
	if (!err && request->cpu_count)
		err = evaluate_cpus(request, shares, overhead, alloc, free_buffer, run);
	return err;
}

/* Set *count to the largest possible number of samples in one direction. */
static int get_samples_max(int device, const struct experiment_spec *spec, size_t *count)
{
	struct kmemlab_info info;
	uint64_t objects = spec->objects;
	int err = kmemlab_get_info(device, &info);

	/* A ramp ends at the budget, not at the number of objects. */
	if (workload_flags(spec->workload) & KMEMLAB_WORKLOAD_GROWS)
		objects = info.budget_pages * info.page_size / spec->object_size + 1;
	if (!err && __builtin_mul_overflow(objects, spec->repeats, count))
		err = -EOVERFLOW;
	return err;
}

static int run_in_module(int device, struct experiment_run *run, uint32_t overhead, FILE *records)
{
	struct sample_buffer alloc, free_buffer;
	struct kmemlab_experiment request;
	size_t samples;
	int err;

	fill_request(&run->spec, &request);
	err = get_samples_max(device, &run->spec, &samples);
	if (!err)
		err = buffer_create(&alloc, samples);
	if (err)
		return err;
	err = buffer_create(&free_buffer, samples);
	if (!err) {
		err = run_with_buffers(device, &request, overhead, &alloc, &free_buffer, run,
				       run->spec.mark ? records : NULL);
		buffer_destroy(&free_buffer);
	}
	buffer_destroy(&alloc);
	return err;
}

static void fill_tail(const struct kmemlab_result *result, bool frees, uint32_t overhead,
		      struct tail_direction *tail)
{
	const struct kmemlab_outliers *outliers = frees ? &result->free_outliers :
							  &result->alloc_outliers;

	tail->operations = frees ? result->tail_frees : result->tail_allocs;
	tail->slow = outliers->operations;
	tail->slow_from = outliers->threshold > overhead ? outliers->threshold - overhead : 0;
	if (!tail->slow)
		tail->slow_from = NO_COUNT;
	tail->slow_unexplained = outliers->unexplained;
	for (int i = 0; i < KMEMLAB_CAUSES_MAX; i++) {
		const struct kmemlab_cause *cause = &result->tail_causes[i];
		const struct kmemlab_cause_cost *cost = frees ? &result->free_costs[i] :
								&result->alloc_costs[i];
		struct cause_count *to = &tail->causes[tail->cause_count];

		to->operations = frees ? cause->frees : cause->allocs;
		if (!to->operations)
			continue;
		memcpy(to->name, cause->name, sizeof(to->name));
		to->slow = outliers->with[i];
		to->mean = (double)cost->ticks / cost->operations - overhead;
		tail->cause_count++;
	}
}

static double get_event(const struct kmemlab_result *result, const char *name, bool frees,
			uint64_t operations)
{
	for (int i = 0; i < KMEMLAB_PMU_MAX; i++) {
		const struct kmemlab_pmu_event *event = &result->pmu_events[i];

		if (!strcmp(event->name, name) && event->counted && operations)
			return (double)(frees ? event->frees : event->allocs) / operations;
	}
	return NAN;
}

static void fill_pmu(const struct kmemlab_result *result, bool frees, struct pmu_direction *pmu)
{
	pmu->operations = frees ? result->pmu_frees : result->pmu_allocs;
	for (const struct field *field = pmu_direction_fields; field->name; field++)
		if (field->type == FIELD_REAL)
			*(double *)((char *)pmu + field->offset) =
				get_event(result, field->name, frees, pmu->operations);
}

/* The bytes of objects with copies include those of all copies. */
static uint64_t objects_held(const struct experiment_run *run)
{
	const struct kmemlab_result *result = &run->result;

	if (!result->requested_bytes || !result->verified_bytes)
		return run->spec.objects;
	return result->requested_bytes / (result->verified_bytes / result->verified_objects);
}

/* Operations that slept covered objects too. Only the last one of a batch may be partial. */
static void fill_cost(const struct experiment_run *run, const struct kmemlab_loop *loop,
		      const struct kmemlab_string_bytes *bytes, uint64_t objects_per_operation,
		      uint64_t deferred_ticks, struct cost *cost)
{
	uint64_t objects = objects_held(run) * run->spec.repeats;
	uint64_t covered = objects_per_operation > 1 ? objects : cost->all.samples + cost->slept;
	bool counted = run->result.valid & KMEMLAB_VALID_STRING_BYTES && covered;

	cost->objects_per_operation = objects_per_operation;
	cost->cleared_bytes = counted ? (double)bytes->stored / covered : NAN;
	cost->copied_bytes = counted ? (double)bytes->copied / covered : NAN;
	cost->loop_mean = loop->operations ? (double)loop->ticks / loop->operations : NAN;
	cost_set_means(cost, objects_per_operation > 1 ? objects : 0, deferred_ticks, objects);
}

/* Compute the values that the module's result does not contain directly. */
static void fill_derived(struct experiment_run *run, uint32_t overhead)
{
	struct kmemlab_result *result = &run->result;
	int64_t other_slabs = result->system_slab_bytes - (int64_t)result->backing_slab_bytes;

	fill_cost(run, &result->alloc_loop, &result->alloc_bytes, result->objects_per_operation,
		  NO_COUNT, &run->alloc);
	fill_cost(run, &result->free_loop, &result->free_bytes, result->objects_per_free,
		  result->valid & KMEMLAB_VALID_DEFERRED ? result->deferred_ticks : NO_COUNT,
		  &run->free);
	fill_tail(result, false, overhead, &run->tail_alloc);
	fill_tail(result, true, overhead, &run->tail_free);
	fill_pmu(result, false, &run->pmu_alloc);
	fill_pmu(result, true, &run->pmu_free);
	run->unexplained_bytes = result->system_bytes - (int64_t)result->backing_bytes -
				 other_slabs - result->system_table_bytes;
	run->utilization = result->backing_bytes ?
			   (double)result->requested_bytes / result->backing_bytes : NAN;
	run->kept_every = name_number(run->spec.workload);
	run->kept_ratio = (double)result->kept_backing_bytes / result->kept_requested_bytes;
	run->kept_share = (double)result->kept_backing_bytes / result->backing_bytes;
	if (!result->struct_page_bytes)
		result->struct_page_bytes = NO_COUNT;
}

static void skip_offline_cpu(struct experiment_run *run)
{
	char online[64];

	sysfs_read_line("/sys/devices/system/cpu/online", online, sizeof(online));
	snprintf(run->result.reason, sizeof(run->result.reason), "CPU %" PRIu32
		 " is offline (online: %s)", run->spec.cpus[0], online);
	run->result.status = KMEMLAB_STATUS_SKIPPED;
	run->result.reason_code = KMEMLAB_REASON_CPU_OFFLINE;
}

static const char *error_string(int err)
{
	switch (-err) {
	case ENOENT:
		return "facility, workload, gfp profile or condition unknown to the module";
	case ENOMEM:
		return "out of memory for the samples";
	case EOVERFLOW:
		return "object size x objects is too large for this machine";
	case EOPNOTSUPP:
		return "parameter unknown to the module";
	default:
		return strerror(-err);
	}
}

int experiment_run(int device, const struct experiment_spec *spec, uint32_t overhead,
		   struct experiment_run *run, FILE *records)
{
	int err;

	memset(run, 0, sizeof(*run));
	run->spec = *spec;
	err = pin_to_cpu(spec->cpu_count ? spec->cpus[0] : 0);
	if (err == -EINVAL) {
		skip_offline_cpu(run);
		return 0;
	}
	if (!err && facility_flags(spec->facility) & KMEMLAB_FACILITY_USER_SPACE)
		err = anon_bench(device, run);
	else if (!err)
		err = run_in_module(device, run, overhead, records);
	if (err)
		snprintf(run->result.reason, sizeof(run->result.reason), "%s", error_string(err));
	else
		fill_derived(run, overhead);
	return err;
}

void experiment_run_release(struct experiment_run *run)
{
	free(run->cpus);
	run->cpus = NULL;
	run->cpu_count = 0;
}

static uint32_t get_valid(const struct experiment_run *run)
{
	const uint32_t refused = run->refusal.known ? RUN_VALID_REFUSAL : 0;
	uint32_t valid = run->result.valid | RUN_VALID_COSTS | refused;

	if (run->result.status == KMEMLAB_STATUS_SKIPPED)
		return refused;
	if (run->spec.tails)
		valid |= RUN_VALID_TAIL_GROUP;
	if (run->spec.pmu)
		valid |= RUN_VALID_PMU_GROUP;
	if (run->cpu_count)
		valid |= RUN_VALID_CPUS;
	return valid;
}

void experiment_run_write(FILE *out, struct experiment_run *run)
{
	run->valid = get_valid(run);
	write_record(out, "result", result_fields, run);
}
