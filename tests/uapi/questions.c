// SPDX-License-Identifier: GPL-2.0-or-later
/* The contract of what is asked about addresses and pages, and of files that hold memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/device.h"
#include "tests/uapi/uapi.h"

/* mmap with an offset as the kernel takes it, however large. */
#ifdef SYS_mmap2
#define MMAP_NUMBER	SYS_mmap2
#define MMAP_SHIFT	12
#else
#define MMAP_NUMBER	SYS_mmap
#define MMAP_SHIFT	0
#endif
#define LAST_OFFSET	((__u64)(~1UL << (12 - MMAP_SHIFT)) << MMAP_SHIFT)

static struct kmemlab_answer answers[KMEMLAB_TRANSLATE_MAX];
static __u64 inputs[KMEMLAB_TRANSLATE_MAX];

static struct kmemlab_translate question(__u32 space, __u32 count)
{
	return (struct kmemlab_translate) {
		.size = sizeof(struct kmemlab_translate), .space = space, .count = count,
		.answer_size = sizeof(*answers), .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};
}

static int ask(struct kmemlab_translate q)
{
	return say(KMEMLAB_IOC_TRANSLATE, &q);
}

static void test_translate_sizes(void)
{
	struct kmemlab_translate q = question(KMEMLAB_SPACE_PHYS, 2);
	struct {
		struct kmemlab_translate ask;
		char tail[8];
	} longer = { .ask = q };
	char narrow[3 * 16];

	q.size = KMEMLAB_TRANSLATE_SIZE_1 - 1;
	ok(ask(q) == EINVAL, "translate: shorter than the first version: EINVAL");
	longer.ask.size = sizeof(longer);
	ok(!say(KMEMLAB_IOC_TRANSLATE, &longer), "a longer one of zeros is fine");
	longer.tail[7] = 1;
	ok(say(KMEMLAB_IOC_TRANSLATE, &longer) == E2BIG, "with another tail: E2BIG");
	q = question(KMEMLAB_SPACE_PHYS, 2);
	memset(narrow, 0x5a, sizeof(narrow));
	q.answers = (uintptr_t)narrow;
	q.answer_size = 16;
	ok(!ask(q) && narrow[16] != 0x5a && narrow[32] == 0x5a, "short answers lie side by side");
	q.answer_size = 7;
	ok(ask(q) == EINVAL, "answers of 7 bytes: EINVAL");
	q.answer_size = 1U << 20;
	ok(ask(q) == E2BIG, "answers beyond a page: E2BIG");
}

static void test_translate(void)
{
	struct kmemlab_translate q = question(KMEMLAB_SPACE_KERNEL, 1);

	q.flags = 1U << 31;
	ok(ask(q) == EINVAL, "an unknown flag: EINVAL");
	ok(ask(question(77, 1)) == EINVAL, "an unknown space: EINVAL");
	ok(ask(question(KMEMLAB_SPACE_OBJECTS, 1)) == EINVAL, "objects of no held set: EINVAL");
	ok(ask(question(KMEMLAB_SPACE_KERNEL, KMEMLAB_TRANSLATE_MAX + 1)) == E2BIG,
	   "a batch too large: E2BIG");
	ok(!ask(question(KMEMLAB_SPACE_KERNEL, 0)), "an empty batch is fine");
	q = question(KMEMLAB_SPACE_KERNEL, 1);
	q.pid = 1;
	ok(ask(q) == EINVAL, "a process and kernel addresses: EINVAL");
	q.space = KMEMLAB_SPACE_PROCESS;
	q.pid = -1;
	ok(ask(q) == EINVAL, "a negative process: EINVAL");
	q.pid = 999999999;
	ok(ask(q) == ESRCH, "a process that is not: ESRCH");
	q.pid = 2;
	ok(ask(q) == ENODATA, "a kernel thread: ENODATA");
	q = question(KMEMLAB_SPACE_KERNEL, 1);
	q.inputs = 16;
	ok(ask(q) == EFAULT, "inputs from nowhere: EFAULT");
	q = question(KMEMLAB_SPACE_KERNEL, 1);
	q.answers = ~0ULL - 8;
	ok(ask(q) == EFAULT, "answers beyond the last address: EFAULT");
	inputs[0] = ~0ULL;
	inputs[1] = ~0ULL - 4095;
	ok(!ask(question(KMEMLAB_SPACE_PHYS, 2)) && !answers[0].page.kind &&
	   answers[0].status == KMEMLAB_ANSWER_NO_DIRECT_MAP &&
	   answers[1].status == KMEMLAB_ANSWER_NO_DIRECT_MAP, "beyond all memory there is nothing");
	ok(!ask(question(KMEMLAB_SPACE_KERNEL, 2)), "the last kernel address has an answer");
}

