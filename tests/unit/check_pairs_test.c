// SPDX-License-Identifier: GPL-2.0-or-later
/* Pairing of allocations and frees from the text of trace_pipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "runner/check_pairs.h"
#include "runner/check_trace.h"

#define TASK	"  insmod-80  [000] .....  2.300000: "
#define LOCKED	"  insmod-80  [000] ...1.  2.300000: "
#define SOFTIRQ	"  insmod-80  [000] ..s1.  2.300000: "
#define STACK	TASK "<stack trace>\n"
#define CALLER	" => demo_init+0x70/0x1000 [demo] <ffffffffc0208070>\n"
#define FREER	" => demo_exit+0x1e/0x30 [demo] <ffffffffc0203020>\n"
#define KERNEL	" => do_one_initcall+0x59/0x220 <ffffffff81001059>\n"
#define PAGES(order) \
	TASK "mm_page_alloc: page=ffffea00001bb000 pfn=0x6ec0 order=" order " gfp_flags=GFP_KERNEL\n" \
	STACK " => __traceiter_mm_page_alloc+0x5c/0x80 <ffffffff812f2d8c>\n" \
	" => __alloc_pages+0x1dc/0x330 <ffffffff812f6000>\n" CALLER KERNEL
#define CALL(order) \
	TASK "free_pages: (__free_pages+0x0/0xd0 <ffffffff812f6130>) page=0xffffea00001bb000 order=" \
	order " caller=0xffffffffc0203020\n"
#define FREED(order) \
	TASK "mm_page_free: page=ffffea00001bb000 pfn=0x6ec0 order=" order "\n" STACK FREER
#define OBJECT(task) \
	task "kmalloc: call_site=x ptr=ffff888006e32240 bytes_req=64 gfp_flags=GFP_KERNEL node=-1\n" \
	task "<stack trace>\n => kmalloc_trace+0x2a/0xa0 <ffffffff812c0000>\n" CALLER

static void handle(void *context, const struct kernel_event *event)
{
	pairs_event(context, event);
}

/* Return the findings for a trace that is parsed this many bytes at a time. */
static struct pairs trace(const char *text, size_t piece)
{
	static struct trace_reader reader;
	struct pairs pairs = { .module = { .core = 0xffffffffc0203000, .core_end = 0xffffffffc0207000,
					   .init = 0xffffffffc0208000,
					   .init_end = 0xffffffffc0218000 } };

	memset(&reader, 0, sizeof(reader));
	reader.handle = handle;
	reader.context = &pairs;
	for (size_t length = strlen(text); length; ) {
		size_t size = piece < length ? piece : length;

		trace_parse(&reader, text, size);
		text += size;
		length -= size;
	}
	trace_flush(&reader);
	pairs_end(&pairs);
	return pairs;
}

static void assert_finding(const char *text, enum pairs_fault fault, uint64_t lost_pages)
{
	for (size_t piece = 1; piece < 200; piece += 50) {
		struct pairs pairs = trace(text, piece);

		assert_int_equal(pairs.finding_count, 1);
		assert_int_equal(pairs.findings[0].fault, fault);
		assert_int_equal(pairs.findings[0].lost_pages, lost_pages);
		assert_int_equal(pairs.findings[0].site, 0xffffffffc0208070);
		assert_true(pairs.findings[0].own);
		pairs_release(&pairs);
	}
}

static void test_matched(void **state)
{
	struct pairs pairs = trace(PAGES("2") CALL("2") FREED("2") OBJECT(TASK)
				   TASK "kfree: call_site=x ptr=ffff888006e32240\n" STACK FREER, 4096);

	(void)state;
	assert_int_equal(pairs.finding_count, 0);
	pairs_release(&pairs);
}

static void test_leak(void **state)
{
	(void)state;
	assert_finding(PAGES("2"), FAULT_LEAK, 4);
	assert_finding(OBJECT(TASK), FAULT_LEAK, 0);
}

static void test_order(void **state)
{
	(void)state;
	assert_finding(PAGES("2") CALL("0") FREED("0"), FAULT_ORDER, 3);
	assert_finding(PAGES("1") CALL("3") FREED("3"), FAULT_ORDER, 6);
}

/* The second call frees nothing, because the reference count is zero already. */
static void test_twice(void **state)
{
	(void)state;
	assert_finding(PAGES("2") CALL("2") FREED("2") CALL("2"), FAULT_TWICE, 0);
	assert_finding(OBJECT(TASK) TASK "kfree: call_site=x ptr=ffff888006e32240\n" STACK FREER
		       TASK "kfree: call_site=x ptr=ffff888006e32240\n" STACK FREER,
		       FAULT_TWICE, 0);
}

