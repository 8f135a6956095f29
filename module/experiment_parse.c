// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "experiment.h"
#include "facilities/facility.h"
#include "gfp.h"
#include "util.h"

#define OBJECTS_MAX	BIT_ULL(40)
#define BYTES_MAX	BIT_ULL(48)

static int parse_names(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_experiment *request = e->request;

	e->set.facility = kmemlab_facility_find(request->facility);
	e->workload = kmemlab_workload_find(request->workload, &e->set.keep_every);
	e->gfp = kmemlab_gfp_find(*request->gfp ? request->gfp : "kernel");
	if (!e->set.facility || !e->workload || !e->gfp)
		return -ENOENT;
	return kmemlab_condition_known(request->condition) ? 0 : -ENOENT;
}

static int parse_check_numbers(const struct kmemlab_experiment *request)
{
	u64 bytes, operations;

	if (!request->object_size || !request->objects ||
	    request->flags & ~(KMEMLAB_EXPERIMENT_MARK | KMEMLAB_EXPERIMENT_TAILS |
			       KMEMLAB_EXPERIMENT_PMU | KMEMLAB_EXPERIMENT_AVOID_TICKS))
		return -EINVAL;
	if (check_mul_overflow(request->object_size, request->objects, &bytes) ||
	    check_mul_overflow(request->objects, (u64)max(request->repeats, 1U), &operations) ||
	    operations > SIZE_MAX / sizeof(u64) || request->object_size > SIZE_MAX)
		return -EOVERFLOW;
	return 0;
}

/*
 * The limits are far above the memory of any machine, and low enough that a footprint in
 * bytes does not overflow when it is rounded up and multiplied by the number of copies.
 */
static int parse_check_magnitude(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_experiment *request = e->request;

	if (request->objects > OBJECTS_MAX || request->objects * request->object_size > BYTES_MAX)
		return kmemlab_reject(e->result, KMEMLAB_REASON_TOO_LARGE, -ENOMEM,
				      "%llu object%s of %llu bytes exceed the memory of any machine",
				      request->objects, kmemlab_plural(request->objects),
				      request->object_size);
	return 0;
}

static bool parse_gfp_supported(const struct kmemlab_facility_ops *facility,
				const struct kmemlab_gfp_profile *profile)
{
	return !(profile->flags & facility->gfp_refused) &&
	       (!profile->atomic || facility->capabilities & KMEMLAB_CAP_ATOMIC);
}

static int parse_check_gfp(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	const char *unavailable = kmemlab_gfp_unavailable(e->gfp);
	char supported[128] = "";
	size_t length = 0;
	unsigned int i;

	if (parse_gfp_supported(facility, e->gfp)) {
		if (!unavailable)
			return 0;
		return kmemlab_reject(e->result, KMEMLAB_REASON_UNAVAILABLE, -EOPNOTSUPP,
				      "gfp %s is unavailable: %s", e->gfp->name, unavailable);
	}
	for (i = 0; i < kmemlab_gfp_count(); i++) {
		const struct kmemlab_gfp_profile *profile = kmemlab_gfp_at(i);

		if (!parse_gfp_supported(facility, profile))
			continue;
		length += scnprintf(supported + length, sizeof(supported) - length, "%s%s",
				    length ? ", " : "", profile->name);
	}
	return kmemlab_reject(e->result, KMEMLAB_REASON_GFP, -EOPNOTSUPP,
			      e->gfp->flags & facility->gfp_refused ?
			      "%s would ignore gfp %s (supported: %s)" :
			      "%s may sleep, which gfp %s does not allow (supported: %s)",
			      facility->name, e->gfp->name, supported);
}