static void test_map(void)
{
	static struct kmemlab_frames runs[16];
	struct kmemlab_map good = { .size = sizeof(good), .runs = (uintptr_t)runs, .capacity = 16 };
	struct kmemlab_map map = good;

	ok(!say(KMEMLAB_IOC_MAP, &map) && map.count == 16 && map.next > runs[15].pfn,
	   "map: as many runs as there is room for, and where to go on");
	map = good;
	map.flags = 1;
	ok(say(KMEMLAB_IOC_MAP, &map) == EINVAL, "an unknown flag: EINVAL");
	map = good;
	map.pad = 1;
	ok(say(KMEMLAB_IOC_MAP, &map) == EINVAL, "padding that is not zero: EINVAL");
	map = good;
	map.capacity = 0;
	ok(say(KMEMLAB_IOC_MAP, &map) == EINVAL, "no room: EINVAL");
	map = good;
	map.size = KMEMLAB_MAP_SIZE_1;
	ok(!say(KMEMLAB_IOC_MAP, &map) && map.count == 16 && !map.order_max,
	   "as long as the first version: its answer");
	map = good;
	map.size = KMEMLAB_MAP_SIZE_1 - 1;
	ok(say(KMEMLAB_IOC_MAP, &map) == EINVAL, "shorter than the first version: EINVAL");
	map = good;
	map.runs = 16;
	ok(say(KMEMLAB_IOC_MAP, &map) == EFAULT, "runs to nowhere: EFAULT");
	map = good;
	map.start = ~0UL;
	ok(!say(KMEMLAB_IOC_MAP, &map) && !map.count && !map.next,
	   "from beyond all memory: nothing, and the end");
}

static struct kmemlab_hold holding(const char *facility, __u32 flags)
{
	struct kmemlab_hold hold = { .size = sizeof(hold), .flags = flags, .object_size = 4096,
				     .objects = 3 };

	strcpy(hold.facility, facility);
	return hold;
}

static int lowest_file(void)
{
	int file = dup(1);

	close(file);
	return file;
}

static void test_hold(void)
{
	struct kmemlab_hold hold = holding("page", 1U << 31);
	int file = lowest_file();

	ok(say(KMEMLAB_IOC_HOLD, &hold) == EINVAL, "hold: an unknown flag: EINVAL");
	hold = holding("pear", 0);
	ok(say(KMEMLAB_IOC_HOLD, &hold) == ENOENT, "an unknown facility: ENOENT");
	hold = holding("page", 0);
	hold.size = KMEMLAB_HOLD_SIZE_1 - 1;
	ok(say(KMEMLAB_IOC_HOLD, &hold) == EINVAL, "shorter than the first version: EINVAL");
	hold = holding("page", 0);
	hold.objects = 1ULL << 30;
	ok(!say(KMEMLAB_IOC_HOLD, &hold) && hold.status == KMEMLAB_STATUS_REFUSED &&
	   hold.reason[0] && hold.fd == -1, "too many objects: refused with a reason, no file");
	hold = holding("page", 0);
	strcpy(hold.condition, "low");
	ok(say(KMEMLAB_IOC_HOLD, &hold) == EINVAL, "a condition for a set that is held: EINVAL");
	ok(lowest_file() == file, "no file is left of any of them");
}

static void test_condition(void)
{
	struct kmemlab_hold hold = holding("page", KMEMLAB_HOLD_MAPPABLE);
	int file = lowest_file();
	struct kmemlab_info info;

	strcpy(hold.condition, "low");
	ok(say(KMEMLAB_IOC_CONDITION, &hold) == EINVAL, "a condition that is mappable: EINVAL");
	hold = holding("page", 0);
	strcpy(hold.condition, "fragmented:1");
	ok(say(KMEMLAB_IOC_CONDITION, &hold) == ENOENT, "an unknown condition: ENOENT");
	memset(hold.condition, 'x', sizeof(hold.condition));
	ok(say(KMEMLAB_IOC_CONDITION, &hold) == EINVAL, "a name without an end: EINVAL");
	hold = holding("page", 0);
	strcpy(hold.condition, "fragmented:2");
	ok(!say(KMEMLAB_IOC_CONDITION, &hold) && hold.status == KMEMLAB_STATUS_REFUSED &&
	   hold.reason[0] && hold.fd == -1, "on a machine that is kept: refused with a reason");
	hold = holding("page", 0);
	ok(!say(KMEMLAB_IOC_CONDITION, &hold) && hold.fd >= 0, "no condition at all can be held");
	close(hold.fd);
	ok(lowest_file() == file && !kmemlab_get_info(device, &info) && !info.reserved_pages,
	   "and nothing is left");
}

