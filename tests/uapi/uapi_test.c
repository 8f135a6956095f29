// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contract of /dev/kmemlab, rule by rule: runs in the guest as root, with
 * the module loaded, and speaks TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/device.h"

/* mmap with an offset as the kernel takes it, however large. */
#ifdef SYS_mmap2
#define MMAP_NUMBER	SYS_mmap2
#define MMAP_SHIFT	12
#else
#define MMAP_NUMBER	SYS_mmap
#define MMAP_SHIFT	0
#endif
#define LAST_OFFSET	((__u64)(~1UL << (12 - MMAP_SHIFT)) << MMAP_SHIFT)

static int device;
static unsigned int tests, failures;

static void ok(bool passed, const char *what)
{
	printf("%sok %u - %s\n", passed ? "" : "not ", ++tests, what);
	failures += !passed;
}

/* What the ioctl says: 0, or an errno. */
static int say(unsigned long number, void *argument)
{
	return ioctl(device, number, argument) < 0 ? errno : 0;
}

static void test_sizes(void)
{
	struct {
		struct kmemlab_info info;
		char tail[64];
	} longer = { .info.size = sizeof(longer) };
	struct kmemlab_info info = { .size = 0 };
	struct kmemlab_info small;

	ok(say(KMEMLAB_IOC_INFO, &info) == EINVAL, "a structure of size 0 is refused");
	info.size = 3;
	ok(say(KMEMLAB_IOC_INFO, &info) == EINVAL, "a size that doesn't hold the size is refused");
	memset(&small, 0x5a, sizeof(small));
	small.size = offsetof(struct kmemlab_info, clock);
	memset((char *)&small + sizeof(small.size), 0, small.size - sizeof(small.size));
	ok(!say(KMEMLAB_IOC_INFO, &small) && small.version[0] && small.clock[0] == 0x5a,
	   "a shorter structure gets the fields it has room for, and no more");
	longer.tail[63] = 1;
	ok(say(KMEMLAB_IOC_INFO, &longer) == E2BIG, "an unknown tail that is not zero is refused");
	memset(&longer, 0, sizeof(longer));
	longer.info.size = sizeof(longer);
	longer.tail[0] = 0;
	ok(!say(KMEMLAB_IOC_INFO, &longer) && longer.info.abi == KMEMLAB_ABI,
	   "an unknown tail of zeros is fine");
	longer.info.size = 1U << 30;
	ok(say(KMEMLAB_IOC_INFO, &longer) == E2BIG, "a size beyond a page is refused unread");
	ok(say(KMEMLAB_IOC_INFO, NULL) == EFAULT, "a null pointer is refused");
	ok(say(KMEMLAB_IOC_INFO, (void *)-4096L) == EFAULT, "a kernel pointer is refused");
	ok(say(_IO(KMEMLAB_IOC_MAGIC, 200), &info) == ENOTTY, "an unknown number is refused");
}

static void test_enumerations(void)
{
	struct kmemlab_facility facility;
	struct kmemlab_setting setting;
	struct kmemlab_info info;
	struct kmemlab_name name;
	unsigned int i;
	int bad = 0;

	ok(!kmemlab_get_info(device, &info) && info.size == sizeof(info) && info.facilities &&
	   info.workloads && info.gfp_profiles && info.settings && info.page_size == 4096,
	   "information is there");
	for (i = 0; i < info.facilities; i++)
		bad += kmemlab_get_facility(device, i, &facility) || !facility.name[0] ||
		       (!facility.available) != !!facility.reason[0] ||
		       facility.object_size_min > facility.object_size_max;
	ok(!bad, "each facility has a name, sizes, and a reason where it isn't available");
	ok(kmemlab_get_facility(device, i, &facility) == -ENOENT, "past the last one: ENOENT");
	for (i = 0; i < info.workloads; i++)
		bad += kmemlab_get_workload(device, i, &name) || !name.name[0];
	for (i = 0; i < info.gfp_profiles; i++)
		bad += kmemlab_get_gfp(device, i, &name) || !name.name[0];
	for (i = 0; i < info.settings; i++)
		bad += kmemlab_get_setting(device, i, &setting) || !setting.value[0];
	ok(!bad, "each workload, gfp profile and setting has a name");
	ok(kmemlab_get_workload(device, info.workloads, &name) == -ENOENT &&
	   kmemlab_get_gfp(device, info.gfp_profiles, &name) == -ENOENT &&
	   kmemlab_get_setting(device, info.settings, &setting) == -ENOENT &&
	   kmemlab_get_setting(device, ~0U, &setting) == -ENOENT,
	   "past the last one of each: ENOENT");
}