static int parse_check_limits(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	const char *unavailable = kmemlab_facility_unavailable(facility);
	size_t size_max = kmemlab_facility_object_size_max(facility);
	u64 size = e->request->object_size;
	enum kmemlab_reason reason;
	bool own_limit;

	if (unavailable)
		return kmemlab_reject(e->result, KMEMLAB_REASON_UNAVAILABLE, -EOPNOTSUPP,
				      "%s is unavailable: %s", facility->name, unavailable);
	own_limit = facility->own_limit && size > facility->object_size_max;
	reason = own_limit ? KMEMLAB_REASON_OWN_SIZE : KMEMLAB_REASON_SIZE;
	/* A machine with more memory could serve it. */
	if (size <= facility->object_size_max && size >> PAGE_SHIFT >= totalram_pages())
		reason = KMEMLAB_REASON_BUDGET;
	if (size < facility->object_size_min || size > size_max)
		return kmemlab_reject(e->result, reason, -E2BIG,
				      "%s allocates objects of %zu to %zu bytes, not %llu%s",
				      facility->name, facility->object_size_min, size_max, size,
				      own_limit ? " (kmemlab's limit, not the kernel's)" : "");
	return parse_check_gfp(e);
}

static int parse_check_node(struct kmemlab_experiment_state *e)
{
	if (e->request->node == NUMA_NO_NODE)
		return 0;
	return kmemlab_reject(e->result, KMEMLAB_REASON_NODE, -EOPNOTSUPP,
			      "a node cannot be selected (select a CPU of the node)");
}

static int parse_fill_ctx(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	const struct kmemlab_experiment *request = e->request;
	struct kmemlab_facility_ctx *ctx = &e->set.ctx;

	e->repeats = max(request->repeats, 1U);
	ctx->object_size = request->object_size;
	ctx->objects = request->objects;
	ctx->gfp = e->gfp->flags;
	if (!e->gfp->plain)
		ctx->gfp |= KMEMLAB_GFP_ALWAYS;
	ctx->gfp &= ~facility->gfp_ignored;
	if (facility->waits_for_frees && (e->workload->flags & KMEMLAB_WORKLOAD_HOLDS))
		ctx->gfp &= ~__GFP_DIRECT_RECLAIM;
	ctx->zones = e->gfp->flags & GFP_ZONEMASK;
	ctx->node = request->node;
	ctx->align = facility->alignment;
	ctx->marked = request->flags & KMEMLAB_EXPERIMENT_MARK;
	ctx->avoid_ticks = request->flags & KMEMLAB_EXPERIMENT_AVOID_TICKS;
	return 0;
}

static int parse_align(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	size_t align_max = facility->alignment;
	u64 align = e->request->align;

	if (!align)
		return 0;
	if (!is_power_of_2(align))
		return kmemlab_reject(e->result, KMEMLAB_REASON_ALIGN, -EINVAL,
				      "the alignment must be a power of two, not %llu", align);
	if (facility->aligns_to)
		align_max = max(align_max, facility->aligns_to(&e->set.ctx));
	if (align > align_max)
		return kmemlab_reject(e->result, KMEMLAB_REASON_ALIGN, -EOPNOTSUPP,
				      "%s aligns objects of %llu byte%s to at most %zu, not %llu",
				      facility->name, e->request->object_size,
				      kmemlab_plural(e->request->object_size), align_max, align);
	e->set.ctx.align = max_t(size_t, align, facility->alignment);
	return 0;
}

static int parse_free_order(struct kmemlab_experiment_state *e)
{
	const char *name = e->request->free_order;
	int i;

	e->set.free_order = e->workload->free_order;
	if (!*name)
		return 0;
	i = match_string(kmemlab_free_order_names, -1, name);
	if (i < 0)
		return kmemlab_reject(e->result, KMEMLAB_REASON_FREE_ORDER, -EINVAL,
				      "unknown free order '%s' (known: fifo, lifo, random)", name);
	e->set.free_order = i;
	return 0;
}

