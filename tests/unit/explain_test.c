// SPDX-License-Identifier: GPL-2.0-or-later
/* Following calls through traces that are written down here, instruction by instruction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "explain/alignment.h"
#include "explain/analysis.h"
#include "explain/view.h"
#include "plugin/marks.h"
#include "plugin/recorder.h"
#include "report/report.h"

#include <linux/kmemlab.h>

/* A little kernel: one function each 256 bytes, from 0x1000 on. */
static const char kallsyms[] =
	"ffffffff00001000 t module_alloc_n\n"
	"ffffffff00001100 T outer\n"
	"ffffffff00001200 T inner\n"
	"ffffffff00001300 t tail\n"
	"ffffffff00001400 T __x86_indirect_thunk_rax\n"
	"ffffffff00001500 T __x86_return_thunk\n"
	"ffffffff00001600 T asm_exc_page_fault\n"
	"ffffffff00001700 T asm_sysvec_apic_timer_interrupt\n"
	"ffffffff00001800 t outer.cold\n"
	"ffffffff00001900 T handler\n"
	"ffffffff00001900 W alias\n"
	"ffffffff00001a00 T schedule\n"
	"ffffffff00001b00 T __switch_to_asm\n"
	"ffffffff00001c00 T __switch_to\n"
	"ffffffff00001d00 T user_comes_and_goes\n";

#define BASE 0xffffffff00000000ULL

/* What is executed: address, code. The plugin's own recorder writes it down. */
struct line {
	uint32_t address;
	const char *code;
	size_t size;
	int times;		/* in a row */
	uint32_t stores, loads;	/* an address, or 0 */
};

#define CODE(address, bytes) { address, bytes, sizeof(bytes) - 1, 1, 0, 0 }
#define NOP(address) CODE(address, "\x90")
#define NOPS(address, times) { address, "\x90", 1, times, 0, 0 }
#define STORE(address, where) { address, "\x90", 1, 1, where, 0 }
#define LOAD(address, where) { address, "\x90", 1, 1, 0, where }
#define CALL(address) CODE(address, "\xe8\0\0\0\0")
#define RET(address) CODE(address, "\xc3")
#define JMP(address) CODE(address, "\xeb\0")
#define IRET(address) CODE(address, "\x48\xcf")
#define RDTSC(address) CODE(address, "\x0f\x31")
#define LFENCE(address) CODE(address, "\x0f\xae\xe8")

/* The clock's two blocks, as the module has them. */
#define CLOCK_BEGIN LFENCE(0x1010), RDTSC(0x1013), CODE(0x1015, "\x89\x04\x24"), \
	CODE(0x1018, "\x89\x54\x24\x04"), LFENCE(0x101c)
#define CLOCK_END LFENCE(0x1080), RDTSC(0x1083), NOP(0x1085)

struct recording {
	struct recorder recorder;
	char path[32];
	char *data;
	size_t size;
};

static void recording_open(struct recording *r)
{
	strcpy(r->path, "/tmp/kmemlab-test-XXXXXX");
	close(mkstemp(r->path));
	assert_int_equal(recorder_open(&r->recorder, r->path, 1 << 20, "x86_64"), 0);
	recorder_restart(&r->recorder);
}

static void record(struct recording *r, const struct line *lines, size_t count)
{
	recorder_begin(&r->recorder, 0, KMEMLAB_MARK_ALLOC);
	for (size_t i = 0; i < count; i++) {
		struct block *block = recorder_block(&r->recorder, 1);

		block->instructions[0] = (struct instruction) {
			.block = block,
			.address = BASE + lines[i].address,
			.size = lines[i].size,
		};
		memcpy(block->instructions[0].code, lines[i].code, lines[i].size);
		for (int n = 0; n < lines[i].times; n++) {
			recorder_executed(&r->recorder, 0, &block->instructions[0]);
			/* Each instruction at 0x12.. stores eight bytes, one behind the other. */
			if (lines[i].address >> 8 == 0x12)
				recorder_accessed(&r->recorder, 0, true, 3, 0x5000 + 8 * n);
			if (lines[i].stores)
				recorder_accessed(&r->recorder, 0, true, 3, lines[i].stores);
			if (lines[i].loads)
				recorder_accessed(&r->recorder, 0, false, 3, lines[i].loads);
		}
	}
	recorder_done(&r->recorder, 0);
}