/* A timer that runs on top of the task is not the next event of the call. */
static void test_interrupt(void **state)
{
	(void)state;
	assert_finding(PAGES("2") CALL("2") SOFTIRQ "kfree: call_site=x ptr=ffff888006e32a40\n"
		       FREED("2") CALL("2"), FAULT_TWICE, 0);
}

/* Memory that another has allocated in between is not freed twice. */
static void test_reused(void **state)
{
	struct pairs pairs = trace(
		OBJECT(TASK) TASK "kfree: call_site=x ptr=ffff888006e32240\n" STACK FREER
		TASK "kmalloc: call_site=x ptr=ffff888006e32240 bytes_req=64 gfp_flags=GFP_KERNEL\n" STACK
		KERNEL TASK "kfree: call_site=x ptr=ffff888006e32240\n" STACK FREER, 4096);

	(void)state;
	assert_int_equal(pairs.finding_count, 0);
	pairs_release(&pairs);
}

static void test_atomic(void **state)
{
	struct pairs pairs = trace(OBJECT(LOCKED) TASK "kfree: call_site=x ptr=ffff888006e32240\n"
				   STACK FREER, 4096);

	(void)state;
	assert_int_equal(pairs.finding_count, 1);
	assert_int_equal(pairs.findings[0].fault, FAULT_ATOMIC);
	pairs_release(&pairs);
}

/* A slab that grows, and functions of the kernel, keep memory that is not the module's own. */
static void test_others(void **state)
{
	struct pairs pairs = trace(
		TASK "mm_page_alloc: page=ffffea00001bb000 pfn=0x6ec0 order=1 gfp_flags=GFP_KERNEL\n"
		STACK " => __alloc_pages+0x1dc/0x330 <ffffffff812f6000>\n"
		" => allocate_slab+0x100/0x200 <ffffffff812f7000>\n" CALLER
		TASK "kmalloc: call_site=x ptr=ffff888006e32240 bytes_req=64 gfp_flags=GFP_KERNEL\n"
		STACK " => kmalloc_trace+0x2a/0xa0 <ffffffff812c0000>\n"
		" => alloc_workqueue+0x2a/0xa0 <ffffffff810c0000>\n" CALLER, 4096);

	(void)state;
	assert_int_equal(pairs.finding_count, 1);
	assert_false(pairs.findings[0].own);
	assert_string_equal(pairs.findings[0].api, "alloc_workqueue");
	pairs_release(&pairs);
}

/* A stack that lacks the functions which allocate and free, as on ARM, and what the kernel names instead */
#define CUT(event, caller) \
	TASK event ": call_site=" caller " ptr=ffff888006e32240 bytes_req=64 gfp_flags=GFP_KERNEL\n" STACK

static void test_cut_stack(void **state)
{
	struct pairs pairs;

	(void)state;
	assert_finding(CUT("kmalloc", "0xffffffffc0208070") KERNEL, FAULT_LEAK, 0);
	assert_finding(CUT("kmalloc", "0xffffffffc0208070") KERNEL
		       CUT("kfree", "0xffffffffc0208070") KERNEL
		       CUT("kfree", "0xffffffffc0203020") KERNEL, FAULT_TWICE, 0);
	/* The module did not call kmalloc(). */
	pairs = trace(CUT("kmalloc", "alloc_workqueue+0x2a/0xa0") CALLER, 4096);
	assert_int_equal(pairs.finding_count, 1);
	assert_false(pairs.findings[0].own);
	assert_string_equal(pairs.findings[0].api, "alloc_workqueue");
	pairs_release(&pairs);
}

/* Write a bulk free of many objects, the last of which is that of OBJECT. */
static void write_bulk(char *text, size_t size, unsigned int count, unsigned int first,
		       unsigned int end)
{
	size_t used = snprintf(text, size, TASK "free_bulk_%u: (kmem_cache_free_bulk+0x0/0x10 <0>) "
			       "count=0x%x objects={", first, count);

	for (unsigned int i = first; i < end; i++)
		used += snprintf(text + used, size - used, "0xffff888006e%05x,",
				 i == count - 1 ? 0x32240 : 0x40000 + i * 64);
	snprintf(text + used - 1, size - used + 1, "}\n");
}

static void test_bulk(void **state)
{
	static char text[8192];
	struct pairs pairs;
	size_t used;

	(void)state;
	snprintf(text, sizeof(text), OBJECT(TASK));
	used = strlen(text);
	for (unsigned int first = 0; first < 200; first += 64) {
		write_bulk(text + used, sizeof(text) - used, 200, first,
			   first + 64 < 200 ? first + 64 : 200);
		used += strlen(text + used);
	}
	pairs = trace(text, 4096);
	assert_int_equal(pairs.finding_count, 0);
	assert_false(pairs.objects_lost);
	pairs_release(&pairs);
}