static int parse_free_cpu(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_workload_ops *workload = e->workload;
	int here = raw_smp_processor_id();
	int cpu = e->request->free_cpu;

	e->set.free_cpu = -1;
	if (cpu < -1 || (cpu >= 0 && (cpu >= nr_cpu_ids || !cpu_online(cpu))))
		return kmemlab_reject(e->result, KMEMLAB_REASON_FREE_CPU, -EINVAL,
				      "the freeing CPU %d is not online", cpu);
	if ((workload->flags & KMEMLAB_WORKLOAD_REMOTE) && cpu < 0) {
		cpu = cpumask_next(here, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
	}
	if ((workload->flags & KMEMLAB_WORKLOAD_REMOTE) && cpu == here)
		return kmemlab_reject(e->result, KMEMLAB_REASON_FREE_CPU, -EINVAL,
				      "%s needs two CPUs: %s", workload->name,
				      num_online_cpus() > 1 ?
				      "the freeing CPU must not be the allocating one" :
				      "only one is online");
	if (cpu != here)
		e->set.free_cpu = cpu;
	return 0;
}

static int parse_bulk(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	u64 bulk = e->request->bulk ?: e->workload->bulk;
	const char *unavailable = NULL;

	if (!bulk)
		return 0;
	if (bulk > KMEMLAB_BULK_MAX)
		return kmemlab_reject(e->result, KMEMLAB_REASON_BULK, -EINVAL,
				      "a bulk call takes at most %d objects, not %llu",
				      KMEMLAB_BULK_MAX, bulk);
	if (!(facility->capabilities & KMEMLAB_CAP_BULK))
		return kmemlab_reject(e->result, KMEMLAB_REASON_BULK, -EOPNOTSUPP,
				      "no bulk calls (try workload batch)");
	if (facility->bulk_unavailable)
		unavailable = facility->bulk_unavailable(&e->set.ctx);
	if (unavailable)
		return kmemlab_reject(e->result, KMEMLAB_REASON_BULK, -EOPNOTSUPP,
				      "bulk calls of %s are unavailable: %s", facility->name,
				      unavailable);
	e->set.bulk = bulk;
	return 0;
}

static int parse_rcu(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_facility_ops *facility = e->set.facility;
	const char *unavailable = NULL;

	e->set.rcu = e->workload->flags & KMEMLAB_WORKLOAD_RCU;
	if (!e->set.rcu)
		return 0;
	if (!facility->rcu_free_n)
		return kmemlab_reject(e->result, KMEMLAB_REASON_RCU, -EOPNOTSUPP,
				      "no free after a grace period (try workload batch)");
	if (facility->rcu_unavailable)
		unavailable = facility->rcu_unavailable(&e->set.ctx);
	if (unavailable)
		return kmemlab_reject(e->result, KMEMLAB_REASON_RCU, -EOPNOTSUPP,
				      "free after a grace period of %s is unavailable: %s",
				      facility->name, unavailable);
	if (e->request->bulk)
		return kmemlab_reject(e->result, KMEMLAB_REASON_BULK, -EINVAL,
				      "%s frees one object per call, not %llu",
				      e->workload->name, e->request->bulk);
	return 0;
}

/* Apply the workload's way of freeing, which the request can override. */
static int parse_frees(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_experiment *request = e->request;
	const struct kmemlab_workload_ops *workload = e->workload;
	const char *unavailable = workload->unavailable ? workload->unavailable() : NULL;

	if (unavailable)
		return kmemlab_reject(e->result, KMEMLAB_REASON_UNAVAILABLE, -EOPNOTSUPP,
				      "%s is unavailable: %s", request->workload, unavailable);
	e->set.free_cpu = -1;
	e->set.prng = request->seed;
	if (workload->flags & KMEMLAB_WORKLOAD_FREES_ALL)
		return parse_free_order(e) ?: parse_free_cpu(e) ?: parse_bulk(e) ?: parse_rcu(e);
	if (*request->free_order || request->bulk || request->free_cpu != -1)
		return kmemlab_reject(e->result, *request->free_order ? KMEMLAB_REASON_FREE_ORDER :
				      request->bulk ? KMEMLAB_REASON_BULK : KMEMLAB_REASON_FREE_CPU,
				      -EINVAL, "%s does not support free_order, bulk or free_cpu",
				      request->workload);
	return 0;
}

static int parse_keep_every(struct kmemlab_experiment_state *e)
{
	if (e->set.keep_every <= e->request->objects)
		return 0;
	return kmemlab_reject(e->result, KMEMLAB_REASON_WORKLOAD, -EINVAL,
			      "%s requires at least %u objects, not %llu", e->request->workload,
			      e->set.keep_every, e->request->objects);
}

static int parse_cpu_list(struct kmemlab_experiment_state *e)
{
	const u32 __user *from = u64_to_user_ptr(e->request->cpus);
	int last = -1;
	u32 i, cpu;

	for (i = 0; i < e->request->cpu_count; i++) {
		if (get_user(cpu, from + i))
			return -EFAULT;
		if (cpu >= nr_cpu_ids || !cpu_online(cpu))
			return kmemlab_reject(e->result, KMEMLAB_REASON_CPUS, -EINVAL,
					      "CPU %u is not online", cpu);
		if ((int)cpu <= last)
			return kmemlab_reject(e->result, KMEMLAB_REASON_CPUS, -EINVAL,
					      "CPU %u follows CPU %d (ascending order expected)",
					      cpu, last);
		last = cpu;
		cpumask_set_cpu(cpu, &e->cpu_mask);
	}
	return 0;
}

static void parse_list_parallel(char *list, size_t size)
{
	const struct kmemlab_workload_ops *workload;
	size_t length = 0;
	unsigned int i;

	for (i = 0; (workload = kmemlab_workload_at(i)); i++)
		if (workload->flags & KMEMLAB_WORKLOAD_PARALLEL)
			length += scnprintf(list + length, size - length, "%s%s",
					    length ? ", " : "", workload->name);
}

/* Check what only a single CPU supports. */
static int parse_check_several_cpus(struct kmemlab_experiment_state *e)
{
	const struct kmemlab_experiment *request = e->request;
	char workloads[128] = "";

	if (!(e->workload->flags & KMEMLAB_WORKLOAD_PARALLEL)) {
		parse_list_parallel(workloads, sizeof(workloads));
		return kmemlab_reject(e->result, KMEMLAB_REASON_CPUS, -EOPNOTSUPP,
				      "%s runs on one CPU only (on several: %s)",
				      request->workload, workloads);
	}
	if (request->free_cpu != -1)
		return kmemlab_reject(e->result, KMEMLAB_REASON_FREE_CPU, -EINVAL,
				      "free_cpu cannot be used with several CPUs");
	if (e->gfp->flags & __GFP_ACCOUNT)
		return kmemlab_reject(e->result, KMEMLAB_REASON_GFP, -EOPNOTSUPP,
				      "gfp %s would charge kernel threads instead of the caller",
				      e->gfp->name);
	if (request->objects < request->cpu_count)
		return kmemlab_reject(e->result, KMEMLAB_REASON_CPUS, -EINVAL,
				      "%u CPUs need at least as many objects, not %llu",
				      request->cpu_count, request->objects);
	return 0;
}

static int parse_cpus(struct kmemlab_experiment_state *e)
{
	unsigned int here = raw_smp_processor_id();
	int err;

	cpumask_clear(&e->cpu_mask);
	err = parse_cpu_list(e);
	if (err)
		return err;
	if (e->request->cpu_count > 1)
		err = parse_check_several_cpus(e);
	else if (!e->request->cpu_count)
		cpumask_set_cpu(here, &e->cpu_mask);
	else if (!cpumask_test_cpu(here, &e->cpu_mask))
		err = kmemlab_reject(e->result, KMEMLAB_REASON_CPUS, -EINVAL,
				     "CPU %u is requested, but the caller runs on CPU %u",
				     cpumask_first(&e->cpu_mask), here);
	e->cpus = cpumask_weight(&e->cpu_mask);
	return err;
}

/**
 * kmemlab_experiment_parse() - look up and check the arguments of an experiment
 * @e: experiment with request and result set
 *
 * Allocates nothing.
 *
 * Return: 0; a negative errno with the reason in @e->result; or -ENOENT (unknown name),
 * -EINVAL, -EOVERFLOW or -EFAULT without a reason.
 */
int kmemlab_experiment_parse(struct kmemlab_experiment_state *e)
{
	return parse_names(e) ?: parse_check_numbers(e->request) ?: parse_check_magnitude(e) ?:
	       parse_check_limits(e) ?: parse_check_node(e) ?: parse_fill_ctx(e) ?:
	       parse_align(e) ?: parse_frees(e) ?: parse_keep_every(e) ?: parse_cpus(e);
}
