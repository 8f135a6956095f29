// SPDX-License-Identifier: GPL-2.0-only
/* KMEMLAB_IOC_TRANSLATE: translate many addresses in one call. */
#include "internal.h"

#include <linux/capability.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/swap.h>

#include "clock.h"
#include "compat/compat.h"
#include "translate/lookup.h"
#include "user_copy.h"

#define CHUNK	32	/* addresses between two copies to user space */

/**
 * struct translate_call - state of one call
 * @args: arguments of the ioctl
 * @walker: walker of the page tables
 * @mm: referenced memory of the process, or NULL
 * @set: held set, or NULL
 * @inputs: addresses of one chunk
 * @answers: results of one chunk
 * @slots: slots of @answers
 */
struct translate_call {
	struct kmemlab_translate args;
	struct kmemlab_walker walker;
	struct mm_struct *mm;
	struct kmemlab_held_set *set;
	u64 inputs[CHUNK];
	struct kmemlab_lookup answers[CHUNK];
	struct kmemlab_lookup_slot slots[CHUNK];
};

static int translate_check_args(const struct kmemlab_translate *args,
				const struct kmemlab_held_set *set)
{
	bool objects = args->space == KMEMLAB_SPACE_OBJECTS;

	if (args->flags & ~KMEMLAB_TRANSLATE_ROUTES || args->space > KMEMLAB_SPACE_OBJECTS ||
	    args->lookup_size < sizeof(u64) || args->pid < 0)
		return -EINVAL;
	if (args->pid && args->space != KMEMLAB_SPACE_PROCESS)
		return -EINVAL;
	if (objects != !!set || (!objects && args->offset))
		return -EINVAL;
	if (args->count > KMEMLAB_TRANSLATE_MAX || args->lookup_size > PAGE_SIZE)
		return -E2BIG;
	return 0;
}

/*
 * Check the caller's right to trace the owner of @mm: another process than the one that
 * opened the device may have its file. Security modules are not asked, as the kernel does
 * not export that.
 */
static bool translate_may_read(const struct mm_struct *mm)
{
	return mm == current->mm || capable(CAP_SYS_PTRACE);
}

/* Return: a reference to the memory of process @number, or an ERR_PTR. */
static struct mm_struct *translate_get_process(pid_t number)
{
	struct mm_struct *mm = NULL;
	struct task_struct *task;
	bool kernel_thread;
	struct pid *pid;

	pid = find_get_pid(number);
	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_PID);
	kernel_thread = task && (task->flags & PF_KTHREAD);
	if (task && !kernel_thread)
		mm = get_task_mm(task);
	rcu_read_unlock();
	put_pid(pid);
	return mm ?: ERR_PTR(kernel_thread ? -ENODATA : -ESRCH);
}

/* Return: a reference to the memory of process @number (0: the caller), or an ERR_PTR. */
static struct mm_struct *translate_get_mm(pid_t number)
{
	struct mm_struct *mm;

	if (!number)
		return get_task_mm(current) ?: ERR_PTR(-ESRCH);
	mm = translate_get_process(number);
	if (IS_ERR(mm) || translate_may_read(mm))
		return mm;
	mmput(mm);
	return ERR_PTR(-EPERM);
}

static int translate_open_tables(struct translate_call *call)
{
	if (call->args.space != KMEMLAB_SPACE_PROCESS) {
		kmemlab_arch_kernel_tables(&call->walker.tables);
		return 0;
	}
	call->mm = translate_get_mm(call->args.pid);
	if (IS_ERR(call->mm))
		return PTR_ERR(call->mm);
	kmemlab_arch_process_tables(call->mm, &call->walker.tables);
	return 0;
}

/* The tables of a process are not freed while its lock is held and interrupts are off. */
static int translate_process(struct translate_call *call, unsigned int count)
{
	unsigned long flags;
	unsigned int i;

	if (compat_mmap_read_lock_killable(call->mm))
		return -EINTR;
	local_irq_save(flags);
	kmemlab_walk_begin(&call->walker);
	for (i = 0; i < count; i++)
		kmemlab_lookup_process(&call->walker, call->inputs[i], &call->slots[i]);
	kmemlab_walk_end(&call->walker);
	local_irq_restore(flags);
	compat_mmap_read_unlock(call->mm);
	return 0;
}

static void translate_kernel(struct translate_call *call, unsigned int count)
{
	const bool routes = call->args.flags & KMEMLAB_TRANSLATE_ROUTES;
	unsigned int i;

	kmemlab_walk_begin(&call->walker);
	for (i = 0; i < count; i++) {
		if (call->args.space == KMEMLAB_SPACE_KERNEL)
			kmemlab_lookup_kernel(&call->walker, call->inputs[i], routes,
					      &call->slots[i]);
		else
			kmemlab_lookup_phys(&call->walker, call->inputs[i], routes,
					    &call->slots[i]);
	}
	kmemlab_walk_end(&call->walker);
}

