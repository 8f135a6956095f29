// SPDX-License-Identifier: GPL-2.0-only
#include "internal.h"

#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "experiment.h"
#include "object_set.h"
#include "translate/lookup.h"

/* Steps between two checks for signals */
#define HOLD_STEPS	4096

/**
 * struct set_position - a handle of a set and the sums over the handles before it
 * @handle: index of the handle
 * @object: number of its first object
 * @offset: offset of its first byte in the file of the set
 */
struct set_position {
	size_t handle;
	size_t object;
	u64 offset;
};

/**
 * struct kmemlab_held_set - private data of the file of a held set
 * @objects: the objects
 * @lock: protects @position
 * @position: position of the last lookup; the next one is often close to it
 * @mappable: the objects are whole pages that can be mapped to user space
 * @bytes: size of all handles
 */
struct kmemlab_held_set {
	struct kmemlab_object_set *objects;
	struct mutex lock;	/* protects position */
	struct set_position position;
	bool mappable;
	u64 bytes;
};

static size_t position_objects(const struct kmemlab_object_set *set,
			       const struct set_position *position)
{
	return kmemlab_object_set_in(set, set->ctx.handles[position->handle],
				     set->objects - position->object);
}

static size_t position_bytes(const struct kmemlab_object_set *set,
			     const struct set_position *position)
{
	return set->facility->usable(&set->ctx, set->ctx.handles[position->handle]);
}

static void position_next(const struct kmemlab_object_set *set, struct set_position *position)
{
	const size_t objects = position_objects(set, position);

	position->offset += position_bytes(set, position);
	position->object += objects;
	position->handle++;
}

/* Only the last handle can contain fewer objects than it has room for. */
static void position_prev(const struct kmemlab_object_set *set, struct set_position *position)
{
	position->handle--;
	position->object -= kmemlab_object_set_in(set, set->ctx.handles[position->handle],
						  set->objects);
	position->offset -= position_bytes(set, position);
}

/* Return <0, 0 or >0 if @key is before, in or after the handle at @position. */
typedef int (*compare_fn)(const struct kmemlab_object_set *set,
			  const struct set_position *position, u64 key);

static int position_compare_object(const struct kmemlab_object_set *set,
				   const struct set_position *position, u64 key)
{
	return key < position->object ? -1 :
	       key - position->object >= position_objects(set, position);
}

static int position_compare_offset(const struct kmemlab_object_set *set,
				   const struct set_position *position, u64 key)
{
	return key < position->offset ? -1 :
	       key - position->offset >= position_bytes(set, position);
}

/* Find the handle that contains @key, which must exist. Return 0 or -EINTR. */
static int held_set_find(struct kmemlab_held_set *set, compare_fn compare, u64 key,
			 struct set_position *position)
{
	unsigned int steps = 0;
	int direction;

	if (mutex_lock_killable(&set->lock))
		return -EINTR;
	while ((direction = compare(set->objects, &set->position, key)) != 0) {
		if (direction < 0)
			position_prev(set->objects, &set->position);
		else
			position_next(set->objects, &set->position);
		if (++steps % HOLD_STEPS)
			continue;
		cond_resched();
		if (fatal_signal_pending(current))
			break;
	}
	*position = set->position;
	mutex_unlock(&set->lock);
	return direction ? -EINTR : 0;
}

/**
 * kmemlab_held_set_lookup() - translate a byte of an object
 * @set: held set
 * @walker: page-table walker
 * @number: number of the object
 * @offset: offset in the object
 * @routes: compare all routes
 * @slot: filled in
 *
 * Return: 0, or -EINTR if the task was killed.
 */
int kmemlab_held_set_lookup(struct kmemlab_held_set *set, struct kmemlab_walker *walker,
			    u64 number, u64 offset, bool routes, struct kmemlab_lookup_slot *slot)
{
	const struct kmemlab_object_set *objects = set->objects;
	struct kmemlab_lookup *answer = slot->answer;
	unsigned long handle, base, address, pfn;
	struct set_position position;

	if (number >= objects->objects || offset >= objects->ctx.object_size) {
		kmemlab_lookup_none(slot, 0, KMEMLAB_LOOKUP_NO_OBJECT);
		return 0;
	}
	if (held_set_find(set, position_compare_object, number, &position))
		return -EINTR;
	handle = objects->ctx.handles[position.handle];
	base = (unsigned long)kmemlab_object_set_base(objects, handle);
	offset += (number - position.object) * objects->ctx.object_size;
	address = base + offset;
	kmemlab_walk_begin(walker);
	kmemlab_lookup_kernel(walker, address, routes, slot);
	kmemlab_walk_end(walker);
	answer->position = position.offset + offset;
	if (!routes || answer->status || !objects->facility->frame)
		return 0;
	pfn = objects->facility->frame(&objects->ctx, handle,
				       (address >> PAGE_SHIFT) - (base >> PAGE_SHIFT));
	if (pfn != KMEMLAB_NO_FRAME)
		kmemlab_lookup_add_route(answer, KMEMLAB_ROUTE_FACILITY, pfn);
	return 0;
}

