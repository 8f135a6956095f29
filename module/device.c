// SPDX-License-Identifier: GPL-2.0
#include "device.h"

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
#include "compat/ioctl.h"
#include "experiment.h"
#include "facilities/delay.h"
#include "facilities/registry.h"
#include "gfp.h"
#include "held_condition.h"
#include "held_set.h"
#include "settings.h"
#include "translate/arch.h"
#include "translate/asking.h"
#include "translate/mappings.h"
#include "translate/page_info.h"
#include "translate/scan.h"
#include "user_copy.h"
#include "workloads/workload.h"

#define OVERHEAD_READS	1000

/* One open file. */
struct opened {
	struct mutex busy;	/* one experiment at a time */
};

static u32 clock_overhead(void)
{
	struct kmemlab_start start;
	u64 least = U32_MAX;
	unsigned int i;

	for (i = 0; i < OVERHEAD_READS; i++) {
		kmemlab_clock_begin(&start);
		least = min(least, kmemlab_clock_since(&start, kmemlab_clock_end()));
	}
	return least;
}

static int fill_info(struct kmemlab_info *info)
{
	struct kmemlab_tables tables;

	kmemlab_arch_kernel_tables(&tables);
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->abi = KMEMLAB_ABI;
	strscpy(info->version, KMEMLAB_VERSION, sizeof(info->version));
	strscpy(info->clock, KMEMLAB_CLOCK_NAME, sizeof(info->clock));
	info->clock_overhead = clock_overhead();
	info->page_size = PAGE_SIZE;
	info->page_table_levels = tables.count;
	info->cpus_online = num_online_cpus();
	info->cpus_possible = num_possible_cpus();
	info->facilities = kmemlab_facility_count();
	info->workloads = kmemlab_workload_count();
	info->gfp_profiles = kmemlab_gfp_count();
	info->settings = kmemlab_setting_count();
	info->delay_instructions = KMEMLAB_DELAY_INSTRUCTIONS;
	info->live_bytes = kmemlab_experiment_live_bytes();
	info->reserved_pages = kmemlab_budget_reserved();
	info->budget_pages = kmemlab_budget_left(GFP_KERNEL);
	return 0;
}

