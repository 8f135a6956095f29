// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests of the ioctls for addresses, page frames and held objects */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/device.h"
#include "tests/uapi/uapi.h"

/* mmap() with any offset that the kernel accepts */
#ifdef SYS_mmap2
#define MMAP_NUMBER	SYS_mmap2
#define MMAP_SHIFT	12
#else
#define MMAP_NUMBER	SYS_mmap
#define MMAP_SHIFT	0
#endif
#define LAST_OFFSET	((__u64)(~1UL << (12 - MMAP_SHIFT)) << MMAP_SHIFT)

static struct kmemlab_lookup answers[KMEMLAB_TRANSLATE_MAX];
static __u64 inputs[KMEMLAB_TRANSLATE_MAX];

static struct kmemlab_translate request(__u32 space, __u32 count)
{
	return (struct kmemlab_translate) {
		.size = sizeof(struct kmemlab_translate), .space = space, .count = count,
		.lookup_size = sizeof(*answers), .inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};
}

static int translate(struct kmemlab_translate q)
{
	return ioctl_errno(KMEMLAB_IOC_TRANSLATE, &q);
}

static void test_translate_sizes(void)
{
	struct kmemlab_translate q = request(KMEMLAB_SPACE_PHYS, 2);
	struct {
		struct kmemlab_translate ask;
		char tail[8];
	} longer = { .ask = q };
	char narrow[3 * 16];

	q.size = KMEMLAB_TRANSLATE_SIZE_1 - 1;
	ok(translate(q) == EINVAL, "translate: structure shorter than the first version: EINVAL");
	longer.ask.size = sizeof(longer);
	ok(!ioctl_errno(KMEMLAB_IOC_TRANSLATE, &longer), "translate: longer structure with a zero tail: accepted");
	longer.tail[7] = 1;
	ok(ioctl_errno(KMEMLAB_IOC_TRANSLATE, &longer) == E2BIG, "translate: longer structure with a non-zero tail: E2BIG");
	q = request(KMEMLAB_SPACE_PHYS, 2);
	memset(narrow, 0x5a, sizeof(narrow));
	q.answers = (uintptr_t)narrow;
	q.lookup_size = 16;
	ok(!translate(q) && narrow[16] != 0x5a && narrow[32] == 0x5a, "translate: lookup_size 16: answers are truncated to 16 bytes");
	q.lookup_size = 7;
	ok(translate(q) == EINVAL, "translate: lookup_size 7: EINVAL");
	q.lookup_size = 1U << 20;
	ok(translate(q) == E2BIG, "translate: lookup_size larger than a page: E2BIG");
}

/* A process without rights inherits the file of the device. */
static void test_rights(void)
{
	struct kmemlab_translate q = request(KMEMLAB_SPACE_PROCESS, 1);
	pid_t child = fork();
	int status;

	if (!child) {
		if (setuid(1000) || translate(q))
			_exit(1);
		q.pid = 1;
		_exit(translate(q) == EPERM ? 0 : 2);
	}
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && !WEXITSTATUS(status),
	   "translate without CAP_SYS_PTRACE: the caller is accepted, another process: EPERM");
}

