// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/object_hold.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/device.h"
#include "runner/system.h"

/* Bits of /proc/kpageflags that a page of a mapped set must not have. */
#define KPF_SLAB	7
#define KPF_BUDDY	10
#define KPF_NOPAGE	20
#define KPF_INVALID \
	(UINT64_C(1) << KPF_SLAB | UINT64_C(1) << KPF_BUDDY | UINT64_C(1) << KPF_NOPAGE)

static int map_set(const char *facility, uint64_t bytes, struct object_hold *set,
		   struct skip_reason *reason)
{
	void *memory = kmemlab_map_set(set->file, 0, bytes);

	if (!memory)
		return skip_with(reason, -errno, "cannot map objects of %s: %s", facility,
				 strerror(errno));
	set->memory = memory;
	set->bytes = bytes;
	return 0;
}

static void copy_name(char *to, const char *name)
{
	memcpy(to, name, strnlen(name, KMEMLAB_NAME_MAX - 1));
}

static int check_hold(const struct kmemlab_hold *hold, int err, struct skip_reason *reason)
{
	if (err)
		return skip_with(reason, err, "cannot allocate objects of %s: %s", hold->facility,
				 err == -ENOENT ?
				 "facility, gfp profile or condition unknown to the module" :
				 strerror(-err));
	if (hold->status != KMEMLAB_STATUS_OK)
		return skip_with(reason, -ECANCELED, "%s", hold->reason);
	return 0;
}

int object_hold_create(int device, const char *facility, const char *gfp, uint64_t object_size,
		       uint64_t objects, bool mapped, struct object_hold *set,
		       struct skip_reason *reason)
{
	struct kmemlab_hold hold = { .object_size = object_size, .objects = objects };
	int err;

	*set = (struct object_hold) { .file = -1 };
	copy_name(hold.facility, facility);
	copy_name(hold.gfp, gfp);
	hold.flags = mapped ? KMEMLAB_HOLD_MAPPABLE : 0;
	err = check_hold(&hold, kmemlab_hold(device, &hold), reason);
	if (err)
		return err;
	set->file = hold.fd;
	err = mapped ? map_set(facility, hold.set_bytes, set, reason) : 0;
	if (err)
		object_hold_release(set);
	return err;
}

void object_hold_release(struct object_hold *set)
{
	if (set->memory)
		munmap(set->memory, set->bytes);
	if (set->file >= 0)
		close(set->file);
	*set = (struct object_hold) { .file = -1 };
}

int object_hold_condition(int device, const struct map_spec *spec, struct skip_reason *reason)
{
	struct kmemlab_hold hold = { .object_size = 1, .objects = 1 };
	int err;

	/* Without a facility, leave memory for the smallest possible set. */
	copy_name(hold.facility, *spec->facility ? spec->facility : "page");
	copy_name(hold.gfp, spec->gfp);
	copy_name(hold.condition, spec->condition);
	if (*spec->facility) {
		hold.object_size = spec->object_size;
		hold.objects = spec->objects;
	}
	err = check_hold(&hold, kmemlab_condition(device, &hold), reason);
	return err ? err : hold.fd;
}

struct mmap_result {
	uint64_t pages;
	uint64_t pfn_mismatches;	/* pagemap and the page tables disagree */
	uint64_t kpageflags_mismatches;
	uint64_t not_zeroed_words;
	uint64_t kernel_read_wrong_words;	/* written by this process */
	uint64_t process_read_wrong_words;	/* written by the kernel */
};

/* Exchange contents in both directions. */
static int check_contents(const struct object_hold *set, struct mmap_result *result)
{
	struct kmemlab_pattern pattern = { .seed = 1 };
	uint64_t *memory = set->memory;
	const uint64_t words = set->bytes / sizeof(*memory);
	int err;

	for (uint64_t i = 0; i < words; i++) {
		result->not_zeroed_words += memory[i] != 0;
		memory[i] = pattern.seed + i * KMEMLAB_PATTERN_STEP;
	}
	err = kmemlab_pattern(set->file, &pattern);
	result->kernel_read_wrong_words = pattern.wrong;
	if (err)
		return err;
	pattern = (struct kmemlab_pattern) { .seed = 2, .flags = KMEMLAB_PATTERN_WRITE };
	err = kmemlab_pattern(set->file, &pattern);
	for (uint64_t i = 0; i < words && !err; i++)
		result->process_read_wrong_words +=
			memory[i] != pattern.seed + i * KMEMLAB_PATTERN_STEP;
	return err;
}

