// SPDX-License-Identifier: GPL-2.0-or-later
#include "operation_stats.h"

#include "base/memory.h"

/* Distinct units of memory */
struct touched {
	struct number_set lines, written_lines, pages;
};

static void touch_range(struct touched *touched, const struct access *access)
{
	const uint64_t first = access_first(access), last = access_last(access);

	for (uint64_t line = first / CACHE_LINE; line <= last / CACHE_LINE; line++) {
		number_set_add(&touched->lines, line);
		if (access->is_store)
			number_set_add(&touched->written_lines, line);
	}
	for (uint64_t page = first / CACHE_PAGE; page <= last / CACHE_PAGE; page++)
		number_set_add(&touched->pages, page);
}

static void count_accesses(struct footprint *footprint, struct call_node *node, bool is_store,
			   uint64_t count, uint64_t bytes)
{
	*(is_store ? &footprint->stores : &footprint->loads) += count;
	*(is_store ? &footprint->stored_bytes : &footprint->loaded_bytes) += bytes;
	*(is_store ? &node->stores : &node->loads) += count;
	*(is_store ? &node->stored_bytes : &node->loaded_bytes) += bytes;
}

/* Feed a step's accesses to the model. A repeated copy alternates between load and store. */
static void model_step(struct cache_model *model, const struct access *accesses, size_t count,
		       uint64_t misses[CACHE_LEVELS])
{
	bool more = true;

	for (uint64_t turn = 0; more; turn++) {
		more = false;
		for (size_t i = 0; i < count; i++) {
			uint64_t offset = turn << accesses[i].size_shift;

			if (turn >= accesses[i].count)
				continue;
			cache_model_access(model, accesses[i].downwards ?
					   accesses[i].address - offset :
					   accesses[i].address + offset,
					   1ULL << accesses[i].size_shift, misses);
			more = true;
		}
	}
}

/* A string instruction counts as one load and one store, whatever it repeats. */
static void collect_step(struct footprint *footprint, struct call_node *node, bool is_string,
			 const struct access *accesses, size_t count, struct cache_model *model)
{
	uint64_t misses[CACHE_LEVELS] = { 0 };
	bool counted[2] = { false };

	if (model)
		model_step(model, accesses, count, misses);
	for (size_t i = 0; i < count; i++) {
		const struct access *access = &accesses[i];
		bool *once = &counted[access->is_store];

		count_accesses(footprint, node, access->is_store,
			       is_string ? !*once : access->count,
			       (uint64_t)access->count << access->size_shift);
		*once = true;
	}
	for (size_t i = 0; i < CACHE_LEVELS; i++) {
		node->misses[i] += misses[i];
		footprint->misses[i] += misses[i];
	}
}

/* Add the bytes that a string instruction stored; one that loads too is a copy. */
static void count_string(struct footprint *footprint, const struct access *accesses, size_t count)
{
	uint64_t stored = 0;
	bool loads = false;

	for (size_t i = 0; i < count; i++) {
		loads |= !accesses[i].is_store;
		if (accesses[i].is_store)
			stored += (uint64_t)accesses[i].count << accesses[i].size_shift;
	}
	*(loads ? &footprint->copied_bytes : &footprint->cleared_bytes) += stored;
}

void footprint_collect(struct footprint *footprint, const struct trace *trace,
		       const struct operation *operation, const struct attribution *attributions,
		       struct cache_model *model)
{
	const struct access *access = operation->accesses, *end = access + operation->access_count;
	struct touched touched = { 0 };