static u64 held_set_bytes(const struct kmemlab_object_set *set)
{
	struct set_position position = { 0 };

	while (position.handle < set->operations) {
		position_next(set, &position);
		if (!(position.handle % HOLD_STEPS))
			cond_resched();
	}
	return position.offset;
}

/* The mapping keeps the file, which keeps the set. Other users of the page have a reference. */
static vm_fault_t held_set_fault(struct vm_fault *vmf)
{
	struct kmemlab_held_set *set = vmf->vma->vm_file->private_data;
	const u64 offset = (u64)vmf->pgoff << PAGE_SHIFT;
	const struct kmemlab_object_set *objects = set->objects;
	struct set_position position;
	void *base;

	if (offset >= set->bytes)
		return VM_FAULT_SIGBUS;
	/* A killed task does not retry the access. */
	if (held_set_find(set, position_compare_offset, offset, &position))
		return VM_FAULT_NOPAGE;
	base = kmemlab_object_set_base(objects, objects->ctx.handles[position.handle]);
	vmf->page = virt_to_page(base + (offset - position.offset));
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct held_set_vm_ops = {
	.fault = held_set_fault,
};

/**
 * kmemlab_held_set_mmap() - mmap() of the file of a held set
 * @file: file of a held set
 * @vma: shared mapping within the bytes of the set
 *
 * Return: 0, -EOPNOTSUPP if the set is not mappable, or -EINVAL.
 */
int kmemlab_held_set_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct kmemlab_held_set *set = file->private_data;
	const u64 pages = set->bytes >> PAGE_SHIFT;

	if (!set->mappable)
		return -EOPNOTSUPP;
	if (!(vma->vm_flags & VM_SHARED) || vma->vm_pgoff > pages ||
	    vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	/* mlock() skips special mappings; it could not move these pages to an LRU list. */
	compat_vm_flags_set(vma, VM_DONTEXPAND);
	vma->vm_ops = &held_set_vm_ops;
	return 0;
}

/* Write or check the words of one handle. Return the number of wrong words. */
static u64 held_set_pattern_words(u64 *word, size_t words, u64 value, bool write)
{
	u64 wrong = 0;

	for (; words; words--, word++, value += KMEMLAB_PATTERN_STEP) {
		if (write)
			WRITE_ONCE(*word, value);
		else
			wrong += READ_ONCE(*word) != value;
	}
	return wrong;
}

/**
 * kmemlab_held_set_pattern() - write or check a pattern through the kernel addresses
 * @set: mappable held set
 * @pattern: arguments; the number of wrong words is filled in
 *
 * Return: 0, -EINVAL, -EOPNOTSUPP if the set is not mappable, or -EINTR.
 */
int kmemlab_held_set_pattern(struct kmemlab_held_set *set, struct kmemlab_pattern *pattern)
{
	const struct kmemlab_object_set *objects = set->objects;
	const bool write = pattern->flags & KMEMLAB_PATTERN_WRITE;
	struct set_position position = { 0 };

	if (pattern->flags & ~KMEMLAB_PATTERN_WRITE)
		return -EINVAL;
	if (!set->mappable)
		return -EOPNOTSUPP;
	pattern->wrong = 0;
	for (; position.handle < objects->operations; position_next(objects, &position)) {
		u64 *words = kmemlab_object_set_base(objects,
						     objects->ctx.handles[position.handle]);
		u64 value = pattern->seed + position.offset / sizeof(u64) * KMEMLAB_PATTERN_STEP;
		size_t count = position_bytes(objects, &position) / sizeof(u64);

		pattern->wrong += held_set_pattern_words(words, count, value, write);
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static void held_set_destroy(struct kmemlab_held_set *set)
{
	kmemlab_experiment_release(set->objects);
	mutex_destroy(&set->lock);
	kfree(set);
}

/**
 * kmemlab_held_set_release() - free the objects when the file is closed
 * @inode: inode of @file
 * @file: file of a held set
 *
 * Return: 0.
 */
int kmemlab_held_set_release(struct inode *inode, struct file *file)
{
	held_set_destroy(file->private_data);
	return 0;
}

static bool hold_is_valid(const struct kmemlab_hold *hold)
{
	return !(hold->flags & ~KMEMLAB_HOLD_MAPPABLE) &&
	       memchr(hold->facility, 0, sizeof(hold->facility)) &&
	       memchr(hold->gfp, 0, sizeof(hold->gfp)) &&
	       memchr(hold->condition, 0, sizeof(hold->condition));
}

typedef int (*hold_create_fn)(struct kmemlab_experiment *request, struct kmemlab_result *result,
			      void *context);

/*
 * Call @create with the arguments in @hold. Return 0 even if it was skipped: then
 * hold->status is not OK.
 */
static int hold_create(struct kmemlab_hold *hold, hold_create_fn create, void *context)
{
	struct kmemlab_experiment *request = kzalloc(sizeof(*request), GFP_KERNEL);
	struct kmemlab_result *result = kzalloc(sizeof(*result), GFP_KERNEL);
	int err = request && result ? 0 : -ENOMEM;

	if (!err && !hold_is_valid(hold))
		err = -EINVAL;
	if (err)
		goto out;
	memcpy(request->facility, hold->facility, sizeof(request->facility));
	memcpy(request->gfp, hold->gfp, sizeof(request->gfp));
	memcpy(request->condition, hold->condition, sizeof(request->condition));
	request->object_size = hold->object_size;
	request->objects = hold->objects;
	err = create(request, result, context);
	if (!err)
		goto out;
	hold->status = result->status;
	hold->error = err;
	hold->reason_code = result->reason_code;
	memcpy(hold->reason, result->reason, sizeof(hold->reason));
	if (result->status == KMEMLAB_STATUS_SKIPPED)
		err = 0;
out:
	kfree(result);
	kfree(request);
	return err;
}

static int hold_create_objects(struct kmemlab_experiment *request, struct kmemlab_result *result,
			       void *context)
{
	struct kmemlab_held_set *set = context;

	/* The condition would end before the set could be used. */
	if (*request->condition)
		return -EINVAL;
	set->objects = kmemlab_experiment_hold(request, set->mappable, result);
	return PTR_ERR_OR_ZERO(set->objects);
}

/**
 * kmemlab_held_set_create() - allocate objects and create the file that keeps them
 * @hold: arguments; the output fields are filled in
 * @fops: operations of the file
 *
 * Return: the file; NULL if the request was skipped, see @hold->status; or an ERR_PTR.
 */
struct file *kmemlab_held_set_create(struct kmemlab_hold *hold,
				     const struct file_operations *fops)
{
	struct kmemlab_held_set *set = kzalloc(sizeof(*set), GFP_KERNEL);
	struct file *file;
	int err;

	if (!set)
		return ERR_PTR(-ENOMEM);
	mutex_init(&set->lock);
	set->mappable = hold->flags & KMEMLAB_HOLD_MAPPABLE;
	err = hold_create(hold, hold_create_objects, set);
	if (err || hold->status) {
		mutex_destroy(&set->lock);
		kfree(set);
		return err ? ERR_PTR(err) : NULL;
	}
	set->bytes = held_set_bytes(set->objects);
	hold->set_bytes = set->mappable ? set->bytes : 0;
	file = anon_inode_getfile("[kmemlab]", fops, set, O_RDWR);
	if (IS_ERR(file))
		held_set_destroy(set);
	return file;
}

static void held_condition_destroy(struct kmemlab_condition *condition)
{
	kmemlab_condition_destroy(condition);
	kfree(condition);
}

static int held_condition_release(struct inode *inode, struct file *file)
{
	held_condition_destroy(file->private_data);
	return 0;
}

static const struct file_operations held_condition_fops = {
	.owner = THIS_MODULE,
	.release = held_condition_release,
};

static int hold_create_condition(struct kmemlab_experiment *request,
				 struct kmemlab_result *result, void *context)
{
	return kmemlab_experiment_condition(request, context, result);
}

/**
 * kmemlab_held_condition_create() - create a condition and the file that keeps it
 * @hold: arguments; the output fields are filled in
 *
 * Return: as kmemlab_held_set_create().
 */
struct file *kmemlab_held_condition_create(struct kmemlab_hold *hold)
{
	struct kmemlab_condition *condition = kzalloc(sizeof(*condition), GFP_KERNEL);
	struct file *file;
	int err;

	if (!condition)
		return ERR_PTR(-ENOMEM);
	err = hold->flags ? -EINVAL : hold_create(hold, hold_create_condition, condition);
	if (err || hold->status) {
		kfree(condition);
		return err ? ERR_PTR(err) : NULL;
	}
	file = anon_inode_getfile("[kmemlab]", &held_condition_fops, condition, O_RDONLY);
	if (IS_ERR(file))
		held_condition_destroy(condition);
	return file;
}
