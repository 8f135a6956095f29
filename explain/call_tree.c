// SPDX-License-Identifier: GPL-2.0-or-later
#include "call_tree.h"

#include <string.h>

#include "base/memory.h"
#include "lib/hash.h"
#include "step_filter.h"

#define DEPTH_MAX	512

/* An active call. */
struct frame {
	struct call_node *node;
	uint64_t return_address;	/* 0: entered by a jump */
	bool inner;			/* a call within one function */
	bool is_entry;			/* the entry of an exception or interrupt */
	const struct trace_code *interrupted;	/* instruction executed before the entry */
};

struct tree_builder {
	struct call_tree *tree;
	const struct trace *trace;
	struct symbols *symbols;
	struct frame frames[DEPTH_MAX];
	size_t depth;
	unsigned int interrupt_depth;	/* frames that are entries of interrupts */
	struct attribution *last_counted;
	bool resumed;			/* the interrupted code continues with this instruction */
	const struct trace_code *before;	/* previous instruction */
	struct switch_tracker switches;
};

static struct frame *top_frame(struct tree_builder *b)
{
	return &b->frames[b->depth - 1];
}

static struct call_node *node_new(struct call_node *parent, const char *name, size_t symbol,
				  enum node_kind kind)
{
	struct call_node *node = xcalloc(1, sizeof(*node));

	*node = (struct call_node) {
		.name = name,
		.symbol = symbol,
		.kind = kind,
		.parent = parent,
	};
	if (!parent)
		return node;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

static bool same_function(const struct tree_builder *b, const struct call_node *node, size_t symbol)
{
	return node->symbol == symbol || !strcmp(node->name, symbols_name(b->symbols, symbol));
}

/* Return the parent's node for the function. */
static struct call_node *find_child(struct call_node *parent, const char *name, size_t symbol,
				    enum node_kind kind)
{
	struct call_node *child;

	for (child = parent->first; child; child = child->next)
		if (child->kind == kind &&
		    (child->symbol == symbol || !strcmp(child->name, name)))
			return child;
	return node_new(parent, name, symbol, kind);
}

/* Return the parent's node for the function, and count the call. */
static struct call_node *call_child(struct tree_builder *b, struct call_node *parent, size_t symbol,
				    enum node_kind kind)
{
	struct call_node *child = find_child(parent, symbols_name(b->symbols, symbol), symbol,
					     kind);

