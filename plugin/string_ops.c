// SPDX-License-Identifier: GPL-2.0-or-later
#include "string_ops.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

/* Memory that the guest reads; NULL without the argument "counters". */
static struct kmemlab_string_counters *counters;

int string_ops_open(const char *path, uint64_t offset)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -1;
	counters = mmap(NULL, sizeof(*counters), PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	close(fd);
	if (counters != MAP_FAILED) {
		counters->magic = KMEMLAB_COUNTERS_MAGIC;
		return 0;
	}
	counters = NULL;
	return -1;
}

bool string_ops_active(void)
{
	return counters;
}

/*
 * QEMU 7.2 to 9.0, API 1 and 2: inline additions to any address.
 *
 * A repeated store, copy or load ends with one more execution that finds the count used
 * up, so the clock counts as many executions too many as there are repetitions, each of
 * which accesses memory once (a copy twice). A compare or scan may end early; there, all
 * executions but the first of each instruction are too many. QEMU ends a block with such
 * an instruction and begins one with it for each further repetition, so no other block
 * was executed since the last repetition unless this is the first.
 */
static uint64_t blocks;				/* executed that do not begin with a compare */
static uint64_t compared_at = UINT64_MAX;	/* blocks at the last compare */

static void on_compare(unsigned int vcpu, void *first_of_block)
{
	(void)vcpu;
	if (first_of_block && compared_at == blocks)
		counters->repeats++;
	compared_at = blocks;
}

/*
 * Add value at each access to memory by the instruction. Do not ask for loads or stores
 * alone: QEMU 7.2 takes all accesses for stores there.
 */
static void add_per_access(struct qemu_plugin_insn *from, __u64 *counter, uint64_t value)
{
	qemu_plugin_register_vcpu_mem_inline(from, MEM_RW, INLINE_ADD_U64, counter, value);
}

static void instrument_inline(struct qemu_plugin_tb *tb, struct qemu_plugin_insn *last,
			      struct string_op op, bool first_of_block)
{
	if (op.kind != STRING_OP_COMPARE || !first_of_block)
		qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &blocks, 1);
	switch (op.kind) {
	case STRING_OP_NONE:
		break;
	case STRING_OP_COMPARE:
		qemu_plugin_register_vcpu_insn_exec_cb(last, on_compare, CB_NO_REGS,
						       first_of_block ? counters : NULL);
		break;
	case STRING_OP_LOAD:
		add_per_access(last, &counters->repeats, 1);
		break;
	case STRING_OP_STORE:
		add_per_access(last, &counters->repeats, 1);
		add_per_access(last, &counters->stored_bytes, op.bytes);
		break;
	case STRING_OP_COPY:
		add_per_access(last, &counters->copies, 1);
		add_per_access(last, &counters->copy_bytes, op.bytes);
		break;
	}
}

/*
 * QEMU 9.1 and later, API 3: additions to counters that QEMU allocates, and callbacks
 * that depend on one. The guest executes a mark before it reads the counters.
 *
 * Here executions are counted, and the first one of each instruction by a callback that
 * runs only if another block was executed since. Whether the instruction is executed once
 * more to find the count used up differs between versions and does not matter.
 */
struct vcpu_counters {
	struct kmemlab_string_counters shared;
	uint64_t fresh;		/* another block was executed since the last string instruction */
};

static struct qemu_plugin_scoreboard *scoreboard;

static struct qemu_plugin_u64 scoreboard_entry(size_t offset)
{
	return (struct qemu_plugin_u64) { scoreboard, offset };
}

#define SHARED(name)	scoreboard_entry(offsetof(struct vcpu_counters, shared.name))
#define FRESH		scoreboard_entry(offsetof(struct vcpu_counters, fresh))

/* Remove the first execution of a string instruction from those that are counted. */
static void on_first(unsigned int vcpu, void *unused)
{
	struct vcpu_counters *own = qemu_plugin_scoreboard_find(scoreboard, vcpu);

	(void)unused;
	own->fresh = 0;
	own->shared.repeats--;
}

static void on_mark(unsigned int vcpu, void *unused)
{
	struct vcpu_counters *own = qemu_plugin_scoreboard_find(scoreboard, vcpu);

	(void)unused;
	own->shared.magic = KMEMLAB_COUNTERS_MAGIC;
	*counters = own->shared;
}

static void instrument_per_vcpu(struct qemu_plugin_insn *first, struct qemu_plugin_insn *last,
				struct string_op op, bool first_of_block)
{
	if (op.kind == STRING_OP_NONE || !first_of_block)
		qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(first, INLINE_STORE_U64, FRESH,
								    1);
	if (op.kind == STRING_OP_NONE)
		return;
	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(last, INLINE_ADD_U64, SHARED(repeats),
							    1);
	qemu_plugin_register_vcpu_insn_exec_cond_cb(last, on_first, CB_NO_REGS,
						    COND_NOT_EQUAL, FRESH, 0, NULL);
	if (op.kind == STRING_OP_STORE)
		qemu_plugin_register_vcpu_mem_inline_per_vcpu(last, MEM_RW, INLINE_ADD_U64,
							      SHARED(stored_bytes), op.bytes);
	if (op.kind == STRING_OP_COPY)
		qemu_plugin_register_vcpu_mem_inline_per_vcpu(last, MEM_RW, INLINE_ADD_U64,
							      SHARED(copy_bytes), op.bytes);
}

uint64_t string_ops_repeats(unsigned int vcpu)
{
	const struct kmemlab_string_counters *own = counters;

	if (scoreboard)
		own = &((struct vcpu_counters *)qemu_plugin_scoreboard_find(scoreboard, vcpu))->shared;
	return own ? own->repeats + own->copies / 2 : 0;
}

void string_ops_instrument_mark(struct qemu_plugin_insn *mark)
{
	if (scoreboard)
		qemu_plugin_register_vcpu_insn_exec_cb(mark, on_mark, CB_NO_REGS, NULL);
}

void string_ops_instrument(struct qemu_plugin_tb *tb, void (*copy)(struct qemu_plugin_insn *from,
								  uint8_t *code, size_t size))
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, count - 1);
	size_t size = qemu_plugin_insn_size(last);
	struct string_op op = { 0 };
	uint8_t code[16];

	if (size <= sizeof(code)) {
		copy(last, code, size);
		op = string_op_decode(code, size);
	}
	if (qemu_plugin_register_vcpu_mem_inline) {
		instrument_inline(tb, last, op, count == 1);
		return;
	}
	if (!scoreboard)
		scoreboard = qemu_plugin_scoreboard_new(sizeof(struct vcpu_counters));
	instrument_per_vcpu(qemu_plugin_tb_get_insn(tb, 0), last, op, count == 1);
}
