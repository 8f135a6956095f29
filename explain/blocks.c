// SPDX-License-Identifier: GPL-2.0-or-later
#include "blocks.h"

#include "base/memory.h"

struct collector {
	struct code_blocks *blocks;
	size_t room;
};

static struct code_block *begin(struct collector *c, uint64_t address, size_t symbol)
{
	struct code_blocks *blocks = c->blocks;

	if (blocks->count == c->room) {
		c->room = c->room ? 2 * c->room : 256;
		blocks->list = xrealloc(blocks->list, c->room * sizeof(*blocks->list));
	}
	blocks->list[blocks->count] = (struct code_block) {
		.address = address, .symbol = symbol, .times = 1, .order = blocks->count };
	return &blocks->list[blocks->count++];
}

static void collect(struct collector *c, const struct trace *trace,
		    const struct operation *operation, const struct placed *placed,
		    struct symbols *symbols)
{
	const struct trace_code *before = NULL;
	struct code_block *block = NULL;

	for (size_t i = 0; i < operation->step_count; i++) {
		const struct trace_code *code = &trace->code[operation->steps[i].code];
		size_t symbol;

		if (!placed[i].times || node_in_interrupt(placed[i].node))
			continue;
		symbol = symbols_find(symbols, code->address);
		if (!block || before->flow != FLOW_NEXT || symbol != block->symbol ||
		    code->address != before->address + before->size)
			block = begin(c, code->address, symbol);
		block->length++;
		block->instructions += placed[i].times;
		before = code;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct code_block *first = a, *second = b;

	if (first->address != second->address)
		return first->address < second->address ? -1 : 1;
	if (first->length != second->length)
		return first->length < second->length ? -1 : 1;
	return first->order < second->order ? -1 : 1;
}

static int by_order(const void *a, const void *b)
{
	const struct code_block *first = a, *second = b;

	return first->order < second->order ? -1 : 1;
}

/* Executions of the same block become one. */
static void merge(struct code_blocks *blocks)
{
	size_t kept = 0;

	qsort(blocks->list, blocks->count, sizeof(*blocks->list), by_place);
	for (size_t i = 0; i < blocks->count; i++) {
		const struct code_block *block = &blocks->list[i];
		struct code_block *last = kept ? &blocks->list[kept - 1] : NULL;

		if (last && last->address == block->address && last->length == block->length) {
			last->times++;
			last->instructions += block->instructions;
		} else {
			blocks->list[kept++] = *block;
		}
	}
	blocks->count = kept;
	qsort(blocks->list, blocks->count, sizeof(*blocks->list), by_order);
}

void blocks_take(struct code_blocks *blocks, const struct trace *trace,
		 const struct operation *operation, const struct placed *placed,
		 struct symbols *symbols)
{
	struct collector collector = { .blocks = blocks };

	*blocks = (struct code_blocks) { 0 };
	collect(&collector, trace, operation, placed, symbols);
	if (blocks->count)
		merge(blocks);
}

void blocks_release(struct code_blocks *blocks)
{
	free(blocks->list);
	*blocks = (struct code_blocks) { 0 };
}