static int translate_objects(struct translate_call *call, unsigned int count)
{
	const bool routes = call->args.flags & KMEMLAB_TRANSLATE_ROUTES;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count && !ret; i++)
		ret = kmemlab_held_set_lookup(call->set, &call->walker, call->inputs[i],
					      call->args.offset, routes, &call->slots[i]);
	return ret;
}

static int translate_chunk(struct translate_call *call, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < KMEMLAB_PAGE_CACHE_SIZE; i++)
		call->walker.page_cache[i].valid = false;
	switch (call->args.space) {
	case KMEMLAB_SPACE_PROCESS:
		return translate_process(call, count);
	case KMEMLAB_SPACE_OBJECTS:
		return translate_objects(call, count);
	default:
		translate_kernel(call, count);
		return 0;
	}
}

static int translate_copy_answers(struct translate_call *call, unsigned int first,
				  unsigned int count)
{
	const u32 stride = call->args.lookup_size;
	void __user *to = u64_to_user_ptr(call->args.answers + (u64)first * stride);
	unsigned int i;
	int ret = 0;

	if (stride == sizeof(*call->answers))
		return copy_to_user(to, call->answers, count * sizeof(*call->answers)) ?
		       -EFAULT : 0;
	for (i = 0; i < count && !ret; i++)
		ret = kmemlab_copy_out(to + (size_t)i * stride, stride, &call->answers[i],
				       sizeof(*call->answers));
	return ret;
}

static int translate_all(struct translate_call *call)
{
	const u64 __user *from = u64_to_user_ptr(call->args.inputs);
	unsigned int first, count;
	int ret = 0;

	for (first = 0; first < call->args.count && !ret; first += count) {
		count = min_t(unsigned int, call->args.count - first, CHUNK);
		if (copy_from_user(call->inputs, from + first, count * sizeof(*from)))
			return -EFAULT;
		ret = translate_chunk(call, count) ?: translate_copy_answers(call, first, count);
		cond_resched();
	}
	return ret;
}

static void translate_fill_format(struct translate_call *call)
{
	struct kmemlab_table_format *format = &call->args.format;

	memset(format, 0, sizeof(*format));
	format->levels = call->walker.tables.count;
	format->page_shift = PAGE_SHIFT;
	format->struct_page_bytes = sizeof(struct page);
	format->address_bits = call->walker.tables.address_bits;
	format->swap_files = MAX_SWAPFILES;
#ifdef CONFIG_MIGRATION
	format->migration_first = SWP_MIGRATION_READ;
#endif
	format->migration_count = SWP_MIGRATION_NUM;
	kmemlab_arch_format(format, call->walker.tables.of_process);
}

static int translate_timed(struct translate_call *call)
{
	struct kmemlab_start start;
	int ret = translate_open_tables(call);

	if (ret)
		return ret;
	ret = kmemlab_page_read_begin();
	if (ret)
		goto put_mm;
	kmemlab_clock_begin(&start);
	ret = translate_all(call);
	call->args.ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
	kmemlab_page_read_end();
	translate_fill_format(call);
put_mm:
	if (call->mm)
		mmput(call->mm);
	return ret;
}

/**
 * kmemlab_translate_run() - Handle KMEMLAB_IOC_TRANSLATE.
 * @arg: struct kmemlab_translate in user space
 * @set: held set if the ioctl is on the file of a held set, else NULL
 *
 * Return: 0 or a negative errno.
 */
int kmemlab_translate_run(void __user *arg, struct kmemlab_held_set *set)
{
	struct translate_call *call;
	unsigned int i;
	u32 user_size;
	int ret;

	/* Page table entries and page flags are contents of kernel memory. */
	if (security_locked_down(LOCKDOWN_KCORE))
		return -EACCES;
	call = kvzalloc(sizeof(*call), GFP_KERNEL);
	if (!call)
		return -ENOMEM;
	call->set = set;
	for (i = 0; i < CHUNK; i++)
		call->slots[i].answer = &call->answers[i];
	ret = kmemlab_copy_in(&call->args, sizeof(call->args), KMEMLAB_TRANSLATE_SIZE_1, arg,
			      &user_size) ?:
	      translate_check_args(&call->args, set) ?: translate_timed(call) ?:
	      kmemlab_copy_out(arg, user_size, &call->args, sizeof(call->args));
	kvfree(call);
	return ret;
}
