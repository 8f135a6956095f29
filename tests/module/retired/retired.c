// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loops whose number of retired instructions is known by construction, measured with
 * the clock that kmemlab uses. Loading the module runs them and logs, for each,
 * "NAME: retired EXPECTED MEASURED, stored EXPECTED MEASURED, copied EXPECTED MEASURED".
 */
#define pr_fmt(fmt) "retired: " fmt

#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/asm.h>

#include "counters.h"

#define BYTES	(2 * PAGE_SIZE)
#define OVERHEAD	5	/* of the two clock reads: see the empty loop */

static u8 *source, *target;

struct reading {
	u64 ticks, repeats, stored, copied;
};

/* Execute @body between the clock reads; it may use rax, rcx, rdx, rsi, rdi and r8. */
#define MEASURE(reading, body, from, to, number)					\
do {											\
	u32 low, high, low_end, high_end;						\
	unsigned long flags;								\
	u64 before[4];									\
											\
	local_irq_save(flags);								\
	counters_update();								\
	before[0] = counters[1];							\
	before[1] = counters[2];							\
	before[2] = counters[3];							\
	before[3] = counters[4];							\
	asm volatile("lfence\n\trdtsc\n\tmovl %%eax, %0\n\tmovl %%edx, %1\n\tlfence\n\t"	\
		     body								\
		     "lfence\n\trdtsc\n\t"						\
		     : "=m" (low), "=m" (high), "=&a" (low_end), "=&d" (high_end)		\
		     : "r" ((u64)(from)), "r" ((u64)(to)), "r" ((u64)(number))		\
		     : "rcx", "rsi", "rdi", "r8", "memory", "cc");			\
	counters_update();								\
	(reading)->repeats = counters[1] - before[0] + (counters[3] - before[2]) / 2;	\
	(reading)->stored = counters[2] - before[1];					\
	(reading)->copied = (counters[4] - before[3]) / 2;				\
	local_irq_restore(flags);							\
	(reading)->ticks = (((u64)high_end << 32 | low_end) - ((u64)high << 32 | low)) -	\
			   (reading)->repeats;						\
} while (0)

static void report(const char *name, unsigned int number, const struct reading *reading,
		   u64 instructions, u64 stored, u64 copied)
{
	pr_info("%s %u: retired %llu %llu, stored %llu %llu, copied %llu %llu\n", name, number,
		instructions, reading->ticks - OVERHEAD, stored, reading->stored, copied,
		reading->copied);
}

#define SETUP	"movq %4, %%rsi\n\tmovq %5, %%rdi\n\tmovq %6, %%rcx\n\txorl %%eax, %%eax\n\t"
#define SETUP_INSTRUCTIONS	4

/* Fresh entries to an instruction that begins a block: QEMU cannot tell by its address alone. */
#define TWICE(op)	"movl $2, %%r8d\n\tjmp 1f\n\t.balign 64\n\t"			\
			"1: " op "\n\tmovq %6, %%rcx\n\tmovq %4, %%rsi\n\tmovq %5, %%rdi\n\t" \
			"subl $1, %%r8d\n\tjnz 1b\n\t"
#define TWICE_INSTRUCTIONS	(2 + 2 * 6)

