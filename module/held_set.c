// SPDX-License-Identifier: GPL-2.0
#include "held_set.h"

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
#include "compat/ioctl.h"
#include "experiment.h"
#include "object_set.h"
#include "translate/answer.h"
#include "translate/asking.h"
#include "user_copy.h"

/**
 * struct place - a handle of the set, and what lies before it
 * @handle: its number
 * @object: number of its first object
 * @position: of its first byte among the bytes of the set
 */
struct place {
	size_t handle;
	size_t object;
	u64 position;
};

/**
 * struct kmemlab_held_set - the private data of a held set's file
 * @objects: the set
 * @lock: guards @place
 * @place: where somebody looked last; the next one often looks close by
 * @mappable: whole pages of this module's own
 * @bytes: of the set
 */
struct kmemlab_held_set {
	struct kmemlab_object_set *objects;
	struct mutex lock;	/* guards place */
	struct place place;
	bool mappable;
	u64 bytes;
};

static size_t objects_at(const struct kmemlab_object_set *set, const struct place *place)
{
	return kmemlab_object_set_in(set, set->run.handles[place->handle],
				     set->objects - place->object);
}

static size_t bytes_at(const struct kmemlab_object_set *set, const struct place *place)
{
	return set->facility->usable(&set->run, set->run.handles[place->handle]);
}

static void go_on(const struct kmemlab_object_set *set, struct place *place)
{
	const size_t objects = objects_at(set, place);

	place->position += bytes_at(set, place);
	place->object += objects;
	place->handle++;
}

/* The handle that object @number lies in. It must be one of the set's. */
static void find_object(struct kmemlab_held_set *set, u64 number, struct place *place)
{
	if (number < set->place.object)
		set->place = (struct place) { 0 };
	while (number - set->place.object >= objects_at(set->objects, &set->place))
		go_on(set->objects, &set->place);
	*place = set->place;
}

/* The handle that byte @position of the set lies in. It must be below set->bytes. */
static void find_position(struct kmemlab_held_set *set, u64 position, struct place *place)
{
	if (position < set->place.position)
		set->place = (struct place) { 0 };
	while (position - set->place.position >= bytes_at(set->objects, &set->place))
		go_on(set->objects, &set->place);
	*place = set->place;
}

/* What the facility itself says of a page of the handle. */
static void ask_facility(const struct kmemlab_object_set *set, unsigned long handle, size_t page,
			 struct kmemlab_answer *answer)
{
	unsigned long pfn = set->facility->frame(&set->run, handle, page);

	if (pfn != KMEMLAB_NO_FRAME)
		kmemlab_answer_add_route(answer, KMEMLAB_ROUTE_FACILITY, pfn);
}

void kmemlab_held_set_answer(struct kmemlab_held_set *set, struct kmemlab_walker *walker,
			     u64 number, u64 offset, bool routes, struct kmemlab_slot *slot)
{
	const struct kmemlab_object_set *objects = set->objects;
	struct kmemlab_answer *answer = slot->answer;
	unsigned long handle, base, address;
	struct place place;

	if (number >= objects->objects || offset >= objects->run.object_size) {
		kmemlab_answer_none(slot, 0, KMEMLAB_ANSWER_NO_OBJECT);
		return;
	}
	mutex_lock(&set->lock);
	find_object(set, number, &place);
	mutex_unlock(&set->lock);
	handle = objects->run.handles[place.handle];
	base = (unsigned long)kmemlab_object_set_base(objects, handle);
	offset += (number - place.object) * objects->run.object_size;
	address = base + offset;
	kmemlab_walk_begin(walker);
	kmemlab_answer_kernel(walker, address, routes, slot);
	kmemlab_walk_end(walker);
	answer->position = place.position + offset;
	if (routes && !answer->status && objects->facility->frame)
		ask_facility(objects, handle, (address >> PAGE_SHIFT) - (base >> PAGE_SHIFT),
			     answer);
}

static u64 bytes_of(const struct kmemlab_object_set *set)
{
	struct place place = { 0 };

	while (place.handle < set->operations)
		go_on(set, &place);
	return place.position;
}

