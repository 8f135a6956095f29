// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What looking at addresses and at pages costs, and what the kernel's own ways
 * cost beside it. Runs in a guest whose clock counts instructions, as root, and
 * speaks TAP. Each figure is what the caller pays: system calls included, and
 * the least of several rounds, since an interrupt may hit one.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/device.h"

#define BATCH		KMEMLAB_TRANSLATE_MAX
#define PAGE_BYTES	4096UL
#define ROUNDS		5
#define PER_ADDRESS	400	/* instructions, at most */
#define FIRST_PHYS	(UINT64_C(16) << 20)
#define FLAGS_AT_ONCE	(64 * 1024)
#define KIND_BUDDY	10	/* bits of /proc/kpageflags */
#define KIND_NOPAGE	20

static struct kmemlab_answer answers[BATCH];
static uint64_t inputs[BATCH], scattered[BATCH];
static uint64_t page_flags[FLAGS_AT_ONCE];
static unsigned int tests, failures;
static int device, pagemap, kpageflags;
static char *memory;

static void ok(bool passed, const char *what)
{
	printf("%sok %u - %s\n", passed ? "" : "not ", ++tests, what);
	failures += !passed;
}

static uint64_t least(uint64_t (*once)(uint64_t stride), uint64_t stride)
{
	uint64_t figure = UINT64_MAX;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t now = once(stride);

		figure = now < figure ? now : figure;
	}
	return figure;
}

static uint64_t translate_batch(uint32_t space, uint64_t first, uint64_t stride)
{
	struct kmemlab_translate ask = {
		.space = space, .count = BATCH, .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};
	uint64_t before;

	for (unsigned int i = 0; i < BATCH; i++)
		inputs[i] = first + i * stride;
	before = __rdtsc();
	if (kmemlab_translate(device, &ask))
		return UINT64_MAX;
	return (__rdtsc() - before) / BATCH;
}

static uint64_t translate_phys(uint64_t stride)
{
	return translate_batch(KMEMLAB_SPACE_PHYS, FIRST_PHYS, stride);
}

/* Addresses of the direct map, which is where the way back led. */
static uint64_t translate_kernel(uint64_t stride)
{
	static uint64_t first;

	if (!first && translate_phys(0) != UINT64_MAX)
		first = answers[0].address;
	return translate_batch(KMEMLAB_SPACE_KERNEL, first, stride);
}

/* Objects of vmalloc, each behind a page that is not mapped, in no order. */
static int scatter(void)
{
	struct kmemlab_hold hold = { .object_size = PAGE_BYTES, .objects = BATCH };
	struct kmemlab_translate ask = {
		.space = KMEMLAB_SPACE_OBJECTS, .count = BATCH, .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};

	strcpy(hold.facility, "vmalloc");
	if (kmemlab_hold(device, &hold) || hold.status)
		return -1;
	for (unsigned int i = 0; i < BATCH; i++)
		inputs[i] = i * 389 % BATCH;
	if (kmemlab_translate(hold.fd, &ask))
		return -1;
	for (unsigned int i = 0; i < BATCH; i++)
		scattered[i] = answers[i].address;
	return hold.fd;
}

static uint64_t translate_scattered(uint64_t unused)
{
	struct kmemlab_translate ask = {
		.space = KMEMLAB_SPACE_KERNEL, .count = BATCH, .inputs = (uintptr_t)scattered,
		.answers = (uintptr_t)answers,
	};
	uint64_t before = __rdtsc();

	(void)unused;
	if (kmemlab_translate(device, &ask))
		return UINT64_MAX;
	return (__rdtsc() - before) / BATCH;
}

static uint64_t translate_process(uint64_t stride)
{
	return translate_batch(KMEMLAB_SPACE_PROCESS, (uintptr_t)memory, stride);
}

/* The same question of the same addresses: one read each. */
static uint64_t read_pagemap(uint64_t stride)
{
	uint64_t before = __rdtsc(), entry;

	for (unsigned int i = 0; i < BATCH; i++) {
		const uint64_t address = (uintptr_t)memory + i * stride;

		if (pread(pagemap, &entry, sizeof(entry), address / PAGE_BYTES * sizeof(entry)) !=
		    sizeof(entry))
			return UINT64_MAX;
	}
	return (__rdtsc() - before) / BATCH;
}

static bool all_ok(void)
{
	for (unsigned int i = 0; i < BATCH; i++)
		if (answers[i].status != KMEMLAB_ANSWER_OK || answers[i].steps_count < 3 ||
		    !answers[i].page.kind)
			return false;
	return true;
}

/* The frames that pagemap tells are those that the module found. */
static bool pagemap_agrees(void)
{
	for (unsigned int i = 0; i < BATCH; i++) {
		uint64_t entry = 0;

		if (pread(pagemap, &entry, sizeof(entry), inputs[i] / PAGE_BYTES * sizeof(entry)) !=
		    sizeof(entry) || (entry & ((1ULL << 55) - 1)) != answers[i].phys / PAGE_BYTES)
			return false;
	}
	return true;
}

