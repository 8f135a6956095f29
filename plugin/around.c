// SPDX-License-Identifier: GPL-2.0-or-later
#include "around.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "around_task.h"
#include "explain/instruction.h"
#include "string_ops.h"
#include "trace_format.h"

#define RANGES_MAX	100000
#define BUFFER_BYTES	(1 << 20)

enum pending { PENDING_NONE, PENDING_CALL, PENDING_RETURN, PENDING_EXCEPTION_RETURN };

/* A translated block, or an instruction that changes the flow; never freed (recorder.h). */
struct place {
	uint64_t address;
	uint64_t next;			/* address behind the block or instruction */
	const struct around_range *range;	/* that contains it, or NULL */
	bool user;
	bool jumps;			/* the block's last instruction may continue elsewhere */
	uint16_t *starts;		/* of the block's instructions, bytes behind address */
	size_t count;			/* of these */
};

static struct {
	const struct machine *machine;
	struct around_range *ranges;	/* ascending, disjoint */
	size_t range_count;
	FILE *out;
	uint64_t limit, written;	/* bytes */
	unsigned int vcpu;
	bool running;
	bool limited;			/* the file is full */
	enum pending pending;		/* what the last instruction did */
	uint64_t pending_next;		/* address behind that instruction */
	const struct place *before;	/* the previous block */
	uint64_t before_start;		/* instructions executed before it */
	uint64_t restart;		/* address where an exception may have returned, or 0 */
	struct task *task;		/* that executes */
	struct task *next;		/* whose registers the switcher loads, or NULL */
	bool loading;			/* the switcher has begun to load registers */
	unsigned int windows;		/* open calls of window functions */
	uint64_t window_instructions, window_repeats;
} around;

static uint64_t executed;	/* kernel instructions; API 1 and 2 */
static struct qemu_plugin_scoreboard *executed_by_vcpu;	/* API 3 */

static uint64_t repeats(void)
{
	return string_ops_repeats(around.vcpu);
}

/* Return the instructions of the kernel that were begun so far. */
static uint64_t begun(void)
{
	return executed_by_vcpu ?
		*(uint64_t *)qemu_plugin_scoreboard_find(executed_by_vcpu, around.vcpu) : executed;
}

/* Return the retired instructions so far: a repeated string instruction counts once. */
static uint64_t now(void)
{
	return begun() - repeats();
}

static void write_record(uint32_t function, uint32_t flags, uint64_t inclusive, uint64_t exclusive)
{
	const struct around_record record = { function, flags, inclusive, exclusive };

	if (around.limited)
		return;
	if (function < AROUND_WINDOW && around.written + sizeof(record) > around.limit) {
		around.limited = true;
		return;
	}
	around.limited = fwrite(&record, sizeof(record), 1, around.out) != 1;
	around.written += sizeof(record);
}

int around_open(const char *ranges, const char *out, uint64_t limit, const char *target)
{
	FILE *in = fopen(ranges, "re");
	struct around_range range;

	around.machine = machine_find(target);
	around.ranges = calloc(RANGES_MAX, sizeof(*around.ranges));
	while (in && around.ranges && around.range_count < RANGES_MAX &&
	       fscanf(in, "%" SCNx64 " %" SCNx64 " %u %" SCNd32, &range.start, &range.end,
		      &range.kinds, &range.function) == 4)
		around.ranges[around.range_count++] = range;
	if (!in || !around.machine)
		return -1;
	fclose(in);
	around.limit = limit;
	around.out = fopen(out, "we");
	if (!around.out)
		return -1;
	setvbuf(around.out, NULL, _IOFBF, BUFFER_BYTES);
	return 0;
}

bool around_active(void)
{
	return around.out;
}

void around_start(unsigned int vcpu)
{
	around.vcpu = vcpu;
	around.task = task_new();
	around.running = around.task;
	if (around.task)
		around.task->has_user_mode = true;
}

void around_finish(void)
{
	uint32_t flags;

	if (!around.running)
		return;
	around.running = false;
	flags = around.limited ? AROUND_LIMIT : AROUND_COMPLETE;
	around.limited = false;
	write_record(AROUND_WINDOW, 0, around.window_instructions, around.window_repeats);
	write_record(AROUND_END, flags, tasks_open_calls(), tasks_lost_calls());
	fflush(around.out);
}

