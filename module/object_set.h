/* SPDX-License-Identifier: GPL-2.0-only */
/* Object set: the live objects of one facility, allocated in series. */
#ifndef KMEMLAB_OBJECT_SET_H
#define KMEMLAB_OBJECT_SET_H

#include "facilities/facility.h"
#include "pmu.h"

struct kmemlab_cpu_thread;
struct kmemlab_object_set;
struct kmemlab_worker;

/**
 * enum kmemlab_free_order - order in which the objects of a set are freed
 * @KMEMLAB_FREE_FIFO: first in, first out
 * @KMEMLAB_FREE_LIFO: last in, first out
 * @KMEMLAB_FREE_RANDOM: random order
 */
enum kmemlab_free_order {
	KMEMLAB_FREE_FIFO,
	KMEMLAB_FREE_LIFO,
	KMEMLAB_FREE_RANDOM,
};

/**
 * struct kmemlab_deferred - cost of work that operations deferred
 * @ticks: clock ticks while no CPU was idle
 * @known: the cost could be separated from other work
 */
struct kmemlab_deferred {
	u64 ticks;
	bool known;
};

/* Names by enum kmemlab_free_order, terminated by NULL */
extern const char *const kmemlab_free_order_names[];

/* Maximum number of objects per bulk call: it may run with interrupts disabled. */
#define KMEMLAB_BULK_MAX	1024

/* Called with live objects and the context passed along with the function. */
typedef int (*kmemlab_on_held_fn)(struct kmemlab_object_set *set, void *context);

/**
 * struct kmemlab_object_set - the objects of one facility
 * @facility: facility of the objects
 * @ctx: context of the facility
 * @operations: number of live handles
 * @objects: number of live objects
 * @order_max: largest order of an allocated block
 * @per_operation: largest number of objects of one allocation
 * @per_free: largest number of objects of one free
 * @free_order: order of the frees
 * @bulk: objects per call if the facility has bulk calls; 0: single calls
 * @rcu: free after a grace period
 * @free_cpu: CPU that frees; -1: the allocating one
 * @free_thread: thread on @free_cpu
 * @keep_every: number K of a workload that frees all but every K-th object; else 0
 * @kept: objects that kmemlab_object_set_free_partly() left; else 0
 * @numbers: of each operation that was kept: the number of its first object; NULL without
 *	@keep_every
 * @prng: state of the random number generator
 * @deferred: cost of deferred frees
 * @untimed: the current operations are not part of the workload
 * @first: number of the first object, counted over the sets of all CPUs
 * @refusal: state of the memory at the first failed allocation, of all CPUs
 * @refused: @refusal was recorded for this set
 * @keeps_refused: the workload goes on after a refusal, and calls kmemlab_refusal_retry()
 *	when it has measured the memory
 * @worker: worker whose timed parts run together with those of others, or NULL
 */
struct kmemlab_object_set {
	const struct kmemlab_facility_ops *facility;
	struct kmemlab_facility_ctx ctx;
	size_t operations;
	size_t objects;
	size_t per_operation;
	unsigned int order_max;
	size_t per_free;
	enum kmemlab_free_order free_order;
	size_t bulk;
	bool rcu;
	int free_cpu;
	struct kmemlab_cpu_thread *free_thread;
	unsigned int keep_every;
	size_t kept;
	size_t *numbers;
	u64 prng;
	struct kmemlab_deferred deferred;
	bool untimed;
	u64 first;
	struct kmemlab_refusal *refusal;
	bool refused;
	bool keeps_refused;
	struct kmemlab_worker *worker;
};

/**
 * struct kmemlab_batch_times - sum over the batches of one direction
 * @pmu: counters to read around each batch, or NULL
 * @loop: ticks and operations; disturbed by reading @pmu
 * @longest: clock ticks of the longest batch and that of facility null
 * @events: increments of the counters of @pmu
 */
struct kmemlab_batch_times {
	struct kmemlab_pmu *pmu;
	struct kmemlab_loop loop;
	u64 longest;
	s64 events[KMEMLAB_PMU_MAX];
};

u64 kmemlab_object_set_bookkeeping(u64 samples, u64 alive);
size_t kmemlab_object_set_operations_max(const struct kmemlab_facility_ops *facility,
					 const struct kmemlab_facility_ctx *ctx);
int kmemlab_object_set_create(struct kmemlab_object_set *set, size_t samples, size_t alive);
void kmemlab_object_set_destroy(struct kmemlab_object_set *set);
int kmemlab_object_set_alloc(struct kmemlab_object_set *set);
int kmemlab_object_set_free(struct kmemlab_object_set *set);
int kmemlab_object_set_free_partly(struct kmemlab_object_set *set);
int kmemlab_object_set_alloc_untimed(struct kmemlab_object_set *set);
void kmemlab_object_set_free_untimed(struct kmemlab_object_set *set);
int kmemlab_object_set_loop(struct kmemlab_object_set *set, struct kmemlab_batch_times *alloc,
			    struct kmemlab_batch_times *free);
int kmemlab_object_set_churn(struct kmemlab_object_set *set);
int kmemlab_object_set_one_by_one(struct kmemlab_object_set *set, kmemlab_on_held_fn on_held,
				  void *context);
int kmemlab_object_set_pair(struct kmemlab_object_set *set);
int kmemlab_object_set_pair_after(struct kmemlab_object_set *set,
				  int (*before)(struct kmemlab_object_set *set, void *context),
				  void *context);

/* refusal.c */
void kmemlab_refusal_record(struct kmemlab_object_set *set);
void kmemlab_refusal_retry(struct kmemlab_object_set *set);
void kmemlab_refusal_record_prepare(struct kmemlab_object_set *set);

/* deferred.c */
int kmemlab_deferred_flush(void (*wait)(void), struct kmemlab_deferred *deferred);

/**
 * kmemlab_object_set_base() - kernel address of a handle
 * @set: object set
 * @handle: live handle
 *
 * Return: address of the first byte; of the first copy if there are several.
 */
static inline void *kmemlab_object_set_base(const struct kmemlab_object_set *set,
					    unsigned long handle)
{
	const struct kmemlab_facility_ops *facility = set->facility;

	if (facility->copy)
		return facility->copy(&set->ctx, handle, 0);
	return facility->address ? facility->address(&set->ctx, handle) : (void *)handle;
}

/**
 * kmemlab_object_set_in() - number of objects in a handle
 * @set: object set
 * @handle: live handle
 * @missing: number of objects of the set from this handle on
 *
 * Return: number of objects.
 */
static inline size_t kmemlab_object_set_in(const struct kmemlab_object_set *set,
					   unsigned long handle, size_t missing)
{
	if (!set->facility->capacity)
		return 1;
	return min(set->facility->capacity(&set->ctx, handle), missing);
}

#endif