/* The least that can be done with the kernel's file: each page's flags read, and counted. */
static uint64_t scan_flags(uint64_t *pages, uint64_t *buddy)
{
	uint64_t before = __rdtsc();
	ssize_t bytes;
	off_t at = 0;

	*pages = *buddy = 0;
	while ((bytes = pread(kpageflags, page_flags, sizeof(page_flags), at)) > 0) {
		for (size_t i = 0; i < bytes / sizeof(*page_flags); i++) {
			*pages += !(page_flags[i] >> KIND_NOPAGE & 1);
			*buddy += page_flags[i] >> KIND_BUDDY & 1;
		}
		at += bytes;
	}
	return __rdtsc() - before;
}

/* The whole program, as it is called: without options it counts the pages of each sort. */
static uint64_t run_peer(const char *program)
{
	uint64_t before = __rdtsc();
	pid_t child = fork();
	int status = -1;

	if (!child) {
		if (freopen("/dev/null", "w", stdout))
			execl(program, program, NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		return 0;
	return __rdtsc() - before;
}

/* @program: page-types, or NULL where it cannot be had */
static void compare_map(const char *program)
{
	static struct kmemlab_frames runs[65536];
	struct kmemlab_map map = { .runs = (uintptr_t)runs, .capacity = 65536 };
	uint64_t before, map_cost, flags_cost, peer_cost, pages, buddy, freed = 0;
	int error;

	memset(runs, 1, sizeof(runs));
	before = __rdtsc();
	error = kmemlab_map(device, &map);
	map_cost = __rdtsc() - before;
	flags_cost = scan_flags(&pages, &buddy);
	for (uint64_t i = 0; i < map.count; i++)
		freed += runs[i].kind == KMEMLAB_PAGE_FREE ? runs[i].count : 0;
	ok(!error && !map.next && map.pages && pages, "both scans see all of memory");
	printf("# map: %.2f instructions a page, %llu pages, %llu free\n",
	       (double)map_cost / map.pages, (unsigned long long)map.pages,
	       (unsigned long long)freed);
	printf("# /proc/kpageflags, read in bulk: %.2f instructions a page, %llu pages\n",
	       (double)flags_cost / pages, (unsigned long long)pages);
	ok(map_cost < flags_cost, "the map costs less");
	if (!program) {
		printf("ok %u # SKIP page-types cannot be had\n", ++tests);
		return;
	}
	peer_cost = run_peer(program);
	printf("# page-types: %.2f instructions a page\n", (double)peer_cost / pages);
	ok(map_cost < peer_cost, "and less than page-types");
}

static void compare_addresses(void)
{
	uint64_t near = least(translate_kernel, PAGE_BYTES), far, apart, back, process, peer;
	int set;

	ok(near <= PER_ADDRESS && all_ok(), "a batch of kernel addresses costs at most 400 each");
	far = least(translate_kernel, PAGE_BYTES * 37);
	ok(far != UINT64_MAX && all_ok(), "addresses far from each other are translated");
	set = scatter();
	apart = least(translate_scattered, 0);
	ok(set >= 0 && apart <= PER_ADDRESS && all_ok(),
	   "and so do addresses of vmalloc in no order");
	close(set);
	back = least(translate_phys, PAGE_BYTES);
	ok(back != UINT64_MAX && all_ok(), "and so is the way back");
	process = least(translate_process, PAGE_BYTES);
	ok(process <= PER_ADDRESS && all_ok(), "a batch of process addresses at most 400 each");
	ok(pagemap_agrees(), "to the frames that pagemap tells");
	peer = least(read_pagemap, PAGE_BYTES);
	ok(process < peer, "one read of pagemap for each costs more");
	printf("# translate, batches of %d, instructions an address: %llu side by side, %llu apart\n",
	       BATCH, (unsigned long long)near, (unsigned long long)far);
	printf("# %llu of vmalloc in no order\n", (unsigned long long)apart);
	printf("# %llu on the way back, %llu of a process\n", (unsigned long long)back,
	       (unsigned long long)process);
	printf("# pread of 8 bytes of /proc/self/pagemap: %llu instructions an address\n",
	       (unsigned long long)peer);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	device = kmemlab_open();
	pagemap = open("/proc/self/pagemap", O_RDONLY);
	kpageflags = open("/proc/kpageflags", O_RDONLY);
	memory = mmap(NULL, BATCH * PAGE_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (device < 0 || pagemap < 0 || kpageflags < 0 || memory == MAP_FAILED) {
		puts("Bail out! the device, pagemap, kpageflags or memory is missing");
		return 1;
	}
	madvise(memory, BATCH * PAGE_BYTES, MADV_NOHUGEPAGE);
	memset(answers, 0xff, sizeof(answers));
	compare_addresses();
	compare_map(argc > 1 ? argv[1] : NULL);
	printf("1..%u\n", tests);
	return failures > 0;
}
