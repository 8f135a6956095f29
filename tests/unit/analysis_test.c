// SPDX-License-Identifier: GPL-2.0-or-later
/* All operations of an experiment: paths, the clock, and how that is shown. */
#include "recording.h"

#include "explain/analysis.h"
#include "explain/view.h"
#include "report/report.h"

/* Three operations of two paths; the clock's figure for the last one is wrong. */
static void test_analysis(void **state)
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
	/* What was recorded before the experiment began anew is in no sample. */
	record(&r, quick, sizeof(quick) / sizeof(*quick));
	recorder_restart(&r.recorder);
	record(&r, slow, sizeof(slow) / sizeof(*slow));
	/* An operation that was begun and refused is in no sample either. */
	recorder_begin(&r.recorder, 0, KMEMLAB_MARK_ALLOC);
	record(&r, quick, sizeof(quick) / sizeof(*quick));
	record(&r, quick, sizeof(quick) / sizeof(*quick));
	recording_close(&r);
	assert_null(symbols_add_kernel(&analysis.symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_run(&analysis, &trace, &samples, NULL));
	assert_int_equal(analysis.operations, 3);
	assert_int_equal(analysis.path_count, 2);
	assert_int_equal(analysis.instructions, 9);
	assert_int_equal(analysis.differing, 1);
	assert_int_equal(analysis.first_differing, 2);
	assert_int_equal(analysis_path(&analysis, STATE_STEADY)->instructions, 1);
	assert_int_equal(analysis_path(&analysis, STATE_STEADY)->count, 2);
	assert_int_equal(analysis_path(&analysis, STATE_COLD)->instructions, 7);
	assert_int_equal(analysis_path(&analysis, STATE_REFILL)->instructions, 7);
	assert_string_equal(analysis_mark(&analysis, &analysis.paths[1]), "inner");
	trace_end(&trace);
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_take_blocks(&analysis, STATE_REFILL, &trace));
	assert_int_equal(analysis.paths[0].blocks.count, 0);
	assert_int_equal(analysis.paths[1].blocks.count, 3);
	assert_int_equal(analysis.paths[1].blocks.list[1].address, BASE + 0x1200);
	assert_int_equal(analysis.paths[1].blocks.list[1].length, 2);
	assert_int_equal(analysis.paths[1].blocks.list[1].instructions, 5);
	/* Four stores side by side by the repeated instruction, and the return's own one. */
	assert_int_equal(analysis.paths[1].footprint.stores, 5);
	assert_int_equal(analysis.paths[1].footprint.stored_bytes, 40);
	assert_int_equal(analysis.paths[1].footprint.lines, 1);
	analysis_release(&analysis);
	trace_end(&trace);
	free(r.data);
}

/* The model sees the operation's own data: what an interrupt touches is in no cache of it. */
static void test_model(void **state)
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
	record(&r, lines, sizeof(lines) / sizeof(*lines));
	recording_close(&r);
	assert_null(cache_model_read(&model, "l1=128,2"));
	assert_null(symbols_add_kernel(&analysis.symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_run(&analysis, &trace, &samples, &model));
	assert_int_equal(analysis.differing, 0);
	assert_int_equal(analysis.paths[0].instructions, 4);
	assert_int_equal(analysis.interrupt_instructions, 3);
	/* 7000 and 8000 fill both ways; 7000 is there still, 9000 is not. */
	assert_int_equal(analysis.paths[0].footprint.misses[0], 3);
	assert_int_equal(analysis.paths[0].footprint.loads, 4);
	cache_model_release(&model);
	analysis_release(&analysis);
	trace_end(&trace);
	free(r.data);
}

static char *shown(const json_t *document, void (*show)(const json_t *document, FILE *out))
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	show(document, out);
	fclose(out);
	return text;
}

/* The same operation as a document, as lines and as a page. */
static void test_views(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), CALL(0x1101), NOPS(0x1200, 3), RET(0x1201),
		RET(0x1106), NOP(0x1025), CLOCK_END };
	struct sample sample = { 5 + 9, 0 };
	struct samples samples = { .list = &sample, .count = 1, .overhead = 5 };
	struct view_facts facts = { .facility = "a<b", .op = "alloc", .workload = "batch",
		.gfp = "kernel", .kernel = "1.2", .arch = "x", .state = "steady", .input_sha256 = "0" };
	struct analysis analysis = { 0 };
	struct recording r;
	struct trace trace;
	json_t *document;
	char *text;

	(void)state;
	recording_open(&r);
	record(&r, lines, sizeof(lines) / sizeof(*lines));
	recording_close(&r);
	assert_null(symbols_add_kernel(&analysis.symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_null(analysis_run(&analysis, &trace, &samples, NULL));
	assert_int_equal(analysis.differing, 0);
	document = view_json(&analysis, analysis.paths, &facts);
	text = shown(document, view_folded);
	assert_string_equal(text, "module_alloc_n 2\nmodule_alloc_n;outer 3\n"
				  "module_alloc_n;outer;inner 4\n");
	free(text);
	text = shown(document, report_explanation_html);
	assert_non_null(strstr(text, "<h1>a&#60;b, alloc"));
	assert_non_null(strstr(text, "<li class=\"root\" style=\"width:100.0000%\">"));
	assert_non_null(strstr(text, "<li class=\"call\" style=\"width:77.7778%\">"));	/* 7 of 9 */
	assert_non_null(strstr(text, "<li class=\"call\" style=\"width:57.1429%\">"));	/* 4 of 7 */
	assert_null(strstr(text, "<script"));
	free(text);
	json_decref(document);
	analysis_release(&analysis);
	trace_end(&trace);
	free(r.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_analysis),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_views),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
