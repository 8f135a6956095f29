// SPDX-License-Identifier: GPL-2.0-or-later
/* Verdicts of kmemlab check from records of the guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "cli/check_report.h"
#include "cli/check_verdict.h"
#include "golden.h"

#define CYCLE	"{\"record\":\"cycle\",\"values\":\"\"},{\"record\":\"begin\",\"phase\":\"load\"},"
#define LOADED	"{\"record\":\"end\",\"phase\":\"load\",\"status\":0,\"error\":null},"
#define UNLOADED	"{\"record\":\"begin\",\"phase\":\"unload\"}," \
			"{\"record\":\"end\",\"phase\":\"unload\",\"status\":0,\"error\":null},"
#define LOG(phase, text) \
	"{\"record\":\"log\",\"phase\":\"" phase "\",\"level\":6,\"warning\":false," \
	"\"text\":\"" text "\"},"
#define WARN(text) \
	"{\"record\":\"log\",\"phase\":\"unload\",\"level\":4,\"warning\":true,\"text\":\"" text "\"},"
#define DONE	"{\"record\":\"done\"}]"

static char *place_line(void *context, const char *place, bool is_return)
{
	(void)context;
	return xasprintf("demo.c:%s%s", place, is_return ? "" : "!");
}

/* Judge records, with the message of a crash or NULL. */
static struct check_verdict judge(const char *records, const char *crash, bool studio)
{
	struct check_verdict verdict = { .name = "demo", .studio = studio, .line = place_line };
	json_t *array = json_loads(records, 0, NULL);

	assert_non_null(array);
	check_verdict_init(&verdict);
	check_verdict_add(&verdict, array, crash);
	check_verdict_finish(&verdict);
	json_decref(array);
	return verdict;
}

/* Assert that the only failure has this title, line and a part of its text. */
static void assert_judged(struct check_verdict verdict, const char *title, const char *line,
			  const char *text)
{
	const json_t *finding = json_array_get(verdict.findings, 0);

	assert_int_equal(json_array_size(verdict.findings), 1);
	assert_string_equal(json_str(finding, "title", ""), title);
	assert_string_equal(json_str(finding, "line", "none"), line);
	assert_non_null(strstr(json_str(finding, "text", ""), text));
	check_verdict_release(&verdict);
}

static void test_right(void **state)
{
	struct check_verdict verdict = judge(
		"[" CYCLE LOADED LOG("load", "hello") UNLOADED
		WARN("demo: a warning of the module") DONE, NULL, false);

	(void)state;
	assert_int_equal(json_array_size(verdict.findings), 0);
	check_verdict_release(&verdict);
}

static void test_memory(void **state)
{
	(void)state;
	assert_judged(judge("[" CYCLE LOADED UNLOADED
			    "{\"record\":\"memory\",\"fault\":\"order\",\"kind\":\"pages\","
			    "\"own\":true,\"api\":\"__alloc_pages\",\"site\":\".text+0x10\","
			    "\"size\":2,\"free_order\":1,\"count\":1,\"lost_pages\":2}," DONE,
			    NULL, false),
		      "freed with another order", "demo.c:.text+0x10", "2 pages are lost");
	assert_judged(judge("[" CYCLE
			    "{\"record\":\"end\",\"phase\":\"load\",\"status\":-12,"
			    "\"error\":\"Cannot allocate memory\"},"
			    "{\"record\":\"cycle\",\"values\":\"\"}]", NULL, false),
		      "does not load", "none", "Cannot allocate memory");
}

/* Judge memory of a load that is never freed; record is the rest of its record. */
static struct check_verdict judge_memory(const char *fault, const char *kind, const char *api,
					 const char *record)
{
	cleanup_free char *records = xasprintf(
		"[" CYCLE LOADED UNLOADED "{\"record\":\"memory\",\"fault\":\"%s\",\"kind\":\"%s\","
		"\"own\":true,\"api\":\"%s\",\"site\":\".text+0x10\",%s}," DONE, fault, kind, api,
		record);

	return judge(records, NULL, false);
}

