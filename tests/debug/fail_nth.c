// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inject an allocation failure at each place that allocates memory. Runs as root in the
 * debug kernel and prints TAP.
 *
 *   fail_nth [few]          the ioctls, with the module loaded
 *   fail_nth load MODULE    loading MODULE, which is not loaded
 *
 * Fails the first, the second, the third, ... allocation of a call until it succeeds
 * without a failure. Each time, the call must return -ENOMEM or succeed without the
 * memory, nothing may stay held or reserved, and the number of page frames without a
 * known owner must not grow with each round.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/device.h"
#include "tests/tap.h"

#define FAULTS		"/sys/kernel/debug/"
#define OBJECTS		3
#define SAMPLES		64
#define REQUESTS_MAX	100000
#define EDGE		40
#define ROUNDS		5
#define RUNS		4096

static int device;
static bool few;	/* only one workload and a held set per facility */
static uint32_t alloc_samples[SAMPLES], free_samples[SAMPLES];
static struct kmemlab_frames runs[RUNS];
static char reason_text[KMEMLAB_TEXT_MAX];

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

static void write_number(const char *path, int64_t number)
{
	int fd = open_or_die(path, O_WRONLY);

	dprintf(fd, "%" PRId64, number);
	close(fd);
}

static int64_t read_number(const char *path)
{
	int fd = open_or_die(path, O_RDONLY);
	char text[32] = "";

	if (read(fd, text, sizeof(text) - 1) < 0)
		exit(1);
	close(fd);
	return strtoll(text, NULL, 0);
}

/**
 * struct injector - a kind of fault injection
 * @name: human-readable unit
 * @arm: inject a failure after this many units
 * @left: return the number of units left; 0 if a failure was injected
 */
struct injector {
	const char *name;
	void (*arm)(int64_t count);
	int64_t (*left)(void);
};

/* Injection into allocations of this task, counted by call */
static int fail_nth;

static void arm_requests(int64_t count)
{
	if (dprintf(fail_nth, "%" PRId64, count) < 0)
		exit(1);
}

static int64_t requests_left(void)
{
	char text[32] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) < 0)
		exit(1);
	arm_requests(0);
	return strtoll(text, NULL, 0);
}

static const struct injector task_requests = { "request", arm_requests, requests_left };

/* Injection into page allocations of all tasks and kernel threads, counted by page */
static void arm_pages(int64_t count)
{
	write_number(FAULTS "fail_page_alloc/space", count);
	write_number(FAULTS "fail_page_alloc/times", 1);
}

static int64_t pages_left(void)
{
	bool refused = !read_number(FAULTS "fail_page_alloc/times");

	write_number(FAULTS "fail_page_alloc/times", 0);
	return refused ? 0 : read_number(FAULTS "fail_page_alloc/space");
}

static const struct injector all_pages = { "page", arm_pages, pages_left };

