// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cost of translating addresses and mapping memory, compared with the kernel's own
 * interfaces. Runs as root in a guest whose clock counts instructions; prints TAP. Each
 * cost includes the system calls, and is the minimum of several rounds, since an
 * interrupt may hit one.
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
#include "tests/tap.h"

#define BATCH		KMEMLAB_TRANSLATE_MAX
#define PAGE_BYTES	4096UL
#define ROUNDS		5
#define PER_ADDRESS	400	/* maximum instructions */
#define FIRST_PHYS	(UINT64_C(16) << 20)
#define FLAGS_AT_ONCE	(64 * 1024)
#define KIND_BUDDY	10	/* bits of /proc/kpageflags */
#define KIND_NOPAGE	20

static struct kmemlab_lookup answers[BATCH];
static uint64_t inputs[BATCH], scattered[BATCH];
static uint64_t page_flags[FLAGS_AT_ONCE];
static int device, pagemap, kpageflags;
static char *memory;

static uint64_t min_cost(uint64_t (*measure)(uint64_t stride), uint64_t stride)
{
	uint64_t min = UINT64_MAX;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t cost = measure(stride);

		min = cost < min ? cost : min;
	}
	return min;
}

static uint64_t translate_batch(uint32_t space, uint64_t first, uint64_t stride)
{
	struct kmemlab_translate args = {
		.space = space, .count = BATCH, .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};
	uint64_t before;

	for (unsigned int i = 0; i < BATCH; i++)
		inputs[i] = first + i * stride;
	before = __rdtsc();
	if (kmemlab_translate(device, &args))
		return UINT64_MAX;
	return (__rdtsc() - before) / BATCH;
}

static uint64_t translate_phys(uint64_t stride)
{
	return translate_batch(KMEMLAB_SPACE_PHYS, FIRST_PHYS, stride);
}

/* Use addresses of the direct map, as found by translate_phys(). */
static uint64_t translate_kernel(uint64_t stride)
{
	static uint64_t first;

	if (!first && translate_phys(0) != UINT64_MAX)
		first = answers[0].address;
	return translate_batch(KMEMLAB_SPACE_KERNEL, first, stride);
}

/* Allocate vmalloc objects, each followed by an unmapped page, and mix their order. */
static int hold_scattered(void)
{
	struct kmemlab_hold hold = { .object_size = PAGE_BYTES, .objects = BATCH };
	struct kmemlab_translate args = {
		.space = KMEMLAB_SPACE_OBJECTS, .count = BATCH, .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};

	strcpy(hold.facility, "vmalloc");
	if (kmemlab_hold(device, &hold) || hold.status)
		return -1;
	for (unsigned int i = 0; i < BATCH; i++)
		inputs[i] = i * 389 % BATCH;
	if (kmemlab_translate(hold.fd, &args))
		return -1;
	for (unsigned int i = 0; i < BATCH; i++)
		scattered[i] = answers[i].address;
	return hold.fd;
}

static uint64_t translate_scattered(uint64_t unused)
{
	struct kmemlab_translate args = {
		.space = KMEMLAB_SPACE_KERNEL, .count = BATCH, .inputs = (uintptr_t)scattered,
		.answers = (uintptr_t)answers,
	};
	uint64_t before = __rdtsc();

	(void)unused;
	if (kmemlab_translate(device, &args))
		return UINT64_MAX;
	return (__rdtsc() - before) / BATCH;
}

static uint64_t translate_process(uint64_t stride)
{
	return translate_batch(KMEMLAB_SPACE_PROCESS, (uintptr_t)memory, stride);
}

/* Read one entry of pagemap per address. */
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
		if (answers[i].status != KMEMLAB_LOOKUP_OK || answers[i].steps_count < 3 ||
		    !answers[i].page.kind)
			return false;
	return true;
}

/* Return true if pagemap and the module agree on all frames. */
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

