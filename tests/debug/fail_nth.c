// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that is refused, once at each place that asks for it: runs in the
 * debug kernel as root, and speaks TAP.
 *
 *   fail_nth                the device's calls, with the module loaded
 *   fail_nth load MODULE    loading MODULE, which is not loaded
 *
 * The first, the second, the third … request of a call is refused until the
 * call asks for no more. Each time the caller must be told -ENOMEM, or the call
 * must have done without; nothing may be held or reserved; and frames that the
 * kernel has given to nobody in particular may not grow with each round.
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

#define FAULTS		"/sys/kernel/debug/"
#define OBJECTS		3
#define SAMPLES		64
#define REQUESTS_MAX	100000
#define EDGE		40
#define ROUNDS		5
#define RUNS		4096

static int device;
static unsigned int tests, failures;
static bool few;	/* of each facility one workload and a held set, which takes less than half the time */
static uint32_t alloc_samples[SAMPLES], free_samples[SAMPLES];
static struct kmemlab_frames runs[RUNS];
static char why[KMEMLAB_TEXT_MAX];

static void ok(bool passed, const char *what, const char *format, ...)
{
	va_list arguments;

	printf("%sok %u - %s: ", passed ? "" : "not ", ++tests, what);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	failures += !passed;
}

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
 * struct injector - one way to have memory refused
 * @name: for people
 * @arm: the next refusal comes once this much was given
 * @left: how much of that was not given; 0: refused, as far as this can tell
 */
struct injector {
	const char *name;
	void (*arm)(int64_t count);
	int64_t (*left)(void);
};

/* The caller's own requests, counted. */
static int own;

static void arm_own(int64_t count)
{
	if (dprintf(own, "%" PRId64, count) < 0)
		exit(1);
}

static int64_t own_left(void)
{
	char text[32] = "";

	if (pread(own, text, sizeof(text) - 1, 0) < 0)
		exit(1);
	arm_own(0);
	return strtoll(text, NULL, 0);
}

static const struct injector own_requests = { "request", arm_own, own_left };

/* Everybody's, kernel threads' too, by the pages that were given. */
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

/* Refusals are wanted of every kind of request, and by us only: nothing into the log. */
static void set_up_faults(void)
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
	own = open_or_die("/proc/thread-self/fail-nth", O_RDWR);
	/* What this program touches is there: faults of its own are none of the calls'. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		exit(1);
}

/* What is tried: 0, or a negative errno, with the reason in why. */
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
	strcpy(why, reason);
	if (status == KMEMLAB_STATUS_OK)
		return 0;
	if (status == KMEMLAB_STATUS_REFUSED && *reason && error)
		return error;
	return -EIO;
}

/* @cpu_count: 0: where the caller runs. */
static int carry_out(const struct trial *trial, uint32_t cpu_count)
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
	return carry_out(trial, 0);
}

static int on_two_cpus(const struct trial *trial)
{
	return carry_out(trial, 2);
}

/*
 * Frames that are in use and neither slab nor page table nor anybody's known. A
 * block in a list of a CPU's looks much the same: taking a range empties them.
 */
static int64_t plain_frames(void)
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

/* A set that is held, mapped, translated, and let go. */
static int hold(const struct trial *trial)
{
	static struct kmemlab_answer answers[OBJECTS];
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
		/* Taking a mapping apart may want memory too; once only is it refused. */
		else if (munmap(memory, set.set_bytes))
			error = munmap(memory, set.set_bytes) ? -EIO : -ENOMEM;
	}
	close(set.fd);
	return error;
}

