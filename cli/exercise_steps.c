// SPDX-License-Identifier: GPL-2.0-or-later
/* Measurements of the steps of the exercise. Each measurement is a command that a student can repeat. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"
#include "cli/exercise.h"
#include "lib/parse_number.h"

#define WORDS_MAX	24
#define ELEMENTS	8
#define TOO_MANY	400000000ULL	/* structs, 12 GiB: the guest has 256 MiB */

/* Return a number of the folder and this use of it, from low to high. */
static uint64_t pick(const struct exercise_job *job, uint64_t use, uint64_t low, uint64_t high)
{
	uint64_t x = job->seed + (use + 1) * 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return low + (x ^ x >> 31) % (high - low + 1);
}

static void set_text(struct exercise_job *job, const char *name, uint64_t number)
{
	cleanup_free char *text = xasprintf("%" PRIu64, number);

	json_object_set_new(job->texts, name, json_string(text));
}

static uint64_t task_number(const struct exercise_job *job, const char *name)
{
	uint64_t number;

	return parse_address(json_str(job->texts, name, ""), &number) ? 0 : number;
}

static void right(struct exercise_job *job, const char *name, uint64_t number)
{
	json_object_set_new(job->right, name, json_integer(number));
}

static void right_word(struct exercise_job *job, const char *name, const char *word)
{
	json_object_set_new(job->right, name, json_string(word));
}

/* Explain a wrong answer. */
static void mistake(struct exercise_job *job, const char *name, uint64_t number, const char *text)
{
	json_array_append_new(job->mistakes, json_pack("[s, I, s]", name, (json_int_t)number, text));
}

static bool is_on_board(const struct exercise_job *job)
{
	return job->number == EXERCISE_STEPS;
}

/* Run this program with the words, the last of which is NULL, on the kernel of the step. */
static enum exit_code run_words(const struct exercise_job *job, char **output, char **errors,
				va_list words)
{
	const char *argv[WORDS_MAX] = { "/proc/self/exe" };
	const struct process process = { .argv = argv, .output = output, .errors = errors };
	size_t count = 1;
	int status;

	while ((argv[count] = va_arg(words, const char *)))
		count++;
	argv[count++] = "--kernel";
	argv[count++] = json_str(job->state, "kernel", "default");
	argv[count++] = is_on_board(job) ? "--board" : "--arch";
	argv[count++] = is_on_board(job) ? "raspi2b" : json_str(job->state, "arch", "amd64");
	argv[count] = NULL;
	status = process_run(&process);
	if (status == -EINTR)
		return EXIT_INTERRUPTED;
	if (status < 0)
		log_error("cannot run '%s': %s", argv[1], strerror(-status));
	return status < 0 ? EXIT_HOST_ERROR : status;
}

/* Measure with the words, as run_words() does. */
static enum exit_code measure(const struct exercise_job *job, char **output, char **errors,
			      va_list words)
{
	log_progress("measuring the answers of step %u ...", job->number);
	return run_words(job, output, errors, words);
}

enum exit_code exercise_run(const struct exercise_job *job, char **output, ...)
{
	enum exit_code code;
	va_list words;

	va_start(words, output);
	code = run_words(job, output, NULL, words);
	va_end(words);
	return code;
}

/* Return the document of a command, which the caller releases, or NULL with *code set. */
static json_t *ask(const struct exercise_job *job, enum exit_code *code, ...)
{
	cleanup_free char *text = NULL;
	json_t *document = NULL;
	va_list words;

	va_start(words, code);
	*code = measure(job, &text, NULL, words);
	va_end(words);
	if (!*code)
		document = json_loads(text, 0, NULL);
	/* Status 1 of the command does not mean that an answer is wrong. */
	if (!document && (!*code || *code == EXIT_CHECK_FAILED))
		*code = EXIT_HOST_ERROR;
	return document;
}

/* Return the output of a script in the guest, which the caller frees, or NULL with *code set. */
static char *ask_guest(const struct exercise_job *job, enum exit_code *code, ...)
{
	cleanup_free char *errors = NULL;
	char *text = NULL;
	va_list words;

	va_start(words, code);
	*code = measure(job, &text, &errors, words);
	va_end(words);
	if (!*code)
		return text;
	fputs(errors ?: "", stderr);
	free(text);
	if (*code == EXIT_CHECK_FAILED)
		*code = EXIT_HOST_ERROR;
	return NULL;
}

