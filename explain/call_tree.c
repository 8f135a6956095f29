// SPDX-License-Identifier: GPL-2.0-or-later
#include "call_tree.h"

#include <string.h>

#include "absence.h"
#include "base/memory.h"
#include "clock_block.h"

#define DEPTH_MAX	512

/* Who is being executed, and where it goes on when that is over. */
struct frame {
	struct node *node;
	uint64_t return_address;	/* 0: a jump got here */
	bool inner;			/* a call within one function */
	bool is_entry;			/* of an exception or interrupt */
	const struct trace_code *interrupted;	/* what was executed before it */
};

struct builder {
	struct call_tree *tree;
	const struct trace *trace;
	struct symbols *symbols;
	struct frame frames[DEPTH_MAX];
	size_t depth;
	unsigned int in_interrupt;	/* entries of interrupts among the frames */
	struct placed *last_counted;
	const struct trace_code *before;	/* executed last */
	struct absence absence;
};

static struct frame *top(struct builder *b)
{
	return &b->frames[b->depth - 1];
}

static struct node *node_new(struct builder *b, struct node *parent, size_t symbol,
			     enum node_kind kind)
{
	struct node *node = xcalloc(1, sizeof(*node));

	*node = (struct node) {
		.name = symbols_name(b->symbols, symbol),
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

static bool same_function(const struct builder *b, const struct node *node, size_t symbol)
{
	return node->symbol == symbol || !strcmp(node->name, symbols_name(b->symbols, symbol));
}

/* The parent's child for that function: each has one for all its calls. */
static struct node *child_of(struct builder *b, struct node *parent, size_t symbol,
			     enum node_kind kind)
{
	struct node *child;

	for (child = parent->first; child; child = child->next)
		if (child->kind == kind && same_function(b, child, symbol))
			break;
	if (!child)
		child = node_new(b, parent, symbol, kind);
	child->calls++;
	return child;
}

static char *push(struct builder *b, struct frame frame)
{
	if (b->depth == DEPTH_MAX)
		return xasprintf("calls are nested deeper than %d", DEPTH_MAX);
	b->frames[b->depth++] = frame;
	return NULL;
}

static char *enter(struct builder *b, struct node *parent, size_t symbol, enum node_kind kind,
		   uint64_t return_address)
{
	return push(b, (struct frame) {
		.node = child_of(b, parent, symbol, kind),
		.return_address = return_address,
	});
}

static char *call(struct builder *b, const struct trace_code *to, size_t symbol,
		  uint64_t return_address)
{
	struct node *node = top(b)->node;

	/* Not to a function's first byte: a trick of its own, to get at its address or stack. */
	if (same_function(b, node, symbol) && symbol < b->symbols->count &&
	    b->symbols->list[symbol].address != to->address)
		return push(b, (struct frame) { .node = node, .return_address = return_address,
						.inner = true });
	return enter(b, node, symbol, NODE_CALL, return_address);
}

/* Pops until the caller that goes on at this address is the one executed. */
static bool return_to(struct builder *b, uint64_t address)
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

static char *jump(struct builder *b, size_t symbol)
{
	if (same_function(b, top(b)->node, symbol))
		return NULL;
	/* Back from a part of a function into the one that jumped to it. */
	if (b->depth > 1 && !top(b)->return_address && !top(b)->is_entry &&
	    same_function(b, b->frames[b->depth - 2].node, symbol)) {
		b->depth--;
		return NULL;
	}
	return enter(b, top(b)->node, symbol, NODE_TAIL, 0);
}

static bool in_thunk(struct builder *b)
{
	return b->depth > 1 && machine_lists(b->trace->machine->thunks, top(b)->node->name);
}

/*
 * A return that goes where no call came from, or a thunk's jump: perhaps a
 * thunk that stands for a jump or call.
 */
static char *go_elsewhere(struct builder *b, size_t symbol)
{
	struct frame thunk;

	while (b->depth > 1 && top(b)->inner)
		b->depth--;
	if (!in_thunk(b))
		return jump(b, symbol);
	thunk = *top(b);
	b->depth--;
	if (!thunk.return_address)
		return jump(b, symbol);
	return enter(b, top(b)->node, symbol, NODE_CALL, thunk.return_address);
}

static bool is_fault(const struct builder *b, const char *name)
{
	return machine_lists(b->trace->machine->faults, name);
}

static bool is_entry(const struct builder *b, const char *name)
{
	return is_fault(b, name) || machine_lists(b->trace->machine->interrupts, name);
}

/* An exception's or interrupt's first instruction; what it interrupted goes on later. */
static char *enter_exception(struct builder *b, size_t symbol, bool fault)
{
	struct frame frame = { .is_entry = true, .interrupted = b->before };

	if (fault) {
		/* The instruction did not complete: it will be executed, and counted, again. */
		if (b->last_counted && b->last_counted->times) {
			b->last_counted->node->self--;
			b->last_counted->times--;
		}
		frame.node = child_of(b, top(b)->node, symbol, NODE_FAULT);
		return push(b, frame);
	}
	if (!b->tree->interrupts)
		b->tree->interrupts = xcalloc(1, sizeof(*b->tree->interrupts));
	b->tree->interrupts->name = "(interrupts)";
	frame.node = child_of(b, b->tree->interrupts, symbol, NODE_INTERRUPT);
	b->in_interrupt++;
	return push(b, frame);
}

/* True where an exception was on its way. */
static bool leave_exception(struct builder *b)
{
	size_t i = b->depth;

	while (i-- > 1) {
		if (!b->frames[i].is_entry)
			continue;
		b->in_interrupt -= b->frames[i].node->kind == NODE_INTERRUPT;
		b->before = b->frames[i].interrupted;
		b->depth = i;
		return true;
	}
	return false;
}

/* From the instruction before to this one. */
static char *follow(struct builder *b, const struct trace_code *code, size_t symbol)
{
	uint64_t behind;

	/* Some vectors use the instruction to get to their handler. */
	if (b->before->flow == FLOW_EXCEPTION_RETURN && is_entry(b, symbols_name(b->symbols, symbol)))
		return jump(b, symbol);
	if (b->before->flow == FLOW_EXCEPTION_RETURN && !leave_exception(b))
		return xasprintf("an exception returns that was not seen");
	behind = b->before->address + b->before->size;
	if (code->address == b->before->address)
		return NULL;
	switch (b->before->flow) {
	case FLOW_CALL:
		/* One that its condition kept from calling goes on. */
		if (code->address != behind)
			return call(b, code, symbol, behind);
		return NULL;
	case FLOW_RETURN:
		if (code->address == behind || return_to(b, code->address))
			return NULL;
		return go_elsewhere(b, symbol);
	default:
		if (code->address != behind && return_to(b, code->address))
			return NULL;
		if (in_thunk(b) && !same_function(b, top(b)->node, symbol))
			return go_elsewhere(b, symbol);
		return jump(b, symbol);
	}
}

static bool enters_exception(const struct builder *b, const struct trace_code *code,
			     size_t symbol)
{
	const char *name = symbols_name(b->symbols, symbol);

	const struct frame *now = &b->frames[b->depth - 1];

	/* Stubs of entries go on in one another, and handlers return into them. */
	if (b->before->flow == FLOW_EXCEPTION_RETURN || same_function(b, now->node, symbol) ||
	    code->address == b->before->address + b->before->size ||
	    (b->before->flow == FLOW_JUMP && now->is_entry))
		return false;
	if (machine_lists(b->trace->machine->stubs, name))
		return true;
	return is_entry(b, name) && code->address == b->symbols->list[symbol].address;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 0x100000001b3ULL + (hash >> 29);
}

static void count(struct builder *b, const struct trace_code *code, const struct step *step,
		  struct placed *placed)
{
	*placed = (struct placed) { .node = top(b)->node, .times = step->times };
	top(b)->node->self += step->times;
	b->last_counted = placed;
	if (!b->in_interrupt)
		b->tree->path = mix(mix(b->tree->path, code->address), step->times);
}

static void add_up(struct node *node)
{
	node->total = node->self;
	for (struct node *child = node->first; child; child = child->next) {
		add_up(child);
		node->total += child->total;
	}
}

static char *walk(struct builder *b, const struct operation *operation,
		  const struct counted *counted, struct placed *placed)
{
	for (size_t i = counted->first; i < counted->end; i++) {
		const struct step *step = &operation->steps[i];
		const struct trace_code *code = &b->trace->code[step->code];
		size_t symbol = symbols_find(b->symbols, code->address);
		char *error;

		if (absence_step(&b->absence, b->trace, operation, i, b->symbols, symbol)) {
			b->tree->other_instructions += step->times;
			b->tree->clock_ran_on |= code->flow == FLOW_IDLE ||
						 symbol == b->symbols->count;
			b->before = code;
			continue;
		}
		if (enters_exception(b, code, symbol))
			error = enter_exception(b, symbol,
						is_fault(b, symbols_name(b->symbols, symbol)));
		else
			error = follow(b, code, symbol);
		if (error)
			return error;
		if (!counted_is_own(counted, i))
			count(b, code, step, &placed[i]);
		b->before = code;
	}
	return NULL;
}

char *call_tree_build(struct call_tree *tree, const struct trace *trace,
		      const struct operation *operation, struct symbols *symbols,
		      struct placed *placed)
{
	struct builder b = { .tree = tree, .trace = trace, .symbols = symbols };
	struct counted counted;
	char *error;

	*tree = (struct call_tree) { .path = 0xcbf29ce484222325ULL };
	memset(placed, 0, operation->step_count * sizeof(*placed));
	if (!counted_steps(trace, operation, &counted))
		return xasprintf("the trace has no two clock reads around the operation");
	b.before = &trace->code[operation->steps[counted.first - 1].code];
	tree->root = node_new(&b, NULL, symbols_find(symbols, b.before->address), NODE_CALL);
	tree->root->calls = 1;
	push(&b, (struct frame) { .node = tree->root });
	error = walk(&b, operation, &counted, placed);
	if (error) {
		call_tree_release(tree);
		return error;
	}
	add_up(tree->root);
	tree->instructions = tree->root->total;
	if (tree->interrupts) {
		add_up(tree->interrupts);
		tree->interrupt_instructions = tree->interrupts->total;
	}
	return NULL;
}

bool node_in_interrupt(const struct node *node)
{
	for (; node; node = node->parent)
		if (node->kind == NODE_INTERRUPT)
			return true;
	return false;
}

static void node_free(struct node *node)
{
	struct node *child = node ? node->first : NULL;

	while (child) {
		struct node *next = child->next;

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
