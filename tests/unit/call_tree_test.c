// SPDX-License-Identifier: GPL-2.0-or-later
/* Following calls through traces that are written down here. */
#include "recording.h"

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

/* Where the CPU needs no retpoline the thunk jumps: the same calls. */
static void test_thunk_that_jumps(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), CODE(0x1400, "\xff\xe0"), NOP(0x1200), RET(0x1201),
		NOP(0x1025), CALL(0x1026),
		NOP(0x1100), JMP(0x1101), CODE(0x1400, "\xff\xe0"), NOP(0x1300), RET(0x1301),
		CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);

	(void)state;
	assert_int_equal(tree.instructions, 11);
	check(tree.root, 3, 11, 1);
	check(child(tree.root, "__x86_indirect_thunk_rax"), 1, 1, 1);
	check(child(tree.root, "inner"), 2, 2, 1);
	assert_int_equal(child(tree.root, "inner")->kind, NODE_CALL);
	check(child(child(tree.root, "outer"), "__x86_indirect_thunk_rax"), 1, 1, 1);
	check(child(child(tree.root, "outer"), "tail"), 2, 2, 1);
	assert_int_equal(child(child(tree.root, "outer"), "tail")->kind, NODE_TAIL);
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
	assert_false(tree.clock_ran_on);
	check(tree.root, 2, 17, 1);
	check(outer, 3, 15, 1);
	check(schedule, 4, 12, 1);
	check(switcher, 6, 8, 1);
	check(child(switcher, "__switch_to"), 2, 2, 1);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* An idle CPU's clock goes on, and a user's instructions are not followed. */
static void test_clock_runs_on(void **state)
{
	static const struct line idle[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1a00), CALL(0x1a01), SWITCH(0x6000, 0x7000),
		CODE(0x1901, "\xf4"), NOP(0x1902), CALL(0x1a01),
		SWITCH(0x7000, 0x6000), RET(0x1a06), NOP(0x1025), CLOCK_END };
	static const struct line user[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1a00), CALL(0x1a01), SWITCH(0x6000, 0x7000),
		IRET(0x1d00), NOP(0x0010), NOP(0x1600), CALL(0x1a01),
		SWITCH(0x7000, 0x6000), RET(0x1a06), NOP(0x1025), CLOCK_END };
	struct symbols symbols[2] = { 0 };
	struct call_tree trees[2] = { TREE_OF(idle, &symbols[0]), TREE_OF(user, &symbols[1]) };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(trees[i].clock_ran_on);
		assert_int_equal(trees[i].instructions, 13);
		call_tree_release(&trees[i]);
		symbols_release(&symbols[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_tail_call),
		cmocka_unit_test(test_retpoline),
		cmocka_unit_test(test_thunk_that_jumps),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_switch),
		cmocka_unit_test(test_clock_runs_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