static struct kmemlab_result result;

static struct kmemlab_experiment request(const char *facility, const char *workload,
					 __u64 size, __u64 objects)
{
	struct kmemlab_experiment e = {
		.size = sizeof(e),
		.object_size = size,
		.objects = objects,
		.seed = 1,
		.node = -1,
		.free_cpu = -1,
		.result = (uintptr_t)&result,
	};

	strcpy(e.facility, facility);
	strcpy(e.workload, workload);
	memset(&result, 0, sizeof(result));
	result.size = sizeof(result);
	return e;
}

static int run(struct kmemlab_experiment e)
{
	return say(KMEMLAB_IOC_EXPERIMENT, &e);
}

static void test_names(void)
{
	struct kmemlab_experiment e = request("kmalloc", "batch", 32, 10);

	ok(!run(e) && result.status == KMEMLAB_STATUS_OK, "an experiment runs");
	ok(run(request("pear", "batch", 32, 10)) == ENOENT, "an unknown facility: ENOENT");
	ok(run(request("kmalloc", "pear", 32, 10)) == ENOENT, "an unknown workload: ENOENT");
	strcpy(e.gfp, "pear");
	ok(run(e) == ENOENT, "an unknown gfp profile: ENOENT");
	e = request("kmalloc", "batch", 32, 10);
	strcpy(e.condition, "pear");
	ok(run(e) == ENOENT, "an unknown condition: ENOENT");
	e = request("kmalloc", "batch", 32, 10);
	memset(e.facility, 'a', sizeof(e.facility));
	ok(run(e) == EINVAL, "a name without an end: EINVAL");
}

static void test_result_sizes(void)
{
	struct {
		struct kmemlab_result result;
		char tail[32];
	} longer = { .result.size = sizeof(longer) };
	struct kmemlab_experiment e = request("kmalloc", "batch", 32, 10);

	result.size = KMEMLAB_RESULT_SIZE_1 - 1;
	ok(run(e) == EINVAL, "a result shorter than the first version's: EINVAL");
	e.result = (uintptr_t)&longer;
	ok(!run(e) && longer.result.verified_objects == 10, "a longer one of zeros is fine");
	longer.result.size = sizeof(longer);
	longer.tail[31] = 1;
	ok(run(e) == E2BIG, "with an unknown tail that is not zero: E2BIG");
	longer.result.size = 1U << 30;
	ok(run(e) == E2BIG, "beyond a page: E2BIG");
}

static void test_requests(void)
{
	struct kmemlab_experiment e;

	ok(run(request("kmalloc", "batch", 0, 10)) == EINVAL, "size 0: EINVAL");
	ok(run(request("kmalloc", "batch", 32, 0)) == EINVAL, "no objects: EINVAL");
	ok(run(request("kmalloc", "batch", 1ULL << 40, 1ULL << 40)) == EOVERFLOW,
	   "size times objects beyond 64 bits: EOVERFLOW");
	e = request("kmalloc", "batch", 32, 10);
	e.flags = 1U << 31;
	ok(run(e) == EINVAL, "an unknown flag: EINVAL");
	e = request("kmalloc", "batch", 32, 10);
	e.result = 0;
	ok(run(e) == EFAULT, "no result: EFAULT");
	e = request("kmalloc", "batch", 32, 10);
	result.size = 2;
	ok(run(e) == EINVAL, "a result of no size: EINVAL");
	test_result_sizes();
	e = request("kmalloc", "batch", 32, 10);
	e.alloc.samples = 1;
	e.alloc.capacity = 10;
	ok(run(e) == EFAULT, "samples to nowhere: EFAULT");
}

static bool refused(struct kmemlab_experiment e)
{
	return !run(e) && result.status == KMEMLAB_STATUS_REFUSED && result.error < 0 &&
	       result.reason[0];
}

