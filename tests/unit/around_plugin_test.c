// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls that the plugin counts, with blocks of x86 code that a simulated QEMU executes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/array_size.h"
#include "plugin/around.h"
#include "plugin/trace_format.h"

enum {
	ENTRY = 0x500,		/* of the kernel */
	WINDOW = 0x1000, CHOSEN = 0x1100, FAULT = 0x1200, INTERRUPT = 0x1300, SWITCHER = 0x1400,
	NEW_TASK = 0x1500, OTHER = 0x1600,
};

static const char ranges[] = "1000 1100 2 1\n1100 1200 1 0\n1200 1300 16 -1\n1300 1400 8 -1\n"
			     "1400 1500 64 -1\n1500 1600 128 -1\n";

struct qemu_plugin_insn {
	uint64_t address;
	const char *code;
	size_t size;
	executed_fn callbacks[4];
	void *contexts[4];
	size_t callback_count;
	accessed_fn access;
	uint64_t *counter;
};

struct qemu_plugin_tb {
	struct qemu_plugin_insn instructions[16];
	size_t count;
};

/* Blocks stay, as in QEMU. */
static struct qemu_plugin_tb blocks[256];
static size_t block_count;
static char in[] = "/tmp/kmemlab-ranges-XXXXXX", out[] = "/tmp/kmemlab-calls-XXXXXX";
static long read_to;	/* offset in the file of calls */

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block)
{
	return block->count;
}

struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index)
{
	return (struct qemu_plugin_insn *)&block->instructions[index];
}

uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction)
{
	return instruction->address;
}

size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction)
{
	return instruction->size;
}

bool qemu_plugin_mem_is_store(uint32_t info)
{
	return info;
}

void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
					    executed_fn callback, int flags, void *context)
{
	(void)flags;
	instruction->callbacks[instruction->callback_count] = callback;
	instruction->contexts[instruction->callback_count++] = context;
}

void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction, accessed_fn callback,
				      int flags, int directions, void *context)
{
	(void)flags, (void)directions, (void)context;
	instruction->access = callback;
}

void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int op,
						void *counter, uint64_t value)
{
	(void)op, (void)value;
	instruction->counter = counter;
}

static void copy_code(struct qemu_plugin_insn *from, uint8_t *code, size_t size)
{
	memcpy(code, from->code, size);
}

/* Translate a block: n is a nop, c a call, r a return, i an exception return, j a jump, u ud2. */
static struct qemu_plugin_tb *translate(uint64_t address, const char *code, bool user)
{
	static const struct {
		char letter;
		const char *code;
		size_t size;
	} kinds[] = {
		{ 'n', "\x90", 1 }, { 'c', "\xe8\0\0\0\0", 5 }, { 'r', "\xc3", 1 },
		{ 'i', "\x48\xcf", 2 }, { 'j', "\xeb\0", 2 }, { 'u', "\x0f\x0b", 2 },
	};
	struct qemu_plugin_tb *block = &blocks[block_count++];

	assert_true(block_count < ARRAY_SIZE(blocks));
	for (; *code; code++) {
		struct qemu_plugin_insn *instruction = &block->instructions[block->count++];

		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			if (kinds[i].letter == *code)
				*instruction = (struct qemu_plugin_insn) {
					.address = address, .code = kinds[i].code,
					.size = kinds[i].size };
		address += instruction->size;
	}
	around_instrument(block, user, copy_code);
	return block;
}

/* Begin count instructions of a block. */
static void execute(const struct qemu_plugin_tb *block, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct qemu_plugin_insn *instruction = &block->instructions[i];

		for (size_t k = 0; k < instruction->callback_count; k++)
			instruction->callbacks[k](0, instruction->contexts[k]);
		if (instruction->counter)
			++*instruction->counter;
	}
}

static void run(uint64_t address, const char *code)
{
	execute(translate(address, code, false), strlen(code));
}

/* Run a block whose last instruction of these causes an exception. */
static void run_part(uint64_t address, const char *code, size_t count)
{
	execute(translate(address, code, false), count);
}

/* Switch from the task whose registers are saved at one address to that at another. */
static void run_switcher(uint64_t from, uint64_t to)
{
	struct qemu_plugin_tb *block = translate(SWITCHER, "nnr", false);

	execute(block, 1);
	block->instructions[0].access(0, 1, from, NULL);
	block->instructions[1].access(0, 0, to, NULL);
	for (size_t i = 1; i < 3; i++)
		for (size_t k = 0; k < block->instructions[i].callback_count; k++)
			block->instructions[i].callbacks[k](0, block->instructions[i].contexts[k]);
	*block->instructions[0].counter += 2;
}

/* Enter the kernel and call init, which calls the chosen function. */
static void begin(void)
{
	around_start(0);
	execute(translate(0x10, "n", true), 1);
	run(ENTRY, "c");
	run(WINDOW, "nc");
}

/* Return from init, and return the records of calls before the last two, of which *end is one. */
static size_t finish(struct around_record *records, size_t max, struct around_record *end)
{
	FILE *file;
	size_t count;

	run(WINDOW + 6, "r");
	run(ENTRY + 5, "n");
	around_finish();
	file = fopen(out, "r");
	fseek(file, read_to, SEEK_SET);
	count = fread(records, sizeof(*records), max, file);
	read_to = ftell(file);
	fclose(file);
	assert_true(count >= 2);
	assert_int_equal(records[count - 1].function, AROUND_END);
	*end = records[count - 1];
	return count - 2;
}

