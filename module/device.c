// SPDX-License-Identifier: GPL-2.0-only
/* /dev/kmemlab, the interface to user space; see include/uapi/linux/kmemlab.h. */
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kmemlab.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "budget.h"
#include "clock.h"
#include "compat/compat.h"
#include "experiment.h"
#include "facilities/facility.h"
#include "gfp.h"
#include "internal.h"
#include "translate/page_info.h"
#include "user_copy.h"
#include "workloads/workload.h"

#define OVERHEAD_READS	1000

/**
 * struct device_file - private data of an open device file
 * @busy: held while an experiment of this file runs
 */
struct device_file {
	struct mutex busy;	/* held while an experiment of this file runs */
};

/* String instructions of an interrupt make a reading too small: ignore disturbed ones. */
static u32 device_clock_overhead(void)
{
	struct kmemlab_noise before;
	struct kmemlab_start start;
	u64 ticks, ticks_min = U32_MAX;
	unsigned int i;

	for (i = 0; i < OVERHEAD_READS; i++) {
		kmemlab_noise_read(&before);
		kmemlab_clock_begin(&start);
		ticks = kmemlab_clock_since(&start, kmemlab_clock_end());
		if (!kmemlab_noise_tags(&before))
			ticks_min = min(ticks_min, ticks);
	}
	return ticks_min;
}

static int query_info(struct file *file, void *arg)
{
	struct kmemlab_info *info = arg;
	struct kmemlab_tables tables;

	kmemlab_arch_kernel_tables(&tables);
	memset(info, 0, sizeof(*info));
	info->abi = KMEMLAB_ABI;
	strscpy(info->version, KMEMLAB_VERSION, sizeof(info->version));
	strscpy(info->clock, KMEMLAB_CLOCK_NAME, sizeof(info->clock));
	info->clock_overhead = device_clock_overhead();
	info->page_size = PAGE_SIZE;
	info->page_table_levels = tables.count;
	info->cpus_online = num_online_cpus();
	info->cpus_possible = num_possible_cpus();
	info->facilities = kmemlab_facility_count();
	info->workloads = kmemlab_workload_count();
	info->gfp_profiles = kmemlab_gfp_count();
	info->settings = kmemlab_kernel_config_count();
	info->delay_instructions = KMEMLAB_DELAY_INSTRUCTIONS;
	info->live_bytes = kmemlab_experiment_live_bytes();
	info->reserved_pages = kmemlab_budget_reserved();
	info->budget_pages = kmemlab_budget_left(GFP_KERNEL);
	return 0;
}

static int query_facility(struct file *file, void *arg)
{
	struct kmemlab_facility *answer = arg;
	const struct kmemlab_facility_ops *facility = kmemlab_facility_at(answer->index);
	const char *unavailable;

	if (!facility)
		return -ENOENT;
	unavailable = kmemlab_facility_unavailable(facility);
	strscpy(answer->name, facility->name, sizeof(answer->name));
	strscpy(answer->reason, unavailable ?: "", sizeof(answer->reason));
	answer->available = !unavailable;
	answer->alignment = facility->alignment;
	answer->object_size_min = facility->object_size_min;
	answer->object_size_max = kmemlab_facility_object_size_max(facility);
	answer->capabilities = facility->capabilities;
	strscpy(answer->idle, facility->idle, sizeof(answer->idle));
	answer->physical_limit = facility->physical_limit;
	answer->copies = facility->copies ? facility->copies() : 1;
	return 0;
}

static int query_workload(struct file *file, void *arg)
{
	struct kmemlab_name *answer = arg;
	const struct kmemlab_workload_ops *workload = kmemlab_workload_at(answer->index);

	if (!workload)
		return -ENOENT;
	strscpy(answer->name, workload->name, sizeof(answer->name));
	return 0;
}

static int query_gfp(struct file *file, void *arg)
{
	struct kmemlab_name *answer = arg;
	const struct kmemlab_gfp_profile *profile = kmemlab_gfp_at(answer->index);

	if (!profile)
		return -ENOENT;
	strscpy(answer->name, profile->name, sizeof(answer->name));
	return 0;
}

static int query_kernel_config(struct file *file, void *arg)
{
	return kmemlab_kernel_config_read(arg);
}

static int query_interference(struct file *file, void *arg)
{
	struct kmemlab_interference *answer = arg;
	struct kmemlab_noise now;

	kmemlab_noise_read(&now);
	answer->cpu = now.cpu;
	answer->interrupts = now.interrupts;
	answer->waited = now.waited;
	answer->preempted = now.preempted;
	return 0;
}