static enum exit_code not_understood(const struct exercise_job *job)
{
	log_error("the measurement of step %u has another form than expected", job->number);
	return EXIT_HOST_ERROR;
}

void exercise_prepare_structs(struct exercise_job *job)
{
	/* 16 to 479 pages of 4 KiB, the last one only partly used */
	set_text(job, "structs", pick(job, 1, 16, 479) * 128 - pick(job, 2, 1, 120));
}

static unsigned int log2_down(uint64_t number)
{
	unsigned int result = 0;

	while (number >>= 1)
		result++;
	return result;
}

enum exit_code exercise_measure_structs(struct exercise_job *job)
{
	const uint64_t structs = task_number(job, "structs");
	cleanup_free char *script = xasprintf("insmod /kernel_memory.ko nr_structs=%" PRIu64
					      " && dmesg", structs);
	unsigned long long page_size, per_page, pages, order;
	enum exit_code code;
	cleanup_free char *log = ask_guest(job, &code, "shell", "-c", script, NULL);
	const char *sizes = log ? strstr(log, "page size ") : NULL;
	const char *needs = log ? strstr(log, " objects need ") : NULL;

	if (code)
		return code;
	if (!sizes || !needs ||
	    sscanf(sizes, "page size %llu bytes, object size %*u bytes, %llu objects", &page_size,
		   &per_page) != 2 ||
	    sscanf(needs, " objects need %llu pages, order %llu", &pages, &order) != 2)
		return not_understood(job);
	right(job, "page_size", page_size);
	right(job, "structs_per_page", per_page);
	right(job, "pages", pages);
	right(job, "order", order);
	mistake(job, "page_size", page_size / 1024, "The answer is in bytes, not in KiB.");
	mistake(job, "structs_per_page", page_size / ELEMENTS,
		"A struct has 32 bytes: 8 is the number of its elements, of 4 bytes each.");
	mistake(job, "pages", pages - 1, "The division was rounded down. The rest of the structs "
		"needs a page, too.");
	mistake(job, "pages", 1ULL << order, "That is the size of the block that the kernel "
		"allocates. The question is how many pages the structs need.");
	mistake(job, "order", pages, "That is the number of pages. A block of order n has 2^n pages: "
		"alloc_pages() with this order would take 2^pages.");
	mistake(job, "order", 1ULL << order, "That is the number of pages of the block, 2^order. The "
		"order is the exponent.");
	if (order && log2_down(pages) < order)
		mistake(job, "order", log2_down(pages), "A block of this order has fewer pages than "
			"the structs need. The order is rounded up.");
	return EXIT_OK;
}

/* Return the page with this object number of a translation, or NULL. */
static const json_t *find_object(const json_t *document, uint64_t object)
{
	const json_t *lookup;
	size_t i;

	json_array_foreach(json_at(document, "lookups"), i, lookup)
		if ((uint64_t)json_int(lookup, "input.object", -1) == object)
			return lookup;
	return NULL;
}

static uint64_t address_at(const json_t *object, const char *path)
{
	uint64_t address;

	return parse_address(json_str(object, path, ""), &address) ? 0 : address;
}

static void set_address(json_t *state, const char *name, uint64_t address)
{
	cleanup_free char *text = xasprintf("0x%" PRIx64, address);

	json_object_set_new(state, name, json_string(text));
}

/* Choose one of a few pages that were allocated, and note its struct page. */
enum exit_code exercise_begin_chain(struct exercise_job *job)
{
	enum exit_code code;
	json_t *document = ask(job, &code, "translate", "--facility", "page", "--objects", "16",
			       "--json", "-", "--quiet", NULL);
	const json_t *lookup = find_object(document, pick(job, job->number, 0, 15));
	uint64_t page = address_at(lookup, "page.struct_page"), pfn = json_int(lookup, "pfn", 0);
	uint64_t bytes = json_int(lookup, "page.struct_page_bytes", 0);

	if (!code && (!page || !pfn || !bytes))
		code = not_understood(job);
	if (!code) {
		json_object_set_new(job->state, "pfn", json_integer(pfn));
		set_address(job->state, "page", page);
		json_object_set_new(job->state, "array",
				    json_string(page >> 32 ? "vmemmap" : "mem_map"));
		set_address(job->state, "next_page", page + bytes);
		set_address(job->state, "first_page", page - pfn * bytes);
		set_address(job->state, "offset", address_at(lookup, "address") -
			    address_at(lookup, "phys"));
		json_object_set_new(job->state, "bytes", json_integer(bytes));
	}
	json_decref(document);
	return code;
}

