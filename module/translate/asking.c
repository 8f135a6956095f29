// SPDX-License-Identifier: GPL-2.0
#include "translate/asking.h"

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
#include "held_set.h"
#include "translate/answer.h"
#include "user_copy.h"

#define CHUNK	32	/* answers between two copies */

/**
 * struct asking - one call on its way
 * @asked: what the caller wants
 * @walker: the tables that addresses are walked through
 * @mm: the process's memory, referenced, or NULL
 * @set: the held set, or NULL
 * @inputs: of one chunk
 * @answers: of one chunk
 * @slots: of @answers
 */
struct asking {
	struct kmemlab_translate asked;
	struct kmemlab_walker walker;
	struct mm_struct *mm;
	struct kmemlab_held_set *set;
	u64 inputs[CHUNK];
	struct kmemlab_answer answers[CHUNK];
	struct kmemlab_slot slots[CHUNK];
};

static int check(const struct kmemlab_translate *asked, const struct kmemlab_held_set *set)
{
	if (asked->flags & ~KMEMLAB_TRANSLATE_ROUTES || asked->space > KMEMLAB_SPACE_OBJECTS ||
	    asked->answer_size < sizeof(u64) || asked->pid < 0)
		return -EINVAL;
	if (asked->pid && asked->space != KMEMLAB_SPACE_PROCESS)
		return -EINVAL;
	if (asked->space == KMEMLAB_SPACE_OBJECTS ? !set : set || asked->offset)
		return -EINVAL;
	if (asked->count > KMEMLAB_TRANSLATE_MAX || asked->answer_size > PAGE_SIZE)
		return -E2BIG;
	return 0;
}

/* With a reference; of the caller where @number is 0. */
static struct mm_struct *mm_of(pid_t number)
{
	struct mm_struct *mm = NULL;
	struct task_struct *task;
	bool kernel_thread;
	struct pid *pid;

	if (!number)
		return get_task_mm(current) ?: ERR_PTR(-ESRCH);
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

static int open_tables(struct asking *a)
{
	if (a->asked.space != KMEMLAB_SPACE_PROCESS) {
		kmemlab_arch_kernel_tables(&a->walker.tables);
		return 0;
	}
	a->mm = mm_of(a->asked.pid);
	if (IS_ERR(a->mm))
		return PTR_ERR(a->mm);
	kmemlab_arch_process_tables(a->mm, &a->walker.tables);
	return 0;
}

/* A process's tables stay while its lock is held and interrupts are off. */
static int answer_of_process(struct asking *a, unsigned int count)
{
	unsigned long flags;
	unsigned int i;

	if (compat_mmap_read_lock_killable(a->mm))
		return -EINTR;
	local_irq_save(flags);
	kmemlab_walk_begin(&a->walker);
	for (i = 0; i < count; i++)
		kmemlab_answer_process(&a->walker, a->inputs[i], &a->slots[i]);
	kmemlab_walk_end(&a->walker);
	local_irq_restore(flags);
	compat_mmap_read_unlock(a->mm);
	return 0;
}

static void answer_of_kernel(struct asking *a, unsigned int count)
{
	const bool routes = a->asked.flags & KMEMLAB_TRANSLATE_ROUTES;
	unsigned int i;

	kmemlab_walk_begin(&a->walker);
	for (i = 0; i < count; i++) {
		if (a->asked.space == KMEMLAB_SPACE_KERNEL)
			kmemlab_answer_kernel(&a->walker, a->inputs[i], routes, &a->slots[i]);
		else
			kmemlab_answer_phys(&a->walker, a->inputs[i], routes, &a->slots[i]);
	}
	kmemlab_walk_end(&a->walker);
}

static int answer_of_set(struct asking *a, unsigned int count)
{
	const bool routes = a->asked.flags & KMEMLAB_TRANSLATE_ROUTES;
	unsigned int i;
	int error = 0;

	for (i = 0; i < count && !error; i++)
		error = kmemlab_held_set_answer(a->set, &a->walker, a->inputs[i], a->asked.offset,
						routes, &a->slots[i]);
	return error;
}

static int answer_chunk(struct asking *a, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < KMEMLAB_ONLINES; i++)
		a->walker.onlines[i].known = false;
	switch (a->asked.space) {
	case KMEMLAB_SPACE_PROCESS:
		return answer_of_process(a, count);
	case KMEMLAB_SPACE_OBJECTS:
		return answer_of_set(a, count);
	default:
		answer_of_kernel(a, count);
		return 0;
	}
}

static int copy_answers(struct asking *a, unsigned int first, unsigned int count)
{
	const u32 stride = a->asked.answer_size;
	void __user *to = u64_to_user_ptr(a->asked.answers + (u64)first * stride);
	unsigned int i;
	int error = 0;

	if (stride == sizeof(*a->answers))
		return copy_to_user(to, a->answers, count * sizeof(*a->answers)) ? -EFAULT : 0;
	for (i = 0; i < count && !error; i++)
		error = kmemlab_copy_out(to + (size_t)i * stride, stride, &a->answers[i],
					 sizeof(*a->answers));
	return error;
}

static int answer_all(struct asking *a)
{
	const u64 __user *from = u64_to_user_ptr(a->asked.inputs);
	unsigned int first, count;
	int error = 0;

	for (first = 0; first < a->asked.count && !error; first += count) {
		count = min_t(unsigned int, a->asked.count - first, CHUNK);
		if (copy_from_user(a->inputs, from + first, count * sizeof(*from)))
			return -EFAULT;
		error = answer_chunk(a, count) ?: copy_answers(a, first, count);
		cond_resched();
	}
	return error;
}

static void fill_format(struct asking *a)
{
	struct kmemlab_table_format *format = &a->asked.format;

	memset(format, 0, sizeof(*format));
	format->levels = a->walker.tables.count;
	format->page_shift = PAGE_SHIFT;
	format->address_bits = a->walker.tables.address_bits;
	format->swap_files = MAX_SWAPFILES;
#ifdef CONFIG_MIGRATION
	format->migration_first = SWP_MIGRATION_READ;
#endif
	format->migration_count = SWP_MIGRATION_NUM;
	kmemlab_arch_format(format);
}

static int ask(struct asking *a)
{
	struct kmemlab_start start;
	int error = open_tables(a);

	if (error)
		return error;
	kmemlab_clock_begin(&start);
	error = answer_all(a);
	a->asked.ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
	fill_format(a);
	if (a->mm)
		mmput(a->mm);
	return error;
}

int kmemlab_ioctl_translate(void __user *arg, struct kmemlab_held_set *set)
{
	struct asking *a;
	unsigned int i;
	u32 user_size;
	int error;

	/* Entries and flags are contents of the kernel's memory. */
	if (security_locked_down(LOCKDOWN_KCORE))
		return -EACCES;
	a = kvzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	a->set = set;
	for (i = 0; i < CHUNK; i++)
		a->slots[i].answer = &a->answers[i];
	error = kmemlab_copy_in(&a->asked, sizeof(a->asked), KMEMLAB_TRANSLATE_SIZE_1, arg,
				&user_size) ?:
		check(&a->asked, set) ?: ask(a) ?:
		kmemlab_copy_out(arg, user_size, &a->asked, sizeof(a->asked));
	kvfree(a);
	return error;
}