/* Finish, and assert that there was one call. */
static void assert_call(uint32_t flags, uint64_t inclusive, uint64_t exclusive)
{
	struct around_record records[8], end;

	assert_int_equal(finish(records, ARRAY_SIZE(records), &end), 1);
	assert_int_equal(records[0].flags, flags);
	assert_int_equal(records[0].inclusive, inclusive);
	assert_int_equal(records[0].exclusive, exclusive);
}

static void run_fault(void)
{
	run(FAULT, "nnc");
	run(OTHER, "r");
	run(FAULT + 7, "i");
}

static void run_interrupt(void)
{
	run(INTERRUPT, "nnc");
	run(OTHER, "r");
	run(INTERRUPT + 7, "i");
}

static void test_calls(void **state)
{
	(void)state;
	begin();
	run(CHOSEN, "nnc");
	run(OTHER, "nr");
	run(CHOSEN + 7, "r");
	assert_call(0, 6, 4);
}

/* An instruction that an exception restarts counts once, and one that it replaces, too. */
static void test_exceptions(void **state)
{
	(void)state;
	begin();
	run_part(CHOSEN, "nnnnr", 3);
	run_fault();
	run(CHOSEN + 2, "nnr");
	assert_call(0, 10, 5);
	/* A warning */
	begin();
	run(CHOSEN, "nnu");
	run_fault();
	run(CHOSEN + 4, "nr");
	assert_call(0, 10, 5);
	/* A failed access continues behind it, in the same block. */
	begin();
	run_part(CHOSEN, "nnnnr", 3);
	run_fault();
	run(CHOSEN + 3, "nr");
	assert_call(0, 10, 5);
}

static void test_interrupts(void **state)
{
	(void)state;
	begin();
	run(CHOSEN, "nj");
	run_interrupt();
	run(CHOSEN + 3, "nr");
	assert_call(AROUND_INTERRUPTED, 4, 4);
	/* An interrupt between an exception and the instruction that is executed again */
	begin();
	run_part(CHOSEN, "nnnnr", 3);
	run_fault();
	run_interrupt();
	run(CHOSEN + 2, "nnr");
	assert_call(AROUND_INTERRUPTED, 10, 5);
	/* Two without an instruction in between */
	begin();
	run(CHOSEN, "nj");
	run_interrupt();
	run_interrupt();
	run(CHOSEN + 3, "nr");
	assert_call(AROUND_INTERRUPTED, 4, 4);
}

/* A call in an interrupt that follows an exception at once */
static void test_call_in_interrupt(void **state)
{
	struct around_record records[8], end;

	(void)state;
	begin();
	run_part(OTHER, "nnr", 2);
	run_fault();
	run(INTERRUPT, "nnc");
	run(CHOSEN, "r");
	run(INTERRUPT + 7, "i");
	run(OTHER + 1, "nr");
	assert_int_equal(finish(records, ARRAY_SIZE(records), &end), 1);
	assert_int_equal(records[0].flags, AROUND_IN_INTERRUPT);
}

/* A thread of the kernel that is interrupted outside of any call */
static void test_interrupted_thread(void **state)
{
	struct around_record records[8], end;

	(void)state;
	begin();
	run(OTHER, "c");
	run_switcher(0x9000, 0xa000);
	run(NEW_TASK, "nj");
	run(INTERRUPT, "nnc");
	run(CHOSEN, "r");
	run(INTERRUPT + 7, "i");
	run(NEW_TASK + 3, "c");
	run_switcher(0xa000, 0x9000);
	run(OTHER + 5, "r");
	assert_int_equal(finish(records, ARRAY_SIZE(records), &end), 1);
	assert_int_equal(records[0].flags, AROUND_IN_INTERRUPT);
}

/* A new task whose registers are saved where those of one that has ended were */
static void test_new_task(void **state)
{
	struct around_record records[8], end, before;

	(void)state;
	begin();
	assert_int_equal(finish(records, ARRAY_SIZE(records), &before), 0);
	begin();
	run(OTHER, "c");
	run_switcher(0xb000, 0xc000);
	run(NEW_TASK, "nc");
	run(CHOSEN, "c");
	run_switcher(0xc000, 0xb000);
	run(OTHER + 5, "c");
	run_switcher(0xb000, 0xc000);
	run(NEW_TASK, "nr");
	run(NEW_TASK + 6, "c");
	run_switcher(0xc000, 0xb000);
	run(OTHER + 10, "r");
	assert_int_equal(finish(records, ARRAY_SIZE(records), &end), 0);
	assert_int_equal(end.inclusive - before.inclusive, 1);	/* has not returned */
	assert_int_equal(end.exclusive, before.exclusive);	/* lost */
}

static int set_up(void **state)
{
	FILE *file = fdopen(mkstemp(in), "w");

	(void)state;
	close(mkstemp(out));
	fputs(ranges, file);
	fclose(file);
	return around_open(in, out, 1 << 20, "x86_64");
}

static int tear_down(void **state)
{
	(void)state;
	unlink(in);
	unlink(out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_call_in_interrupt),
		cmocka_unit_test(test_interrupted_thread),
		cmocka_unit_test(test_new_task),
	};

	return cmocka_run_group_tests_name("around_plugin", tests, set_up, tear_down);
}
