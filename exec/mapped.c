// SPDX-License-Identifier: GPL-2.0-or-later
#include "mapped.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/device.h"
#include "record_writer.h"

#define PAGEMAP_PRESENT	(UINT64_C(1) << 63)
#define PAGEMAP_PFN	((UINT64_C(1) << 55) - 1)

/* /proc/kpageflags: a page of ours is none of these. */
#define KPF_SLAB	7
#define KPF_BUDDY	10
#define KPF_NOPAGE	20
#define KPF_WRONG	(UINT64_C(1) << KPF_SLAB | UINT64_C(1) << KPF_BUDDY | UINT64_C(1) << KPF_NOPAGE)

struct findings {
	uint64_t pages;
	uint64_t frames_differ;		/* pagemap and the way through the tables */
	uint64_t flags_wrong;		/* by kpageflags */
	uint64_t not_zeroed;		/* words */
	uint64_t kernel_read_wrong;	/* words that we wrote */
	uint64_t process_read_wrong;	/* words that the kernel wrote */
};

static uint64_t read_at(int file, uint64_t index)
{
	uint64_t entry = 0;

	if (pread(file, &entry, sizeof(entry), index * sizeof(entry)) != sizeof(entry))
		return 0;
	return entry;
}

/* The contents, both ways. */
static int exchange(const struct held *held, struct findings *f)
{
	struct kmemlab_pattern pattern = { .seed = 1 };
	uint64_t *memory = held->memory;
	const uint64_t words = held->bytes / sizeof(*memory);
	int error;

	for (uint64_t i = 0; i < words; i++) {
		f->not_zeroed += memory[i] != 0;
		memory[i] = pattern.seed + i * KMEMLAB_PATTERN_STEP;
	}
	error = kmemlab_pattern(held->file, &pattern);
	f->kernel_read_wrong = pattern.wrong;
	if (error)
		return error;
	pattern = (struct kmemlab_pattern) { .seed = 2, .flags = KMEMLAB_PATTERN_WRITE };
	error = kmemlab_pattern(held->file, &pattern);
	for (uint64_t i = 0; i < words && !error; i++)
		f->process_read_wrong += memory[i] != pattern.seed + i * KMEMLAB_PATTERN_STEP;
	return error;
}

/* Each page's frame, by the tables of this process and by the kernel's own files. */
static int compare_frames(const struct held *held, int device, uint32_t page_size,
			  struct findings *f)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	struct kmemlab_answer answer;
	uint64_t input = (uintptr_t)held->memory;
	int error = 0;

	f->pages = held->bytes / page_size;
	for (uint64_t i = 0; i < f->pages && !error; i++, input += page_size) {
		struct kmemlab_translate ask = {
			.space = KMEMLAB_SPACE_PROCESS, .count = 1,
			.inputs = (uintptr_t)&input, .answers = (uintptr_t)&answer,
		};
		uint64_t entry = read_at(pagemap, input / page_size);

		error = kmemlab_translate(device, &ask);
		f->frames_differ += !(entry & PAGEMAP_PRESENT) || answer.status ||
				    (entry & PAGEMAP_PFN) != answer.phys / page_size;
		f->flags_wrong += !!(read_at(flags, entry & PAGEMAP_PFN) & KPF_WRONG);
	}
	close(pagemap);
	close(flags);
	return error;
}

/* The frames that the kernel's addresses lead to, in the order of the set's bytes. */
static int compare_sides(const struct held *held, uint64_t objects, uint64_t object_size,
			 uint32_t page_size, struct findings *f)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	struct kmemlab_answer answer;
	int error = 0;

	for (uint64_t object = 0; object < objects && !error; object++) {
		struct kmemlab_translate ask = {
			.space = KMEMLAB_SPACE_OBJECTS, .count = 1,
			.inputs = (uintptr_t)&object, .answers = (uintptr_t)&answer,
		};

		for (ask.offset = 0; ask.offset < object_size && !error; ask.offset += page_size) {
			uint64_t page;

			error = kmemlab_translate(held->file, &ask);
			page = ((uintptr_t)held->memory + answer.position) / page_size;
			f->frames_differ += answer.status ||
				(read_at(pagemap, page) & PAGEMAP_PFN) != answer.phys / page_size;
		}
	}
	close(pagemap);
	return error;
}

static void write_record(FILE *records, const struct findings *f)
{
	struct record_writer w = { .out = records };
	const uint64_t words = f->not_zeroed + f->kernel_read_wrong + f->process_read_wrong;

	writer_open(&w, NULL, '{');
	writer_string(&w, "record", "mapped");
	writer_unsigned(&w, "pages", f->pages);
	writer_unsigned(&w, "frames_differ", f->frames_differ);
	writer_unsigned(&w, "kpageflags_wrong", f->flags_wrong);
	writer_unsigned(&w, "not_zeroed_words", f->not_zeroed);
	writer_unsigned(&w, "kernel_read_wrong_words", f->kernel_read_wrong);
	writer_unsigned(&w, "process_read_wrong_words", f->process_read_wrong);
	writer_bool(&w, "agree", !words && !f->frames_differ && !f->flags_wrong);
	writer_close(&w, '}');
	writer_end_line(&w);
}

int prove_mapped(const struct held *held, int device, uint64_t objects, uint64_t object_size,
		 uint32_t page_size, FILE *records, struct refusal *reason)
{
	struct findings findings = { 0 };
	int error = exchange(held, &findings);

	if (!error)
		error = compare_frames(held, device, page_size, &findings);
	if (!error)
		error = compare_sides(held, objects, object_size, page_size, &findings);
	if (error)
		return refuse(reason, error, "the mapped objects cannot be looked at: %s",
			      strerror(-error));
	write_record(records, &findings);
	return 0;
}
