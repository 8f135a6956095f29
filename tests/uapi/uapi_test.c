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
#include "tests/uapi/uapi.h"

int device;
static unsigned int tests, failures;

void ok(bool passed, const char *what)
{
	printf("%sok %u - %s\n", passed ? "" : "not ", ++tests, what);
	failures += !passed;
}

/* What the ioctl says: 0, or an errno. */
int say(unsigned long number, void *argument)
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
	test_questions();
	test_signal(false);
	test_rights();
	printf("1..%u\n", tests);
	return failures > 0;
}