/* Explain what goes wrong on the way from the struct page to the virtual address. */
static void chain_mistakes(struct exercise_job *job, uint64_t page, uint64_t pfn,
			   uint64_t page_size)
{
	uint64_t offset = address_at(job->state, "offset");
	uint64_t distance = page - address_at(job->state, "first_page");

	mistake(job, "pfn", distance, "That is the distance of the two struct pages in bytes. In C, "
		"a difference of pointers is divided by the size of what they point to.");
	mistake(job, "pfn", pfn + 1, "Frames are counted from 0.");
	mistake(job, "physical", pfn, "That is the number of the frame. Each frame has as many bytes "
		"as a page, so it begins at PFN << PAGE_SHIFT.");
	mistake(job, "physical", pfn * 1024, "The shift is 10 bits. A page has 2^PAGE_SHIFT bytes; "
		"10 bits are 1 KiB.");
	mistake(job, "physical", distance, "That is a distance between struct pages. A struct page "
		"describes a page, and is not its contents.");
	mistake(job, "virtual", page, "That is the address of the struct page, which describes the "
		"page. The contents are elsewhere.");
	mistake(job, "virtual", offset + pfn, "The frame's number was added. __va() takes a physical "
		"address: PAGE_OFFSET + (PFN << PAGE_SHIFT).");
	mistake(job, "virtual", pfn * page_size, "That is the physical address. The kernel sees it at "
		"a fixed distance, PAGE_OFFSET.");
}

/* Ask the kernel for the frame of the task: other pages may be allocated in this boot. */
enum exit_code exercise_measure_chain(struct exercise_job *job)
{
	cleanup_free char *pfn = xasprintf("%lld", json_int(job->state, "pfn", 0));
	enum exit_code code;
	json_t *document = ask(job, &code, "translate", "--pfn", pfn, "--json", "-", "--quiet", NULL);
	const json_t *lookup = json_array_get(json_at(document, "lookups"), 0);
	uint64_t page = address_at(lookup, "page.struct_page"), virt = address_at(lookup, "address");

	if (!code && page != address_at(job->state, "page")) {
		log_error("the kernel is not that of the task: remove %s/%u.txt and start the step again",
			  job->folder, job->number);
		code = EXIT_HOST_ERROR;
	}
	if (!code) {
		right(job, "pfn", json_int(lookup, "pfn", 0));
		right(job, "physical", address_at(lookup, "phys"));
		right(job, "virtual", virt);
		right(job, "struct_page_bytes", json_int(lookup, "page.struct_page_bytes", 0));
		chain_mistakes(job, page, json_int(lookup, "pfn", 0),
			       json_int(document, "environment.page_size", 0));
	}
	json_decref(document);
	return code;
}

void exercise_prepare_waste(struct exercise_job *job)
{
	/* 5, 6 or 7 times a power of two: never a power of two */
	uint64_t pages = pick(job, 1, 5, 7) << pick(job, 2, 1, 5);

	set_text(job, "bytes", pages * 4096 - pick(job, 3, 0, 2000));
	/* No size class is odd. */
	set_text(job, "object_bytes", pick(job, 4, 65, 1500) | 1);
}

/* Return the result of a facility, or NULL. */
static const json_t *find_result(const json_t *document, const char *facility)
{
	const json_t *run = json_array_get(json_at(document, "runs"), 0);

	return json_find(json_at(run, "results"), "facility", facility);
}

/* Return the smallest distance of two objects, in bytes: neighbors of a slab. */
static uint64_t smallest_distance(const json_t *document)
{
	const json_t *lookups = json_at(document, "lookups"), *one, *other;
	uint64_t smallest = 0;
	size_t i, j;

	json_array_foreach(lookups, i, one)
		json_array_foreach(lookups, j, other) {
			uint64_t a = address_at(one, "address"), b = address_at(other, "address");

			if (json_int(one, "input.page", 1) || json_int(other, "input.page", 1))
				continue;
			if (a > b && (!smallest || a - b < smallest))
				smallest = a - b;
		}
	return smallest;
}

