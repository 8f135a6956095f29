// SPDX-License-Identifier: GPL-2.0-only
/*
 * The course exercise that this project grew from: a module parameter nr_structs
 * (default 2000) and a kernel thread k_memory, which allocates that many 32-byte structs
 * with the page allocator. It writes and checks each of them by way of struct page, PFN,
 * physical address and virtual address, and frees them when the module is unloaded. A
 * write to the parameter replaces the structs. Independent of the benchmarks, except that
 * it takes its memory from the same budget.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "budget.h"
#include "compat/compat.h"
#include "internal.h"
#include "translate/walk.h"
#include "util.h"

#define DEMO_ELEMENTS		8
#define DEMO_GFP		(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

struct demo_struct {
	unsigned int element[DEMO_ELEMENTS];
};

#define DEMO_PER_PAGE		(PAGE_SIZE / sizeof(struct demo_struct))

/* A block of the page allocator */
struct demo_block {
	struct list_head list;
	struct page *page;
	unsigned int order;
};

/**
 * struct demo_set - the structs of one value of nr_structs
 * @objects: number of structs
 * @pages: number of pages that contain them
 * @reserved: pages reserved from the budget
 * @held: pages that are allocated, once all of them are
 * @blocks: list of struct demo_block in the order of their structs
 * @count: number of blocks of each order
 */
struct demo_set {
	u64 objects;
	u64 pages;
	u64 reserved;
	u64 held;
	struct list_head blocks;
	unsigned int count[KMEMLAB_MAX_ORDER + 1];
};

/*
 * The parameter can be written before init, while the module is live, and during exit.
 * Writers, init and exit take the lock; the thread never does.
 */
enum demo_state {
	DEMO_BEFORE_INIT,
	DEMO_LIVE,
	DEMO_EXITING,
};

static DEFINE_MUTEX(demo_lock);
static enum demo_state demo_state = DEMO_BEFORE_INIT;
static unsigned int nr_structs = 2000;
static struct demo_set *demo_current;
static struct task_struct *demo_task;
static bool demo_aborted;	/* the task that loads the module was killed, or it is unloaded */

/* Return true if the task that waits for the new set was interrupted. */
static bool demo_is_aborted(void)
{
	return signal_pending(current) || READ_ONCE(demo_aborted);
}

static unsigned int demo_value(u64 object, unsigned int k)
{
	return object * DEMO_ELEMENTS + k;
}

/* Call @fn for each page of a set until it fails; @first is the page's first struct. */
static int demo_visit_pages(const struct demo_set *set,
			    int (*fn)(struct page *page, u64 first, unsigned int objects,
				      void *context),
			    void *context)
{
	const struct demo_block *block;
	u64 first = 0;

	list_for_each_entry(block, &set->blocks, list) {
		unsigned long i;

		for (i = 0; i < 1UL << block->order && first < set->objects; i++) {
			int err = fn(block->page + i, first,
				     min_t(u64, DEMO_PER_PAGE, set->objects - first),
				     context);

			if (err)
				return err;
			first += DEMO_PER_PAGE;
			cond_resched();
		}
	}
	return 0;
}

/* Write through struct page -> PFN -> physical address -> virtual address. */
static int demo_write_page(struct page *page, u64 first, unsigned int objects, void *context)
{
	unsigned long pfn = page_to_pfn(page);
	phys_addr_t phys = PFN_PHYS(pfn);
	struct demo_struct *s = phys_to_virt(phys);
	unsigned int j, k;

	for (j = 0; j < objects; j++) {
		for (k = 0; k < DEMO_ELEMENTS; k++)
			s[j].element[k] = demo_value(first + j, k);
	}
	return demo_is_aborted() ? -EINTR : 0;
}

struct demo_tally {
	u64 right;
	u64 wrong;
};

/* Read through another route: virtual address -> page tables -> PFN. */
static int demo_check_page(struct page *page, u64 first, unsigned int objects, void *context)
{
	struct demo_tally *tally = context;
	struct kmemlab_walk walk;
	const struct demo_struct *s;
	unsigned int j, k;

	/* Do not access a frame that does not belong to the set. */
	if (kmemlab_walk_kernel((unsigned long)page_address(page), &walk) ||
	    walk.pfn != page_to_pfn(page)) {
		tally->wrong += (u64)objects * DEMO_ELEMENTS;
		return 0;
	}
	s = page_address(pfn_to_page(walk.pfn));
	for (j = 0; j < objects; j++) {
		for (k = 0; k < DEMO_ELEMENTS; k++) {
			if (s[j].element[k] == demo_value(first + j, k))
				tally->right++;
			else
				tally->wrong++;
		}
	}
	return 0;
}