/* Compare the frames in this process's page tables with pagemap and kpageflags. */
static int check_process_frames(const struct object_hold *set, int device, uint32_t page_size,
				struct mmap_result *result)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	struct kmemlab_lookup lookup;
	uint64_t input = (uintptr_t)set->memory;
	int err = 0;

	result->pages = set->bytes / page_size;
	for (uint64_t i = 0; i < result->pages && !err; i++, input += page_size) {
		struct kmemlab_translate args = {
			.space = KMEMLAB_SPACE_PROCESS, .count = 1,
			.inputs = (uintptr_t)&input, .answers = (uintptr_t)&lookup,
		};
		uint64_t entry, flags;

		read_u64(pagemap, input / page_size, &entry);
		read_u64(kpageflags, entry & PAGEMAP_PFN, &flags);
		err = kmemlab_translate(device, &args);
		result->pfn_mismatches += !(entry & PAGEMAP_PRESENT) || lookup.status ||
					  (entry & PAGEMAP_PFN) != lookup.phys / page_size;
		result->kpageflags_mismatches += !!(flags & KPF_INVALID);
	}
	close(pagemap);
	close(kpageflags);
	return err;
}

/* Compare the frames in the kernel's page tables with pagemap, in the order of the set. */
static int check_kernel_frames(const struct object_hold *set, uint64_t objects,
			       uint64_t object_size, uint32_t page_size,
			       struct mmap_result *result)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	struct kmemlab_lookup lookup;
	int err = 0;

	for (uint64_t object = 0; object < objects && !err; object++) {
		struct kmemlab_translate args = {
			.space = KMEMLAB_SPACE_OBJECTS, .count = 1,
			.inputs = (uintptr_t)&object, .answers = (uintptr_t)&lookup,
		};

		for (args.offset = 0; args.offset < object_size && !err; args.offset += page_size) {
			uint64_t entry;

			err = kmemlab_translate(set->file, &args);
			read_u64(pagemap, ((uintptr_t)set->memory + lookup.position) / page_size,
				 &entry);
			result->pfn_mismatches += lookup.status ||
						  (entry & PAGEMAP_PFN) != lookup.phys / page_size;
		}
	}
	close(pagemap);
	return err;
}

static void write_mmap_record(FILE *records, const struct mmap_result *result)
{
	const uint64_t wrong = result->pfn_mismatches + result->kpageflags_mismatches +
			       result->not_zeroed_words + result->kernel_read_wrong_words +
			       result->process_read_wrong_words;
	struct record_writer w = { .out = records };

	writer_begin(&w, "mmap_check");
	writer_unsigned(&w, "pages", result->pages);
	writer_unsigned(&w, "pfn_mismatches", result->pfn_mismatches);
	writer_unsigned(&w, "kpageflags_mismatches", result->kpageflags_mismatches);
	writer_unsigned(&w, "not_zeroed_words", result->not_zeroed_words);
	writer_unsigned(&w, "kernel_read_wrong_words", result->kernel_read_wrong_words);
	writer_unsigned(&w, "process_read_wrong_words", result->process_read_wrong_words);
	writer_bool(&w, "agree", !wrong);
	writer_end(&w);
}

int mmap_check(const struct object_hold *set, int device, uint64_t objects, uint64_t object_size,
	       uint32_t page_size, FILE *records, struct skip_reason *reason)
{
	struct mmap_result result = { 0 };
	int err = check_contents(set, &result);

	if (!err)
		err = check_process_frames(set, device, page_size, &result);
	if (!err)
		err = check_kernel_frames(set, objects, object_size, page_size, &result);
	if (err)
		return skip_with(reason, err, "cannot verify the mapped objects: %s",
				 strerror(-err));
	write_mmap_record(records, &result);
	return 0;
}