static enum exit_code measure_slot(struct exercise_job *job)
{
	const char *size = json_str(job->texts, "object_bytes", "");
	enum exit_code code;
	json_t *document = ask(job, &code, "translate", "--facility", "kmalloc", "--size", size,
			       "--objects", "128", "--json", "-", "--quiet", NULL);
	uint64_t bytes = task_number(job, "object_bytes"), slot = smallest_distance(document);

	if (!code && slot < bytes)
		code = not_understood(job);
	right(job, "slot_bytes", slot);
	right(job, "unused_bytes", slot - bytes);
	mistake(job, "slot_bytes", bytes, "kmalloc() has caches for some sizes only, and uses the next "
		"larger one.");
	mistake(job, "slot_bytes", 1ULL << (log2_down(bytes) + 1), "Not each size class is a power of "
		"two: there are 96 and 192 as well.");
	mistake(job, "unused_bytes", slot, "That is the whole slot. The object uses a part of it.");
	json_decref(document);
	return code;
}

enum exit_code exercise_measure_waste(struct exercise_job *job)
{
	enum exit_code code;
	json_t *document = ask(job, &code, "run", "--facility", "page,page_exact", "--size",
			       json_str(job->texts, "bytes", ""), "--objects", "1", "--workload",
			       "batch", "--no-store", "--json", "-", "--quiet", NULL);
	uint64_t page_size = json_int(json_array_get(json_at(document, "runs"), 0),
				      "environment.page_size", 4096);
	uint64_t block = json_int(find_result(document, "page"), "memory.backing_bytes", 0) / page_size;
	uint64_t exact = json_int(find_result(document, "page_exact"), "memory.backing_bytes", 0) /
			 page_size;

	json_decref(document);
	if (code)
		return code;
	if (!exact || block < exact)
		return not_understood(job);
	right(job, "block_pages", block);
	right(job, "exact_pages", exact);
	right(job, "unused_pages", block - exact);
	mistake(job, "block_pages", exact, "That is what the buffer needs, but alloc_pages() allocates "
		"blocks of 2^order pages only.");
	mistake(job, "block_pages", log2_down(block), "That is the order. The block has 2^order pages.");
	mistake(job, "exact_pages", block, "alloc_pages_exact() frees the pages of the block that are "
		"not needed.");
	mistake(job, "exact_pages", exact - 1, "The last page is needed, even if it is only partly used.");
	mistake(job, "unused_pages", 0, "The block is larger than what is needed.");
	return measure_slot(job);
}

void exercise_prepare_change(struct exercise_job *job)
{
	set_text(job, "before", pick(job, 1, 300, 4000));
	set_text(job, "after", pick(job, 2, 4001, 20000));
	set_text(job, "too_many", TOO_MANY);
}

enum exit_code exercise_measure_change(struct exercise_job *job)
{
	const char *before = json_str(job->texts, "before", ""), *after = json_str(job->texts, "after", "");
	cleanup_free char *script =
		xasprintf("insmod /kernel_memory.ko nr_structs=%s\n"
			  "cd /sys/module/kernel_memory/parameters\n"
			  "echo %s >nr_structs\n"
			  "echo %llu >nr_structs 2>/dev/null\n"
			  "echo value $(cat nr_structs)\n"
			  "cd /; rmmod kernel_memory\n"
			  "dmesg | sed -n 's/.* \\([0-9]*\\) elements right.*/right \\1/p'\n",
			  before, after, TOO_MANY);
	unsigned long long value, first, last;
	enum exit_code code;
	cleanup_free char *output = ask_guest(job, &code, "shell", "-c", script, NULL);

	if (code)
		return code;
	if (sscanf(output, "value %llu right %llu right %llu", &value, &first, &last) != 3)
		return not_understood(job);
	right(job, "checked_at_change", first);
	right(job, "checked_at_unload", last);
	right(job, "value_after_refusal", value);
	mistake(job, "checked_at_change", last, "Those are the new structs. The module checks the old "
		"ones, before it frees them.");
	mistake(job, "checked_at_change", first / ELEMENTS, "That is the number of structs. Each has 8 "
		"elements.");
	mistake(job, "checked_at_unload", first, "Those structs were replaced. At unload the module "
		"holds the new ones.");
	mistake(job, "checked_at_unload", last / ELEMENTS, "That is the number of structs. Each has 8 "
		"elements.");
	mistake(job, "value_after_refusal", TOO_MANY, "The write was refused: there is not that much "
		"memory. The parameter tells how many structs exist.");
	mistake(job, "value_after_refusal", 0, "The old structs are freed only after the new ones were "
		"allocated, so a refused write changes nothing.");
	mistake(job, "value_after_refusal", task_number(job, "before"), "The first write succeeded.");
	return EXIT_OK;
}