static void recording_close(struct recording *r)
{
	FILE *in;

	recorder_finish(&r->recorder, TRACE_COMPLETE);
	fclose(r->recorder.out);
	in = fopen(r->path, "r");
	r->data = calloc(1, 1 << 20);
	r->size = fread(r->data, 1, 1 << 20, in);
	fclose(in);
	unlink(r->path);
}

/* One operation's tree. */
static struct call_tree tree_of(const struct line *lines, size_t count, struct symbols *symbols)
{
	struct recording r;
	struct trace trace;
	struct operation operation = { 0 };
	struct placed *placed = calloc(count, sizeof(*placed));
	struct call_tree tree;
	char *error;

	recording_open(&r);
	record(&r, lines, count);
	recording_close(&r);
	assert_null(symbols_add_kernel(symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_true(trace_next(&trace, &operation, &error));
	assert_null(call_tree_build(&tree, &trace, &operation, symbols, placed));
	free(placed);
	operation_release(&operation);
	trace_end(&trace);
	free(r.data);
	return tree;
}

#define TREE_OF(lines, symbols) tree_of(lines, sizeof(lines) / sizeof(*(lines)), symbols)

static const struct node *child(const struct node *node, const char *name)
{
	for (const struct node *c = node->first; c; c = c->next)
		if (!strcmp(c->name, name))
			return c;
	fail_msg("%s has no child %s", node->name, name);
	return NULL;
}

static void check(const struct node *node, uint64_t self, uint64_t total, uint64_t calls)
{
	assert_int_equal(node->self, self);
	assert_int_equal(node->total, total);
	assert_int_equal(node->calls, calls);
}

/* Of nothing but the clock's blocks nothing is left. */
static void test_nothing(void **state)
{
	static const struct line lines[] = { CLOCK_BEGIN, CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);

	(void)state;
	assert_int_equal(tree.instructions, 0);
	assert_string_equal(tree.root->name, "module_alloc_n");
	call_tree_release(&tree);
	symbols_release(&symbols);
}

static void test_calls(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020),
		NOP(0x1100), CALL(0x1101), NOPS(0x1200, 5), RET(0x1201),
		CALL(0x1106), NOP(0x1200), RET(0x1201), JMP(0x110b),
		/* moved out of the way and back: the same function */
		NOP(0x1800), JMP(0x1801), RET(0x1110),
		NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct node *outer = child(tree.root, "outer");

	(void)state;
	assert_int_equal(tree.instructions, 17);
	check(tree.root, 2, 17, 1);
	check(outer, 7, 15, 1);
	check(child(outer, "inner"), 8, 8, 2);
	assert_null(outer->first->next);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* A jump into another function; it returns to who called the first. */
static void test_tail_call(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), JMP(0x1101), NOP(0x1300), RET(0x1301),
		NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct node *tail = child(child(tree.root, "outer"), "tail");

	(void)state;
	check(tree.root, 2, 6, 1);
	check(tail, 2, 2, 1);
	assert_int_equal(tail->kind, NODE_TAIL);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* call thunk; in it call, overwrite the return address, ret: the target is called by the caller. */
static void test_retpoline(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), CALL(0x1400), NOP(0x140b), RET(0x140f),
		NOP(0x1200), JMP(0x1201), RET(0x1500),
		NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct node *inner = child(tree.root, "inner");

	(void)state;
	assert_int_equal(tree.instructions, 8);
	check(tree.root, 2, 8, 1);
	check(child(tree.root, "__x86_indirect_thunk_rax"), 3, 3, 1);
	check(inner, 2, 3, 1);
	check(child(inner, "__x86_return_thunk"), 1, 1, 1);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* The instruction that faults is executed twice and counted once. */
static void test_fault(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), NOP(0x1101),
		NOP(0x1600), CALL(0x1601), NOP(0x1900), RET(0x1901), IRET(0x1606),
		NOP(0x1101), RET(0x1102), NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct node *outer = child(tree.root, "outer");
	const struct node *fault = child(outer, "asm_exc_page_fault");

	(void)state;
	assert_int_equal(tree.instructions, 10);
	check(outer, 3, 8, 1);
	check(fault, 3, 5, 1);
	assert_int_equal(fault->kind, NODE_FAULT);
	check(child(fault, "handler"), 2, 2, 1);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* An interrupt, right behind a call and before the callee's first instruction: kept apart. */
static void test_interrupt(void **state)
{
	static const struct line calm[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), RET(0x1101), NOP(0x1025), CLOCK_END };
	static const struct line hit[] = {
		CLOCK_BEGIN, CALL(0x1020),
		NOP(0x1700), CALL(0x1701), NOP(0x1900), RDTSC(0x1901), RET(0x1903), IRET(0x1706),
		NOP(0x1100), RET(0x1101), NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct symbols same_symbols = { 0 };
	struct call_tree calm_tree = TREE_OF(calm, &same_symbols);
	struct call_tree tree = TREE_OF(hit, &symbols);

	(void)state;
	assert_int_equal(tree.instructions, 4);
	assert_int_equal(tree.interrupt_instructions, 6);
	check(child(tree.root, "outer"), 2, 2, 1);
	check(child(tree.interrupts, "asm_sysvec_apic_timer_interrupt"), 3, 6, 1);
	assert_true(tree.path == calm_tree.path);
	call_tree_release(&calm_tree);
	call_tree_release(&tree);
	symbols_release(&same_symbols);
	symbols_release(&symbols);
}

/* Pushes the old task's registers, loads the new one's: the stacks are at 0x6000, 0x7000, ... */
#define SWITCH(from, to) STORE(0x1b00, (from) - 8), STORE(0x1b01, 0x8000 + (from)), \
	LOAD(0x1b02, 0x8000 + (to)), STORE(0x1b03, 0x4444), LOAD(0x1b04, (to) - 8), JMP(0x1b05), \
	NOP(0x1c00), RET(0x1c01)

/* Other tasks, users and all, are no part of the operation that lost the CPU to them. */
static void test_switch(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), CALL(0x1101),
		NOP(0x1a00), CALL(0x1a01), SWITCH(0x6000, 0x7000),
		/* another one returns to its user, comes again, and goes */
		IRET(0x1d00), NOP(0x1600), CALL(0x1601), NOP(0x1a00), CALL(0x1a01),
		SWITCH(0x7000, 0x9000), NOP(0x1a06), CALL(0x1a01),
		SWITCH(0x9000, 0x6000),
		NOP(0x1a06), RET(0x1a07), RET(0x1106), NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct node *outer = child(tree.root, "outer");
	const struct node *schedule = child(outer, "schedule");
	const struct node *switcher = child(schedule, "__switch_to_asm");

	(void)state;
	assert_int_equal(tree.instructions, 17);
	assert_int_equal(tree.other_instructions, 2 + 5 + 8 + 2 + 6);
	check(tree.root, 2, 17, 1);
	check(outer, 3, 15, 1);
	check(schedule, 4, 12, 1);
	check(switcher, 6, 8, 1);
	check(child(switcher, "__switch_to"), 2, 2, 1);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

static void check_aligned(const struct aligned *aligned, const char *name, uint64_t first,
			  uint64_t second, uint64_t third)
{
	assert_string_equal(aligned->name, name);
	assert_int_equal(aligned->self[0], first);
	assert_int_equal(aligned->self[1], second);
	assert_int_equal(aligned->self[2], third);
}

/* Three trees: the same function called more often, and one that is called from elsewhere. */
static void test_alignment(void **state)
{
	static const struct line one[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), CALL(0x1101), NOPS(0x1200, 3), RET(0x1201),
		RET(0x1106), CLOCK_END };
	static const struct line two[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), CALL(0x1101), NOPS(0x1200, 9), RET(0x1201),
		RET(0x1106), CALL(0x1025), NOPS(0x1200, 2), RET(0x1201), CLOCK_END };
	static const struct line three[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1300), RET(0x1301), CLOCK_END };
	struct symbols symbols[3] = { 0 };
	struct call_tree trees[3] = { TREE_OF(one, &symbols[0]), TREE_OF(two, &symbols[1]),
				      TREE_OF(three, &symbols[2]) };
	const struct node *roots[] = { trees[0].root, trees[1].root, trees[2].root };
	struct aligned *tree = align_trees(roots, 3), *functions = align_functions(tree, 3);
	int64_t changes[3] = { 0 };

	(void)state;
	check_aligned(tree, "module_alloc_n", 1, 2, 1);
	check_aligned(tree->first, "outer", 3, 3, 0);
	check_aligned(tree->first->first, "inner", 4, 10, 0);
	check_aligned(tree->first->next, "inner", 0, 3, 0);
	check_aligned(tree->first->next->next, "tail", 0, 0, 2);
	assert_false(aligned_same(tree, 3));
	check_aligned(functions->first, "inner", 4, 13, 0);
	check_aligned(functions->first->next, "outer", 3, 3, 0);
	for (const struct aligned *line = functions->first; line; line = line->next)
		for (size_t side = 0; side < 3; side++)
			changes[side] += aligned_change(line, side);
	for (size_t side = 0; side < 3; side++) {
		assert_int_equal(changes[side], (int64_t)(trees[side].instructions -
							  trees[0].instructions));
		assert_int_equal(tree->total[side], trees[side].instructions);
	}
	aligned_release(functions);
	aligned_release(tree);
	for (size_t side = 0; side < 3; side++) {
		call_tree_release(&trees[side]);
		symbols_release(&symbols[side]);
	}
}

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