static const struct around_range *find_range(uint64_t address)
{
	size_t low = 0, high = around.range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (around.ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < around.ranges[low - 1].end ? &around.ranges[low - 1] : NULL;
}

static bool is_kind(const struct place *at, uint32_t kinds)
{
	return at->range && at->range->kinds & kinds;
}

static bool is_start(const struct place *at)
{
	return at->range && at->address == at->range->start;
}

/* Return the function of a place, or -1. */
static int32_t function_at(const struct place *at)
{
	return at->range ? at->range->function : -1;
}

/* Enter a function: return_address is 0 if it was entered by a jump. */
static void enter(const struct place *at, uint64_t return_address)
{
	struct task *task = around.task;
	struct task_frame *frame;
	bool is_entry = is_start(at) && is_kind(at, AROUND_FUNCTION | AROUND_WINDOW_FUNCTION);

	if (task_top(task))
		task_top(task)->handled = true;
	frame = task_push(task);
	frame->return_address = return_address;
	frame->start = now();
	frame->away = task->away;
	frame->switches = task->switches;
	frame->interrupts = task->interrupts;
	frame->function = is_entry ? function_at(at) : -1;
	if (is_entry && is_kind(at, AROUND_WINDOW_FUNCTION)) {
		frame->opens_window = true;
		frame->repeats = repeats();
		around.windows++;
	}
	frame->counted = frame->function >= 0 && around.windows &&
			 is_kind(at, AROUND_FUNCTION);
}

static void record_call(const struct task_frame *frame, uint64_t inclusive)
{
	const struct task *task = around.task;
	uint32_t flags = 0;

	flags |= frame->interrupts != task->interrupts ? AROUND_INTERRUPTED : 0;
	flags |= frame->switches != task->switches ? AROUND_SWITCHED : 0;
	flags |= task->interrupt_depth ? AROUND_IN_INTERRUPT : 0;
	write_record(frame->function, flags, inclusive, inclusive - frame->children);
}

/* Leave the uppermost function. */
static void leave(void)
{
	struct task *task = around.task;
	struct task_frame frame = task->frames[--task->depth];
	uint64_t inclusive = now() - frame.start - (task->away - frame.away);

	if (task->depth && !frame.is_interrupt)
		task->frames[task->depth - 1].children += inclusive;
	if (frame.counted)
		record_call(&frame, inclusive);
	if (frame.opens_window && !--around.windows) {
		around.window_instructions += inclusive;
		around.window_repeats += repeats() - frame.repeats;
	}
}

/* Leave the functions down to the one whose caller continues here. Return false if none does. */
static bool return_to(uint64_t address)
{
	struct task *task = around.task;

	for (size_t i = task->depth; i-- > 0;) {
		if (task->frames[i].is_exception)
			return false;
		if (task->frames[i].return_address != address)
			continue;
		while (task->depth > i)
			leave();
		return true;
	}
	return false;
}

static void follow_jump(const struct place *at)
{
	struct task *task = around.task;
	struct task_frame *top = task_top(task);
	struct task_frame *below = task->depth > 1 ? top - 1 : NULL;
	int32_t function = function_at(at);

	/* Back to the function that jumped to its part or to a thunk */
	if (below && !top->return_address && !top->is_exception && below->function >= 0 &&
	    below->function == function && !is_start(at)) {
		leave();
		return;
	}
	if (is_start(at) && is_kind(at, AROUND_FUNCTION | AROUND_WINDOW_FUNCTION)) {
		if (!top || top->function != function)
			enter(at, 0);
	} else if (top && top->function >= 0 && top->function != function) {
		enter(at, 0);
	}
}

/* Return the address of the last instruction of the previous block that was begun, or 0. */
static uint64_t last_begun(void)
{
	const struct place *before = around.before;
	uint64_t count = begun() - around.before_start;

	return before && count && count <= before->count ?
	       before->address + before->starts[count - 1] : 0;
}

static void enter_exception(const struct place *at)
{
	struct task *task = around.task;
	struct task_frame *frame = task_push(task);

	frame->is_exception = true;
	frame->is_interrupt = is_kind(at, AROUND_INTERRUPT);
	frame->function = -1;
	frame->start = now();
	frame->pending = around.pending;
	frame->pending_next = around.pending_next;
	frame->before = around.before;
	/* An interrupt may come between an exception and the instruction that it restarts. */
	frame->restart = frame->is_interrupt ? around.restart : last_begun();
	around.restart = 0;
	if (frame->is_interrupt) {
		task->interrupts++;
		task->interrupt_depth++;
	}
	frame->away = task->away;
}

/* Leave the innermost exception. */
static void leave_exception(void)
{
	struct task *task = around.task;
	struct task_frame frame;

	around.pending = PENDING_NONE;
	for (size_t i = task->depth; i-- > 0;) {
		if (!task->frames[i].is_exception)
			continue;
		while (task->depth > i + 1)
			leave();
		frame = task->frames[i];
		if (frame.is_interrupt)
			task->interrupt_depth--;
		leave();
		if (frame.is_interrupt) {
			task->away = frame.away + now() - frame.start;
			around.pending = frame.pending;
			around.pending_next = frame.pending_next;
		}
		around.before = frame.before;
		around.before_start = begun();
		around.restart = frame.restart;
		return;
	}
}

/*
 * Return whether an exception continues here with the instruction that it interrupted, which is
 * then executed again and was counted before. A handled warning or a failed access to the memory of
 * a process continues elsewhere.
 */
static bool restarts(const struct place *at)
{
	bool restarts = around.restart && around.restart == at->address;

	around.restart = 0;
	around.task->away += restarts;
	return restarts;
}

/*
 * See enters_exception() in explain/call_tree.c: stubs jump to one another. From user mode, where
 * the task has no calls, arm64 enters by the same vectors for system calls.
 */
static bool enters_exception(const struct place *at)
{
	const struct task_frame *top = task_top(around.task);

	if (!is_kind(at, AROUND_INTERRUPT | AROUND_FAULT) || !around.before ||
	    (!top && around.task->has_user_mode))
		return false;
	if (around.before->next == at->address || around.before->range == at->range ||
	    ((!top || top->is_exception) && (around.before->jumps || around.pending) &&
	     is_kind(around.before, AROUND_INTERRUPT | AROUND_FAULT)))
		return false;
	return is_kind(at, AROUND_STUB) || is_start(at);
}

/* Return whether an exception return jumps from a vector to the handler, as arm's do. */
static bool is_vector_jump(const struct place *at)
{
	struct task_frame *top = task_top(around.task);

	if (!top || !top->is_exception || top->handled || is_kind(at, AROUND_STUB) ||
	    !is_kind(at, AROUND_INTERRUPT | AROUND_FAULT))
		return false;
	top->handled = true;
	return true;
}

/* The switcher has loaded another task's registers. */
static void switch_task(void)
{
	struct task *next = around.next ?: task_new();

	around.loading = false;
	if (!next)
		return;
	around.task->left_at = now();
	next->away += now() - next->left_at;
	next->switches++;
	around.task = next;
}

static void follow_switcher(const struct place *at)
{
	bool inside = is_kind(at, AROUND_SWITCHER);

	if (inside && is_start(at)) {
		around.loading = false;
		around.next = NULL;
		around.task->saved_count = 0;
	}
	if (!inside && around.loading && around.before && is_kind(around.before, AROUND_SWITCHER) &&
	    around.pending != PENDING_CALL)
		switch_task();
}

static void follow_flow(const struct place *at)
{
	switch (around.pending) {
	case PENDING_CALL:
		/* A call within the switcher fills the CPU's return predictor. */
		if (at->address == around.pending_next ||
		    (is_kind(at, AROUND_SWITCHER) && !is_start(at)))
			return;
		enter(at, around.pending_next);
		return;
	case PENDING_RETURN:
		if (at->address != around.pending_next && !return_to(at->address))
			follow_jump(at);
		return;
	default:
		follow_jump(at);
	}
}

/* Follow the transition from the previous block to this one. */
static void follow_block(const struct place *at)
{
	if (at->user) {
		around.windows -= task_clear(around.task);
		around.task->has_user_mode = true;
		return;
	}
	follow_switcher(at);
	if (is_kind(at, AROUND_NEW_TASK) && is_start(at) && around.pending != PENDING_CALL)
		around.windows -= task_replace(around.task);
	if (around.pending == PENDING_EXCEPTION_RETURN) {
		if (is_vector_jump(at))
			return;
		leave_exception();
	}
	if (enters_exception(at))
		enter_exception(at);
	else if (!restarts(at))
		follow_flow(at);
}

static void on_block(unsigned int vcpu, void *place)
{
	if (!around.running || vcpu != around.vcpu)
		return;
	follow_block(place);
	around.pending = PENDING_NONE;
	around.before = place;
	around.before_start = begun();
}

static void set_pending(unsigned int vcpu, const struct place *at, enum pending pending)
{
	if (vcpu != around.vcpu)
		return;
	around.pending = pending;
	around.pending_next = at->next;
}

static void on_call(unsigned int vcpu, void *place)
{
	set_pending(vcpu, place, PENDING_CALL);
}

static void on_return(unsigned int vcpu, void *place)
{
	set_pending(vcpu, place, PENDING_RETURN);
}

static void on_exception_return(unsigned int vcpu, void *place)
{
	set_pending(vcpu, place, PENDING_EXCEPTION_RETURN);
}

/* The switcher stores the registers of the task that leaves before it loads any. */
static void on_switcher_access(unsigned int vcpu, uint32_t info, uint64_t address, void *unused)
{
	(void)unused;
	if (!around.running || vcpu != around.vcpu)
		return;
	if (!qemu_plugin_mem_is_store(info)) {
		around.loading = true;
		around.next = around.next ?: task_find(address);
	} else if (!around.loading) {
		task_save(around.task, address);
	}
}

static void count_instruction(struct qemu_plugin_insn *instruction)
{
	if (qemu_plugin_register_vcpu_insn_exec_inline) {
		qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &executed,
							   1);
		return;
	}
	if (!executed_by_vcpu)
		executed_by_vcpu = qemu_plugin_scoreboard_new(sizeof(uint64_t));
	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(instruction, INLINE_ADD_U64,
		(struct qemu_plugin_u64) { executed_by_vcpu, 0 }, 1);
}

