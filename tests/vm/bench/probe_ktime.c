// SPDX-License-Identifier: GPL-2.0-only
/*
 * A benchmark as others write them: a thread times alloc_pages() and __free_pages() with
 * ktime_get(), and prints the result after init has returned.
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>

#define LOOPS	1000

static unsigned int order;
module_param(order, uint, 0444);

static struct task_struct *thread;

static int probe_ktime_thread(void *unused)
{
	struct page *page;
	ktime_t start;
	u64 ns;
	int i;

	msleep(300);
	start = ktime_get();
	for (i = 0; i < LOOPS; i++) {
		page = alloc_pages(GFP_KERNEL, READ_ONCE(order));
		if (page)
			__free_pages(page, READ_ONCE(order));
	}
	ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	pr_info("order %u: %llu ns for %d loops\n", order, ns, LOOPS);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	return 0;
}

static int __init probe_ktime_init(void)
{
	thread = kthread_run(probe_ktime_thread, NULL, "probe_ktime");
	return PTR_ERR_OR_ZERO(thread);
}
module_init(probe_ktime_init);

static void __exit probe_ktime_exit(void)
{
	kthread_stop(thread);
	pr_info("unloaded\n");
}
module_exit(probe_ktime_exit);
MODULE_DESCRIPTION("Benchmark for a test, timed with ktime_get() in a thread");
MODULE_LICENSE("GPL");