static void test_translate(void)
{
	struct kmemlab_translate q = request(KMEMLAB_SPACE_KERNEL, 1);

	q.flags = 1U << 31;
	ok(translate(q) == EINVAL, "translate: unknown flag: EINVAL");
	ok(translate(request(77, 1)) == EINVAL, "translate: unknown space: EINVAL");
	ok(translate(request(KMEMLAB_SPACE_OBJECTS, 1)) == EINVAL, "translate: objects on the device file: EINVAL");
	ok(translate(request(KMEMLAB_SPACE_KERNEL, KMEMLAB_TRANSLATE_MAX + 1)) == E2BIG,
	   "translate: too many inputs: E2BIG");
	ok(!translate(request(KMEMLAB_SPACE_KERNEL, 0)), "translate: no inputs: accepted");
	q = request(KMEMLAB_SPACE_KERNEL, 1);
	q.pid = 1;
	ok(translate(q) == EINVAL, "translate: PID with kernel addresses: EINVAL");
	q.space = KMEMLAB_SPACE_PROCESS;
	q.pid = -1;
	ok(translate(q) == EINVAL, "translate: negative PID: EINVAL");
	q.pid = 999999999;
	ok(translate(q) == ESRCH, "translate: unknown PID: ESRCH");
	q.pid = 2;
	ok(translate(q) == ENODATA, "translate: PID of a kernel thread: ENODATA");
	q = request(KMEMLAB_SPACE_KERNEL, 1);
	q.inputs = 16;
	ok(translate(q) == EFAULT, "translate: invalid input pointer: EFAULT");
	q = request(KMEMLAB_SPACE_KERNEL, 1);
	q.answers = ~0ULL - 8;
	ok(translate(q) == EFAULT, "translate: answers past the last address: EFAULT");
	inputs[0] = ~0ULL;
	inputs[1] = ~0ULL - 4095;
	ok(!translate(request(KMEMLAB_SPACE_PHYS, 2)) && !answers[0].page.kind &&
	   answers[0].status == KMEMLAB_LOOKUP_NO_DIRECT_MAP &&
	   answers[1].status == KMEMLAB_LOOKUP_NO_DIRECT_MAP, "translate: physical addresses past the end of memory: no direct map");
	ok(!translate(request(KMEMLAB_SPACE_KERNEL, 2)), "translate: last kernel address: accepted");
}

static void test_map(void)
{
	static struct kmemlab_frames runs[16];
	struct kmemlab_map good = { .size = sizeof(good), .runs = (uintptr_t)runs, .capacity = 16 };
	struct kmemlab_map map = good;

	ok(!ioctl_errno(KMEMLAB_IOC_MAP, &map) && map.count == 16 && map.next > runs[15].pfn,
	   "map: runs up to the capacity and the next PFN");
	map = good;
	map.flags = 1U << 31;
	ok(ioctl_errno(KMEMLAB_IOC_MAP, &map) == EINVAL, "map: unknown flag: EINVAL");
	map = good;
	map.pad = 1;
	ok(ioctl_errno(KMEMLAB_IOC_MAP, &map) == EINVAL, "map: non-zero padding: EINVAL");
	map = good;
	map.capacity = 0;
	ok(ioctl_errno(KMEMLAB_IOC_MAP, &map) == EINVAL, "map: capacity 0: EINVAL");
	map = good;
	map.size = KMEMLAB_MAP_SIZE_1;
	ok(!ioctl_errno(KMEMLAB_IOC_MAP, &map) && map.count == 16 && !map.order_max,
	   "map: structure of the first version: accepted");
	map = good;
	map.size = KMEMLAB_MAP_SIZE_1 - 1;
	ok(ioctl_errno(KMEMLAB_IOC_MAP, &map) == EINVAL,
	   "map: structure shorter than the first version: EINVAL");
	map = good;
	map.runs = 16;
	ok(ioctl_errno(KMEMLAB_IOC_MAP, &map) == EFAULT, "map: invalid run pointer: EFAULT");
	map = good;
	map.start = ~0UL;
	ok(!ioctl_errno(KMEMLAB_IOC_MAP, &map) && !map.count && !map.next,
	   "map: start past the end of memory: no runs");
}

static struct kmemlab_hold hold_request(const char *facility, __u32 flags)
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
	struct kmemlab_hold hold = hold_request("page", 1U << 31);
	int file = lowest_file();

	ok(ioctl_errno(KMEMLAB_IOC_HOLD, &hold) == EINVAL, "hold: unknown flag: EINVAL");
	hold = hold_request("pear", 0);
	ok(ioctl_errno(KMEMLAB_IOC_HOLD, &hold) == ENOENT, "hold: unknown facility: ENOENT");
	hold = hold_request("page", 0);
	hold.size = KMEMLAB_HOLD_SIZE_1 - 1;
	ok(ioctl_errno(KMEMLAB_IOC_HOLD, &hold) == EINVAL, "hold: structure shorter than the first version: EINVAL");
	hold = hold_request("page", 0);
	hold.objects = 1ULL << 30;
	ok(!ioctl_errno(KMEMLAB_IOC_HOLD, &hold) && hold.status == KMEMLAB_STATUS_SKIPPED &&
	   hold.reason[0] && hold.reason_code == KMEMLAB_REASON_BUDGET && hold.fd == -1,
	   "hold: too many objects: skipped with KMEMLAB_REASON_BUDGET");
	hold = hold_request("page", 0);
	strcpy(hold.condition, "low");
	ok(ioctl_errno(KMEMLAB_IOC_HOLD, &hold) == EINVAL, "hold: condition: EINVAL");
	ok(lowest_file() == file, "hold: failed calls leave no file descriptor");
}

