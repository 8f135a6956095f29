// SPDX-License-Identifier: GPL-2.0-or-later
/* Allocates with many functions of the kernel and releases all; the test replaces the next line. */
#define RIGHT
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

struct note {
	struct rcu_head rcu;
	char text[40];
};

static struct workqueue_struct *queue;
static struct work_struct work;
static struct timer_list timer, swap_timer;
static struct task_struct *thread;
static struct kmem_cache *cache, *rcu_cache;
static void *object, *area, *exact, *text, *large, *swapped;
static int __percpu *counters;
static struct page *split;
static struct dentry *directory;

static const struct proc_ops innocent_proc_ops = {};
static const struct file_operations innocent_ops = { .owner = THIS_MODULE };
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR, .name = "innocent", .fops = &innocent_ops,
};

static void work_fn(struct work_struct *unused)
{
	struct note *note = kmalloc(sizeof(*note), GFP_KERNEL);

	if (note)
		kfree_rcu(note, rcu);
}

/* Replaces an object in each softirq, on top of any task. */
static void swap_fn(struct timer_list *unused)
{
	kfree(swapped);
	swapped = kmalloc(88, GFP_ATOMIC);
	mod_timer(&swap_timer, jiffies + 1);
}

/* Free more objects than one probe of a bulk free can read. */
static void free_many(void)
{
	unsigned int i;

	for (i = 0; i < 200; i++) {
		struct note *note = kmalloc(sizeof(*note), GFP_KERNEL);

		if (note)
			kfree_rcu(note, rcu);
	}
}

static void free_note(struct rcu_head *head)
{
	kfree(container_of(head, struct note, rcu));
}

/* Free in an RCU callback, which runs in a softirq. */
static void free_notes(void)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		struct note *note = kmalloc(sizeof(*note), GFP_KERNEL);

		if (note)
			call_rcu(&note->rcu, free_note);
	}
}

static void timer_fn(struct timer_list *unused)
{
	kfree(kmalloc(24, GFP_ATOMIC));
	queue_work(queue, &work);
}

/* Wakes up often, but sleeps in between. */
static int thread_fn(void *unused)
{
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

static int __init innocent_init(void)
{
	queue = alloc_workqueue("innocent", WQ_UNBOUND, 1);
	INIT_WORK(&work, work_fn);
	timer_setup(&timer, timer_fn, 0);
	timer_setup(&swap_timer, swap_fn, 0);
	cache = kmem_cache_create("innocent_cache", 72, 8, 0, NULL);
	/* The kernel removes its name after a grace period. */
	rcu_cache = kmem_cache_create("innocent_rcu", 80, 8, SLAB_TYPESAFE_BY_RCU, NULL);
	if (!queue || !cache || !rcu_cache)
		return -ENOMEM;
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	area = vmalloc(100000);
	exact = alloc_pages_exact(3 * PAGE_SIZE, GFP_KERNEL);
	text = kasprintf(GFP_KERNEL, "innocent %d", 1);
	large = kmalloc(40000, GFP_KERNEL);
	counters = alloc_percpu(int);
	split = alloc_pages(GFP_KERNEL, 2);
	if (split)
		split_page(split, 2);
	directory = debugfs_create_dir("innocent", NULL);
	proc_create("innocent", 0444, NULL, &innocent_proc_ops);
	misc_register(&device);
	mod_timer(&timer, jiffies + 2);
	mod_timer(&swap_timer, jiffies + 1);
	free_notes();
	free_many();
	thread = kthread_run(thread_fn, NULL, "innocent");
	pr_warn("innocent: a warning of the module\n");
	return 0;
}

static void __exit innocent_exit(void)
{
	unsigned int i;

	kthread_stop(thread);
	timer_delete_sync(&timer);
	timer_delete_sync(&swap_timer);
	kfree(swapped);
	free_notes();
	rcu_barrier();
	misc_deregister(&device);
#ifndef PROC_LEFT
	remove_proc_entry("innocent", NULL);
#endif
	debugfs_remove(directory);
	for (i = 0; split && i < 4; i++)
		__free_page(split + i);
#ifndef PERCPU_LEFT
	free_percpu(counters);
#endif
	kfree(large);
	kfree(text);
	free_pages_exact(exact, 3 * PAGE_SIZE);
#ifndef VMALLOC_LEFT
	vfree(area);
#endif
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(rcu_cache);
#ifndef QUEUE_LEFT
	destroy_workqueue(queue);
#endif
#ifdef OBJECT_TWICE
	kfree(text);
#endif
}

module_init(innocent_init);
module_exit(innocent_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Allocates and frees in many ways");
