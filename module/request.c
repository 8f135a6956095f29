// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "condition.h"
#include "cpus.h"
#include "facilities/registry.h"
#include "gfp.h"
#include "workloads/workload.h"

#define OBJECTS_MAX	BIT_ULL(40)
#define BYTES_MAX	BIT_ULL(48)

int kmemlab_refuse(struct kmemlab_request *r, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->result->reason, sizeof(r->result->reason), format, args);
	va_end(args);
	r->result->status = KMEMLAB_STATUS_REFUSED;
	r->result->error = error;
	return error;
}

/* Names to tables. */
static int look_up(struct kmemlab_request *r)
{
	const char *gfp = *r->asked->gfp ? r->asked->gfp : "kernel";

	r->set->facility = kmemlab_facility_find(r->asked->facility);
	r->workload = kmemlab_workload_find(r->asked->workload);
	r->gfp = kmemlab_gfp_find(gfp);
	if (!r->set->facility || !r->workload || !r->gfp)
		return -ENOENT;
	return kmemlab_condition_known(r->asked->condition) ? 0 : -ENOENT;
}

/* What no kernel and no facility could make sense of. */
static int check_request(const struct kmemlab_experiment *asked)
{
	u64 bytes, operations;

	if (!asked->object_size || !asked->objects ||
	    asked->flags & ~(KMEMLAB_EXPERIMENT_MARK | KMEMLAB_EXPERIMENT_TAILS |
			     KMEMLAB_EXPERIMENT_PMU))
		return -EINVAL;
	if (check_mul_overflow(asked->object_size, asked->objects, &bytes) ||
	    check_mul_overflow(asked->objects, (u64)max(asked->repeats, 1U), &operations) ||
	    operations > SIZE_MAX / sizeof(u64) || asked->object_size > SIZE_MAX)
		return -EOVERFLOW;
	return 0;
}

/*
 * Far above what any machine holds, and far below where a footprint in bytes,
 * with all that rounding and copies for each CPU make of it, would overflow.
 */
static int check_magnitude(struct kmemlab_request *r)
{
	if (r->asked->objects > OBJECTS_MAX ||
	    r->asked->objects * r->asked->object_size > BYTES_MAX)
		return kmemlab_refuse(r, -ENOMEM,
				      "%llu objects of %llu bytes are beyond any machine: at most %llu objects, and %llu bytes",
				      r->asked->objects, r->asked->object_size, OBJECTS_MAX,
				      BYTES_MAX);
	return 0;
}

static bool takes(const struct kmemlab_facility_ops *facility,
		  const struct kmemlab_gfp_profile *profile)
{
	return !(profile->flags & facility->gfp_refused) &&
	       (!profile->atomic || facility->capabilities & KMEMLAB_CAP_ATOMIC);
}

/* The refusal names what would be taken. */
static int check_gfp(struct kmemlab_request *r)
{
	const struct kmemlab_facility_ops *facility = r->set->facility;
	const char *why = kmemlab_gfp_unavailable(r->gfp);
	char taken[128] = "";
	size_t length = 0;
	unsigned int i;

	if (takes(facility, r->gfp))
		return why ? kmemlab_refuse(r, -EOPNOTSUPP, "no gfp %s here: %s", r->gfp->name,
					    why) : 0;
	for (i = 0; i < kmemlab_gfp_count(); i++) {
		const struct kmemlab_gfp_profile *profile = kmemlab_gfp_at(i);

		if (!takes(facility, profile))
			continue;
		length += scnprintf(taken + length, sizeof(taken) - length, "%s%s",
				    length ? ", " : "", profile->name);
	}
	return kmemlab_refuse(r, -EOPNOTSUPP, r->gfp->flags & facility->gfp_refused ?
			      "%s would not honour gfp %s: it takes %s" :
			      "%s may sleep, so it has no gfp %s: it takes %s",
			      facility->name, r->gfp->name, taken);
}

static int check_limits(struct kmemlab_request *r)
{
	const struct kmemlab_facility_ops *facility = r->set->facility;
	const char *unavailable = kmemlab_facility_unavailable(facility);
	size_t largest = kmemlab_facility_object_size_max(facility);

	if (unavailable)
		return kmemlab_refuse(r, -EOPNOTSUPP, "%s is not available here: %s",
				      facility->name, unavailable);
	if (r->asked->object_size < facility->object_size_min ||
	    r->asked->object_size > largest)
		return kmemlab_refuse(r, -E2BIG, "%s serves objects of %zu to %zu bytes, not %llu",
				      facility->name, facility->object_size_min, largest,
				      r->asked->object_size);
	return check_gfp(r);
}

static int check_node(struct kmemlab_request *r)
{
	if (r->asked->node == NUMA_NO_NODE)
		return 0;
	return kmemlab_refuse(r, -EOPNOTSUPP,
			      "no node can be asked for: memory comes from the node of the CPU that allocates, so choose that");
}

static int check_alignment(struct kmemlab_request *r)
{
	const struct kmemlab_facility_ops *facility = r->set->facility;
	size_t most = facility->alignment;
	u64 align = r->asked->align;

	if (!align)
		return 0;
	if (!is_power_of_2(align))
		return kmemlab_refuse(r, -EINVAL,
				      "objects are aligned to powers of two, not to %llu",
				      align);
	if (facility->aligns_to)
		most = max(most, facility->aligns_to(&r->set->run));
	if (align > most)
		return kmemlab_refuse(r, -EOPNOTSUPP,
				      "%s aligns objects of %llu bytes to %zu bytes at the most, not to %llu",
				      facility->name, r->asked->object_size, most, align);
	r->set->run.align = max_t(size_t, align, facility->alignment);
	return 0;
}

