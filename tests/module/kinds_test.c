// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compare the kind and the map count of every frame with /proc/kpageflags and /proc/kpagecount.
 * Runs as root in a guest; prints TAP. Frames that change meanwhile are not compared.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/device.h"
#include "tests/tap.h"

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif

#define RUNS_MAX	65536
#define CHANGED_MAX	64	/* frames, while the map is made */
#define HUGE_PAGES	4
#define HUGE_BYTES	(2UL << 20)

/* Bits of /proc/kpageflags, from include/uapi/linux/kernel-page-flags.h, and KPF_RESERVED */
#define KPF_LRU		5
#define KPF_SLAB	7
#define KPF_BUDDY	10
#define KPF_MMAP	11
#define KPF_ANON	12
#define KPF_HUGE	17
#define KPF_HWPOISON	19
#define KPF_NOPAGE	20
#define KPF_OFFLINE	23
#define KPF_PGTABLE	26
#define KPF_RESERVED	32

/* Kinds that a bit decides, the most significant bit first */
static const struct {
	unsigned int bit, kind;
} flag_kinds[] = {
	{ KPF_NOPAGE, KMEMLAB_PAGE_NONE }, { KPF_RESERVED, KMEMLAB_PAGE_RESERVED },
	{ KPF_HWPOISON, KMEMLAB_PAGE_POISONED }, { KPF_HUGE, KMEMLAB_PAGE_HUGETLB },
	{ KPF_SLAB, KMEMLAB_PAGE_SLAB }, { KPF_BUDDY, KMEMLAB_PAGE_FREE },
	{ KPF_OFFLINE, KMEMLAB_PAGE_OFFLINE }, { KPF_PGTABLE, KMEMLAB_PAGE_TABLE },
	{ KPF_ANON, KMEMLAB_PAGE_ANON }, { KPF_LRU, KMEMLAB_PAGE_FILE },
};

#define FLAG_KINDS	(sizeof(flag_kinds) / sizeof(*flag_kinds))

/* Contents of a file in /proc with eight bytes for each frame */
struct frame_words {
	uint64_t *words;
	size_t count;
};

static struct kmemlab_frames runs[RUNS_MAX];
static uint64_t inputs[KMEMLAB_TRANSLATE_MAX];
static struct kmemlab_lookup answers[KMEMLAB_TRANSLATE_MAX];
static uint64_t page_bytes;
static int device;

/* Read again into the same memory, so that the allocation changes no frame. */
static bool read_words(const char *path, struct frame_words *file)
{
	int fd = open(path, O_RDONLY);
	const size_t capacity = 1 << 20;
	ssize_t bytes = 0;

	if (!file->words) {
		file->words = malloc(capacity * sizeof(*file->words));
		memset(file->words, 1, capacity * sizeof(*file->words));
	}
	for (file->count = 0; file->count < capacity; file->count += bytes / 8) {
		bytes = read(fd, file->words + file->count, (capacity - file->count) * 8);
		if (bytes <= 0)
			break;
	}
	close(fd);
	return !bytes && file->count;
}

/* The map's own buffer, which is free before and after the call */
static bool is_used_meanwhile(uint64_t flags, unsigned int kind)
{
	return flags >> KPF_BUDDY & 1 && kind == KMEMLAB_PAGE_KERNEL;
}

static bool kind_agrees(uint64_t flags, unsigned int kind)
{
	for (size_t i = 0; i < FLAG_KINDS; i++)
		if (flags >> flag_kinds[i].bit & 1)
			return kind == flag_kinds[i].kind;
	/* Pages of a device or of the kernel that processes map are not on a list either. */
	return kind == KMEMLAB_PAGE_KERNEL || kind == KMEMLAB_PAGE_FREE_CPU ||
	       (kind == KMEMLAB_PAGE_FILE && flags >> KPF_MMAP & 1);
}

static void compare_kinds(const uint64_t *minimum)
{
	static struct frame_words before, after;
	struct kmemlab_map map = { .runs = (uintptr_t)runs, .capacity = RUNS_MAX };
	uint64_t frames[KMEMLAB_PAGE_KINDS] = { 0 }, wrong = 0, changed = 0;

	memset(runs, 1, sizeof(runs));
	read_words("/proc/kpageflags", &after);
	ok(read_words("/proc/kpageflags", &before) && !kmemlab_map(device, &map) && !map.next &&
	   read_words("/proc/kpageflags", &after), "kinds: all frames are read");
	for (uint64_t i = 0; i < map.count; i++) {
		frames[runs[i].kind] += runs[i].count;
		for (uint64_t pfn = runs[i].pfn; pfn < runs[i].pfn + runs[i].count; pfn++) {
			const uint64_t flags = pfn < before.count ? before.words[pfn] : 0;

			if ((pfn < after.count && flags != after.words[pfn]) ||
			    is_used_meanwhile(flags, runs[i].kind)) {
				changed++;
			} else if (!kind_agrees(flags, runs[i].kind) && ++wrong <= 10) {
				printf("# frame %" PRIu64 ": kind %u, flags 0x%" PRIx64 "\n", pfn,
				       runs[i].kind, flags);
			}
		}
	}
	ok(!wrong, "kinds: every frame agrees with /proc/kpageflags");
	ok(changed <= CHANGED_MAX, "kinds: few frames change meanwhile");
	printf("# %" PRIu64 " frames, %" PRIu64 " changed, %" PRIu64 " differ\n",
	       (uint64_t)map.pages, changed, wrong);
	for (unsigned int kind = 0; kind < KMEMLAB_PAGE_KINDS; kind++) {
		printf("# kind %u: %" PRIu64 " frames\n", kind, frames[kind]);
		ok(frames[kind] >= minimum[kind], "kinds: %u has at least %" PRIu64 " frames", kind,
		   minimum[kind]);
	}
}