static void test_limit(void **state)
{
	static const struct line lines[] = { CLOCK_BEGIN, NOP(0x1020), CLOCK_END };
	struct operation operation = { 0 };
	struct recording r;
	struct trace trace;
	char *error;

	(void)state;
	recording_open(&r);
	r.recorder.limit = 3000;
	for (int i = 0; i < 100; i++)
		record(&r, lines, sizeof(lines) / sizeof(*lines));
	recording_close(&r);
	assert_true(r.size <= 3000 + sizeof(struct trace_event));
	assert_null(trace_begin(&trace, r.data, r.size));
	while (trace_next(&trace, &operation, &error))
		;
	assert_null(error);
	assert_true(trace.limited);
	operation_release(&operation);
	trace_end(&trace);
	free(r.data);
}

/* Cut off anywhere, or with any byte changed: an error, or fewer operations, never more. */
static void test_damage(void **state)
{
	static const struct line lines[] = { CLOCK_BEGIN, NOPS(0x1200, 3), CLOCK_END };
	struct operation operation = { 0 };
	struct recording r;
	struct trace trace;
	char *error;

	(void)state;
	recording_open(&r);
	record(&r, lines, sizeof(lines) / sizeof(*lines));
	recording_close(&r);
	for (size_t i = 0; i < 2 * r.size; i++) {
		size_t size = i < r.size ? i : r.size;
		char kept = r.data[i % r.size];

		if (i >= r.size)
			r.data[i - r.size] ^= 0x55;
		error = trace_begin(&trace, r.data, size);
		while (!error && trace_next(&trace, &operation, &error))
			assert_true(operation.step_count < 100);
		if (i < r.size)
			assert_non_null(error);
		free(error);
		trace_end(&trace);
		r.data[i % r.size] = kept;
	}
	operation_release(&operation);
	free(r.data);
}

