// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Test the rules of /dev/kmemlab. Runs in the guest as root with the module loaded and
 * prints TAP.
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

int ioctl_errno(unsigned long number, void *argument)
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

	ok(ioctl_errno(KMEMLAB_IOC_INFO, &info) == EINVAL, "size 0: EINVAL");
	info.size = 3;
	ok(ioctl_errno(KMEMLAB_IOC_INFO, &info) == EINVAL, "size 3, less than the size field: EINVAL");
	memset(&small, 0x5a, sizeof(small));
	small.size = offsetof(struct kmemlab_info, clock);
	memset((char *)&small + sizeof(small.size), 0, small.size - sizeof(small.size));
	ok(!ioctl_errno(KMEMLAB_IOC_INFO, &small) && small.version[0] && small.clock[0] == 0x5a,
	   "shorter structure: only the fields that fit are written");
	longer.tail[63] = 1;
	ok(ioctl_errno(KMEMLAB_IOC_INFO, &longer) == E2BIG, "longer structure with a non-zero tail: E2BIG");
	memset(&longer, 0, sizeof(longer));
	longer.info.size = sizeof(longer);
	longer.tail[0] = 0;
	ok(!ioctl_errno(KMEMLAB_IOC_INFO, &longer) && longer.info.abi == KMEMLAB_ABI,
	   "longer structure with a zero tail: accepted");
	longer.info.size = 1U << 30;
	ok(ioctl_errno(KMEMLAB_IOC_INFO, &longer) == E2BIG, "info: size larger than a page: E2BIG");
	ok(ioctl_errno(KMEMLAB_IOC_INFO, NULL) == EFAULT, "info: null pointer: EFAULT");
	ok(ioctl_errno(KMEMLAB_IOC_INFO, (void *)-4096L) == EFAULT, "info: kernel pointer: EFAULT");
	ok(ioctl_errno(_IO(KMEMLAB_IOC_MAGIC, 200), &info) == ENOTTY, "ioctl: unknown number: ENOTTY");
}

static void test_enumerations(void)
{
	struct kmemlab_facility facility;
	struct kmemlab_kernel_config setting;
	struct kmemlab_info info;
	struct kmemlab_name name;
	unsigned int i;
	int bad = 0;

	ok(!kmemlab_get_info(device, &info) && info.size == sizeof(info) && info.facilities &&
	   info.workloads && info.gfp_profiles && info.settings && info.page_size == 4096,
	   "info: all fields are set");
	for (i = 0; i < info.facilities; i++)
		bad += kmemlab_get_facility(device, i, &facility) || !facility.name[0] ||
		       (!facility.available) != !!facility.reason[0] ||
		       facility.object_size_min > facility.object_size_max;
	ok(!bad, "facilities: all have a name, sizes, and a reason if unavailable");
	ok(kmemlab_get_facility(device, i, &facility) == -ENOENT, "facility past the last one: ENOENT");
	for (i = 0; i < info.workloads; i++)
		bad += kmemlab_get_workload(device, i, &name) || !name.name[0];
	for (i = 0; i < info.gfp_profiles; i++)
		bad += kmemlab_get_gfp(device, i, &name) || !name.name[0];
	for (i = 0; i < info.settings; i++)
		bad += kmemlab_get_kernel_config(device, i, &setting) || !setting.value[0];
	ok(!bad, "workloads, GFP profiles, settings: all have a name");
	ok(kmemlab_get_workload(device, info.workloads, &name) == -ENOENT &&
	   kmemlab_get_gfp(device, info.gfp_profiles, &name) == -ENOENT &&
	   kmemlab_get_kernel_config(device, info.settings, &setting) == -ENOENT &&
	   kmemlab_get_kernel_config(device, ~0U, &setting) == -ENOENT,
	   "workload, GFP profile, setting past the last one: ENOENT");
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
	return ioctl_errno(KMEMLAB_IOC_EXPERIMENT, &e);
}

static void test_names(void)
{
	struct kmemlab_experiment e = request("kmalloc", "batch", 32, 10);

	ok(!run(e) && result.status == KMEMLAB_STATUS_OK, "experiment: valid arguments are accepted");
	ok(run(request("pear", "batch", 32, 10)) == ENOENT, "experiment: unknown facility: ENOENT");
	ok(run(request("kmalloc", "pear", 32, 10)) == ENOENT, "experiment: unknown workload: ENOENT");
	strcpy(e.gfp, "pear");
	ok(run(e) == ENOENT, "experiment: unknown GFP profile: ENOENT");
	e = request("kmalloc", "batch", 32, 10);
	strcpy(e.condition, "pear");
	ok(run(e) == ENOENT, "experiment: unknown condition: ENOENT");
	e = request("kmalloc", "batch", 32, 10);
	memset(e.facility, 'a', sizeof(e.facility));
	ok(run(e) == EINVAL, "experiment: unterminated name: EINVAL");
}

