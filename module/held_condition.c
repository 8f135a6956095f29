// SPDX-License-Identifier: GPL-2.0
#include "held_condition.h"

#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "condition.h"
#include "experiment.h"
#include "held_set.h"

static void undo(struct kmemlab_condition *condition)
{
	kmemlab_condition_undo(condition);
	kfree(condition);
}

static int held_condition_release(struct inode *inode, struct file *file)
{
	undo(file->private_data);
	return 0;
}

static const struct file_operations held_condition_fops = {
	.owner = THIS_MODULE,
	.release = held_condition_release,
};

static int make(struct kmemlab_experiment *asked, struct kmemlab_result *result, void *context)
{
	return kmemlab_experiment_condition(asked, context, result);
}

struct file *kmemlab_held_condition_create(struct kmemlab_hold *hold)
{
	struct kmemlab_condition *condition = kzalloc(sizeof(*condition), GFP_KERNEL);
	struct file *file;
	int error;

	if (!condition)
		return ERR_PTR(-ENOMEM);
	error = hold->flags ? -EINVAL : kmemlab_hold_make(hold, make, condition);
	if (error || hold->status) {
		kfree(condition);
		return error ? ERR_PTR(error) : NULL;
	}
	file = anon_inode_getfile("[kmemlab]", &held_condition_fops, condition, O_RDONLY);
	if (IS_ERR(file))
		undo(condition);
	return file;
}