void exercise_prepare_map(struct exercise_job *job)
{
	set_text(job, "keep", pick(job, 1, 3, 9));
}

enum exit_code exercise_measure_map(struct exercise_job *job)
{
	cleanup_free char *condition = xasprintf("fragmented:%s", json_str(job->texts, "keep", ""));
	enum exit_code code;
	json_t *document = ask(job, &code, "map", "--condition", condition, "--clock", "instructions",
			       "--json", "-", "--quiet", NULL);
	const json_t *map = json_array_get(json_at(document, "maps"), 0), *zone;
	long long free_pages = 0, blocks = 0, largest = 0, most = 0;
	double index = 0;
	size_t i;

	json_array_foreach(json_at(map, "statistics"), i, zone) {
		long long order = json_int(zone, "largest_free_order", 0);

		free_pages += json_int(zone, "kinds.free", 0);
		blocks += json_integer_value(json_array_get(json_at(zone, "free_by_order"), 10));
		largest = order > largest ? order : largest;
		if (json_int(zone, "kinds.free", 0) < most)
			continue;
		most = json_int(zone, "kinds.free", 0);
		index = json_number_value(json_array_get(json_at(zone, "fragmentation"), 10));
	}
	json_decref(document);
	if (code)
		return code;
	if (!free_pages || blocks)
		return not_understood(job);
	right(job, "free_pages", free_pages);
	right_word(job, "enough", free_pages >= 1 << 10 ? "yes" : "no");
	right(job, "largest_order", largest);
	right(job, "free_blocks", blocks);
	right_word(job, "reason", index > 0.5 ? "fragmented" : "short");
	mistake(job, "largest_order", 10, "That is the largest order that the allocator knows. The "
		"question is the largest block that is free now.");
	mistake(job, "free_blocks", 1 << 10, "That is the size of one block, in pages.");
	return EXIT_OK;
}

void exercise_prepare_cost(struct exercise_job *job)
{
	/* Odd multiples of 8 are not those of a cache of kmalloc(), which would be as small. */
	set_text(job, "size", pick(job, 1, 2, 29) * 16 + 8);
	set_text(job, "objects", pick(job, 2, 1000, 4000));
}

enum exit_code exercise_measure_cost(struct exercise_job *job)
{
	static const char *const facilities[] = { "page", "kmalloc", "kmem_cache" };
	const double objects = task_number(job, "objects");
	enum exit_code code;
	json_t *document = ask(job, &code, "run", "--facility", "page,kmalloc,kmem_cache", "--size",
			       json_str(job->texts, "size", ""), "--objects",
			       json_str(job->texts, "objects", ""), "--workload", "batch",
			       "--no-store", "--json", "-", "--quiet", NULL);
	long long best_cost = 0, best_bytes = 0;

	for (size_t i = 0; i < ARRAY_SIZE(facilities) && !code; i++) {
		const json_t *result = find_result(document, facilities[i]);
		cleanup_free char *cost_name = xasprintf("%s_p50", facilities[i]);
		cleanup_free char *bytes_name = xasprintf("%s_bytes", facilities[i]);
		long long cost = json_int(result, "alloc.uninterrupted.p50", 0);
		long long bytes = json_int(result, "memory.backing_bytes", 0);

		if (!cost || !bytes) {
			code = not_understood(job);
			break;
		}
		right(job, cost_name, cost);
		right(job, bytes_name, lround(bytes / objects));
		mistake(job, cost_name, json_int(result, "free.uninterrupted.p50", 0), "That is the cost of a free. "
			"The column p50 below 'alloc' is asked for.");
		if (!best_cost || cost < best_cost)
			right_word(job, "cheapest", facilities[i]);
		best_cost = best_cost && best_cost < cost ? best_cost : cost;
		if (!best_bytes || bytes < best_bytes)
			right_word(job, "smallest", facilities[i]);
		best_bytes = best_bytes && best_bytes < bytes ? best_bytes : bytes;
	}
	json_decref(document);
	return code;
}
