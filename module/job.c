// SPDX-License-Identifier: GPL-2.0
#include "job.h"

#include <linux/completion.h>
#include <linux/io.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "block_order.h"
#include "budget.h"
#include "compat/compat.h"
#include "test_hooks.h"
#include "translate/walk.h"

#define ELEMENTS		8
#define BLOCKS_GFP		(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

struct studio_struct {
	unsigned int element[ELEMENTS];
};

#define OBJECTS_PER_PAGE	(PAGE_SIZE / sizeof(struct studio_struct))

/* One block of the page allocator. */
struct block {
	struct list_head list;
	struct page *page;
	unsigned int order;
};

/**
 * struct studio_set - the objects of one value of nr_structs
 * @objects: how many
 * @pages: that hold them
 * @reserved: pages taken from the budget
 * @held: pages of them that are allocated, once all are
 * @blocks: struct block, in the order of their objects
 * @count: how many blocks there are of each order
 */
struct studio_set {
	u64 objects;
	u64 pages;
	u64 reserved;
	u64 held;
	struct list_head blocks;
	unsigned int count[KMEMLAB_MAX_ORDER + 1];
};

/*
 * The parameter is written before init ran, while the module lives, and after
 * exit began; the state says which. The lock is taken by writers and by init
 * and exit, never by the thread.
 */
enum job_state {
	JOB_BEFORE_INIT,
	JOB_LIVE,
	JOB_EXITING,
};

static DEFINE_MUTEX(job_lock);
static enum job_state state = JOB_BEFORE_INIT;
static unsigned int nr_structs = 2000;
static struct studio_set *current_set;
static struct task_struct *thread;
static bool load_given_up;	/* who loads the module was killed: the thread need not go on */

/* Whoever waits for a new set wants it no more. */
static bool is_unwanted(void)
{
	return signal_pending(current) || READ_ONCE(load_given_up);
}

static unsigned int element_value(u64 object, unsigned int k)
{
	return object * ELEMENTS + k;
}

/* Calls @fn for each page of a set until it fails; @first is the number of its first object. */
static int visit_pages(const struct studio_set *set,
		       int (*fn)(struct page *page, u64 first, unsigned int objects,
				 void *context),
		       void *context)
{
	const struct block *block;
	u64 first = 0;

	list_for_each_entry(block, &set->blocks, list) {
		unsigned long i;

		for (i = 0; i < 1UL << block->order && first < set->objects; i++) {
			int error = fn(block->page + i, first,
				       min_t(u64, OBJECTS_PER_PAGE, set->objects - first),
				       context);

			if (error)
				return error;
			first += OBJECTS_PER_PAGE;
			cond_resched();
		}
	}
	return 0;
}

/* struct page -> page frame number -> physical -> virtual, then write there. */
static int write_page(struct page *page, u64 first, unsigned int objects, void *context)
{
	unsigned long pfn = page_to_pfn(page);
	phys_addr_t phys = PFN_PHYS(pfn);
	struct studio_struct *s = phys_to_virt(phys);
	unsigned int j, k;

	for (j = 0; j < objects; j++) {
		for (k = 0; k < ELEMENTS; k++)
			s[j].element[k] = element_value(first + j, k);
	}
	return is_unwanted() ? -EINTR : 0;
}

struct tally {
	u64 right;
	u64 wrong;
};

/* Back by another route: the page's virtual address, through the page tables. */
static int check_page(struct page *page, u64 first, unsigned int objects, void *context)
{
	struct tally *tally = context;
	struct kmemlab_walk walk;
	const struct studio_struct *s;
	unsigned int j, k;

	/* A frame that is not ours is not looked into. */
	if (kmemlab_walk_kernel((unsigned long)page_address(page), &walk) ||
	    walk.pfn != page_to_pfn(page)) {
		tally->wrong += (u64)objects * ELEMENTS;
		return 0;
	}
	s = page_address(pfn_to_page(walk.pfn));
	for (j = 0; j < objects; j++) {
		for (k = 0; k < ELEMENTS; k++) {
			if (s[j].element[k] == element_value(first + j, k))
				tally->right++;
			else
				tally->wrong++;
		}
	}
	return 0;
}

static void free_set(struct studio_set *set)
{
	struct block *block, *next;

	if (!set)
		return;
	kmemlab_budget_hold(-(s64)set->held);
	list_for_each_entry_safe(block, next, &set->blocks, list) {
		__free_pages(block->page, block->order);
		kfree(block);
		cond_resched();
	}
	if (kmemlab_corrupts(KMEMLAB_CORRUPT_MEMORY))
		alloc_page(GFP_KERNEL);
	kmemlab_budget_release(set->reserved);
	kfree(set);
}

static int add_block(struct studio_set *set, unsigned int order)
{
	struct block *block = kmalloc(sizeof(*block), GFP_KERNEL);

	if (!block)
		return -ENOMEM;
	block->order = order;
	block->page = alloc_pages(BLOCKS_GFP, order);
	if (!block->page) {
		kfree(block);
		return -ENOMEM;
	}
	list_add_tail(&block->list, &set->blocks);
	set->count[order]++;
	return 0;
}