static void test_condition(void)
{
	struct kmemlab_hold hold = hold_request("page", KMEMLAB_HOLD_MAPPABLE);
	int file = lowest_file();
	struct kmemlab_info info;

	strcpy(hold.condition, "low");
	ok(ioctl_errno(KMEMLAB_IOC_CONDITION, &hold) == EINVAL, "condition: mappable: EINVAL");
	hold = hold_request("page", 0);
	strcpy(hold.condition, "fragmented:1");
	ok(ioctl_errno(KMEMLAB_IOC_CONDITION, &hold) == ENOENT, "condition: unknown name: ENOENT");
	memset(hold.condition, 'x', sizeof(hold.condition));
	ok(ioctl_errno(KMEMLAB_IOC_CONDITION, &hold) == EINVAL, "condition: unterminated name: EINVAL");
	hold = hold_request("page", 0);
	strcpy(hold.condition, "fragmented:2");
	ok(!ioctl_errno(KMEMLAB_IOC_CONDITION, &hold) && hold.status == KMEMLAB_STATUS_SKIPPED &&
	   hold.reason[0] && hold.reason_code == KMEMLAB_REASON_BUDGET && hold.fd == -1,
	   "condition: without throwaway=1: skipped with KMEMLAB_REASON_BUDGET");
	hold = hold_request("page", 0);
	ok(!ioctl_errno(KMEMLAB_IOC_CONDITION, &hold) && hold.fd >= 0, "condition: empty name: accepted");
	close(hold.fd);
	ok(lowest_file() == file && !kmemlab_get_info(device, &info) && !info.reserved_pages,
	   "condition: nothing stays reserved");
}

static void test_mappings(void)
{
	static struct kmemlab_mapping some[16];
	struct kmemlab_mappings good = { .size = sizeof(good), .mappings = (uintptr_t)some,
					 .capacity = 16 };
	struct kmemlab_mappings ask = good;
	struct kmemlab_cpu_offset cpu = { .size = sizeof(cpu), .index = 1 << 20 };

	ok(!ioctl_errno(KMEMLAB_IOC_MAPPINGS, &ask) && ask.count == 16 && ask.next > some[15].address,
	   "mappings: filled up to the capacity, with the next address");
	ask.start = ask.next;
	ok(!ioctl_errno(KMEMLAB_IOC_MAPPINGS, &ask) && ask.count == 16 && some[0].address >= ask.start,
	   "mappings: a second call continues at the next address");
	ask = good;
	ask.flags = 1;
	ok(ioctl_errno(KMEMLAB_IOC_MAPPINGS, &ask) == EINVAL, "mappings: unknown flag: EINVAL");
	ask = good;
	ask.capacity = 0;
	ok(ioctl_errno(KMEMLAB_IOC_MAPPINGS, &ask) == EINVAL, "mappings: capacity 0: EINVAL");
	ask = good;
	ask.start = 4096;
	ok(ioctl_errno(KMEMLAB_IOC_MAPPINGS, &ask) == EINVAL, "mappings: start outside of all regions: EINVAL");
	ask = good;
	ask.mappings = 16;
	ok(ioctl_errno(KMEMLAB_IOC_MAPPINGS, &ask) == EFAULT, "mappings: invalid pointer: EFAULT");
	ok(ioctl_errno(KMEMLAB_IOC_CPU_OFFSET, &cpu) == ENOENT, "CPU offset: CPU past the last one: ENOENT");
}