	child->calls++;
	return child;
}

static char *push_frame(struct tree_builder *b, struct frame frame)
{
	if (b->depth == DEPTH_MAX)
		return xasprintf("calls are nested deeper than %d levels", DEPTH_MAX);
	b->frames[b->depth++] = frame;
	return NULL;
}

static char *enter_function(struct tree_builder *b, struct call_node *parent, size_t symbol,
			    enum node_kind kind, uint64_t return_address)
{
	return push_frame(b, (struct frame) {
		.node = call_child(b, parent, symbol, kind),
		.return_address = return_address,
	});
}

static char *follow_call(struct tree_builder *b, const struct trace_code *to, size_t symbol,
			 uint64_t return_address)
{
	struct call_node *node = top_frame(b)->node;

	/* A call into the middle of the same function is a trick to get an address or the stack. */
	if (same_function(b, node, symbol) && symbol < b->symbols->count &&
	    b->symbols->list[symbol].address != to->address)
		return push_frame(b, (struct frame) { .node = node, .inner = true,
						      .return_address = return_address });
	return enter_function(b, node, symbol, NODE_CALL, return_address);
}

/* Pop the frames down to the caller that continues at the address. Return false if none does. */
static bool return_to(struct tree_builder *b, uint64_t address)
{
	for (size_t i = b->depth; i-- > 1;) {
		if (b->frames[i].is_entry)
			return false;
		if (b->frames[i].return_address == address) {
			b->depth = i;
			return true;
		}
	}
	return false;
}

static char *follow_jump(struct tree_builder *b, size_t symbol)
{
	if (same_function(b, top_frame(b)->node, symbol))
		return NULL;
	/* A jump back to the function that jumped here. */
	if (b->depth > 1 && !top_frame(b)->return_address && !top_frame(b)->is_entry &&
	    same_function(b, b->frames[b->depth - 2].node, symbol)) {
		b->depth--;
		return NULL;
	}
	return enter_function(b, top_frame(b)->node, symbol, NODE_TAIL, 0);
}

static bool is_in_thunk(struct tree_builder *b)
{
	return b->depth > 1 && machine_lists(b->trace->machine->thunks, top_frame(b)->node->name);
}

/*
 * Follow a return to an address that no call came from, or a jump out of a thunk:
 * a thunk performs the jump or call that its caller intended.
 */
static char *leave_thunk(struct tree_builder *b, size_t symbol)
{
	struct frame thunk;

	while (b->depth > 1 && top_frame(b)->inner)
		b->depth--;
	if (!is_in_thunk(b))
		return follow_jump(b, symbol);
	thunk = *top_frame(b);
	b->depth--;
	if (!thunk.return_address)
		return follow_jump(b, symbol);
	return enter_function(b, top_frame(b)->node, symbol, NODE_CALL, thunk.return_address);
}

static bool is_fault(const struct tree_builder *b, const char *name)
{
	return machine_lists(b->trace->machine->faults, name);
}

static bool is_entry(const struct tree_builder *b, const char *name)
{
	return is_fault(b, name) || machine_lists(b->trace->machine->interrupts, name);
}

/* Process the first instruction of an exception or interrupt. */
static char *enter_exception(struct tree_builder *b, size_t symbol, bool fault)
{
	struct frame frame = { .is_entry = true, .interrupted = b->before };

	if (fault) {
		/* The faulting instruction did not complete and will be restarted. */
		if (b->last_counted && b->last_counted->times) {
			b->last_counted->node->self--;
			b->last_counted->times--;
		}
		frame.node = call_child(b, top_frame(b)->node, symbol, NODE_FAULT);
		return push_frame(b, frame);
	}
	if (!b->tree->interrupts)
		b->tree->interrupts = xcalloc(1, sizeof(*b->tree->interrupts));
	b->tree->interrupts->name = "(interrupts)";
	frame.node = call_child(b, b->tree->interrupts, symbol, NODE_INTERRUPT);
	b->interrupt_depth++;
	return push_frame(b, frame);
}

/* Return false if no exception is active. */
static bool leave_exception(struct tree_builder *b)
{
	size_t i = b->depth;

	while (i-- > 1) {
		if (!b->frames[i].is_entry)
			continue;
		b->resumed = b->frames[i].node->kind == NODE_INTERRUPT;
		b->interrupt_depth -= b->resumed;
		b->before = b->frames[i].interrupted;
		b->depth = i;
		return true;
	}
	return false;
}

/*
 * An interrupt that is pending when another returns enters at once: no instruction of the
 * interrupted code comes between. Only stubs are certain to be entered by an interrupt.
 */
static void leave_before_next_interrupt(struct tree_builder *b, size_t symbol)
{
	if (b->before->kind.flow == FLOW_EXCEPTION_RETURN &&
	    machine_lists(b->trace->machine->stubs, symbols_name(b->symbols, symbol)))
		leave_exception(b);
}

/* Update the frames for the transition from the previous instruction to code. */
static char *follow_step(struct tree_builder *b, const struct trace_code *code, size_t symbol)
{
	uint64_t next;

	/* Some vectors use an exception return to jump to their handler. */
	if (b->before->kind.flow == FLOW_EXCEPTION_RETURN &&
	    is_entry(b, symbols_name(b->symbols, symbol)))
		return follow_jump(b, symbol);
	if (b->before->kind.flow == FLOW_EXCEPTION_RETURN && !leave_exception(b))
		return xasprintf("the trace has an exception return without an exception");
	next = b->before->address + b->before->size;
	if (code->address == b->before->address)
		return NULL;
	switch (b->before->kind.flow) {
	case FLOW_CALL:
		/* A conditional call that is not taken continues. */
		if (code->address != next)
			return follow_call(b, code, symbol, next);
		return NULL;
	case FLOW_RETURN:
		if (code->address == next || return_to(b, code->address))
			return NULL;
		return leave_thunk(b, symbol);
	default:
		if (code->address != next && return_to(b, code->address))
			return NULL;
		if (is_in_thunk(b) && !same_function(b, top_frame(b)->node, symbol))
			return leave_thunk(b, symbol);
		return follow_jump(b, symbol);
	}
}

static bool enters_exception(const struct tree_builder *b, const struct trace_code *code,
			     size_t symbol)
{
	const char *name = symbols_name(b->symbols, symbol);
	const struct frame *now = &b->frames[b->depth - 1];

	/* Entry stubs jump to one another or call handlers, which return into them. */
	if (b->before->kind.flow == FLOW_EXCEPTION_RETURN || same_function(b, now->node, symbol) ||
	    code->address == b->before->address + b->before->size ||
	    ((b->before->kind.flow == FLOW_JUMP || b->before->kind.flow == FLOW_CALL) &&
	     now->is_entry))
		return false;
	if (machine_lists(b->trace->machine->stubs, name))
		return true;
	return is_entry(b, name) && code->address == b->symbols->list[symbol].address;
}

static void count_step(struct tree_builder *b, const struct trace_code *code,
		       const struct trace_step *step, struct attribution *attribution)
{
	*attribution = (struct attribution) { .node = top_frame(b)->node, .times = step->times };
	top_frame(b)->node->self += step->times;
	b->last_counted = attribution;
	if (!b->interrupt_depth)
		b->tree->path = hash_add(hash_add(b->tree->path, code->address), step->times);
}

static void sum_totals(struct call_node *node)
{
	node->total = node->self;
	for (struct call_node *child = node->first; child; child = child->next) {
		sum_totals(child);
		node->total += child->total;
	}
}

static char *follow_operation(struct tree_builder *b, const struct operation *operation,
			      const struct timed_region *region, struct attribution *attributions)
{
	for (size_t i = region->first; i < region->end; i++) {
		const struct trace_step *step = &operation->steps[i];
		const struct trace_code *code = &b->trace->code[step->code];
		size_t symbol = symbols_find(b->symbols, code->address);
		bool continues;
		char *error;

		if (switch_tracker_step(&b->switches, b->trace, operation, i, b->symbols, symbol)) {
			b->tree->other_instructions += step->times;
			b->tree->clock_ran_on |= code->kind.flow == FLOW_IDLE ||
						 symbol == b->symbols->count;
			b->before = code;
			continue;
		}
		leave_before_next_interrupt(b, symbol);
		if (enters_exception(b, code, symbol))
			error = enter_exception(b, symbol,
						is_fault(b, symbols_name(b->symbols, symbol)));
		else
			error = follow_step(b, code, symbol);
		if (error)
			return error;
		/* An interrupted string instruction continues here: it is counted once. */
		continues = b->resumed && code->repeats && code->address == b->before->address;
		if (!timed_region_is_clock(region, i) && !continues)
			count_step(b, code, step, &attributions[i]);
		b->resumed = false;
		b->before = code;
	}
	return NULL;
}

/*
 * The module subtracts the repetitions of string instructions, which it reads before the first
 * and after the last clock read. Those of an interrupt in between are subtracted wrongly.
 */
static bool repeats_outside(const struct trace *trace, const struct operation *operation,
			    const struct timed_region *region)
{
	for (size_t i = 0; i < operation->step_count; i++)
		if ((i < region->first || i >= region->end) &&
		    trace->code[operation->steps[i].code].repeats)
			return true;
	return false;
}

char *call_tree_build(struct call_tree *tree, const struct trace *trace,
		      const struct operation *operation, struct symbols *symbols,
		      struct attribution *attributions)
{
	struct tree_builder b = { .tree = tree, .trace = trace, .symbols = symbols };
	struct timed_region region;
	size_t root;
	char *error;

