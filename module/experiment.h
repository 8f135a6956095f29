/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One experiment: parse the arguments, set up, run the timed and the separate passes,
 * verify the objects untimed, tear down.
 */
#ifndef KMEMLAB_EXPERIMENT_H
#define KMEMLAB_EXPERIMENT_H

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include <linux/kmemlab.h>

#include "ledger.h"
#include "object_set.h"
#include "verify.h"
#include "workers.h"
#include "workloads/workload.h"

struct kmemlab_experiment_state;
struct kmemlab_gfp_profile;

/**
 * struct kmemlab_condition - memory that is kept allocated to create a condition
 * @pages: single pages, linked by their lru field
 * @reserved: pages reserved from the budget
 * @held: of these, pages that are known to be allocated
 */
struct kmemlab_condition {
	struct list_head pages;
	u64 reserved;
	u64 held;
};

/**
 * struct kmemlab_cpu_part - the part of an experiment on one CPU
 * @state: the experiment
 * @worker: worker that runs the part
 * @set: objects of the part
 * @repeat: number of the current repeat
 */
struct kmemlab_cpu_part {
	struct kmemlab_experiment_state *state;
	struct kmemlab_worker *worker;
	struct kmemlab_object_set *set;
	unsigned int repeat;
};

/**
 * struct kmemlab_experiment_state - a running experiment
 * @request: arguments of the caller
 * @result: result of the experiment
 * @workload: workload, from the name in @request
 * @gfp: GFP profile, from the name in @request
 * @repeats: how many times the workload runs
 * @cpu_mask: CPUs that run the workload
 * @set: properties of the objects of all CPUs together
 * @cpus: number of CPUs and of elements in @sets, @workers and @parts
 * @held_cpus: CPUs that are kept online
 * @threads: one thread on each of @held_cpus, in this order
 * @sets: objects of each CPU
 * @workers: worker of each CPU
 * @parts: part of each CPU
 * @group: group of the workers
 * @verify: state of the verification
 * @verify_lock: protects @verify, which all CPUs share
 * @before: the system's memory before the facility was prepared
 * @round_end: the system's memory after the last complete round of a user's operations
 * @reserved: pages reserved from the budget
 * @live_bytes: size of all objects
 * @prepared: the facility was prepared
 * @extra_gfp: allocation flags in addition to those of the profile
 * @held_objects: live objects at the last verification of all objects
 * @refusal: state of the memory at the first failed allocation
 * @verify_objects: number of objects that were to be verified
 */
struct kmemlab_experiment_state {
	const struct kmemlab_experiment *request;
	struct kmemlab_result *result;
	const struct kmemlab_workload_ops *workload;
	const struct kmemlab_gfp_profile *gfp;
	unsigned int repeats;
	struct cpumask cpu_mask;
	struct kmemlab_object_set set;
	unsigned int cpus;
	struct cpumask held_cpus;
	struct kmemlab_cpu_thread *threads;
	struct kmemlab_object_set *sets;
	struct kmemlab_worker *workers;
	struct kmemlab_cpu_part *parts;
	struct kmemlab_workers group;
	struct kmemlab_verify verify;
	struct mutex verify_lock;	/* @verify is shared by all CPUs */
	struct kmemlab_ledger before;
	struct kmemlab_ledger round_end;
	u64 reserved;
	u64 live_bytes;
	bool prepared;
	gfp_t extra_gfp;
	size_t held_objects;
	struct kmemlab_refusal refusal;
	u64 verify_objects;
};

/* Calibration facilities allocate no memory. */
static inline bool kmemlab_experiment_calibrates(const struct kmemlab_experiment_state *e)
{
	return e->set.facility->capabilities & KMEMLAB_CAP_CALIBRATION;
}

/* The facility is an operation of a user. */
static inline bool kmemlab_experiment_is_operation(const struct kmemlab_experiment_state *e)
{
	return e->set.facility->capabilities & KMEMLAB_CAP_OPERATION;
}

/* experiment_parse.c */
int kmemlab_experiment_parse(struct kmemlab_experiment_state *e);

/* experiment_setup.c */
u64 kmemlab_experiment_live_bytes(void);
u64 kmemlab_experiment_pages(const struct kmemlab_experiment_state *e, size_t objects);
int kmemlab_experiment_setup(struct kmemlab_experiment_state *e);
int kmemlab_experiment_reset(struct kmemlab_experiment_state *e);
void kmemlab_experiment_teardown(struct kmemlab_experiment_state *e);

/* experiment_passes.c */
int kmemlab_experiment_run_passes(struct kmemlab_experiment_state *e);

/* experiment.c */
int kmemlab_experiment_run(struct kmemlab_experiment *request, struct kmemlab_result *result);
struct kmemlab_object_set *kmemlab_experiment_hold(struct kmemlab_experiment *request,
						   bool mappable, struct kmemlab_result *result);
void kmemlab_experiment_release(struct kmemlab_object_set *set);
int kmemlab_experiment_condition(struct kmemlab_experiment *request,
				 struct kmemlab_condition *condition,
				 struct kmemlab_result *result);

/* condition.c: condition of memory during an experiment; condition_list.h has the names */
bool kmemlab_condition_is_fresh(const char *name);
bool kmemlab_condition_known(const char *name);
const char *kmemlab_condition_more(const char *name);
int kmemlab_condition_create(struct kmemlab_condition *condition, const char *name, gfp_t gfp,
			     u64 pages, struct kmemlab_result *result);
void kmemlab_condition_destroy(struct kmemlab_condition *condition);

/*
 * tail_trace.c: slow paths of operations, observed by probes on tracepoints. The probes would
 * distort the timed operations, so the workload runs again in a separate pass.
 */
u64 kmemlab_tail_trace_bookkeeping(u64 operations);
int kmemlab_tail_trace_run(struct kmemlab_object_set *set,
			   const struct kmemlab_workload_ops *workload,
			   kmemlab_on_held_fn on_held, void *context,
			   struct kmemlab_result *result);

/* reject.c: reasons in the result of an experiment: a code and a human-readable text */
__printf(3, 4) void kmemlab_set_reason(struct kmemlab_result *result, enum kmemlab_reason code,
				       const char *format, ...);
__printf(4, 5) int kmemlab_reject(struct kmemlab_result *result, enum kmemlab_reason code,
				  int err, const char *format, ...);

#endif
