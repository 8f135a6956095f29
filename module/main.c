// SPDX-License-Identifier: GPL-2.0
/* kernel_memory: load and unload. */
#include <linux/module.h>

#include "clock.h"
#include "cpus.h"
#include "device.h"
#include "facilities/registry.h"
#include "job.h"

static int __init kernel_memory_init(void)
{
	int error;

	if (kmemlab_clock_missing()) {
		pr_err("this processor has no generic timer to read costs from\n");
		return -ENODEV;
	}
	error = kmemlab_facilities_validate();
	if (error)
		return error;
	error = kmemlab_cpus_watch();
	if (error)
		return error;
	error = kmemlab_job_start();
	if (error)
		goto unwatch;
	error = kmemlab_device_register();
	if (error) {
		pr_err("/dev/kmemlab could not be registered (error %d)\n", error);
		goto stop;
	}
	pr_info("Loaded kernel_memory module\n");
	return 0;

stop:
	kmemlab_job_stop();
unwatch:
	kmemlab_cpus_unwatch();
	return error;
}

static void __exit kernel_memory_exit(void)
{
	kmemlab_device_unregister();
	kmemlab_job_stop();
	kmemlab_cpus_unwatch();
	pr_info("Unloaded kernel_memory module\n");
}

module_init(kernel_memory_init);
module_exit(kernel_memory_exit);

MODULE_LICENSE("GPL v2");
MODULE_AUTHOR("The kmemlab authors");
MODULE_DESCRIPTION("What kernel memory allocation costs, and where its memory lies");
MODULE_VERSION(KMEMLAB_VERSION);