static int fill_facility(struct kmemlab_facility *answer)
{
	const struct kmemlab_facility_ops *facility = kmemlab_facility_at(answer->index);
	const char *unavailable;

	if (!facility)
		return -ENOENT;
	unavailable = kmemlab_facility_unavailable(facility);
	answer->size = sizeof(*answer);
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

static int fill_name(struct kmemlab_name *answer, const char *name)
{
	if (!name)
		return -ENOENT;
	answer->size = sizeof(*answer);
	strscpy(answer->name, name, sizeof(answer->name));
	return 0;
}

static int fill_workload(struct kmemlab_name *answer)
{
	const struct kmemlab_workload_ops *workload = kmemlab_workload_at(answer->index);

	return fill_name(answer, workload ? workload->name : NULL);
}

static int fill_gfp(struct kmemlab_name *answer)
{
	const struct kmemlab_gfp_profile *profile = kmemlab_gfp_at(answer->index);

	return fill_name(answer, profile ? profile->name : NULL);
}

static int fill_setting(struct kmemlab_setting *answer)
{
	answer->size = sizeof(*answer);
	return kmemlab_setting_read(answer);
}

static int fill_disturbances(struct kmemlab_disturbances *answer)
{
	struct kmemlab_disturbance now;

	kmemlab_disturbance_read(&now);
	answer->size = sizeof(*answer);
	answer->cpu = now.cpu;
	answer->interrupts = now.interrupts;
	answer->waited = now.waited;
	answer->preempted = now.preempted;
	return 0;
}

/* In, filled, out: for the questions whose answer is the structure itself. */
#define ANSWER(type, least, fill, arg)						\
({										\
	void __user *arg_ = (arg);						\
	type answer_ = {};							\
	u32 user_size_;								\
	int error_ = kmemlab_copy_in(&answer_, sizeof(answer_), least, arg_,	\
				     &user_size_);				\
										\
	error_ = error_ ?: fill(&answer_);					\
	error_ ?: kmemlab_copy_out(arg_, user_size_, &answer_, sizeof(answer_));	\
})

/* Names come from outside: are they terminated? */
static bool names_end(const struct kmemlab_experiment *asked)
{
	return memchr(asked->facility, 0, sizeof(asked->facility)) &&
	       memchr(asked->workload, 0, sizeof(asked->workload)) &&
	       memchr(asked->gfp, 0, sizeof(asked->gfp)) &&
	       memchr(asked->condition, 0, sizeof(asked->condition)) &&
	       memchr(asked->free_order, 0, sizeof(asked->free_order));
}

static int run_experiment(struct kmemlab_experiment *asked, void __user *arg, u32 user_size)
{
	void __user *to = u64_to_user_ptr(asked->result);
	struct kmemlab_result *result;
	u32 result_size;
	int error;

	if (!names_end(asked))
		return -EINVAL;
	error = kmemlab_check_room(to, sizeof(*result), KMEMLAB_RESULT_SIZE_1, &result_size);
	if (error)
		return error;
	result = kzalloc(sizeof(*result), GFP_KERNEL);
	if (!result)
		return -ENOMEM;
	result->size = sizeof(*result);
	error = kmemlab_experiment_run(asked, result) ?:
		kmemlab_copy_out(to, result_size, result, sizeof(*result)) ?:
		kmemlab_copy_out(arg, user_size, asked, sizeof(*asked));
	kfree(result);
	return error;
}

static int experiment(struct opened *opened, void __user *arg)
{
	struct kmemlab_experiment *asked = kzalloc(sizeof(*asked), GFP_KERNEL);
	u32 user_size;
	int error;

	if (!asked)
		return -ENOMEM;
	error = kmemlab_copy_in(asked, sizeof(*asked), KMEMLAB_EXPERIMENT_SIZE_1, arg, &user_size);
	if (!error)
		error = mutex_lock_interruptible(&opened->busy);
	if (!error) {
		error = run_experiment(asked, arg, user_size);
		mutex_unlock(&opened->busy);
	}
	kfree(asked);
	return error;
}

typedef struct file *(*create_fn)(struct kmemlab_hold *hold);

/* The file becomes the caller's when nothing can fail any more. */
static int hold_as(struct kmemlab_hold *asked, create_fn create, int fd, void __user *arg,
		   u32 user_size)
{
	struct file *file = create(asked);
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	asked->fd = file ? fd : -1;
	error = kmemlab_copy_out(arg, user_size, asked, sizeof(*asked));
	if (file && error)
		fput(file);
	else if (file)
		fd_install(fd, file);
	return error;
}

static int hold(void __user *arg, create_fn create)
{
	struct kmemlab_hold *asked = kzalloc(sizeof(*asked), GFP_KERNEL);
	u32 user_size;
	int error, fd;

	if (!asked)
		return -ENOMEM;
	error = kmemlab_copy_in(asked, sizeof(*asked), KMEMLAB_HOLD_SIZE_1, arg, &user_size);
	if (error)
		goto out;
	fd = get_unused_fd_flags(O_CLOEXEC);
	error = fd < 0 ? fd : hold_as(asked, create, fd, arg, user_size);
	if (fd >= 0 && (error || asked->fd < 0))
		put_unused_fd(fd);
out:
	kfree(asked);
	return error;
}

static long device_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (number) {
	case KMEMLAB_IOC_INFO:
		return ANSWER(struct kmemlab_info, KMEMLAB_INFO_SIZE_1, fill_info, user);
	case KMEMLAB_IOC_FACILITY:
		return ANSWER(struct kmemlab_facility, KMEMLAB_FACILITY_SIZE_1,
			      fill_facility, user);
	case KMEMLAB_IOC_WORKLOAD:
		return ANSWER(struct kmemlab_name, KMEMLAB_NAME_SIZE_1, fill_workload, user);
	case KMEMLAB_IOC_GFP:
		return ANSWER(struct kmemlab_name, KMEMLAB_NAME_SIZE_1, fill_gfp, user);
	case KMEMLAB_IOC_SETTING:
		return ANSWER(struct kmemlab_setting, KMEMLAB_SETTING_SIZE_1, fill_setting, user);
	case KMEMLAB_IOC_DISTURBANCE:
		return ANSWER(struct kmemlab_disturbances, KMEMLAB_DISTURBANCES_SIZE_1,
			      fill_disturbances, user);
	case KMEMLAB_IOC_EXPERIMENT:
		return experiment(file->private_data, user);
	case KMEMLAB_IOC_TRANSLATE:
		return kmemlab_ioctl_translate(user, NULL);
	case KMEMLAB_IOC_PAGE_FLAG:
		return ANSWER(struct kmemlab_name, KMEMLAB_NAME_SIZE_1,
			      kmemlab_page_flag_name, user);
	case KMEMLAB_IOC_ZONE:
		return ANSWER(struct kmemlab_name, KMEMLAB_NAME_SIZE_1, kmemlab_zone_name, user);
	case KMEMLAB_IOC_MIGRATE_TYPE:
		return ANSWER(struct kmemlab_name, KMEMLAB_NAME_SIZE_1,
			      kmemlab_migrate_type_name, user);
	case KMEMLAB_IOC_MAPPINGS:
		return kmemlab_ioctl_mappings(user);
	case KMEMLAB_IOC_CPU_OFFSET:
		return ANSWER(struct kmemlab_cpu_offset, KMEMLAB_CPU_OFFSET_SIZE_1,
			      kmemlab_cpu_offset, user);
	case KMEMLAB_IOC_MAP:
		return kmemlab_ioctl_map(user);
	case KMEMLAB_IOC_HOLD:
		return hold(user, kmemlab_held_set_create);
	case KMEMLAB_IOC_CONDITION:
		return hold(user, kmemlab_held_condition_create);
	}
	return -ENOTTY;
}

static int device_open(struct inode *inode, struct file *file)
{
	struct opened *opened;

	/* In the initial namespace: who may take the machine's memory. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	opened = kzalloc(sizeof(*opened), GFP_KERNEL);
	if (!opened)
		return -ENOMEM;
	mutex_init(&opened->busy);
	file->private_data = opened;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	struct opened *opened = file->private_data;

	mutex_destroy(&opened->busy);
	kfree(opened);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KMEMLAB_DEVICE_NAME,
	.fops = &device_fops,
	.mode = 0600,
};

int kmemlab_device_register(void)
{
	return misc_register(&device);
}

void kmemlab_device_unregister(void)
{
	misc_deregister(&device);
}