static struct place *place_new(struct qemu_plugin_insn *instruction)
{
	struct place *place = calloc(1, sizeof(*place));

	if (!place)
		abort();
	place->address = qemu_plugin_insn_vaddr(instruction);
	place->next = place->address + qemu_plugin_insn_size(instruction);
	return place;
}

static void instrument_flow(struct qemu_plugin_insn *instruction, enum flow flow)
{
	static const executed_fn callbacks[] = {
		[FLOW_CALL] = on_call,
		[FLOW_RETURN] = on_return,
		[FLOW_EXCEPTION_RETURN] = on_exception_return,
		[FLOW_IDLE] = NULL,
	};

	if (callbacks[flow])
		qemu_plugin_register_vcpu_insn_exec_cb(instruction, callbacks[flow], CB_NO_REGS,
						       place_new(instruction));
}

void around_instrument(struct qemu_plugin_tb *tb, bool user,
		       void (*copy)(struct qemu_plugin_insn *from, uint8_t *code, size_t size))
{
	size_t count = user ? 1 : qemu_plugin_tb_n_insns(tb);
	struct place *block = place_new(qemu_plugin_tb_get_insn(tb, 0));

	block->user = user;
	block->starts = calloc(count, sizeof(*block->starts));
	if (!block->starts)
		abort();
	block->range = find_range(block->address);
	qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_tb_get_insn(tb, 0), on_block, CB_NO_REGS,
					       block);
	for (size_t i = 0; i < count && !user; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);
		size_t size = qemu_plugin_insn_size(instruction);
		uint8_t code[16] = { 0 };
		enum flow flow;

		copy(instruction, code, size < sizeof(code) ? size : sizeof(code));
		flow = around.machine->kind(code, size).flow;
		block->starts[block->count++] = qemu_plugin_insn_vaddr(instruction) -
						block->address;
		block->next = qemu_plugin_insn_vaddr(instruction) + size;
		block->jumps = flow == FLOW_JUMP;
		instrument_flow(instruction, flow);
		if (is_kind(block, AROUND_SWITCHER))
			qemu_plugin_register_vcpu_mem_cb(instruction, on_switcher_access, CB_NO_REGS,
							 MEM_RW, NULL);
		count_instruction(instruction);
	}
}