	*tree = (struct call_tree) { .path = HASH_INIT };
	memset(attributions, 0, operation->step_count * sizeof(*attributions));
	if (!timed_region_find(trace, operation, &region))
		return xasprintf("the trace has an operation without two clock reads");
	b.before = &trace->code[operation->steps[region.first - 1].code];
	root = symbols_find(symbols, b.before->address);
	tree->root = node_new(NULL, symbols_name(symbols, root), root, NODE_CALL);
	tree->root->calls = 1;
	push_frame(&b, (struct frame) { .node = tree->root });
	tree->clock_misread = repeats_outside(trace, operation, &region);
	error = follow_operation(&b, operation, &region, attributions);
	if (error) {
		call_tree_release(tree);
		return error;
	}
	sum_totals(tree->root);
	tree->instructions = tree->root->total;
	if (tree->interrupts) {
		sum_totals(tree->interrupts);
		tree->interrupt_instructions = tree->interrupts->total;
	}
	return NULL;
}

static void node_add(struct call_node *into, const struct call_node *from)
{
	into->calls += from->calls;
	into->self += from->self;
	into->total += from->total;
	into->loads += from->loads;
	into->stores += from->stores;
	into->loaded_bytes += from->loaded_bytes;
	into->stored_bytes += from->stored_bytes;
	for (size_t i = 0; i < CACHE_LEVELS; i++)
		into->misses[i] += from->misses[i];
	for (const struct call_node *child = from->first; child; child = child->next)
		node_add(find_child(into, child->name, child->symbol, child->kind), child);
}

void call_tree_add(struct call_tree *into, const struct call_tree *from)
{
	if (!into->root)
		into->root = node_new(NULL, from->root->name, from->root->symbol,
				      from->root->kind);
	node_add(into->root, from->root);
	into->instructions += from->instructions;
	into->interrupt_instructions += from->interrupt_instructions;
	into->other_instructions += from->other_instructions;
}

bool node_in_interrupt(const struct call_node *node)
{
	for (; node; node = node->parent)
		if (node->kind == NODE_INTERRUPT)
			return true;
	return false;
}

static void node_free(struct call_node *node)
{
	struct call_node *child = node ? node->first : NULL;

	while (child) {
		struct call_node *next = child->next;

		node_free(child);
		child = next;
	}
	free(node);
}

void call_tree_release(struct call_tree *tree)
{
	node_free(tree->root);
	node_free(tree->interrupts);
	*tree = (struct call_tree) { 0 };
}