	*footprint = (struct footprint) { 0 };
	for (size_t count; access < end; access += count) {
		const struct trace_step *step = &operation->steps[access->step];
		const bool is_string = trace->code[step->code].kind.class == MIX_STRING;
		struct call_node *node = attributions[access->step].node;

		for (count = 1; access + count < end && access[count].step == access->step;)
			count++;
		if (!node || node_in_interrupt(node))
			continue;
		collect_step(footprint, node, is_string, access, count, model);
		if (is_string)
			count_string(footprint, access, count);
		for (size_t i = 0; i < count; i++)
			touch_range(&touched, &access[i]);
	}
	footprint->lines = touched.lines.count;
	footprint->written_lines = touched.written_lines.count;
	footprint->pages = touched.pages.count;
	number_set_release(&touched.lines);
	number_set_release(&touched.written_lines);
	number_set_release(&touched.pages);
}

void footprint_add(struct footprint *into, const struct footprint *from)
{
	into->loads += from->loads;
	into->stores += from->stores;
	into->loaded_bytes += from->loaded_bytes;
	into->stored_bytes += from->stored_bytes;
	into->cleared_bytes += from->cleared_bytes;
	into->copied_bytes += from->copied_bytes;
	into->lines += from->lines;
	into->written_lines += from->written_lines;
	into->pages += from->pages;
	for (size_t i = 0; i < CACHE_LEVELS; i++)
		into->misses[i] += from->misses[i];
}

static struct code_block *add_block(struct code_blocks *blocks, uint64_t address, size_t symbol)
{
	size_t order = blocks->count;
	struct code_block *block = array_add(&blocks->list, &blocks->count);

	block->address = address;
	block->symbol = symbol;
	block->times = 1;
	block->order = order;
	return block;
}

/* Split the operation into blocks; each execution of a block is one element. */
static void split_blocks(struct code_blocks *blocks, const struct trace *trace,
			 const struct operation *operation,
			 const struct attribution *attributions, struct symbols *symbols)
{
	const struct trace_code *before = NULL;
	struct code_block *block = NULL;

	for (size_t i = 0; i < operation->step_count; i++) {
		const struct trace_code *code = &trace->code[operation->steps[i].code];
		size_t symbol;

		if (!attributions[i].times || node_in_interrupt(attributions[i].node))
			continue;
		symbol = symbols_find(symbols, code->address);
		if (!block || before->kind.flow != FLOW_NEXT || symbol != block->symbol ||
		    code->address != before->address + before->size)
			block = add_block(blocks, code->address, symbol);
		block->length++;
		block->instructions += attributions[i].times;
		before = code;
	}
}

static int compare_place(const void *a, const void *b)
{
	const struct code_block *first = a, *second = b;

	if (first->address != second->address)
		return first->address < second->address ? -1 : 1;
	if (first->length != second->length)
		return first->length < second->length ? -1 : 1;
	return first->order < second->order ? -1 : 1;
}

static int compare_order(const void *a, const void *b)
{
	const struct code_block *first = a, *second = b;

	return first->order < second->order ? -1 : 1;
}

/* Merge all executions of the same block into one element. */
static void merge_blocks(struct code_blocks *blocks)
{
	size_t count = 0;

	qsort(blocks->list, blocks->count, sizeof(*blocks->list), compare_place);
	for (size_t i = 0; i < blocks->count; i++) {
		const struct code_block *block = &blocks->list[i];
		struct code_block *last = count ? &blocks->list[count - 1] : NULL;

		if (last && last->address == block->address && last->length == block->length) {
			last->times += block->times;
			last->instructions += block->instructions;
		} else {
			blocks->list[count++] = *block;
		}
	}
	blocks->count = count;
	qsort(blocks->list, blocks->count, sizeof(*blocks->list), compare_order);
	for (size_t i = 0; i < blocks->count; i++)
		blocks->list[i].order = i;
}

void basic_blocks_collect(struct code_blocks *blocks, const struct trace *trace,
			  const struct operation *operation,
			  const struct attribution *attributions, struct symbols *symbols)
{
	split_blocks(blocks, trace, operation, attributions, symbols);
	if (blocks->count)
		merge_blocks(blocks);
}

void basic_blocks_release(struct code_blocks *blocks)
{
	free(blocks->list);
	*blocks = (struct code_blocks) { 0 };
}
