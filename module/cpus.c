// SPDX-License-Identifier: GPL-2.0
#include "cpus.h"

#include <linux/cpuhotplug.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "gfp.h"
#include "request.h"
#include "workloads/workload.h"

static DEFINE_SPINLOCK(lock);
static struct cpumask held;	/* by experiments */
static struct cpumask leaving;	/* on their way offline: not to be held any more */
static enum cpuhp_state watch;

static int cpu_comes(unsigned int cpu)
{
	spin_lock(&lock);
	cpumask_clear_cpu(cpu, &leaving);
	spin_unlock(&lock);
	return 0;
}

static int cpu_goes(unsigned int cpu)
{
	int error = -EBUSY;

	spin_lock(&lock);
	if (!cpumask_test_cpu(cpu, &held)) {
		cpumask_set_cpu(cpu, &leaving);
		error = 0;
	}
	spin_unlock(&lock);
	return error;
}

int kmemlab_cpus_watch(void)
{
	int state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "kmemlab:cpus", cpu_comes,
					      cpu_goes);

	if (state < 0)
		return state;
	watch = state;
	return 0;
}

void kmemlab_cpus_unwatch(void)
{
	cpuhp_remove_state_nocalls(watch);
}

int kmemlab_cpus_hold(const struct cpumask *cpus)
{
	int error = 0;

	spin_lock(&lock);
	if (cpumask_intersects(cpus, &held))
		error = -EBUSY;
	else if (cpumask_intersects(cpus, &leaving) || !cpumask_subset(cpus, cpu_online_mask))
		error = -ENODEV;
	else
		cpumask_or(&held, &held, cpus);
	spin_unlock(&lock);
	return error;
}

void kmemlab_cpus_release(const struct cpumask *cpus)
{
	spin_lock(&lock);
	cpumask_andnot(&held, &held, cpus);
	spin_unlock(&lock);
}

/* What the caller names, each CPU once. */
static int read_cpus(struct kmemlab_request *r)
{
	const u32 __user *from = u64_to_user_ptr(r->asked->cpus);
	int last = -1;
	u32 i, cpu;

	for (i = 0; i < r->asked->cpu_count; i++) {
		if (get_user(cpu, from + i))
			return -EFAULT;
		if (cpu >= nr_cpu_ids || !cpu_online(cpu))
			return kmemlab_refuse(r, -EINVAL, "CPU %u is not online", cpu);
		if ((int)cpu <= last)
			return kmemlab_refuse(r, -EINVAL,
					      "CPU %u after CPU %d: each once, and in ascending order",
					      cpu, last);
		last = cpu;
		cpumask_set_cpu(cpu, &r->cpus);
	}
	return 0;
}

/* What one CPU can do and several cannot. */
static int check_several(struct kmemlab_request *r)
{
	u32 count = r->asked->cpu_count;

	if (!r->workload->several_cpus)
		return kmemlab_refuse(r, -EOPNOTSUPP,
				      "%s runs on one CPU: pair, batch, batch_lifo and batch_random run on several",
				      r->workload->name);
	if (r->asked->free_cpu != -1)
		return kmemlab_refuse(r, -EINVAL,
				      "each of several CPUs frees what it has allocated: no free_cpu");
	if (r->gfp->flags & __GFP_ACCOUNT)
		return kmemlab_refuse(r, -EOPNOTSUPP,
				      "gfp %s charges the caller's group, and on several CPUs threads of the kernel allocate",
				      r->gfp->name);
	if (r->asked->objects < count)
		return kmemlab_refuse(r, -EINVAL, "%llu objects are too few for %u CPUs",
				      r->asked->objects, count);
	return 0;
}

int kmemlab_cpus_choose(struct kmemlab_request *r)
{
	unsigned int here = raw_smp_processor_id();
	int error;

	cpumask_clear(&r->cpus);
	error = read_cpus(r);
	if (error)
		return error;
	if (r->asked->cpu_count > 1)
		return check_several(r);
	if (!r->asked->cpu_count)
		cpumask_set_cpu(here, &r->cpus);
	else if (!cpumask_test_cpu(here, &r->cpus))
		return kmemlab_refuse(r, -EINVAL,
				      "CPU %u is asked for, and the caller, who is to run there, is on CPU %u",
				      cpumask_first(&r->cpus), here);
	return 0;
}