static int query_page_flag(struct file *file, void *arg)
{
	return kmemlab_page_flag_name(arg);
}

static int query_zone(struct file *file, void *arg)
{
	return kmemlab_zone_name(arg);
}

static int query_migrate_type(struct file *file, void *arg)
{
	return kmemlab_migrate_type_name(arg);
}

static int query_cpu_offset(struct file *file, void *arg)
{
	return kmemlab_cpu_offset(arg);
}

static int query_pattern(struct file *file, void *arg)
{
	return kmemlab_held_set_pattern(file->private_data, arg);
}

static bool experiment_names_end(const struct kmemlab_experiment *request)
{
	return memchr(request->facility, 0, sizeof(request->facility)) &&
	       memchr(request->workload, 0, sizeof(request->workload)) &&
	       memchr(request->gfp, 0, sizeof(request->gfp)) &&
	       memchr(request->condition, 0, sizeof(request->condition)) &&
	       memchr(request->free_order, 0, sizeof(request->free_order));
}

static int device_run_experiment(struct kmemlab_experiment *request, void __user *arg,
				 u32 user_size)
{
	void __user *to = u64_to_user_ptr(request->result);
	struct kmemlab_result *result;
	u32 result_size;
	int err;

	if (!experiment_names_end(request))
		return -EINVAL;
	err = kmemlab_check_room(to, sizeof(*result), KMEMLAB_RESULT_SIZE_1, &result_size);
	if (err)
		return err;
	result = kzalloc(sizeof(*result), GFP_KERNEL);
	if (!result)
		return -ENOMEM;
	result->size = sizeof(*result);
	err = kmemlab_experiment_run(request, result) ?:
	      kmemlab_copy_out(to, result_size, result, sizeof(*result)) ?:
	      kmemlab_copy_out(arg, user_size, request, sizeof(*request));
	kfree(result);
	return err;
}

static int call_experiment(struct file *file, void __user *arg)
{
	struct kmemlab_experiment *request = kzalloc(sizeof(*request), GFP_KERNEL);
	struct device_file *device_file = file->private_data;
	u32 user_size;
	int err;

	if (!request)
		return -ENOMEM;
	err = kmemlab_copy_in(request, sizeof(*request), KMEMLAB_EXPERIMENT_SIZE_1, arg,
			      &user_size);
	if (!err)
		err = mutex_lock_interruptible(&device_file->busy);
	if (!err) {
		err = device_run_experiment(request, arg, user_size);
		mutex_unlock(&device_file->busy);
	}
	kfree(request);
	return err;
}

static const struct file_operations device_set_fops;

static struct file *device_create_set(struct kmemlab_hold *hold)
{
	return kmemlab_held_set_create(hold, &device_set_fops);
}

typedef struct file *(*hold_fn)(struct kmemlab_hold *hold);

/* Install the file descriptor last, after everything that can fail. */
static int device_open_hold(struct kmemlab_hold *hold, hold_fn create, int fd,
			    void __user *arg, u32 user_size)
{
	struct file *file = create(hold);
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	hold->fd = file ? fd : -1;
	err = kmemlab_copy_out(arg, user_size, hold, sizeof(*hold));
	if (file && err)
		fput(file);
	else if (file)
		fd_install(fd, file);
	return err;
}

static int device_hold(void __user *arg, hold_fn create)
{
	struct kmemlab_hold *hold = kzalloc(sizeof(*hold), GFP_KERNEL);
	u32 user_size;
	int err, fd;

	if (!hold)
		return -ENOMEM;
	err = kmemlab_copy_in(hold, sizeof(*hold), KMEMLAB_HOLD_SIZE_1, arg, &user_size);
	if (err)
		goto out;
	fd = get_unused_fd_flags(O_CLOEXEC);
	err = fd < 0 ? fd : device_open_hold(hold, create, fd, arg, user_size);
	if (fd >= 0 && (err || hold->fd < 0))
		put_unused_fd(fd);
out:
	kfree(hold);
	return err;
}

static int call_hold(struct file *file, void __user *arg)
{
	return device_hold(arg, device_create_set);
}

static int call_condition(struct file *file, void __user *arg)
{
	return device_hold(arg, kmemlab_held_condition_create);
}

static int call_translate(struct file *file, void __user *arg)
{
	return kmemlab_translate_run(arg, NULL);
}

static int call_translate_set(struct file *file, void __user *arg)
{
	return kmemlab_translate_run(arg, file->private_data);
}

static int call_map(struct file *file, void __user *arg)
{
	return kmemlab_ioctl_map(arg);
}

static int call_mappings(struct file *file, void __user *arg)
{
	return kmemlab_ioctl_mappings(arg);
}

