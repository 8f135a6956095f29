// SPDX-License-Identifier: GPL-2.0-or-later
/* Analysis of all operations of an experiment, and its output formats. */
#include "recording.h"
#include "golden.h"
#include "html.h"

#include "explain/analysis.h"
#include "explain/document.h"
#include "report/report.h"

/* The sums of test_paths_by_frequency(): one slow operation and two quick ones */
static void check_sums(struct analysis *analysis, const struct recording *r)
{
	const struct path *all = analysis_path(analysis, STATE_ALL);
	uint64_t instructions = 0;
	struct trace trace;

	assert_null(trace_begin(&trace, r->data, r->size));
	assert_null(analysis_take_blocks(analysis, STATE_ALL, &trace, NULL));
	assert_int_equal(all->count, 3);
	assert_int_equal(all->instructions, 9);
	assert_int_equal(all->tree.root->total, 9);
	assert_int_equal(all->tree.root->calls, 3);
	assert_int_equal(all->tree.root->first->calls, 1);
	assert_int_equal(all->tree.root->first->total, 5);
	assert_null(all->tree.root->first->next);
	assert_int_equal(all->footprint.stores, 5);
	for (size_t i = 0; i < all->blocks.count; i++)
		instructions += all->blocks.list[i].instructions;
	assert_int_equal(instructions, 9);
	/* The quick operations consist of the slow one's first block. */
	assert_int_equal(all->blocks.count, 3);
	assert_int_equal(all->blocks.list[0].times, 3);
	trace_end(&trace);
}

/* Three operations on two paths; the sample of the last one is wrong. */
static void test_paths_by_frequency(void **state)
{
	static const struct line quick[] = { CLOCK_BEGIN, NOP(0x1020), CLOCK_END };
	static const struct line slow[] = {
		CLOCK_BEGIN, CALL(0x1020), NOPS(0x1200, 4), RET(0x1201), NOP(0x1025), CLOCK_END };
	struct sample list[] = { { 5 + 7, 0 }, { 5 + 1, 0 }, { 5 + 2, 0 } };
	struct samples samples = { .list = list, .count = 3, .overhead = 5 };
	struct analysis analysis = { 0 };
	struct recording r;
	struct trace trace;

	(void)state;
	recording_open(&r);
	/* Operations before a restart are discarded. */
	record(&r, quick, ARRAY_SIZE(quick));
	recorder_restart(&r.recorder);
	record(&r, slow, ARRAY_SIZE(slow));
	/* An operation that failed has no sample and is discarded. */
	recorder_begin(&r.recorder, 0, KMEMLAB_MARK_ALLOC);
	record(&r, quick, ARRAY_SIZE(quick));
	record(&r, quick, ARRAY_SIZE(quick));
	recording_close(&r);
	assert_null(symbols_add_kernel(&analysis.symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_run(&analysis, &trace, &samples, NULL));
	assert_int_equal(analysis.operations, 3);
	assert_int_equal(analysis.path_count, 2);
	assert_int_equal(analysis.all.instructions, 9);
	assert_int_equal(analysis.differing, 1);
	assert_int_equal(analysis.first_differing, 2);
	assert_int_equal(analysis_path(&analysis, STATE_STEADY)->instructions, 1);
	assert_int_equal(analysis_path(&analysis, STATE_STEADY)->count, 2);
	assert_int_equal(analysis_path(&analysis, STATE_COLD)->instructions, 7);
	assert_int_equal(analysis_path(&analysis, STATE_REFILL)->instructions, 7);
	assert_string_equal(analysis_mark(&analysis, &analysis.paths[1]), "inner");
	trace_end(&trace);
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_take_blocks(&analysis, STATE_REFILL, &trace, NULL));
	assert_int_equal(analysis.paths[0].blocks.count, 0);
	assert_int_equal(analysis.paths[1].blocks.count, 3);
	assert_int_equal(analysis.paths[1].blocks.list[1].address, BASE + 0x1200);
	assert_int_equal(analysis.paths[1].blocks.list[1].length, 2);
	assert_int_equal(analysis.paths[1].blocks.list[1].instructions, 5);
	/* Four adjacent stores by the repeated instruction, and one by the return. */
	assert_int_equal(analysis.paths[1].footprint.stores, 5);
	assert_int_equal(analysis.paths[1].footprint.stored_bytes, 40);
	assert_int_equal(analysis.paths[1].footprint.lines, 1);
	trace_end(&trace);
	check_sums(&analysis, &r);
	analysis_release(&analysis);
	free(r.data);
}