static void run_counts(unsigned int n)
{
	struct reading r;

	MEASURE(&r, SETUP "rep stosb\n\t", source, target, n);
	report("stosb", n, &r, SETUP_INSTRUCTIONS + 1, n, 0);
	MEASURE(&r, SETUP "rep stosw\n\t", source, target, n / 2);
	report("stosw", n, &r, SETUP_INSTRUCTIONS + 1, n / 2 * 2, 0);
	MEASURE(&r, SETUP "rep stosl\n\t", source, target, n / 4);
	report("stosl", n, &r, SETUP_INSTRUCTIONS + 1, n / 4 * 4, 0);
	MEASURE(&r, SETUP "rep stosq\n\t", source, target, n / 8);
	report("stosq", n, &r, SETUP_INSTRUCTIONS + 1, n / 8 * 8, 0);
	MEASURE(&r, SETUP "rep movsb\n\t", source, target, n);
	report("movsb", n, &r, SETUP_INSTRUCTIONS + 1, 0, n);
	MEASURE(&r, SETUP "rep movsq\n\t", source, target, n / 8);
	report("movsq", n, &r, SETUP_INSTRUCTIONS + 1, 0, n / 8 * 8);
	MEASURE(&r, SETUP "rep lodsb\n\t", source, target, n);
	report("lodsb", n, &r, SETUP_INSTRUCTIONS + 1, 0, 0);
	MEASURE(&r, SETUP TWICE("rep stosb"), source, target, n);
	report("stosb twice", n, &r, SETUP_INSTRUCTIONS + TWICE_INSTRUCTIONS, 2 * n, 0);
	MEASURE(&r, SETUP TWICE("rep movsb"), source, target, n);
	report("movsb twice", n, &r, SETUP_INSTRUCTIONS + TWICE_INSTRUCTIONS, 0, 2 * n);

	/* The buffers hold 1: al is 0, so the scan uses up its count. */
	memset(source, 1, BYTES);
	memset(target, 1, BYTES);
	MEASURE(&r, SETUP "repne scasb\n\t", source, target, n);
	report("scasb without a match", n, &r, SETUP_INSTRUCTIONS + 1, 0, 0);
	MEASURE(&r, SETUP TWICE("repne scasb"), source, target, n);
	report("scasb twice", n, &r, SETUP_INSTRUCTIONS + TWICE_INSTRUCTIONS, 0, 0);
	MEASURE(&r, SETUP "repe cmpsb\n\t", source, target, n);
	report("cmpsb of equal bytes", n, &r, SETUP_INSTRUCTIONS + 1, 0, 0);
	target[n / 2] = 0;
	MEASURE(&r, SETUP "repne scasb\n\t", source, target, n);
	report("scasb with a match", n, &r, SETUP_INSTRUCTIONS + 1, 0, 0);
	MEASURE(&r, SETUP TWICE("repe cmpsb"), source, target, n);
	report("cmpsb twice with a difference", n, &r, SETUP_INSTRUCTIONS + TWICE_INSTRUCTIONS, 0,
	       0);
}

/* Return %rcx: the retired instructions of a chain of calls that are 5 per call. */
asm(".pushsection .text\n"
    "retired_callee:\n\t"
    "pushq %rbp\n\t"
    "movq %rsp, %rbp\n\t"
    "popq %rbp\n\t"
    "ret\n\t"
    "int3\n"
    ".popsection\n");

static void run_calls(void)
{
	struct reading r;

	MEASURE(&r, "movl $100, %%ecx\n\t1: call retired_callee\n\tsubl $1, %%ecx\n\tjnz 1b\n\t",
		source, target, 0);
	report("calls", 100, &r, 1 + 100 * (1 + 4 + 2), 0, 0);
}

/* A copy that faults after @n bytes, with a fixup as in copy_from_user(). */
static void measure_fault(struct reading *r, unsigned int n)
{
	MEASURE(r, SETUP "1: rep movsb\n\t2:\n\t" _ASM_EXTABLE(1b, 2b), source + BYTES - n, target,
		128);
}

static int __init retired_init(void)
{
	static const unsigned int counts[] = { 0, 1, 64, 4096 };
	struct reading empty, none, some;
	unsigned int i;
	int err = counters_map();

	if (err)
		return err;
	source = vmalloc(BYTES);	/* the page behind it is not mapped */
	target = vmalloc(BYTES);
	if (!source || !target)
		return -ENOMEM;
	MEASURE(&empty, "", source, target, 0);
	report("empty", 0, &empty, 0, 0, 0);
	/* The first of two rounds maps and caches what the second one uses. */
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		run_counts(counts[i]);
	run_calls();
	measure_fault(&none, 0);
	measure_fault(&none, 0);
	measure_fault(&some, 64);
	report("fault after 0 and 64 bytes", 64, &some, none.ticks - OVERHEAD, 0, 64);
	vfree(source);
	vfree(target);
	return 0;
}

static void __exit retired_exit(void)
{
	counters_unmap();
}

module_init(retired_init);
module_exit(retired_exit);

MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("Loops with a known number of retired instructions");