/* Count the frames from pfn on whose map count differs from /proc/kpagecount. */
static uint64_t count_differing(const struct frame_words *counts, uint64_t pfn, uint32_t count,
				uint64_t *compared)
{
	struct kmemlab_translate args = {
		.space = KMEMLAB_SPACE_PHYS, .count = count, .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};
	uint64_t wrong = 0;

	for (uint32_t i = 0; i < count; i++)
		inputs[i] = (pfn + i) * page_bytes;
	if (kmemlab_translate(device, &args))
		return count;
	for (uint32_t i = 0; i < count; i++) {
		const struct kmemlab_page *page = &answers[i].page;

		if (!(page->valid & KMEMLAB_PAGE_HAS_MAPCOUNT))
			continue;
		*compared += page->mapcount > 0;
		if ((uint64_t)page->mapcount == counts->words[pfn + i])
			continue;
		if (++wrong <= 10)
			printf("# frame %" PRIu64 ", kind %u: mapped %d times, counted %" PRIu64 "\n",
			       pfn + i, page->kind, page->mapcount, counts->words[pfn + i]);
	}
	return wrong;
}

static void compare_counts(void)
{
	struct frame_words counts = { 0 };
	uint64_t wrong = 0, mapped = 0;

	memset(inputs, 1, sizeof(inputs));
	memset(answers, 1, sizeof(answers));
	ok(read_words("/proc/kpagecount", &counts), "map counts: /proc/kpagecount is read");
	for (uint64_t pfn = 0; pfn < counts.count; pfn += KMEMLAB_TRANSLATE_MAX) {
		const uint64_t left = counts.count - pfn;

		wrong += count_differing(&counts, pfn, left < KMEMLAB_TRANSLATE_MAX ? left :
					 KMEMLAB_TRANSLATE_MAX, &mapped);
	}
	ok(!wrong && mapped > 1000, "map counts: every frame agrees with /proc/kpagecount");
	printf("# %" PRIu64 " mapped frames, %" PRIu64 " differ\n", mapped, wrong);
	free(counts.words);
}

static char *map_memory(size_t bytes, int flags)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* Reserve huge pages and map one, and a part of a huge page that is not hugetlb's. */
static bool use_huge_pages(void)
{
	char *huge = map_memory(2 * HUGE_BYTES, MAP_PRIVATE), *reserved;
	int fd = open("/proc/sys/vm/nr_hugepages", O_WRONLY);
	const bool written = write(fd, "4", 1) == 1;

	close(fd);
	reserved = map_memory(HUGE_BYTES, MAP_PRIVATE | MAP_HUGETLB);
	if (!written || !huge || !reserved)
		return false;
	*reserved = 1;
	huge += HUGE_BYTES - (uintptr_t)huge % HUGE_BYTES;
	if (madvise(huge, HUGE_BYTES, MADV_HUGEPAGE))
		return false;
	memset(huge, 1, HUGE_BYTES);
	return !munmap(huge, page_bytes);
}

/* Unlike MADV_HWPOISON, this ends no process. */
static bool poison_page(void)
{
	char *page = map_memory(page_bytes, MAP_PRIVATE);

	*page = 1;
	return !madvise(page, page_bytes, MADV_SOFT_OFFLINE);
}

int main(void)
{
	const uint64_t minimum[KMEMLAB_PAGE_KINDS] = {
		[KMEMLAB_PAGE_FREE] = 1000, [KMEMLAB_PAGE_RESERVED] = 1000,
		[KMEMLAB_PAGE_SLAB] = 100, [KMEMLAB_PAGE_TABLE] = 10, [KMEMLAB_PAGE_ANON] = 512,
		[KMEMLAB_PAGE_FILE] = 100, [KMEMLAB_PAGE_KERNEL] = 100,
		[KMEMLAB_PAGE_OFFLINE] = 64, [KMEMLAB_PAGE_POISONED] = 1,
		[KMEMLAB_PAGE_HUGETLB] = HUGE_PAGES * 512,
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	page_bytes = sysconf(_SC_PAGESIZE);
	device = kmemlab_open();
	if (device < 0 || !use_huge_pages() || !poison_page()) {
		puts("Bail out! cannot open the device or prepare pages");
		return 1;
	}
	compare_kinds(minimum);
	compare_counts();
	return done_testing();
}