/* Inject into all kinds of allocations, only on request, and without a log. */
static void setup_faults(void)
{
	write_number(FAULTS "failslab/times", 0);
	write_number(FAULTS "failslab/verbose", 0);
	write_number(FAULTS "failslab/ignore-gfp-wait", 0);
	write_number(FAULTS "fail_page_alloc/times", 0);
	write_number(FAULTS "fail_page_alloc/probability", 100);
	write_number(FAULTS "fail_page_alloc/verbose", 0);
	write_number(FAULTS "fail_page_alloc/ignore-gfp-wait", 0);
	write_number(FAULTS "fail_page_alloc/ignore-gfp-highmem", 0);
	write_number(FAULTS "fail_page_alloc/min-order", 0);
	fail_nth = open_or_die("/proc/thread-self/fail-nth", O_RDWR);
	/* Page faults of this program must not allocate memory during the calls. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		exit(1);
}

/* A call to test. Returns 0 or a negative errno, with the text in reason_text. */
struct trial {
	const char *facility;
	const char *workload;
	const char *condition;
	const char *gfp;
	uint64_t size;
	uint32_t flags;
	int (*go)(const struct trial *trial);
};

static int of_result(uint32_t status, int error, const char *reason)
{
	strcpy(reason_text, reason);
	if (status == KMEMLAB_STATUS_OK)
		return 0;
	if (status == KMEMLAB_STATUS_SKIPPED && *reason && error)
		return error;
	return -EIO;
}

/* Run an experiment. With a cpu_count of 0, it runs on the current CPU. */
static int run_experiment(const struct trial *trial, uint32_t cpu_count)
{
	static const uint32_t cpus[] = { 0, 1 };
	static struct kmemlab_result result;
	struct kmemlab_experiment e = {
		.flags = trial->flags,
		.object_size = trial->size,
		.objects = OBJECTS,
		.seed = 1,
		.node = -1,
		.free_cpu = -1,
		.cpus = (uintptr_t)cpus,
		.cpu_count = cpu_count,
		.alloc = { (uintptr_t)alloc_samples, SAMPLES },
		.free = { (uintptr_t)free_samples, SAMPLES },
		.result = (uintptr_t)&result,
	};
	int error;

	memset(&result, 0, sizeof(result));
	strcpy(e.facility, trial->facility);
	strcpy(e.workload, trial->workload);
	strcpy(e.condition, trial->condition ?: "");
	strcpy(e.gfp, trial->gfp ?: "");
	error = kmemlab_run_experiment(device, &e);
	return error ?: of_result(result.status, result.error, result.reason);
}

static int experiment(const struct trial *trial)
{
	return run_experiment(trial, 0);
}

static int on_two_cpus(const struct trial *trial)
{
	return run_experiment(trial, 2);
}

/*
 * Count the page frames in use without a known owner. Frames on per-CPU lists look the
 * same; allocating a contiguous range drains these lists.
 */
static int64_t count_plain_frames(void)
{
	static const struct trial take_range = { .facility = "contig", .workload = "pair",
						 .size = 64 };
	struct kmemlab_map map = { .runs = (uintptr_t)runs, .capacity = RUNS };
	int64_t frames = 0;

	experiment(&take_range);
	do {
		if (kmemlab_map(device, &map))
			exit(1);
		for (uint64_t i = 0; i < map.count; i++)
			if (runs[i].kind == KMEMLAB_PAGE_KERNEL)
				frames += runs[i].count;
		map.start = map.next;
	} while (map.next);
	return frames;
}

/* Hold, translate, map and release a set. */
static int hold(const struct trial *trial)
{
	static struct kmemlab_lookup answers[OBJECTS];
	uint64_t inputs[OBJECTS] = { 0, 1, 2 };
	struct kmemlab_hold set = {
		.flags = trial->flags,
		.object_size = trial->size,
		.objects = OBJECTS,
	};
	struct kmemlab_translate ask = {
		.space = KMEMLAB_SPACE_OBJECTS,
		.flags = KMEMLAB_TRANSLATE_ROUTES,
		.count = OBJECTS,
		.inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};
	int error;

	strcpy(set.facility, trial->facility);
	error = kmemlab_hold(device, &set) ?: of_result(set.status, set.error, set.reason);
	if (error)
		return error;
	error = kmemlab_translate(set.fd, &ask);
	if (!error && set.set_bytes) {
		void *memory = mmap(NULL, set.set_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
				    set.fd, 0);

		if (memory == MAP_FAILED)
			error = -errno;
		/* munmap() may allocate memory, too. Only one allocation fails, so retry. */
		else if (munmap(memory, set.set_bytes))
			error = munmap(memory, set.set_bytes) ? -EIO : -ENOMEM;
	}
	close(set.fd);
	return error;
}

static int translate(const struct trial *trial)
{
	static struct kmemlab_lookup answers[2];
	uint64_t inputs[2] = { trial->size, trial->size + 4096 };
	struct kmemlab_translate ask = {
		.space = trial->flags,
		.flags = KMEMLAB_TRANSLATE_ROUTES,
		.count = 2,
		.inputs = (uintptr_t)inputs,
		.answers = (uintptr_t)answers,
	};

	return kmemlab_translate(device, &ask);
}

static int map(const struct trial *trial)
{
	struct kmemlab_map ask = { .start = trial->size, .runs = (uintptr_t)runs, .capacity = 16 };

	return kmemlab_map(device, &ask);
}

static int open_again(const struct trial *trial)
{
	int fd = kmemlab_open();

	(void)trial;
	if (fd < 0)
		return fd;
	kmemlab_close(fd);
	return 0;
}

static bool nothing_is_held(void)
{
	struct kmemlab_info info;

	return !kmemlab_get_info(device, &info) && !info.live_bytes && !info.reserved_pages;
}

static void diagnose(const struct trial *trial, const char *format, ...)
{
	va_list arguments;

	printf("# %s %s, %" PRIu64 " bytes: ", trial->facility ?: "", trial->workload ?: "",
	       trial->size);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/* Return the number of allocations of a call. */
static unsigned int count_requests(const struct trial *trial)
{
	task_requests.arm(REQUESTS_MAX);
	trial->go(trial);
	return REQUESTS_MAX - task_requests.left();
}

/*
 * Return the next allocation to fail. A condition allocates thousands of equal pages: of
 * these, only the first and the last ones fail.
 */
static unsigned int next_request(const struct trial *trial, unsigned int nth)
{
	unsigned int count;

	if (!trial->condition || nth != EDGE)
		return nth + 1;
	count = count_requests(trial);
	return count > 2 * EDGE ? count - EDGE : nth + 1;
}

/* Fail each allocation of a call once. Return their number, or -1 on a wrong result. */
static int fail_each(const struct trial *trial)
{
	for (unsigned int nth = 1; nth < REQUESTS_MAX; nth = next_request(trial, nth)) {
		bool refused;
		int error;

		*reason_text = 0;
		task_requests.arm(nth);
		error = trial->go(trial);
		refused = !task_requests.left();
		if ((error && error != -ENOMEM) || (error && !refused) || !nothing_is_held()) {
			diagnose(trial, "allocation %u %s: %s %s", nth, refused ? "failed" : "succeeded",
			    strerror(-error), reason_text);
			return -1;
		}
		if (!refused)
			return nth - 1;
	}
	return -1;
}

/* Repeat the calls to find leaks, which grow with every round. */
static void try_calls(const char *name, const struct trial *trials, unsigned int count)
{
	int64_t before, after = count_plain_frames();
	unsigned int requests, rounds = 0;

	do {
		before = after;
		requests = 0;
		for (unsigned int i = 0; i < count; i++) {
			int refused = fail_each(&trials[i]);

			if (refused < 0) {
				ok(false, "%s: all allocation failures are handled (see above)", name);
				return;
			}
			requests += refused;
		}
		after = count_plain_frames();
	} while (after > before && ++rounds < ROUNDS);
	ok(rounds < ROUNDS, "%s: all allocation failures are handled", name);
	printf("# %u calls, %u allocations, %+" PRId64 " frames in round %u\n", count, requests,
	       after - before, rounds + 1);
}

/* Skip batch_rcu: it takes ten seconds and makes the same allocations as batch. */
static void try_facility(const struct kmemlab_facility *facility)
{
	const struct trial all[] = {
		{ facility->name, "pair", NULL, NULL, 64, 0, experiment },
		{ facility->name, "batch", NULL, NULL, 20000, 0, experiment },
		{ facility->name, "bulk_16", NULL, NULL, 64, 0, experiment },
		{ facility->name, "churn", NULL, NULL, 64, 0, experiment },
	};
	struct trial trials[8];
	unsigned int count = 0;

	for (unsigned int i = 0; i < (few ? 1 : sizeof(all) / sizeof(*all)); i++) {
		trials[count] = all[i];
		if (trials[count].size > facility->object_size_max)
			trials[count].size = facility->object_size_max;
		if (experiment(&trials[count]) != -EOPNOTSUPP)
			count++;
	}
	if (facility->capabilities & KMEMLAB_CAP_MAPPABLE)
		trials[count++] = (struct trial){ facility->name, "held and mapped", NULL, NULL, 5000,
						  KMEMLAB_HOLD_MAPPABLE, hold };
	else if (!(facility->capabilities & KMEMLAB_CAP_CALIBRATION))
		trials[count++] = (struct trial){ facility->name, "held", NULL, NULL, 64, 0, hold };
	try_calls(facility->name, trials, count);
}

static void try_all(void)
{
	const struct trial tails = { "kmalloc", "batch", NULL, NULL, 64, KMEMLAB_EXPERIMENT_TAILS,
				     experiment };
	const struct trial cold = { "kmem_cache", "cold", NULL, NULL, 64, 0, experiment };
	const struct trial partial = { "kmalloc", "partial:3", NULL, NULL, 64, 0, experiment };
	/* Use the smallest zone, which is full soon. */
	const struct trial ramp = { "page", "ramp", NULL, "dma", 65536, 0, experiment };
	const struct trial conditions[] = {
		{ "page", "batch", "fragmented:2", "dma", 64, 0, experiment },
		{ "kmalloc", "batch", "low", "dma", 64, 0, experiment },
	};
	const struct trial together[] = {
		{ "page", "pair", NULL, NULL, 64, 0, on_two_cpus },
		{ "kmalloc", "batch", NULL, NULL, 64, 0, on_two_cpus },
		{ "kmalloc", "remote_free", NULL, NULL, 64, 0, experiment },
	};
	const struct trial calls[] = {
		{ NULL, "open", NULL, NULL, 0, 0, open_again },
		{ NULL, "translate", NULL, NULL, 0xffffffff81000000, KMEMLAB_SPACE_KERNEL, translate },
		{ NULL, "translate", NULL, NULL, (uintptr_t)runs, KMEMLAB_SPACE_PROCESS, translate },
		{ NULL, "map", NULL, NULL, 4096, 0, map },
	};
	struct kmemlab_facility facility;

	device = kmemlab_open();
	if (device < 0)
		exit(1);
	for (uint32_t i = 0; !kmemlab_get_facility(device, i, &facility); i++)
		if (facility.available && strcmp(facility.name, "delay"))
			try_facility(&facility);
	try_calls("slow paths observed", &tails, 1);
	try_calls("cold", &cold, 1);
	try_calls("partly freed", &partial, 1);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		try_calls("several CPUs", together, sizeof(together) / sizeof(*together));
	try_calls("ramp", &ramp, 1);
	/* Filling a zone hundreds of times takes a minute. */
	if (!few)
		try_calls("conditions of memory", conditions,
		    sizeof(conditions) / sizeof(*conditions));
	try_calls("the other calls", calls, sizeof(calls) / sizeof(*calls));
	kmemlab_close(device);
}

/* Count the lines that the module has logged since the last call. */
static unsigned int count_log_lines(int log)
{
	char line[8192];
	unsigned int lines = 0;
	ssize_t length;

	while ((length = read(log, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		line[length > 0 ? length : 0] = 0;
		lines += strstr(line, ";kernel_memory: ") != NULL;
	}
	return lines;
}

static int module;

static int load(void)
{
	return syscall(SYS_finit_module, module, "", 0) ? -errno : 0;
}

static void unload(void)
{
	if (syscall(SYS_delete_module, "kernel_memory", 0)) {
		printf("Bail out! rmmod: %s\n", strerror(errno));
		exit(1);
	}
}

/*
 * Fail the allocations from the last one back until the module has not logged anything:
 * the allocations before are those of the kernel's module loader.
 */
static void fail_loading(const struct injector *injector)
{
	int log = open_or_die("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	unsigned int refusals = 0, done_without = 0, lines = 1;
	int64_t count;
	int error;

	injector->arm(REQUESTS_MAX);
	error = load();
	count = REQUESTS_MAX - injector->left();
	if (!error)
		unload();
	count_log_lines(log);
	for (; !error && lines && count > 0; count--) {
		injector->arm(count);
		error = load();
		injector->left();
		if (!error)
			unload();
		lines = count_log_lines(log);
		refusals += error && lines;
		done_without += !error;
		error = error == -ENOMEM ? 0 : error;
	}
	close(log);
	ok(!error && refusals, "insmod: all allocation failures by %s are handled", injector->name);
	printf("# %u failures, %u loads without the memory%s%s\n", refusals, done_without,
	       error ? ": " : "", error ? strerror(-error) : "");
}

int main(int argc, char **argv)
{
	setup_faults();
	if (argc == 3 && !strcmp(argv[1], "load")) {
		module = open_or_die(argv[2], O_RDONLY);
		fail_loading(&task_requests);
		fail_loading(&all_pages);
	} else {
		few = argc == 2 && !strcmp(argv[1], "few");
		try_all();
	}
	return done_testing();
}