/* Read all of /proc/kpageflags and count two flags: the minimum work with that file. */
static uint64_t scan_flags(uint64_t *pages, uint64_t *buddy)
{
	uint64_t before = __rdtsc();
	ssize_t bytes;
	off_t pos = 0;

	*pages = *buddy = 0;
	while ((bytes = pread(kpageflags, page_flags, sizeof(page_flags), pos)) > 0) {
		for (size_t i = 0; i < bytes / sizeof(*page_flags); i++) {
			*pages += !(page_flags[i] >> KIND_NOPAGE & 1);
			*buddy += page_flags[i] >> KIND_BUDDY & 1;
		}
		pos += bytes;
	}
	return __rdtsc() - before;
}

/* Run the program without options, which counts the pages by flags. Return its cost. */
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

/* program: page-types, or NULL if not available */
static void compare_map(const char *program)
{
	static struct kmemlab_frames runs[65536];
	struct kmemlab_map map = { .runs = (uintptr_t)runs, .capacity = 65536 };
	uint64_t before, map_cost, flags_cost, peer_cost, pages, buddy, freed = 0;
	int err;

	memset(runs, 1, sizeof(runs));
	before = __rdtsc();
	err = kmemlab_map(device, &map);
	map_cost = __rdtsc() - before;
	flags_cost = scan_flags(&pages, &buddy);
	for (uint64_t i = 0; i < map.count; i++)
		freed += runs[i].kind == KMEMLAB_PAGE_FREE ? runs[i].count : 0;
	ok(!err && !map.next && map.pages && pages, "map and /proc/kpageflags: scan all memory");
	printf("# map: %.2f instructions per page, %llu pages, %llu free\n",
	       (double)map_cost / map.pages, (unsigned long long)map.pages,
	       (unsigned long long)freed);
	printf("# /proc/kpageflags, read in bulk: %.2f instructions per page, %llu pages\n",
	       (double)flags_cost / pages, (unsigned long long)pages);
	ok(map_cost < flags_cost, "map: costs less than /proc/kpageflags");
	if (!program) {
		skip("map: costs less than page-types", "page-types is not available");
		return;
	}
	peer_cost = run_peer(program);
	printf("# page-types: %.2f instructions per page\n", (double)peer_cost / pages);
	ok(map_cost < peer_cost, "map: costs less than page-types");
}

static void compare_addresses(void)
{
	uint64_t near = min_cost(translate_kernel, PAGE_BYTES), far, mixed, phys, process, peer;
	int set;

	ok(near <= PER_ADDRESS && all_ok(),
	   "translate: at most 400 instructions per adjacent kernel address");
	far = min_cost(translate_kernel, PAGE_BYTES * 37);
	ok(far != UINT64_MAX && all_ok(), "translate: distant kernel addresses are translated");
	set = hold_scattered();
	mixed = min_cost(translate_scattered, 0);
	ok(set >= 0 && mixed <= PER_ADDRESS && all_ok(),
	   "translate: at most 400 instructions per vmalloc address in mixed order");
	close(set);
	phys = min_cost(translate_phys, PAGE_BYTES);
	ok(phys != UINT64_MAX && all_ok(), "translate: physical addresses are translated");
	process = min_cost(translate_process, PAGE_BYTES);
	ok(process <= PER_ADDRESS && all_ok(), "translate: at most 400 instructions per process address");
	ok(pagemap_agrees(), "translate: agrees with pagemap on the frames");
	peer = min_cost(read_pagemap, PAGE_BYTES);
	ok(process < peer, "translate: costs less than one read of pagemap per address");
	printf("# translate in batches of %d, instructions per address: %llu adjacent, %llu distant\n",
	       BATCH, (unsigned long long)near, (unsigned long long)far);
	printf("# %llu for vmalloc in mixed order\n", (unsigned long long)mixed);
	printf("# %llu for physical addresses, %llu for a process\n", (unsigned long long)phys,
	       (unsigned long long)process);
	printf("# pread of 8 bytes of /proc/self/pagemap: %llu instructions per address\n",
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
		puts("Bail out! cannot open the device, pagemap or kpageflags, or no memory");
		return 1;
	}
	madvise(memory, BATCH * PAGE_BYTES, MADV_NOHUGEPAGE);
	memset(answers, 0xff, sizeof(answers));
	compare_addresses();
	compare_map(argc > 1 ? argv[1] : NULL);
	return done_testing();
}