static void test_result_sizes(void)
{
	struct {
		struct kmemlab_result result;
		char tail[32];
	} longer = { .result.size = sizeof(longer) };
	struct kmemlab_experiment e = request("kmalloc", "batch", 32, 10);

	result.size = KMEMLAB_RESULT_SIZE_1 - 1;
	ok(run(e) == EINVAL, "result shorter than the first version: EINVAL");
	e.result = (uintptr_t)&longer;
	ok(!run(e) && longer.result.verified_objects == 10, "longer result with a zero tail: accepted");
	longer.result.size = sizeof(longer);
	longer.tail[31] = 1;
	ok(run(e) == E2BIG, "longer result with a non-zero tail: E2BIG");
	longer.result.size = 1U << 30;
	ok(run(e) == E2BIG, "result larger than a page: E2BIG");
}

static void test_requests(void)
{
	struct kmemlab_experiment e;

	ok(run(request("kmalloc", "batch", 0, 10)) == EINVAL, "experiment: object size 0: EINVAL");
	ok(run(request("kmalloc", "batch", 32, 0)) == EINVAL, "experiment: 0 objects: EINVAL");
	ok(run(request("kmalloc", "batch", 1ULL << 40, 1ULL << 40)) == EOVERFLOW,
	   "experiment: total size above 64 bits: EOVERFLOW");
	e = request("kmalloc", "batch", 32, 10);
	e.flags = 1U << 31;
	ok(run(e) == EINVAL, "experiment: unknown flag: EINVAL");
	e = request("kmalloc", "batch", 32, 10);
	e.result = 0;
	ok(run(e) == EFAULT, "experiment: null result: EFAULT");
	e = request("kmalloc", "batch", 32, 10);
	result.size = 2;
	ok(run(e) == EINVAL, "experiment: result of size 2: EINVAL");
	test_result_sizes();
	e = request("kmalloc", "batch", 32, 10);
	e.alloc.samples = 1;
	e.alloc.capacity = 10;
	ok(run(e) == EFAULT, "experiment: invalid sample pointer: EFAULT");
}

static bool is_skipped(struct kmemlab_experiment e, enum kmemlab_reason code)
{
	return !run(e) && result.status == KMEMLAB_STATUS_SKIPPED && result.error < 0 &&
	       result.reason[0] && result.reason_code == code;
}

static void test_skips(void)
{
	struct kmemlab_info info;

	ok(is_skipped(request("kmalloc", "batch", 1ULL << 30, 1), KMEMLAB_REASON_SIZE),
	   "object size above the facility's limit: skipped with KMEMLAB_REASON_SIZE");
	ok(is_skipped(request("page", "batch", 4096, 1ULL << 24), KMEMLAB_REASON_BUDGET),
	   "objects beyond the budget: skipped with KMEMLAB_REASON_BUDGET");
	ok(is_skipped(request("null", "pair", 1, 1ULL << 40), KMEMLAB_REASON_BUDGET),
	   "samples beyond the budget: skipped with KMEMLAB_REASON_BUDGET");
	ok(is_skipped(request("gen_pool", "bulk_16", 64, 10), KMEMLAB_REASON_BULK),
	   "facility without bulk calls: skipped with KMEMLAB_REASON_BULK");
	ok(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
	   "skipped experiments: nothing stays reserved");
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
	ok(!ioctl_errno(KMEMLAB_IOC_EXPERIMENT, &e) && e.alloc.count == 100 && e.free.count == 100 &&
	   samples[49] && !samples[50] && e.alloc.total_ticks,
	   "samples: filled up to the capacity, all are counted");
	ok(result.verified_objects == 100 && !result.mismatched_bytes && !result.route_mismatches &&
	   __builtin_popcount(result.routes) >= 2, "verification: every object by at least two routes");
}

static void do_nothing(int number)
{
	(void)number;
}

/* Between two checks for signals, at most 1,024 operations or 4 MiB of memory */
#define SIGNAL_INSTRUCTIONS	16000000

/*
 * Interrupt a child that runs a long experiment. If the clock counts instructions, check
 * how many are executed until the child has exited.
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
		/* Retry: the signal has no effect if the child is not in the kernel yet. */
		for (int i = 0; !(ended = waitpid(child, &status, WNOHANG)) && i < 100; i++)
			usleep(1000);
	} while (!ended);
	ticks = __builtin_ia32_rdtsc() - ticks;
	ok(WIFEXITED(status) && !WEXITSTATUS(status), "signal: ends an experiment with EINTR");
	if (counted)
		ok(ticks <= SIGNAL_INSTRUCTIONS, "signal: takes effect within 16 million instructions");
	printf("# signal took %llu ticks\n", ticks);
	ok(!kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages,
	   "signal: nothing stays reserved");
}

static void test_rights(void)
{
	struct stat st;
	int status;
	pid_t child;

	ok(!stat(KMEMLAB_DEVICE_PATH, &st) && (st.st_mode & 07777) == 0600, "device: mode 0600");
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
	   "device with mode 0666: open() without CAP_SYS_ADMIN fails");
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
		return done_testing();
	}
	test_sizes();
	test_enumerations();
	test_names();
	test_requests();
	test_skips();
	test_samples();
	test_queries();
	test_signal(false);
	test_rights();
	return done_testing();
}
