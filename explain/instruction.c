// SPDX-License-Identifier: GPL-2.0-or-later
#include "instruction.h"

#include <string.h>

static bool is_prefix_x86(uint8_t byte)
{
	return (byte && memchr("\x66\x67\xf0\xf2\xf3\x2e\x36\x3e\x26\x64\x65", byte, 11)) ||
	       (byte & 0xf0) == 0x40;	/* REX */
}

static enum flow flow_x86_two_bytes(const uint8_t *code, size_t size)
{
	if (size >= 1 && (code[0] == 0x31 || (size >= 2 && code[0] == 0x01 && code[1] == 0xf9)))
		return FLOW_CLOCK;
	if (size >= 1 && (code[0] & 0xf0) == 0x80)
		return FLOW_JUMP;
	return FLOW_NEXT;
}

/* ff /digit: 2 and 3 call, 4 and 5 jump */
static enum flow flow_x86_group5(uint8_t modrm)
{
	switch (modrm >> 3 & 7) {
	case 2:
	case 3:
		return FLOW_CALL;
	case 4:
	case 5:
		return FLOW_JUMP;
	}
	return FLOW_NEXT;
}

static enum flow flow_x86_64(const uint8_t *code, size_t size)
{
	while (size && is_prefix_x86(*code)) {
		code++;
		size--;
	}
	if (!size)
		return FLOW_NEXT;
	switch (*code) {
	case 0xe8:
		return FLOW_CALL;
	case 0xc2:
	case 0xc3:
	case 0xca:
	case 0xcb:
		return FLOW_RETURN;
	case 0xcf:
		return FLOW_EXCEPTION_RETURN;
	case 0xf4:
		return FLOW_IDLE;
	case 0xe0 ... 0xe3:
	case 0xe9:
	case 0xeb:
	case 0x70 ... 0x7f:
		return FLOW_JUMP;
	case 0x0f:
		return flow_x86_two_bytes(code + 1, size - 1);
	case 0xff:
		return size >= 2 ? flow_x86_group5(code[1]) : FLOW_NEXT;
	}
	return FLOW_NEXT;
}

static uint32_t word(const uint8_t *code)
{
	return code[0] | code[1] << 8 | code[2] << 16 | (uint32_t)code[3] << 24;
}

struct pattern {
	uint32_t mask;
	uint32_t value;
	enum flow flow;
};

static enum flow match(const struct pattern *patterns, size_t count, const uint8_t *code,
		       size_t size)
{
	for (size_t i = 0; size == 4 && i < count; i++)
		if ((word(code) & patterns[i].mask) == patterns[i].value)
			return patterns[i].flow;
	return FLOW_NEXT;
}

static enum flow flow_aarch64(const uint8_t *code, size_t size)
{
	static const struct pattern patterns[] = {
		{ 0xfc000000, 0x94000000, FLOW_CALL },			/* bl */
		{ 0xfefff800, 0xd63f0800, FLOW_CALL },			/* blraa ... */
		{ 0xfffffc1f, 0xd63f0000, FLOW_CALL },			/* blr */
		{ 0xfffffc1f, 0xd65f0000, FLOW_RETURN },		/* ret */
		{ 0xfffffbff, 0xd65f0bff, FLOW_RETURN },		/* retaa, retab */
		{ 0xffffffff, 0xd69f03e0, FLOW_EXCEPTION_RETURN },	/* eret */
		{ 0xfc000000, 0x14000000, FLOW_JUMP },			/* b */
		{ 0xff000000, 0x54000000, FLOW_JUMP },			/* b.cond */
		{ 0x7c000000, 0x34000000, FLOW_JUMP },			/* cbz, cbnz, tbz, tbnz */
		{ 0xfefff000, 0xd61f0000, FLOW_JUMP },			/* br, braa ... */
		{ 0xffffffe0, 0xd53be040, FLOW_CLOCK },			/* mrs cntvct_el0 */
		{ 0xffffffff, 0xd503207f, FLOW_IDLE },			/* wfi */
	};

	return match(patterns, sizeof(patterns) / sizeof(*patterns), code, size);
}