/* The structure is in a read-only page, so that the answer cannot be written. */
static void test_hold_unwritable(void)
{
	struct kmemlab_hold *hold = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int file = lowest_file();
	struct kmemlab_info info;

	*hold = hold_request("page", 0);
	mprotect(hold, 4096, PROT_READ);
	ok(ioctl_errno(KMEMLAB_IOC_HOLD, hold) == EFAULT, "hold: read-only structure: EFAULT");
	munmap(hold, 4096);
	ok(lowest_file() == file, "hold: read-only structure: leaves no file descriptor");
	ok(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
	   "hold: read-only structure: nothing stays reserved");
}

static bool cannot_map(int file, __u64 offset, size_t bytes, int flags, int error)
{
	return syscall(MMAP_NUMBER, NULL, bytes, PROT_READ | PROT_WRITE, flags, file,
		       (unsigned long)(offset >> MMAP_SHIFT)) == -1 && errno == error;
}

static void test_held_file(void)
{
	struct kmemlab_hold hold = hold_request("page", KMEMLAB_HOLD_MAPPABLE);
	struct kmemlab_pattern pattern = { .size = sizeof(pattern), .flags = 2 };
	struct kmemlab_translate q = request(KMEMLAB_SPACE_OBJECTS, 3);
	struct kmemlab_info info;
	char *memory;

	ok(!ioctl_errno(KMEMLAB_IOC_HOLD, &hold) && hold.fd >= 0 && hold.set_bytes == 3 * 4096,
	   "held set: file and size are returned");
	ok(fcntl(hold.fd, F_GETFD) == FD_CLOEXEC, "held set: file is closed on exec");
	ok(ioctl(hold.fd, KMEMLAB_IOC_INFO, &info) && errno == ENOTTY, "held set: ioctl of the device: ENOTTY");
	ok(ioctl(hold.fd, KMEMLAB_IOC_PATTERN, &pattern) && errno == EINVAL,
	   "held set: pattern with an unknown flag: EINVAL");
	inputs[0] = 0;
	inputs[1] = 3;
	inputs[2] = ~0ULL;
	ok(!ioctl(hold.fd, KMEMLAB_IOC_TRANSLATE, &q) && !answers[0].status &&
	   answers[1].status == KMEMLAB_LOOKUP_NO_OBJECT &&
	   answers[2].status == KMEMLAB_LOOKUP_NO_OBJECT, "held set: objects past the last one: no object");
	q.space = KMEMLAB_SPACE_KERNEL;
	ok(ioctl(hold.fd, KMEMLAB_IOC_TRANSLATE, &q) && errno == EINVAL, "held set: translation of kernel addresses: EINVAL");
	ok(cannot_map(hold.fd, 0, 4096, MAP_PRIVATE, EINVAL), "held set: private mapping: EINVAL");
	ok(cannot_map(hold.fd, 4096, 3 * 4096, MAP_SHARED, EINVAL), "held set: mapping past the end: EINVAL");
	ok(cannot_map(hold.fd, LAST_OFFSET, 4096, MAP_SHARED, EINVAL),
	   "held set: mapping at the largest offset: EINVAL");
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, hold.fd, 8192);
	ok(memory != MAP_FAILED, "held set: mapping of a page in the middle: accepted");
	close(hold.fd);
	ok(!kmemlab_get_info(device, &info) && info.live_bytes,
	   "held set: a mapping keeps the set after close()");
	__atomic_store_n(memory, 1, __ATOMIC_RELAXED);
	ok(__atomic_load_n(memory, __ATOMIC_RELAXED) == 1, "held set: mapped memory can be written after close()");
	munmap(memory, 4096);
	ok(!kmemlab_get_info(device, &info) && !info.live_bytes, "held set: freed after munmap()");
}

void test_queries(void)
{
	test_translate_sizes();
	test_rights();
	test_translate();
	test_map();
	test_mappings();
	test_hold();
	test_condition();
	test_hold_unwritable();
	test_held_file();
}