static void demo_free_set(struct demo_set *set)
{
	struct demo_block *block, *next;

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

static int demo_add_block(struct demo_set *set, unsigned int order)
{
	struct demo_block *block = kmalloc(sizeof(*block), GFP_KERNEL);

	if (!block)
		return -ENOMEM;
	block->order = order;
	block->page = alloc_pages(DEMO_GFP, order);
	if (!block->page) {
		kfree(block);
		return -ENOMEM;
	}
	list_add_tail(&block->list, &set->blocks);
	set->count[order]++;
	return 0;
}

/* Allocate blocks of the largest order, then smaller ones; lower the order on failure. */
static int demo_add_blocks(struct demo_set *set)
{
	unsigned int limit = KMEMLAB_MAX_ORDER;
	u64 missing = set->pages;

	while (missing) {
		unsigned int order = kmemlab_block_order(missing, limit);

		if (demo_is_aborted())
			return -EINTR;
		if (!demo_add_block(set, order))
			missing -= min_t(u64, missing, 1UL << order);
		else if (order)
			limit = order - 1;
		else
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

/* Return the pages of the last block that the set does not need. */
static u64 demo_slack(const struct demo_set *set)
{
	const u64 last = set->pages & (MAX_ORDER_NR_PAGES - 1);

	return last ? roundup_pow_of_two((unsigned long)last) - last : 0;
}

static void demo_log_plan(const struct demo_set *set)
{
	const u64 slack = demo_slack(set);
	char unused[64] = "";

	pr_info("page size %lu bytes, object size %zu bytes, %lu objects per page\n",
		PAGE_SIZE, sizeof(struct demo_struct), DEMO_PER_PAGE);
	if (!set->objects) {
		pr_info("nr_structs=0: nothing to allocate\n");
		return;
	}
	if (slack)
		snprintf(unused, sizeof(unused), " (%llu of %llu pages unused)", slack,
			 set->pages + slack);
	pr_info("%llu object%s %llu page%s, order %u%s\n", set->objects,
		set->objects == 1 ? " needs" : "s need", set->pages, kmemlab_plural(set->pages),
		kmemlab_block_order(set->pages, KMEMLAB_MAX_ORDER), unused);
}

static void demo_log_blocks(const struct demo_set *set)
{
	unsigned int order;

	for (order = KMEMLAB_MAX_ORDER + 1; order-- > 0;) {
		if (set->count[order])
			pr_info("allocated %u block%s of order %u\n", set->count[order],
				kmemlab_plural(set->count[order]), order);
	}
}

/* Return the pages of the set, of an oversized last block and of one record per page. */
static u64 demo_pages_max(const struct demo_set *set)
{
	u64 records = set->pages * sizeof(struct demo_block);

	return set->pages + demo_slack(set) + DIV_ROUND_UP_ULL(records, PAGE_SIZE);
}

static struct demo_set *demo_create_set(unsigned int objects)
{
	struct demo_set *set = kzalloc(sizeof(*set), GFP_KERNEL);
	char shortage[KMEMLAB_BUDGET_TEXT_MAX];
	int err;

	if (!set)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&set->blocks);
	set->objects = objects;
	set->pages = DIV_ROUND_UP_ULL(objects, DEMO_PER_PAGE);
	demo_log_plan(set);
	set->reserved = demo_pages_max(set);
	err = kmemlab_budget_reserve(set->reserved, GFP_KERNEL);
	if (err) {
		kmemlab_budget_describe(shortage, set->reserved, GFP_KERNEL,
					kmemlab_budget_more());
		pr_err("nr_structs=%u refused: it may take %s\n", objects, shortage);
		kfree(set);
		return ERR_PTR(err);
	}
	err = demo_add_blocks(set) ?: demo_visit_pages(set, demo_write_page, NULL);
	if (err) {
		pr_err("nr_structs=%u refused: %s\n", objects, err == -EINTR ?
		       "interrupted" : "the page allocator has no more pages");
		demo_free_set(set);
		return ERR_PTR(err);
	}
	/* The rest is allocated, too, or was not needed. */
	kmemlab_budget_release(set->reserved - set->pages);
	set->reserved = set->pages;
	set->held = set->pages;
	kmemlab_budget_hold(set->held);
	demo_log_blocks(set);
	return set;
}

static void demo_check_set(const struct demo_set *set)
{
	struct demo_tally tally = {};

	demo_visit_pages(set, demo_check_page, &tally);
	if (tally.wrong)
		pr_err("%llu elements right, %llu wrong\n", tally.right, tally.wrong);
	else
		pr_info("%llu elements right, %llu wrong\n", tally.right, tally.wrong);
}

static void demo_retire_set(struct demo_set *set)
{
	demo_check_set(set);
	demo_free_set(set);
}

/* Result of the thread's allocation, for init */
struct demo_startup {
	struct completion done;
	int err;
};

static int demo_thread(void *argument)
{
	struct demo_startup *startup = argument;
	struct demo_set *set;

	pr_info("Hello from thread k_memory. nr_structs=%u\n", nr_structs);
	set = demo_create_set(nr_structs);
	startup->err = PTR_ERR_OR_ZERO(set);
	if (!startup->err)
		demo_current = set;
	complete(&startup->done);	/* init owns @startup: do not access it from here on */

	/* TASK_IDLE: the wait must not count as load. */
	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	if (demo_current)
		demo_retire_set(demo_current);
	return 0;
}

/**
 * kmemlab_demo_start() - start the thread and wait until it has allocated the structs
 *
 * Return: 0, or a negative errno, which was logged.
 */
int kmemlab_demo_start(void)
{
	struct demo_startup startup = { .err = 0 };
	int err;

	init_completion(&startup.done);
	mutex_lock(&demo_lock);
	demo_task = kthread_run(demo_thread, &startup, "k_memory");
	err = PTR_ERR_OR_ZERO(demo_task);
	if (err) {
		pr_err("cannot start the thread k_memory (error %d)\n", err);
	} else {
		if (wait_for_completion_killable(&startup.done)) {
			WRITE_ONCE(demo_aborted, true);
			wait_for_completion(&startup.done);
		}
		/* The thread may have finished before it saw the kill. */
		err = startup.err ?: demo_aborted ? -EINTR : 0;
		if (err)
			kthread_stop(demo_task);
	}
	demo_state = err ? DEMO_EXITING : DEMO_LIVE;
	mutex_unlock(&demo_lock);
	return err;
}

/**
 * kmemlab_demo_stop() - stop the thread, which checks and frees the structs
 */
void kmemlab_demo_stop(void)
{
	/* Do not wait for a writer that allocates all memory. */
	WRITE_ONCE(demo_aborted, true);
	mutex_lock(&demo_lock);
	demo_state = DEMO_EXITING;
	mutex_unlock(&demo_lock);
	kthread_stop(demo_task);
}

/* Keep the old set until the new one is complete. */
static int demo_replace_set(unsigned int objects)
{
	struct demo_set *set = demo_create_set(objects);
	struct demo_set *old = demo_current;

	if (IS_ERR(set))
		return PTR_ERR(set);
	demo_current = set;
	nr_structs = objects;
	demo_retire_set(old);
	return 0;
}

static int demo_change_nr_structs(unsigned int objects)
{
	int err = mutex_lock_interruptible(&demo_lock);

	if (err)
		return err;
	switch (demo_state) {
	case DEMO_BEFORE_INIT:
		nr_structs = objects;
		break;
	case DEMO_LIVE:
		err = demo_replace_set(objects);
		break;
	case DEMO_EXITING:
		err = -ENODEV;
		break;
	}
	mutex_unlock(&demo_lock);
	return err;
}

/*
 * The kernel calls this with its lock of the module's parameters, for which others wait
 * unkillably: release it while the structs are allocated.
 */
static int demo_set_nr_structs(const char *value, const struct kernel_param *param)
{
	unsigned int objects;
	int err = kstrtouint(value, 0, &objects);

	if (err)
		return err;
	kernel_param_unlock(THIS_MODULE);
	err = demo_change_nr_structs(objects);
	kernel_param_lock(THIS_MODULE);
	return err;
}

static const struct kernel_param_ops demo_nr_structs_ops = {
	.set = demo_set_nr_structs,
	.get = param_get_uint,
};

module_param_cb(nr_structs, &demo_nr_structs_ops, &nr_structs, 0644);
MODULE_PARM_DESC(nr_structs,
		 "number of 32-byte structs that the thread k_memory allocates (default 2000)");
