// SPDX-License-Identifier: GPL-2.0-or-later
/* Building call trees from recorded instructions. */
#include "recording.h"

static const struct call_node *child_of(const struct call_node *node, const char *name)
{
	for (const struct call_node *c = node->first; c; c = c->next)
		if (!strcmp(c->name, name))
			return c;
	fail_msg("%s has no child %s", node->name, name);
	return NULL;
}

static void check_node(const struct call_node *node, uint64_t self, uint64_t total, uint64_t calls)
{
	assert_int_equal(node->self, self);
	assert_int_equal(node->total, total);
	assert_int_equal(node->calls, calls);
}

/* An operation that only reads the clock has no instructions. */
static void test_empty_operation(void **state)
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
		/* the cold part belongs to the same function */
		NOP(0x1800), JMP(0x1801), RET(0x1110),
		NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct call_node *outer = child_of(tree.root, "outer");

	(void)state;
	assert_int_equal(tree.instructions, 17);
	check_node(tree.root, 2, 17, 1);
	check_node(outer, 7, 15, 1);
	check_node(child_of(outer, "inner"), 8, 8, 2);
	assert_null(outer->first->next);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* A jump to another function, which returns to the caller of the first. */
static void test_tail_call(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), JMP(0x1101), NOP(0x1300), RET(0x1301),
		NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct call_node *tail = child_of(child_of(tree.root, "outer"), "tail");

	(void)state;
	check_node(tree.root, 2, 6, 1);
	check_node(tail, 2, 2, 1);
	assert_int_equal(tail->kind, NODE_TAIL);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* A retpoline replaces its return address with the target: the target is a child of the caller. */
static void test_retpoline(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), CALL(0x1400), NOP(0x140b), RET(0x140f),
		NOP(0x1200), JMP(0x1201), RET(0x1500),
		NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct call_node *inner = child_of(tree.root, "inner");

	(void)state;
	assert_int_equal(tree.instructions, 8);
	check_node(tree.root, 2, 8, 1);
	check_node(child_of(tree.root, "__x86_indirect_thunk_rax"), 3, 3, 1);
	check_node(inner, 2, 3, 1);
	check_node(child_of(inner, "__x86_return_thunk"), 1, 1, 1);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* On a CPU that needs no retpoline the thunk jumps to its target. */
static void test_jumping_thunk(void **state)
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
	check_node(tree.root, 3, 11, 1);
	check_node(child_of(tree.root, "__x86_indirect_thunk_rax"), 1, 1, 1);
	check_node(child_of(tree.root, "inner"), 2, 2, 1);
	assert_int_equal(child_of(tree.root, "inner")->kind, NODE_CALL);
	check_node(child_of(child_of(tree.root, "outer"), "__x86_indirect_thunk_rax"), 1, 1, 1);
	check_node(child_of(child_of(tree.root, "outer"), "tail"), 2, 2, 1);
	assert_int_equal(child_of(child_of(tree.root, "outer"), "tail")->kind, NODE_TAIL);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* A faulting instruction is executed twice and counted once. */
static void test_fault(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), NOP(0x1101),
		NOP(0x1600), CALL(0x1601), NOP(0x1900), RET(0x1901), IRET(0x1606),
		NOP(0x1101), RET(0x1102), NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct call_node *outer = child_of(tree.root, "outer");
	const struct call_node *fault = child_of(outer, "asm_exc_page_fault");

	(void)state;
	assert_int_equal(tree.instructions, 10);
	check_node(outer, 3, 8, 1);
	check_node(fault, 3, 5, 1);
	assert_int_equal(fault->kind, NODE_FAULT);
	check_node(child_of(fault, "handler"), 2, 2, 1);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* An interrupt between a call and the callee's first instruction is counted separately. */
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
	check_node(child_of(tree.root, "outer"), 2, 2, 1);
	check_node(child_of(tree.interrupts, "asm_sysvec_apic_timer_interrupt"), 3, 6, 1);
	assert_true(tree.path == calm_tree.path);
	call_tree_release(&calm_tree);
	call_tree_release(&tree);
	symbols_release(&same_symbols);
	symbols_release(&symbols);
}

/* arm64's el1h_64_irq calls el1h_64_irq_handler, whose name has the same beginning. */
static void test_interrupt_handler(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020),
		NOP(0x1700), CALL(0x1701), NOP(0x2100), RET(0x2101), IRET(0x1706),
		NOP(0x1100), RET(0x1101), NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);

	(void)state;
	assert_int_equal(tree.instructions, 4);
	assert_int_equal(tree.interrupt_instructions, 5);
	check_node(child_of(tree.root, "outer"), 2, 2, 1);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* A repeated string instruction is one instruction, even if an interrupt stops it. */