/* The mapping keeps the file and so the set; a page in use elsewhere has its reference. */
static vm_fault_t held_set_fault(struct vm_fault *vmf)
{
	struct kmemlab_held_set *set = vmf->vma->vm_file->private_data;
	const u64 position = (u64)vmf->pgoff << PAGE_SHIFT;
	const struct kmemlab_object_set *objects = set->objects;
	struct place place;
	void *base;

	if (position >= set->bytes)
		return VM_FAULT_SIGBUS;
	mutex_lock(&set->lock);
	find_position(set, position, &place);
	mutex_unlock(&set->lock);
	base = kmemlab_object_set_base(objects, objects->run.handles[place.handle]);
	vmf->page = virt_to_page(base + (position - place.position));
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct held_set_vm_ops = {
	.fault = held_set_fault,
};

static int held_set_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct kmemlab_held_set *set = file->private_data;
	const u64 pages = set->bytes >> PAGE_SHIFT;

	if (!set->mappable)
		return -EOPNOTSUPP;
	if (!(vma->vm_flags & VM_SHARED) || vma->vm_pgoff > pages ||
	    vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	/* Special, as to mlock: pages of a driver's are in no list that it could move them to. */
	compat_vm_flags_set(vma, VM_DONTEXPAND);
	vma->vm_ops = &held_set_vm_ops;
	return 0;
}

/* One handle's bytes through the kernel's address. Returns how many words are wrong. */
static u64 pattern_at(u64 *word, size_t words, u64 value, bool write)
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

static int run_pattern(struct kmemlab_held_set *set, struct kmemlab_pattern *pattern)
{
	const struct kmemlab_object_set *objects = set->objects;
	const bool write = pattern->flags & KMEMLAB_PATTERN_WRITE;
	struct place place = { 0 };

	if (pattern->flags & ~KMEMLAB_PATTERN_WRITE)
		return -EINVAL;
	if (!set->mappable)
		return -EOPNOTSUPP;
	for (pattern->wrong = 0; place.handle < objects->operations; go_on(objects, &place)) {
		unsigned long handle = objects->run.handles[place.handle];

		pattern->wrong += pattern_at(kmemlab_object_set_base(objects, handle),
					     bytes_at(objects, &place) / sizeof(u64),
					     pattern->seed + place.position / sizeof(u64) *
					     KMEMLAB_PATTERN_STEP, write);
		cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static int ioctl_pattern(struct kmemlab_held_set *set, void __user *arg)
{
	struct kmemlab_pattern pattern;
	u32 user_size;

	return kmemlab_copy_in(&pattern, sizeof(pattern), KMEMLAB_PATTERN_SIZE_1, arg,
			       &user_size) ?:
	       run_pattern(set, &pattern) ?:
	       kmemlab_copy_out(arg, user_size, &pattern, sizeof(pattern));
}

static long held_set_ioctl(struct file *file, unsigned int number, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (number) {
	case KMEMLAB_IOC_TRANSLATE:
		return kmemlab_ioctl_translate(user, file->private_data);
	case KMEMLAB_IOC_PATTERN:
		return ioctl_pattern(file->private_data, user);
	}
	return -ENOTTY;
}

static void held_set_destroy(struct kmemlab_held_set *set)
{
	kmemlab_experiment_let_go(set->objects);
	mutex_destroy(&set->lock);
	kfree(set);
}

static int held_set_release(struct inode *inode, struct file *file)
{
	held_set_destroy(file->private_data);
	return 0;
}

static const struct file_operations held_set_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = held_set_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = held_set_mmap,
	.release = held_set_release,
};

/* What the answer has of @result, where nothing came of it. */
static int tell(const struct kmemlab_result *result, struct kmemlab_hold *hold)
{
	hold->status = result->status;
	hold->error = result->error;
	memcpy(hold->reason, result->reason, sizeof(hold->reason));
	return result->status == KMEMLAB_STATUS_REFUSED ? 0 : result->error;
}

static bool is_valid(const struct kmemlab_hold *hold)
{
	return !(hold->flags & ~KMEMLAB_HOLD_MAPPABLE) && !hold->pad &&
	       memchr(hold->facility, 0, sizeof(hold->facility)) &&
	       memchr(hold->gfp, 0, sizeof(hold->gfp)) &&
	       memchr(hold->condition, 0, sizeof(hold->condition));
}

int kmemlab_hold_make(struct kmemlab_hold *hold, kmemlab_make_fn make, void *context)
{
	struct kmemlab_experiment *asked = kzalloc(sizeof(*asked), GFP_KERNEL);
	struct kmemlab_result *result = kzalloc(sizeof(*result), GFP_KERNEL);
	int error = asked && result ? 0 : -ENOMEM;

	if (!error && !is_valid(hold))
		error = -EINVAL;
	if (!error) {
		memcpy(asked->facility, hold->facility, sizeof(asked->facility));
		memcpy(asked->gfp, hold->gfp, sizeof(asked->gfp));
		memcpy(asked->condition, hold->condition, sizeof(asked->condition));
		asked->object_size = hold->object_size;
		asked->objects = hold->objects;
		result->error = make(asked, result, context);
		if (result->error)
			error = tell(result, hold);
	}
	kfree(result);
	kfree(asked);
	return error;
}

static int allocate(struct kmemlab_experiment *asked, struct kmemlab_result *result, void *context)
{
	struct kmemlab_held_set *set = context;

	/* It would be over before anybody could look. */
	if (*asked->condition)
		return -EINVAL;
	set->objects = kmemlab_experiment_hold(asked, set->mappable, result);
	return PTR_ERR_OR_ZERO(set->objects);
}

struct file *kmemlab_held_set_create(struct kmemlab_hold *hold)
{
	struct kmemlab_held_set *set;
	struct file *file;
	int error;

	set = kzalloc(sizeof(*set), GFP_KERNEL);
	if (!set)
		return ERR_PTR(-ENOMEM);
	mutex_init(&set->lock);
	set->mappable = hold->flags & KMEMLAB_HOLD_MAPPABLE;
	error = kmemlab_hold_make(hold, allocate, set);
	if (error || hold->status) {
		mutex_destroy(&set->lock);
		kfree(set);
		return error ? ERR_PTR(error) : NULL;
	}
	set->bytes = bytes_of(set->objects);
	hold->set_bytes = set->mappable ? set->bytes : 0;
	file = anon_inode_getfile("[kmemlab]", &held_set_fops, set, O_RDWR);
	if (IS_ERR(file))
		held_set_destroy(set);
	return file;
}
