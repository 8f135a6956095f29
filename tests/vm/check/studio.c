// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A right solution of the exercise, and wrong ones: the test replaces the next line by a
 * definition, so that line numbers stay the same.
 */
#define RIGHT
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct item {
	unsigned int value[8];
};

#ifdef PER_PAGE_512
#define PER_PAGE 512
#else
#define PER_PAGE (PAGE_SIZE / sizeof(struct item))
#endif
#ifdef WRONG_INDEX
#define VALUE(i, j, k) (((i) * PER_PAGE + (j)) * 7 + (k))
#else
#define VALUE(i, j, k) (((i) * PER_PAGE + (j)) * 8 + (k))
#endif

static unsigned int nr_structs = 2000;
module_param(nr_structs, uint, 0444);
MODULE_PARM_DESC(nr_structs, "number of structs");

static struct task_struct *thread;
static struct page *pages;
static unsigned long nr_pages;
static unsigned int order;
static __maybe_unused DEFINE_SPINLOCK(lock);

static struct item *item_at(unsigned long i, unsigned long j)
{
#ifdef VA_OF_PFN
	return (struct item *)__va(page_to_pfn(pages + i)) + j;
#else
	return (struct item *)__va(PFN_PHYS(page_to_pfn(pages + i))) + j;
#endif
}

static void fill(void)
{
	unsigned long n, k, count = nr_structs, elements = 8;

#ifdef ONE_TOO_MANY
	count++;
#endif
#ifdef ELEMENT_TOO_MANY
	elements++;
#endif
	for (n = 0; n < count; n++) {
		unsigned int *value = (unsigned int *)item_at(n / PER_PAGE, n % PER_PAGE);

		for (k = 0; k < elements; k++)
			value[k] = VALUE(n / PER_PAGE, n % PER_PAGE, k);
	}
}

static void check(void)
{
	unsigned long n, k, wrong = 0;

#ifdef ZERO_FORGOTTEN
	wrong = item_at((nr_structs - 1) / PER_PAGE, 0)->value[0] & 1;
#endif
	for (n = 0; n < nr_structs; n++)
		for (k = 0; k < 8; k++)
			if (item_at(n / PER_PAGE, n % PER_PAGE)->value[k] !=
			    VALUE(n / PER_PAGE, n % PER_PAGE, k))
				wrong++;
	pr_info("studio: %lu elements wrong\n", wrong);
}

static void release(void)
{
#ifdef NO_FREE
	return;
#endif
#ifdef FREE_ORDER_0
	__free_pages(pages, 0);
#elif defined(PAGES_AS_ORDER)
	__free_pages(pages, nr_pages);
#else
	__free_pages(pages, order);
#endif
#ifdef FREE_TWICE
	__free_pages(pages, order);
#endif
}

static int k_memory(void *unused)
{
#ifdef SLEEP_IN_SPINLOCK
	spin_lock(&lock);
	kfree(kmalloc(100, GFP_KERNEL));
	spin_unlock(&lock);
#endif
#ifdef MSLEEP_IN_SPINLOCK
	spin_lock(&lock);
	msleep(20);
	spin_unlock(&lock);
#endif
	fill();
#ifdef RETURNS
	return 0;
#endif
#ifdef BUSY_SCHEDULE
	while (!kthread_should_stop())
		schedule();
#elif defined(BUSY_LOOP)
	while (!kthread_should_stop())
		;
#elif defined(NO_STOP)
	for (;;)
		msleep(100);
#else
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
#endif
	check();
	return 0;
}

static int __init studio_init(void)
{
	void *note;

#ifdef PAGES_DOWN
	nr_pages = nr_structs / PER_PAGE;
#else
	nr_pages = DIV_ROUND_UP(nr_structs, PER_PAGE);
#endif
	order = get_order(nr_pages * PAGE_SIZE);
#ifdef ZERO_FORGOTTEN
	order = nr_pages ? order : 0;
#else
	if (!nr_structs)
		return -EINVAL;
#endif
	pr_info("studio: page size %lu, %lu objects per page, %lu pages, order %u\n",
		(unsigned long)PAGE_SIZE, (unsigned long)PER_PAGE, nr_pages, order);
#ifdef INIT_LOOP
	for (;;)
		cpu_relax();
#endif
	note = kmalloc(64, GFP_KERNEL);
	if (!note)
		return -ENOMEM;
#if defined(PAGES_AS_ORDER) || defined(PAGES_AS_ORDER_LOST)
	pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, nr_pages);
#else
	pages = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);
#endif
#ifndef NO_NULL_CHECK
	if (!pages) {
#ifndef ERROR_PATH_LEAK
		kfree(note);
#endif
		return -ENOMEM;
	}
#endif
	kfree(note);
	thread = kthread_run(k_memory, NULL, "k_memory");
	if (IS_ERR(thread)) {
		__free_pages(pages, order);
		return PTR_ERR(thread);
	}
	return 0;
}

static void __exit studio_exit(void)
{
#ifndef NO_STOP
	kthread_stop(thread);
#endif
	release();
}

module_init(studio_init);
module_exit(studio_exit);
#ifndef NO_LICENSE
MODULE_LICENSE("GPL");
#endif
MODULE_DESCRIPTION("Exercise");