static void test_mappings(void)
{
	static struct kmemlab_mapping some[16];
	struct kmemlab_mappings good = { .size = sizeof(good), .mappings = (uintptr_t)some,
					 .capacity = 16 };
	struct kmemlab_mappings ask = good;
	struct kmemlab_cpu_offset cpu = { .size = sizeof(cpu), .index = 1 << 20 };

	ok(!say(KMEMLAB_IOC_MAPPINGS, &ask) && ask.count == 16 && ask.next > some[15].address,
	   "mappings: as many as there is room for, and where to go on");
	ask.start = ask.next;
	ok(!say(KMEMLAB_IOC_MAPPINGS, &ask) && ask.count == 16 && some[0].address >= ask.start,
	   "which is where the next portion begins");
	ask = good;
	ask.flags = 1;
	ok(say(KMEMLAB_IOC_MAPPINGS, &ask) == EINVAL, "an unknown flag: EINVAL");
	ask = good;
	ask.capacity = 0;
	ok(say(KMEMLAB_IOC_MAPPINGS, &ask) == EINVAL, "no room: EINVAL");
	ask = good;
	ask.start = 4096;
	ok(say(KMEMLAB_IOC_MAPPINGS, &ask) == EINVAL, "from an address of no region: EINVAL");
	ask = good;
	ask.mappings = 16;
	ok(say(KMEMLAB_IOC_MAPPINGS, &ask) == EFAULT, "mappings to nowhere: EFAULT");
	ok(say(KMEMLAB_IOC_CPU_OFFSET, &cpu) == ENOENT, "a CPU that is not possible: ENOENT");
}

/* The answer finds no room: the page that the question lies in can only be read. */
static void test_hold_unwritable(void)
{
	struct kmemlab_hold *hold = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int file = lowest_file();
	struct kmemlab_info info;

	*hold = holding("page", 0);
	mprotect(hold, 4096, PROT_READ);
	ok(say(KMEMLAB_IOC_HOLD, hold) == EFAULT, "an answer that cannot be written: EFAULT");
	munmap(hold, 4096);
	ok(lowest_file() == file, "leaves no file");
	ok(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
	   "and holds nothing");
}

static bool cannot_map(int file, __u64 offset, size_t bytes, int flags, int error)
{
	return syscall(MMAP_NUMBER, NULL, bytes, PROT_READ | PROT_WRITE, flags, file,
		       (unsigned long)(offset >> MMAP_SHIFT)) == -1 && errno == error;
}

static void test_held_file(void)
{
	struct kmemlab_hold hold = holding("page", KMEMLAB_HOLD_MAPPABLE);
	struct kmemlab_pattern pattern = { .size = sizeof(pattern), .flags = 2 };
	struct kmemlab_translate q = question(KMEMLAB_SPACE_OBJECTS, 3);
	struct kmemlab_info info;
	char *memory;

	ok(!say(KMEMLAB_IOC_HOLD, &hold) && hold.fd >= 0 && hold.set_bytes == 3 * 4096,
	   "a set is held");
	ok(fcntl(hold.fd, F_GETFD) == FD_CLOEXEC, "its file is closed on exec");
	ok(ioctl(hold.fd, KMEMLAB_IOC_INFO, &info) && errno == ENOTTY, "other numbers: ENOTTY");
	ok(ioctl(hold.fd, KMEMLAB_IOC_PATTERN, &pattern) && errno == EINVAL,
	   "an unknown flag of the pattern: EINVAL");
	inputs[0] = 0;
	inputs[1] = 3;
	inputs[2] = ~0ULL;
	ok(!ioctl(hold.fd, KMEMLAB_IOC_TRANSLATE, &q) && !answers[0].status &&
	   answers[1].status == KMEMLAB_ANSWER_NO_OBJECT &&
	   answers[2].status == KMEMLAB_ANSWER_NO_OBJECT, "objects that are none have no address");
	q.space = KMEMLAB_SPACE_KERNEL;
	ok(ioctl(hold.fd, KMEMLAB_IOC_TRANSLATE, &q) && errno == EINVAL, "other spaces: EINVAL");
	ok(cannot_map(hold.fd, 0, 4096, MAP_PRIVATE, EINVAL), "a private mapping: EINVAL");
	ok(cannot_map(hold.fd, 4096, 3 * 4096, MAP_SHARED, EINVAL), "beyond the set: EINVAL");
	ok(cannot_map(hold.fd, LAST_OFFSET, 4096, MAP_SHARED, EINVAL),
	   "up to the end of all offsets: EINVAL");
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, hold.fd, 8192);
	ok(memory != MAP_FAILED, "a page in the middle can be mapped");
	close(hold.fd);
	ok(!kmemlab_get_info(device, &info) && info.live_bytes,
	   "closed, the mapping keeps the set");
	__atomic_store_n(memory, 1, __ATOMIC_RELAXED);
	ok(__atomic_load_n(memory, __ATOMIC_RELAXED) == 1, "which can be used");
	munmap(memory, 4096);
	ok(!kmemlab_get_info(device, &info) && !info.live_bytes, "unmapped, it is gone");
}

void test_questions(void)
{
	test_translate_sizes();
	test_translate();
	test_map();
	test_mappings();
	test_hold();
	test_condition();
	test_hold_unwritable();
	test_held_file();
}