static void test_refusals(void)
{
	struct kmemlab_info info;

	ok(refused(request("kmalloc", "batch", 1ULL << 30, 1)),
	   "a size beyond the facility's limit is refused with a reason");
	ok(refused(request("page", "batch", 4096, 1ULL << 24)),
	   "objects beyond the budget are refused with a reason");
	ok(refused(request("null", "pair", 1, 1ULL << 40)),
	   "samples beyond the budget are refused with a reason");
	ok(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
	   "and everything is given back");
}

static void test_samples(void)
{
	struct kmemlab_overflow overflows[4];
	struct kmemlab_experiment e = request("kmalloc", "pair", 32, 100);
	__u32 samples[60];

	memset(samples, 0, sizeof(samples));
	e.alloc.samples = (uintptr_t)samples;
	e.alloc.capacity = 50;
	e.alloc.overflows = (uintptr_t)overflows;
	e.alloc.overflow_capacity = 4;
	ok(!say(KMEMLAB_IOC_EXPERIMENT, &e) && e.alloc.count == 100 && e.free.count == 100 &&
	   samples[49] && !samples[50] && e.alloc.total_ticks,
	   "as many samples as there is room for, and how many there were");
	ok(result.verified_objects == 100 && !result.mismatches && !result.route_disagreements &&
	   __builtin_popcount(result.routes) >= 2, "every object is proved by two routes at least");
}

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
	map.capacity = 0;
	ok(say(KMEMLAB_IOC_MAP, &map) == EINVAL, "no room: EINVAL");
	map = good;
	map.size--;
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

static void do_nothing(int number)
{
	(void)number;
}

/* Between two looks at the signals lie at most 1,024 operations or 4 MiB of memory. */
#define SIGNAL_INSTRUCTIONS	16000000

/*
 * A child runs a long experiment and is interrupted. Where instructions are
 * counted, so is what it takes until the child is gone.
 */
static void test_signal(bool counted)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct kmemlab_info info;
	unsigned long long ticks;
	pid_t child, ended;
	int status;

	sigaction(SIGALRM, &action, NULL);
	child = fork();
	if (!child)
		_exit(run(request("kmalloc", "pair", 64, 4000000)) == EINTR ? 0 : 1);
	do {
		usleep(300000);
		ticks = __builtin_ia32_rdtsc();
		kill(child, SIGALRM);
		/* Where it was not in the kernel yet, the signal is spent: once more. */
		for (int i = 0; !(ended = waitpid(child, &status, WNOHANG)) && i < 100; i++)
			usleep(1000);
	} while (!ended);
	ticks = __builtin_ia32_rdtsc() - ticks;
	ok(WIFEXITED(status) && !WEXITSTATUS(status), "a signal ends an experiment with EINTR");
	if (counted)
		ok(ticks <= SIGNAL_INSTRUCTIONS, "within 16 million instructions");
	printf("# after %llu ticks\n", ticks);
	ok(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
	   "and everything is given back");
}

static void test_rights(void)
{
	struct stat st;
	int status;
	pid_t child;

	ok(!stat(KMEMLAB_DEVICE_PATH, &st) && (st.st_mode & 07777) == 0600, "the device has mode 0600");
	chmod(KMEMLAB_DEVICE_PATH, 0666);
	child = fork();
	if (!child) {
		if (setuid(1000))
			_exit(2);
		_exit(kmemlab_open() == -EPERM ? 0 : 1);
	}
	waitpid(child, &status, 0);
	chmod(KMEMLAB_DEVICE_PATH, 0600);
	ok(WIFEXITED(status) && !WEXITSTATUS(status),
	   "without CAP_SYS_ADMIN it can't be opened, whatever its mode");
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	device = kmemlab_open();
	if (device < 0) {
		printf("Bail out! %s: %s\n", KMEMLAB_DEVICE_PATH, strerror(-device));
		return 1;
	}
	if (argc > 1 && !strcmp(argv[1], "signal")) {
		test_signal(true);
		printf("1..%u\n", tests);
		return failures > 0;
	}
	test_sizes();
	test_enumerations();
	test_names();
	test_requests();
	test_refusals();
	test_samples();
	test_translate_sizes();
	test_translate();
	test_map();
	test_mappings();
	test_hold();
	test_condition();
	test_hold_unwritable();
	test_held_file();
	test_signal(false);
	test_rights();
	printf("1..%u\n", tests);
	return failures > 0;
}