/* Only string instructions clear and copy bytes; other stores and interrupts do not. */
static void test_string_bytes(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, STORE(0x1020, 0x7000), { 0x1021, "\xf3\xa4", 2, 1, 0x7000, 0x8000 },
		{ 0x1700, "\xf3\xa4", 2, 1, 0x7000, 0x8000 }, IRET(0x1702),
		CALL(0x1025), REP_STOSQ(0x1200, 4), RET(0x1203), CLOCK_END };
	struct sample list[] = { { 5 + 5 + 2, 1 }, { 5 + 5 + 2, 1 } };
	struct samples samples = { .list = list, .count = 2, .overhead = 5 };
	struct analysis analysis = { 0 };
	struct recording r;
	struct trace trace;

	(void)state;
	recording_open(&r);
	record(&r, lines, ARRAY_SIZE(lines));
	record(&r, lines, ARRAY_SIZE(lines));
	recording_close(&r);
	assert_null(symbols_add_kernel(&analysis.symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_run(&analysis, &trace, &samples, NULL));
	assert_int_equal(analysis.differing, 0);
	assert_int_equal(analysis.paths[0].footprint.cleared_bytes, 32);
	assert_int_equal(analysis.paths[0].footprint.copied_bytes, 8);
	assert_int_equal(analysis.all.footprint.cleared_bytes, 64);
	assert_int_equal(analysis.all.footprint.copied_bytes, 16);
	analysis_release(&analysis);
	trace_end(&trace);
	free(r.data);
}

/* The model ignores the accesses of interrupts. */
static void test_cache_model(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, LOAD(0x1020, 0x7000), LOAD(0x1021, 0x8000),
		LOAD(0x1700, 0x9000), LOAD(0x1701, 0xa000), IRET(0x1702),
		LOAD(0x1022, 0x7000), LOAD(0x1023, 0x9000), CLOCK_END };
	struct sample sample = { 5 + 4 + 3, 1 };
	struct samples samples = { .list = &sample, .count = 1, .overhead = 5 };
	struct analysis analysis = { 0 };
	struct cache_model model;
	struct recording r;
	struct trace trace;

	(void)state;
	recording_open(&r);
	record(&r, lines, ARRAY_SIZE(lines));
	recording_close(&r);
	assert_null(cache_model_read(&model, "l1=128,2"));
	assert_null(symbols_add_kernel(&analysis.symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_run(&analysis, &trace, &samples, &model));
	assert_int_equal(analysis.differing, 0);
	assert_int_equal(analysis.paths[0].instructions, 4);
	assert_int_equal(analysis.all.tree.interrupt_instructions, 3);
	/* 7000 and 8000 fill both ways; 7000 still hits, 9000 misses. */
	assert_int_equal(analysis.paths[0].footprint.misses[0], 3);
	assert_int_equal(analysis.paths[0].footprint.loads, 4);
	cache_model_release(&model);
	analysis_release(&analysis);
	trace_end(&trace);
	free(r.data);
}

static void test_empty_trace(void **state)
{
	struct samples samples = { 0 };
	struct analysis analysis = { 0 };
	struct recording r;
	struct trace trace;

	(void)state;
	recording_open(&r);
	recording_close(&r);
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_run(&analysis, &trace, &samples, NULL));
	assert_int_equal(analysis.operations, 0);
	assert_int_equal(symbols_find(&analysis.symbols, BASE), 0);
	analysis_release(&analysis);
	trace_end(&trace);
	free(r.data);
}

/* The same operation as a document, as lines and as a page. */
static void test_outputs(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), CALL(0x1101), NOPS(0x1200, 3), RET(0x1201),
		RET(0x1106), NOP(0x1025), CLOCK_END };
	struct sample sample = { 5 + 9, 0 };
	struct samples samples = { .list = &sample, .count = 1, .overhead = 5 };
	struct explain_context context = { .facility = "a<b", .op = "alloc", .workload = "batch",
		.gfp = "kernel", .condition = "fresh", .kernel = "1.2", .arch = "x", .state = "steady", .input_sha256 = "0" };
	struct analysis analysis = { 0 };
	struct recording r;
	struct trace trace;
	json_t *document;
	char *text;

	(void)state;
	recording_open(&r);
	record(&r, lines, ARRAY_SIZE(lines));
	recording_close(&r);
	assert_null(symbols_add_kernel(&analysis.symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_run(&analysis, &trace, &samples, NULL));
	assert_int_equal(analysis.differing, 0);
	document = explain_document(&analysis, analysis.paths, &context);
	text = golden_output(explain_print_folded, document);
	assert_string_equal(text, "module_alloc_n 2\nmodule_alloc_n;outer 3\n"
				  "module_alloc_n;outer;inner 4\n");
	free(text);
	text = golden_output(report_explanation_html, document);
	assert_non_null(strstr(text, "<h1>a&#60;b, alloc"));
	assert_non_null(strstr(text, "<li class=\"root\" style=\"width:100.0000%\" data-n=\"2\">"));
	assert_non_null(strstr(text, "<li class=\"call\" style=\"width:77.7778%\" data-n"));	/* 7 of 9 */
	assert_non_null(strstr(text, "<li class=\"call\" style=\"width:57.1429%\" data-n"));	/* 4 of 7 */
	assert_null(html_error(text));
	free(text);
	json_decref(document);
	analysis_release(&analysis);
	trace_end(&trace);
	free(r.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_by_frequency),
		cmocka_unit_test(test_string_bytes),
		cmocka_unit_test(test_cache_model),
		cmocka_unit_test(test_empty_trace),
		cmocka_unit_test(test_outputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