/* Full largest blocks, then the smallest order that holds the rest, halved where refused. */
static int add_blocks(struct studio_set *set)
{
	unsigned int limit = KMEMLAB_MAX_ORDER;
	u64 missing = set->pages;

	while (missing) {
		unsigned int order = kmemlab_block_order(missing, limit);

		if (is_unwanted())
			return -EINTR;
		if (!add_block(set, order))
			missing -= min_t(u64, missing, 1UL << order);
		else if (order)
			limit = order - 1;
		else
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

static void log_plan(const struct studio_set *set)
{
	pr_info("page size %lu bytes, object size %zu bytes, %lu objects per page\n",
		PAGE_SIZE, sizeof(struct studio_struct), OBJECTS_PER_PAGE);
	if (!set->objects)
		pr_info("nr_structs=0: nothing to allocate\n");
	else
		pr_info("%llu objects need %llu pages, order %u\n", set->objects, set->pages,
			kmemlab_block_order(set->pages, KMEMLAB_MAX_ORDER));
}

static void log_blocks(const struct studio_set *set)
{
	unsigned int order;

	for (order = KMEMLAB_MAX_ORDER + 1; order-- > 0;) {
		if (set->count[order])
			pr_info("allocated %u block%s of order %u\n", set->count[order],
				set->count[order] == 1 ? "" : "s", order);
	}
}

/* All that the set may take: its pages, a last block larger than the rest, a record a page. */
static u64 pages_to_reserve(const struct studio_set *set)
{
	u64 last = set->pages & (MAX_ORDER_NR_PAGES - 1);
	u64 slack = last ? roundup_pow_of_two((unsigned long)last) - last : 0;

	return set->pages + slack + DIV_ROUND_UP_ULL(set->pages * sizeof(struct block), PAGE_SIZE);
}

static struct studio_set *create_set(unsigned int objects)
{
	struct studio_set *set = kzalloc(sizeof(*set), GFP_KERNEL);
	int error;

	if (!set)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&set->blocks);
	set->objects = objects;
	set->pages = DIV_ROUND_UP_ULL(objects, OBJECTS_PER_PAGE);
	log_plan(set);
	set->reserved = pages_to_reserve(set);
	error = kmemlab_budget_reserve(set->reserved, GFP_KERNEL);
	if (error) {
		pr_err("nr_structs=%u refused: it may take %llu pages, the budget has %llu left\n",
		       objects, set->reserved, kmemlab_budget_left(GFP_KERNEL));
		kfree(set);
		return ERR_PTR(error);
	}
	error = add_blocks(set) ?: visit_pages(set, write_page, NULL);
	if (error) {
		pr_err("nr_structs=%u refused: %s\n", objects, error == -EINTR ?
		       "interrupted" : "the page allocator has no more pages");
		free_set(set);
		return ERR_PTR(error);
	}
	set->held = set->pages;
	kmemlab_budget_hold(set->held);
	log_blocks(set);
	return set;
}

static void check_set(const struct studio_set *set)
{
	struct tally tally = {};

	visit_pages(set, check_page, &tally);
	if (tally.wrong)
		pr_err("%llu elements right, %llu wrong\n", tally.right, tally.wrong);
	else
		pr_info("%llu elements right, %llu wrong\n", tally.right, tally.wrong);
}

static void retire_set(struct studio_set *set)
{
	check_set(set);
	free_set(set);
}

/* Between init and this thread: its verdict. */
struct verdict {
	struct completion reached;
	int error;
};

static int job_thread(void *argument)
{
	struct verdict *verdict = argument;
	struct studio_set *set;

	pr_info("Hello from thread k_memory. nr_structs=%u\n", nr_structs);
	set = create_set(nr_structs);
	verdict->error = PTR_ERR_OR_ZERO(set);
	if (!verdict->error)
		current_set = set;
	complete(&verdict->reached);	/* @verdict is init's: not ours from here on */

	/* Idle: neither CPU time nor load while it waits to be stopped. */
	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	if (current_set)
		retire_set(current_set);
	return 0;
}

int kmemlab_job_start(void)
{
	struct verdict verdict = { .error = 0 };
	int error;

	init_completion(&verdict.reached);
	mutex_lock(&job_lock);
	thread = kthread_run(job_thread, &verdict, "k_memory");
	error = PTR_ERR_OR_ZERO(thread);
	if (error) {
		pr_err("the thread k_memory could not be started (error %d)\n", error);
	} else {
		if (wait_for_completion_killable(&verdict.reached)) {
			WRITE_ONCE(load_given_up, true);
			wait_for_completion(&verdict.reached);
		}
		/* The verdict may have been reached before the kill was. */
		error = verdict.error ?: load_given_up ? -EINTR : 0;
		if (error)
			kthread_stop(thread);
	}
	state = error ? JOB_EXITING : JOB_LIVE;
	mutex_unlock(&job_lock);
	return error;
}

void kmemlab_job_stop(void)
{
	mutex_lock(&job_lock);
	state = JOB_EXITING;
	mutex_unlock(&job_lock);
	kthread_stop(thread);
}

/* A live set gives way to a new one only once that is complete. */
static int replace_set(unsigned int objects)
{
	struct studio_set *set = create_set(objects);
	struct studio_set *old = current_set;

	if (IS_ERR(set))
		return PTR_ERR(set);
	current_set = set;
	nr_structs = objects;
	retire_set(old);
	return 0;
}

static int set_nr_structs(const char *value, const struct kernel_param *parameter)
{
	unsigned int objects;
	int error = kstrtouint(value, 0, &objects);

	if (error)
		return error;
	error = mutex_lock_interruptible(&job_lock);
	if (error)
		return error;
	switch (state) {
	case JOB_BEFORE_INIT:
		nr_structs = objects;
		break;
	case JOB_LIVE:
		error = replace_set(objects);
		break;
	case JOB_EXITING:
		error = -ENODEV;
		break;
	}
	mutex_unlock(&job_lock);
	return error;
}

static const struct kernel_param_ops nr_structs_ops = {
	.set = set_nr_structs,
	.get = param_get_uint,
};

module_param_cb(nr_structs, &nr_structs_ops, &nr_structs, 0644);
MODULE_PARM_DESC(nr_structs, "how many structs of 32 bytes the thread k_memory holds (2000)");
