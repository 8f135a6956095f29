// SPDX-License-Identifier: GPL-2.0-only
/* kernel_memory.ko: load and unload, and the parameters of the test hooks. */
#include <linux/module.h>
#include <linux/string.h>

#include "clock.h"
#include "cpus.h"
#include "facilities/facility.h"
#include "internal.h"

#ifdef KMEMLAB_TEST_HOOKS

static char *corrupt = "";
module_param(corrupt, charp, 0444);
MODULE_PARM_DESC(corrupt, "fault to inject once: translation, object, frame, kept or memory");

static int corrupt_after;
module_param(corrupt_after, int, 0444);
MODULE_PARM_DESC(corrupt_after, "number of opportunities to skip before the fault (default 0)");

/**
 * kmemlab_corrupts() - decide if a fault is injected now
 * @fault: KMEMLAB_CORRUPT_*
 *
 * Return: true once, for the fault that the module parameters select.
 */
bool kmemlab_corrupts(const char *fault)
{
	static int opportunities;

	return !strcmp(corrupt, fault) && opportunities++ == corrupt_after;
}

#endif

static int __init kernel_memory_init(void)
{
	int err;

	if (kmemlab_clock_missing()) {
		pr_err("this CPU has no generic timer to measure with\n");
		return -ENODEV;
	}
	err = kmemlab_facilities_validate();
	if (err)
		return err;
	err = kmemlab_cpus_watch();
	if (err)
		return err;
	err = kmemlab_page_watch();
	if (err)
		goto unwatch_cpus;
	kmemlab_string_counters_map();
	err = kmemlab_demo_start();
	if (err)
		goto unwatch;
	err = kmemlab_device_register();
	if (err) {
		pr_err("cannot register /dev/kmemlab (error %d)\n", err);
		goto stop;
	}
	pr_info("Loaded " KBUILD_MODNAME " module\n");
	return 0;

stop:
	kmemlab_demo_stop();
unwatch:
	kmemlab_string_counters_unmap();
	kmemlab_page_unwatch();
unwatch_cpus:
	kmemlab_cpus_unwatch();
	return err;
}

static void __exit kernel_memory_exit(void)
{
	kmemlab_device_unregister();
	kmemlab_demo_stop();
	kmemlab_string_counters_unmap();
	kmemlab_page_unwatch();
	kmemlab_cpus_unwatch();
	pr_info("Unloaded " KBUILD_MODNAME " module\n");
}

module_init(kernel_memory_init);
module_exit(kernel_memory_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The kmemlab authors");
MODULE_DESCRIPTION("Benchmarks of kernel memory allocators, and the physical memory of objects");
MODULE_VERSION(KMEMLAB_VERSION);