/* Without the addresses of all objects, only pages are known to leak. */
static void assert_objects_lost(const char *objects)
{
	char text[4096];
	struct pairs pairs;

	snprintf(text, sizeof(text), OBJECT(TASK) "%s", objects);
	pairs = trace(text, 4096);
	assert_int_equal(pairs.finding_count, 0);
	assert_true(pairs.objects_lost);
	pairs_release(&pairs);
	snprintf(text, sizeof(text), PAGES("2") "%s", objects);
	assert_finding(text, FAULT_LEAK, 4);
}

static void test_objects_lost(void **state)
{
	char text[2048];

	(void)state;
	write_bulk(text, sizeof(text), 100, 0, 10);
	assert_objects_lost(text);
	write_bulk(text, sizeof(text), 600, 448, 512);
	assert_objects_lost(text);
	assert_objects_lost(TASK "free_bulk_0: (kmem_cache_free_bulk+0x0/0x10 <0>) count=0x1 "
			    "objects=(fault)\n");
	assert_objects_lost(TASK "kfree: call_site=x ptr=(____ptrval____)\n");
	/* Linux 5.10 prints hashes, except in probes. */
	assert_objects_lost(TASK "kmalloc: call_site=x ptr=0000000006e32240 bytes_req=64\n" STACK KERNEL
			    TASK "free_bulk_0: (kmem_cache_free_bulk+0x0/0x10 <0>) count=0x1 "
			    "objects={0xffff888006e40000}\n");
}

/* Blocks from before the loss may have been freed and allocated again. */
static void assert_nothing(const char *text)
{
	struct pairs pairs = trace(text, 4096);

	assert_int_equal(pairs.finding_count, 0);
	pairs_release(&pairs);
}

static void test_lost_blocks(void **state)
{
#define LOST	"CPU:0 [LOST 12 EVENTS]\n"
#define KFREE	TASK "kfree: call_site=x ptr=ffff888006e32240\n" STACK FREER
	(void)state;
	assert_nothing(OBJECT(TASK) KFREE LOST KFREE);
	assert_nothing(OBJECT(TASK) LOST KFREE KFREE);
	assert_nothing(PAGES("2") CALL("2") FREED("2") LOST CALL("2"));
	assert_nothing(PAGES("2") CALL("2") FREED("2") CALL("2") LOST);
	assert_nothing(PAGES("1") LOST CALL("3") FREED("3"));
	assert_finding(OBJECT(TASK) LOST OBJECT(TASK) KFREE KFREE, FAULT_TWICE, 0);
}

/* Return the CPU time for pages that are allocated and freed, with their calls or without. */
static clock_t free_pages(bool calls)
{
#define MANY	20000
	struct kernel_event event = { .pid = 80, .frame_count = 1 };
	struct pairs pairs = { .module = { .core = 0x1000, .core_end = 0x2000 } };
	clock_t start = clock();

	event.frames[0].address = 0x1100;
	for (uint64_t pfn = 1; pfn <= MANY; pfn++) {
		event.kind = TRACE_PAGE_ALLOC;
		event.address = pfn;
		pairs_event(&pairs, &event);
	}
	for (uint64_t pfn = 1; pfn <= MANY; pfn++) {
		event.kind = TRACE_FREE_CALL;
		event.address = 0xffffea0000000000 + pfn * 64;
		if (calls)
			pairs_event(&pairs, &event);
		event.kind = TRACE_PAGE_FREE;
		event.address = pfn;
		pairs_event(&pairs, &event);
	}
	pairs_end(&pairs);
	assert_int_equal(pairs.finding_count, 0);
	pairs_release(&pairs);
	return clock() - start;
}

/* Under an emulator, even a module that allocates all memory has seconds only. */
static void test_many_pages(void **state)
{
	clock_t least = free_pages(false);

	(void)state;
	assert_true(free_pages(true) < 10 * least + CLOCKS_PER_SEC / 20);
}

static void test_lost(void **state)
{
	struct pairs pairs = trace(PAGES("2") "CPU:0 [LOST 12 EVENTS]\n" CALL("0"), 4096);

	(void)state;
	assert_true(pairs.lost);
	assert_int_equal(pairs.finding_count, 0);
	pairs_release(&pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matched), cmocka_unit_test(test_leak),
		cmocka_unit_test(test_order), cmocka_unit_test(test_twice),
		cmocka_unit_test(test_reused), cmocka_unit_test(test_atomic),
		cmocka_unit_test(test_others), cmocka_unit_test(test_lost),
		cmocka_unit_test(test_interrupt), cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_objects_lost), cmocka_unit_test(test_lost_blocks),
		cmocka_unit_test(test_many_pages), cmocka_unit_test(test_cut_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