/**
 * struct device_ioctl - one ioctl
 * @number: KMEMLAB_IOC_*
 * @size_min: size of the first version of the argument, for @query
 * @query: fills in a copy of the argument; or NULL
 * @call: copies the argument itself; if @query is NULL
 */
struct device_ioctl {
	unsigned int number;
	unsigned int size_min;
	int (*query)(struct file *file, void *arg);
	int (*call)(struct file *file, void __user *arg);
};

#define QUERY(NAME, TYPE, function)						\
	{ KMEMLAB_IOC_##NAME, KMEMLAB_##TYPE##_SIZE_1, .query = query_##function }
#define CALL(NAME, function)							\
	{ KMEMLAB_IOC_##NAME, .call = call_##function }

static const struct device_ioctl device_ioctls[] = {
	QUERY(INFO, INFO, info),
	QUERY(FACILITY, FACILITY, facility),
	QUERY(WORKLOAD, NAME, workload),
	QUERY(GFP, NAME, gfp),
	QUERY(KERNEL_CONFIG, KERNEL_CONFIG, kernel_config),
	QUERY(INTERFERENCE, INTERFERENCE, interference),
	QUERY(PAGE_FLAG, NAME, page_flag),
	QUERY(ZONE, NAME, zone),
	QUERY(MIGRATE_TYPE, NAME, migrate_type),
	QUERY(CPU_OFFSET, CPU_OFFSET, cpu_offset),
	CALL(EXPERIMENT, experiment),
	CALL(TRANSLATE, translate),
	CALL(MAP, map),
	CALL(MAPPINGS, mappings),
	CALL(HOLD, hold),
	CALL(CONDITION, condition),
};

static const struct device_ioctl device_set_ioctls[] = {
	CALL(TRANSLATE, translate_set),
	QUERY(PATTERN, PATTERN, pattern),
};

static int device_query(const struct device_ioctl *ioctl, struct file *file, void __user *arg)
{
	const size_t size = _IOC_SIZE(ioctl->number);
	u64 answer[DIV_ROUND_UP(sizeof(struct kmemlab_facility), sizeof(u64))];
	u32 user_size;
	int err;

	BUILD_BUG_ON(sizeof(struct kmemlab_info) > sizeof(answer));
	err = kmemlab_copy_in(answer, size, ioctl->size_min, arg, &user_size) ?:
	      ioctl->query(file, answer);
	if (err)
		return err;
	*(u32 *)answer = size;
	return kmemlab_copy_out(arg, user_size, answer, size);
}

/* The size in the number is that of the caller's header; the argument has its own. */
static long device_dispatch(const struct device_ioctl *ioctls, size_t count, struct file *file,
			    unsigned int number, unsigned long arg)
{
	const unsigned int size_mask = _IOC_SIZEMASK << _IOC_SIZESHIFT;
	void __user *user = (void __user *)arg;
	size_t i;

	for (i = 0; i < count; i++) {
		if ((ioctls[i].number ^ number) & ~size_mask)
			continue;
		return ioctls[i].query ? device_query(&ioctls[i], file, user) :
					 ioctls[i].call(file, user);
	}
	return -ENOTTY;
}

static long device_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	return device_dispatch(device_ioctls, ARRAY_SIZE(device_ioctls), file, number, arg);
}

static long device_set_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	return device_dispatch(device_set_ioctls, ARRAY_SIZE(device_set_ioctls), file, number,
			       arg);
}

static int device_open(struct inode *inode, struct file *file)
{
	struct device_file *device_file;

	/* In the initial namespace: an experiment can take half of the machine's memory. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	device_file = kzalloc(sizeof(*device_file), GFP_KERNEL);
	if (!device_file)
		return -ENOMEM;
	mutex_init(&device_file->busy);
	file->private_data = device_file;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	struct device_file *device_file = file->private_data;

	mutex_destroy(&device_file->busy);
	kfree(device_file);
	return 0;
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	return kmemlab_string_counters_mmap(vma);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = device_mmap,
};

static const struct file_operations device_set_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = device_set_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = kmemlab_held_set_mmap,
	.release = kmemlab_held_set_release,
};

static struct miscdevice device_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KMEMLAB_DEVICE_NAME,
	.fops = &device_fops,
	.mode = 0600,
};

/**
 * kmemlab_device_register() - register /dev/kmemlab
 *
 * Return: 0 or a negative errno.
 */
int kmemlab_device_register(void)
{
	return misc_register(&device_misc);
}

/**
 * kmemlab_device_unregister() - unregister /dev/kmemlab
 */
void kmemlab_device_unregister(void)
{
	misc_deregister(&device_misc);
}