static int choose_free_order(struct kmemlab_request *r)
{
	const char *asked = r->asked->free_order;
	int i;

	r->set->free_order = r->workload->free_order;
	if (!*asked)
		return 0;
	i = match_string(kmemlab_free_order_names, -1, asked);
	if (i < 0)
		return kmemlab_refuse(r, -EINVAL,
				      "unknown free order %s: it can be fifo, lifo or random",
				      asked);
	r->set->free_order = i;
	return 0;
}

static int choose_free_cpu(struct kmemlab_request *r)
{
	int here = raw_smp_processor_id();
	int cpu = r->asked->free_cpu;

	r->set->free_cpu = -1;
	if (cpu < -1 || (cpu >= 0 && (cpu >= nr_cpu_ids || !cpu_online(cpu))))
		return kmemlab_refuse(r, -EINVAL, "CPU %d, which is to free, is not online", cpu);
	if (r->workload->remote && cpu < 0) {
		cpu = cpumask_next(here, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
	}
	if (r->workload->remote && cpu == here)
		return kmemlab_refuse(r, -EINVAL, "%s needs two CPUs: %s", r->workload->name,
				      num_online_cpus() > 1 ? "it is to free where it allocates" :
						      "only one is online");
	if (cpu != here)
		r->set->free_cpu = cpu;
	return 0;
}

static int choose_bulk(struct kmemlab_request *r)
{
	const struct kmemlab_facility_ops *facility = r->set->facility;
	u64 bulk = r->asked->bulk ?: r->workload->bulk;
	const char *why = NULL;

	if (!bulk)
		return 0;
	if (bulk > KMEMLAB_BULK_MAX)
		return kmemlab_refuse(r, -EINVAL, "bulk calls of at most %d objects, not of %llu",
				      KMEMLAB_BULK_MAX, bulk);
	if (!(facility->capabilities & KMEMLAB_CAP_BULK))
		return kmemlab_refuse(r, -EOPNOTSUPP, "no bulk calls (try workload batch)");
	if (facility->bulk_unavailable)
		why = facility->bulk_unavailable(&r->set->run);
	if (why)
		return kmemlab_refuse(r, -EOPNOTSUPP, "no bulk calls of %s: %s", facility->name,
				      why);
	r->set->bulk = bulk;
	return 0;
}

static int choose_rcu(struct kmemlab_request *r)
{
	const struct kmemlab_facility_ops *facility = r->set->facility;
	const char *why = NULL;

	r->set->rcu = r->workload->rcu;
	if (!r->set->rcu)
		return 0;
	if (!facility->rcu_free_n)
		return kmemlab_refuse(r, -EOPNOTSUPP,
				      "no free after a grace period (try workload batch)");
	if (facility->rcu_unavailable)
		why = facility->rcu_unavailable(&r->set->run);
	if (why)
		return kmemlab_refuse(r, -EOPNOTSUPP, "no free after a grace period for %s: %s",
				      facility->name, why);
	if (r->asked->bulk)
		return kmemlab_refuse(r, -EINVAL, "batch_rcu frees one object a call, not %llu",
				      r->asked->bulk);
	return 0;
}

/* How the set is freed: as the workload does it, unless the request says otherwise. */
static int choose_frees(struct kmemlab_request *r)
{
	const struct kmemlab_experiment *asked = r->asked;
	const char *unavailable = NULL;

	if (r->workload->unavailable)
		unavailable = r->workload->unavailable();
	if (unavailable)
		return kmemlab_refuse(r, -EOPNOTSUPP, "%s is not available here: %s",
				      r->workload->name, unavailable);
	r->set->free_cpu = -1;
	r->set->lottery = asked->seed;
	if (r->workload->frees_all)
		return choose_free_order(r) ?: choose_free_cpu(r) ?: choose_bulk(r) ?:
		       choose_rcu(r);
	if (*asked->free_order || asked->bulk || asked->free_cpu != -1)
		return kmemlab_refuse(r, -EINVAL,
				      "%s has its own way to free: no free_order, bulk or free_cpu",
				      r->workload->name);
	return 0;
}

static gfp_t gfp_of(const struct kmemlab_request *r)
{
	const struct kmemlab_facility_ops *facility = r->set->facility;
	gfp_t gfp = (r->gfp->flags | KMEMLAB_GFP_ALWAYS) & ~facility->gfp_ignored;

	return facility->waits_for_frees && r->workload->holds ? gfp & ~__GFP_DIRECT_RECLAIM : gfp;
}

/* What the facility is told. */
static int set_run(struct kmemlab_request *r)
{
	struct kmemlab_run *run = &r->set->run;

	r->repeats = max(r->asked->repeats, 1U);
	run->object_size = r->asked->object_size;
	run->objects = r->asked->objects;
	run->gfp = gfp_of(r);
	run->zones = r->gfp->flags & GFP_ZONEMASK;
	run->node = r->asked->node;
	run->align = r->set->facility->alignment;
	run->marked = r->asked->flags & KMEMLAB_EXPERIMENT_MARK;
	return 0;
}

int kmemlab_request_resolve(struct kmemlab_request *r)
{
	return look_up(r) ?: check_request(r->asked) ?: check_magnitude(r) ?: check_limits(r) ?:
	       check_node(r) ?: set_run(r) ?: check_alignment(r) ?: choose_frees(r) ?:
	       kmemlab_cpus_choose(r);
}