static int translate(const struct trial *trial)
{
	static struct kmemlab_answer answers[2];
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

static void say(const struct trial *trial, const char *format, ...)
{
	va_list arguments;

	printf("# %s %s, %" PRIu64 " bytes: ", trial->facility ?: "", trial->workload ?: "",
	       trial->size);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/* How many requests a call makes. */
static unsigned int requests_of(const struct trial *trial)
{
	own_requests.arm(REQUESTS_MAX);
	trial->go(trial);
	return REQUESTS_MAX - own_requests.left();
}

/*
 * The next request to be refused. What fills memory asks for thousands of pages alike:
 * of those only the first ones and the last are, and all that comes after.
 */
static unsigned int next_request(const struct trial *trial, unsigned int nth)
{
	unsigned int count;

	if (!trial->condition || nth != EDGE)
		return nth + 1;
	count = requests_of(trial);
	return count > 2 * EDGE ? count - EDGE : nth + 1;
}

/* Each request of a call refused once. How many there were; -1: not as it should be. */
static int refuse_each(const struct trial *trial)
{
	for (unsigned int nth = 1; nth < REQUESTS_MAX; nth = next_request(trial, nth)) {
		bool refused;
		int error;

		*why = 0;
		own_requests.arm(nth);
		error = trial->go(trial);
		refused = !own_requests.left();
		if ((error && error != -ENOMEM) || (error && !refused) || !nothing_is_held()) {
			say(trial, "request %u %s: %s %s", nth, refused ? "refused" : "given",
			    strerror(-error), why);
			return -1;
		}
		if (!refused)
			return nth - 1;
	}
	return -1;
}

/* Some calls, again and again: a leak grows with every round. */
static void try(const char *what, const struct trial *trials, unsigned int count)
{
	int64_t before, after = plain_frames();
	unsigned int requests, rounds = 0;

	do {
		before = after;
		requests = 0;
		for (unsigned int i = 0; i < count; i++) {
			int refused = refuse_each(&trials[i]);

			if (refused < 0) {
				ok(false, what, "see above");
				return;
			}
			requests += refused;
		}
		after = plain_frames();
	} while (after > before && ++rounds < ROUNDS);
	ok(rounds < ROUNDS, what, "%u calls, %u requests, %+" PRId64 " frames in round %u", count,
	   requests, after - before, rounds + 1);
}

/* Without batch_rcu, whose end takes ten seconds each time, and which requests what batch does. */
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
	else if (!(facility->capabilities & KMEMLAB_CAP_INSTRUMENT))
		trials[count++] = (struct trial){ facility->name, "held", NULL, NULL, 64, 0, hold };
	try(facility->name, trials, count);
}

static void try_all(void)
{
	const struct trial tails = { "kmalloc", "batch", NULL, NULL, 64, KMEMLAB_EXPERIMENT_TAILS,
				     experiment };
	const struct trial cold = { "kmem_cache", "cold", NULL, NULL, 64, 0, experiment };
	/* In the smallest zone, which is soon full. */
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
	try("slow paths observed", &tails, 1);
	try("cold", &cold, 1);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		try("several CPUs", together, sizeof(together) / sizeof(*together));
	try("ramp", &ramp, 1);
	/* Filling a zone some hundred times takes a minute. */
	if (!few)
		try("conditions of memory", conditions,
		    sizeof(conditions) / sizeof(*conditions));
	try("the other calls", calls, sizeof(calls) / sizeof(*calls));
	kmemlab_close(device);
}

/* How often the module has spoken since the last call. */
static unsigned int module_lines(int log)
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
 * From the last request back to where the module had not spoken yet: before that
 * it is the kernel's own loading that fails. What is loaded nevertheless did without.
 */
static void refuse_loading(const struct injector *injector)
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
	module_lines(log);
	for (; !error && lines && count > 0; count--) {
		injector->arm(count);
		error = load();
		injector->left();
		if (!error)
			unload();
		lines = module_lines(log);
		refusals += error && lines;
		done_without += !error;
		error = error == -ENOMEM ? 0 : error;
	}
	close(log);
	ok(!error && refusals, "the module is loaded", "%u refusals by the %s, %u done without%s%s",
	   refusals, injector->name, done_without, error ? ": " : "",
	   error ? strerror(-error) : "");
}

int main(int argc, char **argv)
{
	set_up_faults();
	if (argc == 3 && !strcmp(argv[1], "load")) {
		module = open_or_die(argv[2], O_RDONLY);
		refuse_loading(&own_requests);
		refuse_loading(&all_pages);
	} else {
		few = argc == 2 && !strcmp(argv[1], "few");
		try_all();
	}
	printf("1..%u\n", tests);
	return failures > 0;
}