static void test_symbols(void **state)
{
	struct symbols symbols = { 0 };
	char *error;

	(void)state;
	assert_null(symbols_add_kernel(&symbols, kallsyms));
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, BASE + 0x12ff)), "inner");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, BASE + 0x1900)), "handler");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, BASE + 0x1802)), "outer");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, 0x10)), "(unknown)");
	symbols_release(&symbols);
	error = symbols_add_kernel(&symbols, "0000000000000000 T hidden\n");
	assert_non_null(strstr(error, "kptr_restrict"));
	free(error);
	symbols_release(&symbols);
	error = symbols_add_kernel(&symbols, "");
	assert_non_null(error);
	free(error);
	error = symbols_add_module(&symbols, "\177ELF no module at all", 22, 4096);
	assert_non_null(error);
	free(error);
	symbols_release(&symbols);
}

static enum flow flow(const char *target, const char *code, size_t size)
{
	return machine_find(target)->flow((const uint8_t *)code, size);
}

/* Encodings from the architectures' manuals. */
static void test_instructions(void **state)
{
	(void)state;
	assert_int_equal(flow("x86_64", "\xff\xd0", 2), FLOW_CALL);			/* call *%rax */
	assert_int_equal(flow("x86_64", "\x41\xff\xd4", 3), FLOW_CALL);		/* call *%r12 */
	assert_int_equal(flow("x86_64", "\x2e\xff\xe0", 3), FLOW_JUMP);		/* cs jmp *%rax */
	assert_int_equal(flow("x86_64", "\xff\x30", 2), FLOW_NEXT);			/* push (%rax) */
	assert_int_equal(flow("x86_64", "\xf3\xc3", 2), FLOW_RETURN);		/* repz ret */
	assert_int_equal(flow("x86_64", "\x0f\x84\0\0\0\0", 6), FLOW_JUMP);		/* je */
	assert_int_equal(flow("x86_64", "\x0f\x01\xf9", 3), FLOW_CLOCK);		/* rdtscp */
	assert_int_equal(flow("x86_64", "\x48\xcf", 2), FLOW_EXCEPTION_RETURN);	/* iretq */
	assert_int_equal(flow("aarch64", "\x00\x01\x3f\xd6", 4), FLOW_CALL);		/* blr x8 */
	assert_int_equal(flow("aarch64", "\xc0\x03\x5f\xd6", 4), FLOW_RETURN);	/* ret */
	assert_int_equal(flow("aarch64", "\xff\x0b\x5f\xd6", 4), FLOW_RETURN);	/* retaa */
	assert_int_equal(flow("aarch64", "\x40\xe0\x3b\xd5", 4), FLOW_CLOCK);	/* mrs x0 */
	assert_int_equal(flow("aarch64", "\xe0\x03\x9f\xd6", 4), FLOW_EXCEPTION_RETURN);
	assert_int_equal(flow("aarch64", "\x1f\x20\x03\xd5", 4), FLOW_NEXT);		/* nop */
	assert_int_equal(flow("aarch64", "\x41\x00\x00\x54", 4), FLOW_JUMP);		/* b.ne */
	assert_int_equal(flow("arm", "\x01\x00\x00\xeb", 4), FLOW_CALL);		/* bl */
	assert_int_equal(flow("arm", "\x33\xff\x2f\xe1", 4), FLOW_CALL);		/* blx r3 */
	assert_int_equal(flow("arm", "\x1e\xff\x2f\xe1", 4), FLOW_RETURN);		/* bx lr */
	assert_int_equal(flow("arm", "\xf0\x80\xbd\xe8", 4), FLOW_RETURN);		/* pop {r4-r7, pc} */
	assert_int_equal(flow("arm", "\x00\xa8\x9d\xe8", 4), FLOW_RETURN);		/* ldm sp, {fp, sp, pc} */
	assert_int_equal(flow("arm", "\x1e\x0f\x51\xec", 4), FLOW_CLOCK);		/* mrrc p15, 1, r0, r1, c14 */
	assert_int_equal(flow("arm", "\x00\xf0\x20\xe3", 4), FLOW_NEXT);		/* nop */
	assert_int_equal(flow("arm", "\x00\x00\x93\xe5", 4), FLOW_NEXT);		/* ldr r0, [r3] */
	assert_null(machine_find("sparc"));
}

static void test_marks(void **state)
{
	(void)state;
	assert_int_equal(target_find("x86_64")->mark((const uint8_t *)"\x0f\x1f\x80\x03\x00\x6d\x6b"),
			 KMEMLAB_MARK_ALLOC);
	assert_int_equal(target_find("x86_64")->mark((const uint8_t *)"\x0f\x1f\x80\x00\x00\x00\x00"), 0);
	assert_int_equal(target_find("aarch64")->mark((const uint8_t *)"\xbf\x6c\x8d\xd2"),
			 KMEMLAB_MARK_DONE);
	assert_int_equal(target_find("aarch64")->mark((const uint8_t *)"\x1f\x00\x80\xd2"), 0);
	assert_int_equal(target_find("arm")->mark((const uint8_t *)"\xf9\xf0\x20\xe3"),
			 KMEMLAB_MARK_ARMED);
	assert_int_equal(target_find("arm")->mark((const uint8_t *)"\xf0\xf0\x20\xe3"), 0);
	assert_null(target_find("sparc"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_tail_call),
		cmocka_unit_test(test_retpoline),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_switch),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_analysis),
		cmocka_unit_test(test_views),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_instructions),
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