static enum flow flow_arm(const uint8_t *code, size_t size)
{
	static const struct pattern patterns[] = {
		{ 0xfe000000, 0xf8000000, FLOW_EXCEPTION_RETURN },	/* rfe */
		{ 0x0ffff000, 0x01b0f000, FLOW_EXCEPTION_RETURN },	/* movs pc */
		{ 0x0e508000, 0x08508000, FLOW_EXCEPTION_RETURN },	/* ldm {pc}^ */
		{ 0x0f000000, 0x0b000000, FLOW_CALL },			/* bl */
		{ 0xfe000000, 0xfa000000, FLOW_CALL },			/* blx */
		{ 0x0ffffff0, 0x012fff30, FLOW_CALL },			/* blx register */
		{ 0x0fffffff, 0x012fff1e, FLOW_RETURN },		/* bx lr */
		{ 0x0fffffff, 0x01a0f00e, FLOW_RETURN },		/* mov pc, lr */
		{ 0x0e108000, 0x08108000, FLOW_RETURN },		/* ldm {pc} */
		{ 0x0fffffff, 0x049df004, FLOW_RETURN },		/* pop {pc} */
		{ 0x0f000000, 0x0a000000, FLOW_JUMP },			/* b */
		{ 0x0ffffff0, 0x012fff10, FLOW_JUMP },			/* bx register */
		{ 0x0c50f000, 0x0410f000, FLOW_JUMP },			/* ldr pc */
		{ 0x0fffffff, 0x0320f003, FLOW_IDLE },			/* wfi */
		{ 0x0fb0f000, 0x0320f000, FLOW_NEXT },			/* nop, hints, msr */
		{ 0x0fb0f000, 0x0120f000, FLOW_NEXT },			/* msr register */
		{ 0x0c00f000, 0x0000f000, FLOW_JUMP },			/* mov, add ... pc */
		{ 0x0ff00fff, 0x0c500f1e, FLOW_CLOCK },			/* mrrc p15, 1, r, r, c14 */
	};

	return match(patterns, sizeof(patterns) / sizeof(*patterns), code, size);
}

static const char *const faults_x86[] = { "asm_exc_", NULL };
static const char *const interrupts_x86[] = {
	"asm_sysvec_", "asm_common_interrupt", "asm_spurious_interrupt", "irq_entries_start",
	"spurious_entries_start", "apic_timer_interrupt", "common_interrupt", NULL };
static const char *const stubs_x86[] = { "irq_entries_start", "spurious_entries_start", NULL };
static const char *const thunks_x86[] = { "__x86_indirect_", "__x86_retpoline_", "__x86_return_",
					  "srso_", "retbleed_", "its_return_thunk", NULL };
/* One table of vectors for both; what comes from the kernel's own faults is rare. */
static const char *const faults_aarch64[] = { "el1h_64_sync", "el1_sync", NULL };
static const char *const interrupts_aarch64[] = { "vectors", "el1h_64_irq", "el1_irq", NULL };
static const char *const stubs_aarch64[] = { "vectors", NULL };
static const char *const faults_arm[] = { "vector_dabt", "vector_pabt", "vector_und", "__dabt_svc",
					  "__pabt_svc", "__und_svc", NULL };
static const char *const interrupts_arm[] = { "vector_irq", "__irq_svc", NULL };
static const char *const none[] = { NULL };
/* The CPU enters by a jump in the first page, to a stub in the second. */
static const struct fixed_code fixed_arm[] = {
	{ 0xffff0000, "vector_rst" }, { 0xffff0004, "vector_und" }, { 0xffff0008, "vector_swi" },
	{ 0xffff000c, "vector_pabt" }, { 0xffff0010, "vector_dabt" },
	{ 0xffff0014, "vector_addrexcptn" }, { 0xffff0018, "vector_irq" },
	{ 0xffff001c, "vector_fiq" }, { 0xffff0020, "(vectors)" }, { 0xffff1000, "vector_stubs" },
	{ 0 } };

static const struct machine machines[] = {
	{ "x86_64", flow_x86_64, 3, 1, faults_x86, interrupts_x86, stubs_x86, thunks_x86,
	  "__switch_to_asm", NULL },
	{ "aarch64", flow_aarch64, 2, 1, faults_aarch64, interrupts_aarch64, stubs_aarch64,
	  none, "cpu_switch_to", NULL },
	{ "arm", flow_arm, 3, 1, faults_arm, interrupts_arm, none, none, "__switch_to", fixed_arm },
};

const struct machine *machine_find(const char *target)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (!strcmp(machines[i].target, target))
			return &machines[i];
	return NULL;
}

bool machine_lists(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strncmp(name, *list, strlen(*list)))
			return true;
	return false;
}