/* The advice names the function of the source and the one that releases its memory. */
static void test_advice(void **state)
{
	static const struct {
		const char *kind, *api, *text;
	} calls[] = {
		{ "pages", "alloc_pages_noprof", "Call __free_pages() with the same order before" },
		{ "pages", "get_free_pages_noprof", "Call free_pages() with the same order before" },
		{ "pages", "__get_free_pages", "__get_free_pages() took 2^2 = 4 pages" },
		{ "pages", "folio_alloc_noprof", "Call folio_put() before" },
		{ "pages", "", "Call __free_pages()" },
		{ "object", "__kmalloc_cache_noprof", "from kmalloc() is never freed" },
		{ "object", "kmem_cache_alloc_trace", "needs its kfree()" },
		{ "object", "kmem_cache_alloc_noprof", "needs its kmem_cache_free()" },
		{ "object", "kmemdup_noprof", "from kmemdup() is never freed" },
		{ "object", "kstrdup", "needs its kfree()" },
		{ "object", "vmalloc_noprof", "Call vfree()" },
		{ "percpu", "pcpu_alloc_noprof", "from alloc_percpu() is never freed" },
		{ "percpu", "__alloc_percpu", "needs its free_percpu()" },
		{ "percpu", "", "from alloc_percpu()" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		assert_judged(judge_memory("leak", calls[i].kind, calls[i].api,
					   "\"size\":2,\"count\":1"),
			      !strcmp(calls[i].kind, "pages") ? "pages never freed" :
			      "memory never freed", "demo.c:.text+0x10", calls[i].text);
	/* Some pages of a block */
	assert_judged(judge_memory("order", "pages", "alloc_pages", "\"size\":2,\"free_order\":0,"
				   "\"count\":1,\"lost_pages\":1"),
		      "pages never freed", "demo.c:.text+0x10", "1 is never freed");
	assert_judged(judge_memory("order", "pages", "alloc_pages_exact_noprof", "\"size\":2,"
				   "\"free_order\":0,\"count\":1,\"lost_pages\":3"),
		      "pages never freed", "demo.c:.text+0x10", "Call free_pages_exact()");
	assert_judged(judge_memory("order", "pages", "alloc_pages", "\"size\":2,\"free_order\":0,"
				   "\"count\":2,\"lost_pages\":6"),
		      "freed with another order", "demo.c:.text+0x10", "6 pages are lost");
	assert_judged(judge_memory("order", "pages", "alloc_pages", "\"size\":2,\"free_order\":3,"
				   "\"count\":1,\"lost_pages\":4"),
		      "freed with another order", "demo.c:.text+0x10", "4 pages of others");
	assert_judged(judge_memory("order", "pages", "alloc_pages", "\"size\":2,\"free_order\":2,"
				   "\"count\":1,\"lost_pages\":4"),
		      "freed with another order", "demo.c:.text+0x10", "order 2");
}

static void assert_clean(struct check_verdict verdict)
{
	assert_int_equal(json_array_size(verdict.findings), 0);
	check_verdict_release(&verdict);
}

/* Memory of a function of the kernel counts only if each of several loads leaves it. */
static void test_indirect(void **state)
{
#define INDIRECT	"{\"record\":\"memory\",\"fault\":\"leak\",\"kind\":\"object\",\"own\":false," \
			"\"api\":\"alloc_workqueue\",\"site\":\".text+0x10\",\"size\":8},"
#define LOAD		CYCLE LOADED UNLOADED
#define OTHER(records)	"{\"record\":\"cycle\",\"values\":\"nr=1\"}," LOADED UNLOADED records
#define REFUSED(records) \
	"{\"record\":\"cycle\",\"values\":\"nr_structs=0\"}," \
	"{\"record\":\"end\",\"phase\":\"load\",\"status\":-22,\"error\":\"x\"}," records
	struct check_verdict once = judge("[" LOAD INDIRECT LOAD LOAD DONE, NULL, false);

	(void)state;
	assert_int_equal(json_array_size(once.findings), 0);
	check_verdict_release(&once);
	assert_judged(judge("[" LOAD INDIRECT LOAD INDIRECT LOAD INDIRECT DONE, NULL, false),
		      "resources never released", "demo.c:.text+0x10", "alloc_workqueue");
	/* Only one value leaves it, or only a load that fails. */
	assert_judged(judge("[" LOAD LOAD LOAD OTHER(INDIRECT) OTHER(INDIRECT) OTHER(INDIRECT) DONE,
			    NULL, false),
		      "resources never released", "demo.c:.text+0x10", "alloc_workqueue");
	assert_judged(judge("[" LOAD LOAD LOAD REFUSED(INDIRECT) REFUSED(INDIRECT) REFUSED(INDIRECT) DONE,
			    NULL, false),
		      "resources never released", "demo.c:.text+0x10", "alloc_workqueue");
	/* Several blocks of one load do not replace those of others. */
	assert_clean(judge("[" LOAD INDIRECT INDIRECT INDIRECT LOAD LOAD DONE, NULL, false));
	assert_clean(judge("[" LOAD LOAD LOAD OTHER(INDIRECT) OTHER("") OTHER(INDIRECT) DONE,
			   NULL, false));
}

static void test_crashes(void **state)
{
#define PANIC(text) "the guest's kernel panicked; console:\n" text
	(void)state;
	assert_judged(judge("[" CYCLE "{\"record\":\"done\"}]",
			    PANIC("watchdog: BUG: soft lockup - CPU#0 stuck for 3s! [init:80]\n"
				  "RIP: 0010:demo_init+0x5/0x1000 [demo]"), false),
		      "loading never ends", "demo.c:demo_init+0x5!", "init function");
	assert_judged(judge("[" CYCLE LOADED "{\"record\":\"done\"}]",
			    PANIC("watchdog: BUG: soft lockup - CPU#0 stuck for 3s! [k_memory:81]\n"
				  "RIP: 0010:k_memory+0x5/0x90 [demo]"), false),
		      "busy loop", "demo.c:k_memory+0x5!", "thread");
	assert_judged(judge("[" CYCLE "{\"record\":\"done\"}]",
			    PANIC("BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
				  "RIP: 0010:demo_init+0x5/0x1000 [demo]"), false),
		      "NULL pointer", "demo.c:demo_init+0x5!", "test");
	assert_judged(judge("[" CYCLE "{\"record\":\"done\"}]",
			    PANIC("demo: address 0\n"
				  "BUG: unable to handle page fault for address: 6b6b6b6b6b6b6b6b\n"
				  "RIP: 0010:demo_init+0x5/0x1000 [demo]"), false),
		      "invalid address", "demo.c:demo_init+0x5!", "no memory");
	assert_judged(judge("[" CYCLE LOADED "{\"record\":\"begin\",\"phase\":\"unload\"}]",
			    PANIC("BUG: unable to handle page fault for address: 6b6b6b6b\n"
				  "RIP: 0010:kthread_stop+0x20/0x100\n"
				  " demo_exit+0x10/0x30 [demo]"), false),
		      "thread has ended already", "demo.c:demo_exit+0x10", "returned");
	assert_judged(judge("[" CYCLE LOADED "{\"record\":\"begin\",\"phase\":\"unload\"}]",
			    PANIC("BUG: unable to handle page fault for address: ffffffffc0203040\n"
				  "RIP: 0010:0xffffffffc0203040"), false),
		      "thread never stopped", "none", "executes its code");
}

/* The page allocator's warning about an order belongs to values that must be refused. */
static void test_log(void **state)
{
	(void)state;
	assert_judged(judge("[" CYCLE LOADED UNLOADED
			    WARN("WARNING: CPU: 0 PID: 80 at mm/page_alloc.c:5594 __alloc_pages+0x2")
			    WARN("BUG: scheduling while atomic: k_memory/83/0x00000002")
			    WARN(" k_memory+0x20/0x90 [demo]") DONE, NULL, false),
		      "sleeps in atomic context", "demo.c:k_memory+0x20", "scheduling while atomic");
}

/* Assert that these messages cause no failure. */
static void assert_silent(const char *messages)
{
	cleanup_free char *records = xasprintf("[" CYCLE LOADED UNLOADED "%s" DONE, messages);
	struct check_verdict verdict = judge(records, NULL, false);

	assert_int_equal(json_array_size(verdict.findings), 0);
	check_verdict_release(&verdict);
}

/* printk() without a level has that of warnings, but a module's message is not a report. */
static void test_own_messages(void **state)
{
#define TRACE	WARN("CPU: 0 PID: 80 Comm: init") WARN("Call Trace:") WARN(" demo_exit+0x5/0x9 [demo]")
	(void)state;
	assert_silent(WARN("DEBUG: x = 1"));
	assert_silent(WARN("BUG: this line must not be reached") WARN("demo: unloaded"));
	assert_silent(WARN("WARNING: no structs"));
	assert_silent(WARN("demo: list is already freed"));
	assert_silent(WARN("BUG in the list, already free"));
	assert_silent(WARN("demo blocked for more than a second"));
	assert_judged(judge("[" CYCLE LOADED UNLOADED WARN("WARNING: no structs")
			    WARN("BUG: scheduling while atomic: demo/8/0x00000002") TRACE DONE,
			    NULL, false),
		      "sleeps in atomic context", "demo.c:demo_exit+0x5", "while atomic");
	assert_judged(judge("[" CYCLE LOADED UNLOADED
			    WARN("BUG kmalloc-64 (Tainted: G           O      ): Object already free")
			    TRACE DONE, NULL, false),
		      "freed twice", "demo.c:demo_exit+0x5", "kmalloc-64");
	assert_judged(judge("[" CYCLE LOADED UNLOADED
			    WARN("WARNING: kernel/workqueue.c:5 at f+0x5/0x9, CPU#0: init/1") TRACE
			    DONE, NULL, false),
		      "kernel warning", "demo.c:demo_exit+0x5", "workqueue.c");
	assert_judged(judge("[" CYCLE LOADED UNLOADED
			    WARN("BUG: spinlock bad magic on CPU#0, insmod/80") TRACE DONE,
			    NULL, false),
		      "kernel bug", "demo.c:demo_exit+0x5", "bad magic");
}

/* Return whether a boot with these records was complete, or the module ended it. */
static bool is_checked(const char *records, const char *crash)
{
	struct check_verdict verdict = { .name = "demo", .line = place_line };
	json_t *array = json_loads(records, 0, NULL);
	bool checked;

	assert_non_null(array);
	check_verdict_init(&verdict);
	checked = check_verdict_add(&verdict, array, crash);
	json_decref(array);
	check_verdict_release(&verdict);
	return checked;
}

/* Without a last record, the guest's program was killed: nothing is known of the module. */
static void test_not_checked(void **state)
{
	(void)state;
	assert_true(is_checked("[" CYCLE LOADED UNLOADED DONE, NULL));
	assert_true(is_checked("[" CYCLE LOADED UNLOADED "{\"record\":\"hang\"}]", NULL));
	assert_true(is_checked("[" CYCLE LOADED "{\"record\":\"end\",\"phase\":\"unload\","
			       "\"status\":-16,\"error\":\"busy\"}]", NULL));
	assert_false(is_checked("[]", NULL));
	assert_false(is_checked("[{\"record\":\"trace\",\"status\":-2}]", NULL));
	assert_false(is_checked("[{\"record\":\"trace\",\"status\":-2}," DONE, NULL));
	assert_false(is_checked("[" CYCLE LOADED UNLOADED "{\"record\":\"trace\"}]", NULL));
	assert_false(is_checked("[" CYCLE LOADED "{\"record\":\"begin\",\"phase\":\"unload\"}]", NULL));
}

/* Assert that nothing is wrong, and that there is this note. */
static void assert_note(struct check_verdict verdict, const char *note)
{
	assert_int_equal(json_array_size(verdict.findings), 0);
	assert_int_equal(json_array_size(verdict.notes), 1);
	assert_string_equal(json_string_value(json_array_get(verdict.notes, 0)), note);
	check_verdict_release(&verdict);
}

/* A module may refuse a value that the user has given, but not without a word. */
static void test_params(void **state)
{
	struct check_verdict verdict = { .name = "demo", .may_refuse_any = true, .line = place_line };
	json_t *records = json_loads(
		"[{\"record\":\"cycle\",\"values\":\"nr=9\"},{\"record\":\"end\",\"phase\":\"load\","
		"\"status\":-22,\"error\":\"Invalid argument\"}," DONE, 0, NULL);

	(void)state;
	check_verdict_init(&verdict);
	assert_true(check_verdict_add(&verdict, records, NULL));
	json_decref(records);
	assert_note(verdict, "does not load with nr=9: Invalid argument");
	assert_note(judge("[" CYCLE LOADED "{\"record\":\"live\",\"value\":\"nr=9\","
			  "\"writable\":true,\"status\":-22}," UNLOADED DONE, NULL, false),
		    "nr=9 cannot be written to the loaded module: Invalid argument");
}

/* A timeout is the module's failure only if the CPU executes the module. */
static void test_timeout(void **state)
{
#define SILENT	"watchdog 'no output': no output from the guest for 40 s, its CPU is at"
#define PLACED	"[{\"record\":\"cycle\",\"values\":\"\"}," \
		"{\"record\":\"module\",\"text\":\"0x5000\",\"text_end\":\"0x6000\"," \
		"\"init\":\"0x8000\",\"init_end\":\"0x9000\"}]"
	(void)state;
	assert_false(is_checked(PLACED, "the guest took longer than 240 s (--timeout)"));
	assert_false(is_checked(PLACED, SILENT " 0xffffffff81000000 0xffffffff81000000"));
	assert_false(is_checked(PLACED, SILENT " an unknown address"));
	assert_judged(judge(PLACED, SILENT " 0xffffffff81000000 0x8010", false),
		      "loading never ends", "demo.c:.init.text+0x10!", "init function");
}

/* A module that needs another one is not wrong. */
static void test_missing_symbol(void **state)
{
#define NO_ENTRY	"[" CYCLE "{\"record\":\"end\",\"phase\":\"load\",\"status\":-2," \
			"\"error\":\"No such file or directory\"},"
	struct check_verdict verdict = judge(
		NO_ENTRY WARN("demo: Unknown symbol other_call (err -2)") DONE, NULL, false);

	(void)state;
	assert_int_equal(json_array_size(verdict.findings), 0);
	assert_non_null(strstr(verdict.unchecked, "other_call"));
	check_verdict_release(&verdict);
	assert_judged(judge(NO_ENTRY CYCLE WARN("demo: Unknown symbol f (err -2)") DONE, NULL, false),
		      "does not load", "none", "No such file");
}

/* Names of files and text of compilers may have any bytes. */
static void test_bytes(void **state)
{
	struct check_verdict verdict = { .name = "demo", .line = place_line };

	(void)state;
	check_verdict_init(&verdict);
	check_finding(&verdict, "title", "f\xff+0x1", false, "%s", "text \xff");
	assert_judged(verdict, "title", "demo.c:f?+0x1!", "text ?");
}

#define STUDIO(order, pages, right, wrong, beyond) \
	"{\"record\":\"studio\",\"structs\":300,\"page_bytes\":4096,\"blocks\":1,\"pages\":" pages \
	",\"order\":" order ",\"site\":\".text+0x1\",\"readable\":true,\"right\":" right \
	",\"wrong\":" wrong ",\"wrong_index\":1032,\"wrong_pfn\":\"0x10\",\"wrong_offset\":32," \
	"\"found\":5,\"beyond\":" beyond ",\"beyond_pages\":false,\"pfn_as_address\":false},"
#define UNREADABLE \
	"{\"record\":\"studio\",\"structs\":300,\"page_bytes\":4096,\"blocks\":1,\"pages\":4," \
	"\"order\":2,\"site\":\".text+0x1\",\"readable\":false},"
#define EXERCISE(load, studio)	"[" CYCLE LOADED LOG("load", load) studio UNLOADED \
				LOG("unload", "0 wrong") DONE

static void test_studio(void **state)
{
	struct check_verdict right = judge(
		EXERCISE("page size 4096, 128 objects per page, 3 pages, order 2",
			 STUDIO("2", "4", "2400", "0", "0")), NULL, true);

	(void)state;
	assert_clean(right);
	assert_clean(judge(EXERCISE("4 pages, order 2", STUDIO("2", "4", "2400", "0", "0")), NULL, true));
	assert_judged(judge(EXERCISE("5 pages, order 2", STUDIO("2", "4", "2400", "0", "0")), NULL, true),
		      "number of pages logged wrong", "none", "right is 3");
	assert_judged(judge(EXERCISE("x", STUDIO("3", "8", "2400", "0", "0")), NULL, true),
		      "page count as order", "demo.c:.text+0x1", "2^3 = 8 pages");
	assert_judged(judge(EXERCISE("x", STUDIO("1", "2", "2048", "0", "0")), NULL, true),
		      "too few pages", "demo.c:.text+0x1", "need 3");
	assert_judged(judge(EXERCISE("x", "{\"record\":\"pages\",\"structs\":0,\"blocks\":1,\"pages\":1,"
				     "\"order\":0,\"site\":\".text+0x1\"},"), NULL, true),
		      "too many pages", "demo.c:.text+0x1", "no structs need none");
	assert_judged(judge(EXERCISE("x", STUDIO("2", "4", "2000", "400", "0")), NULL, true),
		      "wrong values", "none", "(1 * 128 + 1) * 8 + 0 = 1032");
	assert_judged(judge(EXERCISE("x", STUDIO("2", "4", "2400", "0", "8")), NULL, true),
		      "writes beyond the last struct", "none", "number 300");
	assert_judged(judge(EXERCISE("x", STUDIO("2", "4", "2400", "0", "1")), NULL, true),
		      "writes beyond the last struct", "none", "1 element behind");
	assert_judged(judge(EXERCISE("512 objects per page", STUDIO("2", "4", "2400", "0", "0")),
			    NULL, true),
		      "objects per page logged wrong", "none", "right is 128");
}

/* A message may be among those that were dropped. */
static void test_truncated(void **state)
{
#define SILENT_EXIT(truncated)	"[" CYCLE LOADED STUDIO("2", "4", "2400", "0", "0") UNLOADED truncated DONE
#define TRUNCATED(phase)	"{\"record\":\"truncated\",\"phase\":\"" phase "\",\"dropped\":9},"
	struct check_verdict verdict = judge(SILENT_EXIT(TRUNCATED("unload")), NULL, true);

	(void)state;
	assert_non_null(strstr(verdict.unchecked, "messages were not checked"));
	assert_clean(verdict);
	assert_judged(judge(SILENT_EXIT(TRUNCATED("load")), NULL, true),
		      "no check at unload", "none", "prints nothing");
	assert_judged(judge(SILENT_EXIT(""), NULL, true), "no check at unload", "none", "prints nothing");
}

/*
 * A thread cannot use more than one CPU. While one is busy, pages that are not seen are not
 * known to be missing.
 */
static void test_busy(void **state)
{
	struct check_verdict verdict = judge(EXERCISE("x",
		"{\"record\":\"thread\",\"name\":\"k\",\"cpu_ns\":300,\"window_ns\":300,"
		"\"stack\":[\"f+0x5/0x9 [demo]\"]},"
		"{\"record\":\"studio\",\"structs\":300,\"page_bytes\":4096,\"blocks\":0,"
		"\"pages\":0},"), NULL, true);

	(void)state;
	assert_non_null(strstr(verdict.unchecked, "the pages were not checked"));
	assert_judged(verdict, "busy while idle", "demo.c:f+0x5", "uses 100 % of a CPU");
	assert_judged(judge("[" CYCLE LOADED "{\"record\":\"thread\",\"name\":\"k\",\"cpu_ns\":318,"
			    "\"window_ns\":300,\"stack\":[\"f+0x5/0x9 [demo]\"]}," UNLOADED DONE,
			    NULL, false),
		      "busy while idle", "demo.c:f+0x5", "uses 100 % of a CPU");
}

/* A load whose pages were not seen tells nothing if another load has shown them. */
static void test_pages_unseen(void **state)
{
#define NO_PAGES	"{\"record\":\"studio\",\"structs\":300,\"page_bytes\":4096,\"blocks\":0,\"pages\":0},"
#define ONE_LOAD(begin, studio)	begin LOADED LOG("load", "x") studio UNLOADED LOG("unload", "0 wrong")
#define OTHER_VALUES	"{\"record\":\"cycle\",\"values\":\"nr_structs=300\"},"
#define SEEN		STUDIO("2", "4", "2400", "0", "0")
	struct check_verdict verdict;

	(void)state;
	assert_judged(judge("[" ONE_LOAD(CYCLE, NO_PAGES) ONE_LOAD(CYCLE, NO_PAGES) DONE, NULL, true),
		      "no pages", "none", "need 3 pages");
	verdict = judge("[" ONE_LOAD(CYCLE, NO_PAGES) ONE_LOAD(CYCLE, SEEN) DONE, NULL, true);
	assert_null(verdict.unchecked);
	assert_clean(verdict);
	verdict = judge("[" ONE_LOAD(CYCLE, NO_PAGES) ONE_LOAD(OTHER_VALUES, SEEN) DONE, NULL, true);
	assert_non_null(strstr(verdict.unchecked, "the pages were not checked"));
	assert_clean(verdict);
	/* The module's address was not known, so there is no record. */
	verdict = judge("[" ONE_LOAD(CYCLE, "") ONE_LOAD(CYCLE, SEEN) DONE, NULL, true);
	assert_null(verdict.unchecked);
	assert_clean(verdict);
}

/* Values that cannot be read are not right. */
static void test_unreadable(void **state)
{
	struct check_verdict verdict = judge(EXERCISE("x", UNREADABLE), NULL, true);

	(void)state;
	assert_int_equal(json_array_size(verdict.findings), 0);
	assert_non_null(strstr(verdict.unchecked, "not checked"));
	check_verdict_release(&verdict);
	verdict = judge(EXERCISE("x", "{\"record\":\"lost\",\"what\":\"all\"},"), NULL, true);
	assert_non_null(strstr(verdict.unchecked, "not checked with default parameters"));
	check_verdict_release(&verdict);
	verdict = judge(EXERCISE("x", STUDIO("2", "4", "2400", "0", "0")), NULL, true);
	assert_null(verdict.unchecked);
	check_verdict_release(&verdict);
}

/* A kernel may not count held spinlocks: a module that takes none can still be right. */
static void test_spinlocks(void **state)
{
	json_t *records = json_loads("[{\"record\":\"trace\",\"status\":0,\"preempt_count\":false},"
				     CYCLE LOADED UNLOADED DONE, 0, NULL);
	struct check_verdict verdict = { .name = "demo", .line = place_line };

	(void)state;
	for (int takes = 0; takes < 2; takes++) {
		verdict.takes_spinlocks = takes;
		check_verdict_init(&verdict);
		assert_true(check_verdict_add(&verdict, records, NULL));
		assert_int_equal(verdict.unchecked != NULL, takes);
		check_verdict_release(&verdict);
	}
	json_decref(records);
}

static void test_ktap(void **state)
{
	json_t *document = json_loads("{\"modules\":["
		"{\"module\":\"a\",\"verdict\":\"wrong\",\"findings\":"
		"[{\"line\":\"a.c:1\",\"text\":\"16 bytes stay.\"}]},"
		"{\"module\":\"b\",\"verdict\":\"right\",\"findings\":[]},"
		"{\"module\":\"c\",\"verdict\":\"not checked\",\"findings\":[]}]}", 0, NULL);
	cleanup_free char *text = golden_output(check_ktap, document);

	(void)state;
	assert_string_equal(text, "KTAP version 1\n1..3\n"
			    "not ok 1 a\n# a.c:1: 16 bytes stay.\n"
			    "ok 2 b\nnot ok 3 c\n# not checked\n");
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right), cmocka_unit_test(test_memory),
		cmocka_unit_test(test_advice),
		cmocka_unit_test(test_indirect), cmocka_unit_test(test_crashes),
		cmocka_unit_test(test_log), cmocka_unit_test(test_own_messages),
		cmocka_unit_test(test_not_checked), cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_params), cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_missing_symbol), cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_busy), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_pages_unseen), cmocka_unit_test(test_spinlocks),
		cmocka_unit_test(test_studio), cmocka_unit_test(test_ktap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
