// SPDX-License-Identifier: GPL-2.0
/* delay: executes KMEMLAB_DELAY_INSTRUCTIONS, so that the instrument must read that. */
#include "facilities/delay.h"

#include <linux/stringify.h>

#include "facilities/instrument.h"

static __always_inline void delay_burn(void)
{
	unsigned long left;

#if defined(CONFIG_X86)
	asm volatile("movl $" __stringify(KMEMLAB_DELAY_PAIRS) ", %k0\n"
		     "1:	subl $1, %k0\n\t"
		     "jnz 1b"
		     : "=r" (left) : : "cc");
#elif defined(CONFIG_ARM64) || defined(CONFIG_ARM)
	asm volatile("mov %0, #" __stringify(KMEMLAB_DELAY_PAIRS) "\n"
		     "1:	subs %0, %0, #1\n\t"
		     "bne 1b"
		     : "=r" (left) : : "cc");
#else
	for (left = KMEMLAB_DELAY_PAIRS; left; left--)
		barrier();
#endif
}

static __always_inline void *delay_alloc(struct kmemlab_run *run)
{
	delay_burn();
	return KMEMLAB_INSTRUMENT_HANDLE;
}

static __always_inline void delay_free(struct kmemlab_run *run, void *raw)
{
	delay_burn();
}

KMEMLAB_FACILITY_PLAIN_HANDLES(delay)
KMEMLAB_FACILITY_LOOPS(delay)

const struct kmemlab_facility_ops kmemlab_delay = {
	.name = "delay",
	KMEMLAB_FACILITY_LOOP_HOOKS(delay),
	KMEMLAB_INSTRUMENT_HOOKS,
};
