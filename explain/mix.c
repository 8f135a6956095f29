// SPDX-License-Identifier: GPL-2.0-or-later
#include "mix.h"

#include <string.h>

#include "base/memory.h"

#define SAVE_DISTANCE	4	/* instructions between reading the mask and disabling interrupts */

/* Return the class by the step's accesses; *access is the index of the operation's next access. */
static enum mix_class class_by_access(const struct operation *operation, size_t step,
				      size_t *access)
{
	bool loads = false, stores = false;

	while (*access < operation->access_count && operation->accesses[*access].step < step)
		(*access)++;
	for (size_t i = *access; i < operation->access_count &&
				 operation->accesses[i].step == step; i++) {
		loads |= !operation->accesses[i].is_store;
		stores |= operation->accesses[i].is_store;
	}
	if (loads)
		return stores ? MIX_LOAD_STORE : MIX_LOAD;
	return stores ? MIX_STORE : MIX_REGISTER;
}

static void count_named(struct mix *mix, const char *name, uint64_t count)
{
	size_t i = 0;

	while (i < mix->named_count && strcmp(mix->named[i].name, name))
		i++;
	if (i == mix->named_count)
		array_add(&mix->named, &mix->named_count)->name = name;
	mix->named[i].count += count;
}

/* State of the interrupt mask while the operation is followed */
struct irq_tracker {
	bool disabled;
	uint64_t length;	/* instructions of the stretch */
	struct saved_mask {
		const struct call_node *node;	/* function that saved the mask */
		bool disabled;
	} saved[16];
	size_t saved_count;
	const struct call_node *read_node;	/* function that read the mask last, */
	size_t read_step;			/* and the step */
};

static void end_stretch(struct irq_tracker *irq, struct mix *mix)
{
	if (!irq->disabled)
		return;
	irq->disabled = false;
	mix->irqs_off_stretches++;
	mix->irqs_off_instructions += irq->length;
	if (irq->length > mix->irqs_off_longest)
		mix->irqs_off_longest = irq->length;
}

/* A mask is read to save it if the interrupts are disabled soon after, in the same function. */
static void disable_irqs(struct irq_tracker *irq, const struct call_node *node, size_t step)
{
	if (irq->read_node == node && step - irq->read_step <= SAVE_DISTANCE &&
	    irq->saved_count < ARRAY_SIZE(irq->saved))
		irq->saved[irq->saved_count++] = (struct saved_mask) { node, irq->disabled };
	irq->read_node = NULL;
	if (!irq->disabled)
		irq->length = 0;
	irq->disabled = true;
}

static void restore_irqs(struct irq_tracker *irq, const struct call_node *node, struct mix *mix)
{
	while (irq->saved_count) {
		const struct saved_mask *saved = &irq->saved[--irq->saved_count];

		if (saved->node != node)
			continue;
		if (!saved->disabled)
			end_stretch(irq, mix);
		return;
	}
}

static void track_irqs(struct irq_tracker *irq, struct mix *mix, enum mix_irq effect,
		       const struct call_node *node, size_t step)
{
	if (irq->disabled)
		irq->length++;
	switch (effect) {
	case MIX_IRQ_NONE:
		break;
	case MIX_IRQ_SAVE:
		irq->read_node = node;
		irq->read_step = step;
		break;
	case MIX_IRQ_DISABLE:
		disable_irqs(irq, node, step);
		break;
	case MIX_IRQ_ENABLE:
		end_stretch(irq, mix);
		break;
	case MIX_IRQ_RESTORE:
		restore_irqs(irq, node, mix);
		break;
	}
}

static bool starts_retpoline(struct symbols *symbols, const struct trace_code *code)
{
	size_t symbol = symbols_find(symbols, code->address);

	return symbol < symbols->count && symbols->list[symbol].address == code->address &&
	       !strncmp(symbols_name(symbols, symbol), "__x86_indirect_", 15);
}

void mix_collect(struct mix *mix, const struct trace *trace, const struct operation *operation,
		 const struct attribution *attributions, struct symbols *symbols)
{
	struct irq_tracker irq = { 0 };
	size_t access = 0;

	for (size_t i = 0; i < operation->step_count; i++) {
		const struct trace_code *code = &trace->code[operation->steps[i].code];
		const struct attribution *attribution = &attributions[i];
		enum mix_class class = code->kind.class;

		if (!attribution->times || node_in_interrupt(attribution->node))
			continue;
		if (class == MIX_REGISTER)
			class = class_by_access(operation, i, &access);
		mix->classes[class] += attribution->times;
		if (code->kind.name)
			count_named(mix, code->kind.name, attribution->times);
		mix->retpolines += starts_retpoline(symbols, code);
		track_irqs(&irq, mix, code->kind.irq, attribution->node, i);
	}
	end_stretch(&irq, mix);
}

void mix_release(struct mix *mix)
{
	free(mix->named);
	*mix = (struct mix) { 0 };
}