static void test_string_instruction(void **state)
{
	static const struct line calm[] = {
		CLOCK_BEGIN, NOP(0x1020), REP_STOSQ(0x1021, 4), REP_STOSQ(0x1021, 508),
		NOP(0x1024), CLOCK_END };
	static const struct line hit[] = {
		CLOCK_BEGIN, NOP(0x1020), REP_STOSQ(0x1021, 100),
		NOP(0x1700), NOP(0x1701), IRET(0x1702),
		REP_STOSQ(0x1021, 412), NOP(0x1024), CLOCK_END };
	struct symbols symbols = { 0 };
	struct symbols same_symbols = { 0 };
	struct call_tree calm_tree = TREE_OF(calm, &same_symbols);
	struct call_tree tree = TREE_OF(hit, &symbols);

	(void)state;
	assert_int_equal(calm_tree.instructions, 3);
	assert_int_equal(tree.instructions, 3);
	assert_int_equal(tree.interrupt_instructions, 3);
	assert_true(tree.path == calm_tree.path);
	call_tree_release(&calm_tree);
	call_tree_release(&tree);
	symbols_release(&same_symbols);
	symbols_release(&symbols);
}

/* Entry of a device interrupt: a stub jumps to the common entry, which calls the handler. */
#define DEVICE_INTERRUPT NOP(0x1e00), JMP(0x1e01), NOP(0x1f00), CALL(0x1f01), NOP(0x2000), \
	RET(0x2001), IRET(0x1f06)

/* A second interrupt enters when the first returns; the handler is entered by a call. */
static void test_pending_interrupt(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, NOP(0x1020), REP_STOSQ(0x1021, 100), DEVICE_INTERRUPT, DEVICE_INTERRUPT,
		REP_STOSQ(0x1021, 412), NOP(0x1024), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);

	(void)state;
	assert_int_equal(tree.instructions, 3);
	assert_int_equal(tree.interrupt_instructions, 14);
	assert_null(tree.interrupts->first->next);
	check_node(tree.interrupts->first, 4, 14, 2);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* Save the old task's registers and load the new task's; the stacks are at 0x6000, 0x7000, ... */
#define SWITCH(from, to) STORE(0x1b00, (from) - 8), STORE(0x1b01, 0x8000 + (from)), \
	LOAD(0x1b02, 0x8000 + (to)), STORE(0x1b03, 0x4444), LOAD(0x1b04, (to) - 8), JMP(0x1b05), \
	NOP(0x1c00), RET(0x1c01)

/* Instructions of other tasks are not part of the operation that was switched out. */
static void test_task_switch(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020), NOP(0x1100), CALL(0x1101),
		NOP(0x1a00), CALL(0x1a01), SWITCH(0x6000, 0x7000),
		/* another task returns to user mode, enters the kernel and is switched out */
		IRET(0x1d00), NOP(0x1600), CALL(0x1601), NOP(0x1a00), CALL(0x1a01),
		SWITCH(0x7000, 0x9000), NOP(0x1a06), CALL(0x1a01),
		SWITCH(0x9000, 0x6000),
		NOP(0x1a06), RET(0x1a07), RET(0x1106), NOP(0x1025), CLOCK_END };
	struct symbols symbols = { 0 };
	struct call_tree tree = TREE_OF(lines, &symbols);
	const struct call_node *outer = child_of(tree.root, "outer");
	const struct call_node *schedule = child_of(outer, "schedule");
	const struct call_node *switcher = child_of(schedule, "__switch_to_asm");

	(void)state;
	assert_int_equal(tree.instructions, 17);
	assert_int_equal(tree.other_instructions, 2 + 5 + 8 + 2 + 6);
	assert_false(tree.clock_ran_on);
	check_node(tree.root, 2, 17, 1);
	check_node(outer, 3, 15, 1);
	check_node(schedule, 4, 12, 1);
	check_node(switcher, 6, 8, 1);
	check_node(child_of(switcher, "__switch_to"), 2, 2, 1);
	call_tree_release(&tree);
	symbols_release(&symbols);
}

/* The clock is not comparable if the CPU was idle or in user mode. */
static void test_clock_ran_on(void **state)
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
		cmocka_unit_test(test_empty_operation),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_tail_call),
		cmocka_unit_test(test_retpoline),
		cmocka_unit_test(test_jumping_thunk),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_interrupt_handler),
		cmocka_unit_test(test_string_instruction),
		cmocka_unit_test(test_pending_interrupt),
		cmocka_unit_test(test_task_switch),
		cmocka_unit_test(test_clock_ran_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
