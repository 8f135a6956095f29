// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Control flow and classes of instructions, from their encodings: Intel SDM volume 2, Arm ARM
 * (DDI 0487 and DDI 0406).
 */
#include "instruction.h"

#include <string.h>

#include "lib/array_size.h"
#include "lib/string_op.h"

const char *const mix_class_names[MIX_CLASSES] = {
	[MIX_ATOMIC] = "atomic",
	[MIX_BARRIER] = "barrier",
	[MIX_SYSTEM] = "system",
	[MIX_STRING] = "string",
	[MIX_CALL] = "call",
	[MIX_INDIRECT] = "indirect",
	[MIX_RETURN] = "return",
	[MIX_BRANCH] = "branch",
	[MIX_JUMP] = "jump",
	[MIX_LOAD_STORE] = "load_store",
	[MIX_LOAD] = "load",
	[MIX_STORE] = "store",
	[MIX_REGISTER] = "register",
};

/*
 * A kernel that runs on one CPU replaces its lock prefixes with DS prefixes, which compilers do not
 * generate. With several CPUs the same instructions are locked.
 */
#define X86_LOCK_REPLACED	0x3e

/* Prefixes and opcode of an x86 instruction. The bytes after its end read as 0. */
struct x86_code {
	bool lock, rep, operand_size;
	uint8_t rex;
	uint8_t opcode[3];	/* 0x0f, 0x38 and 0x3a are escapes */
	uint8_t modrm;		/* the byte after a one-byte or 0x0f opcode */
};

static struct x86_code x86_split(const uint8_t *bytes, size_t size)
{
	uint8_t code[16] = { 0 }, *pos = code;
	struct x86_code x86 = { 0 };

	memcpy(code, bytes, size < sizeof(code) - 4 ? size : sizeof(code) - 4);
	for (; *pos && memchr("\x66\x67\xf0\xf2\xf3\x2e\x36\x3e\x26\x64\x65", *pos, 11); pos++) {
		x86.lock |= *pos == 0xf0 || *pos == X86_LOCK_REPLACED;
		x86.rep |= *pos == 0xf2 || *pos == 0xf3;
		x86.operand_size |= *pos == 0x66;
	}
	if ((*pos & 0xf0) == 0x40)
		x86.rex = *pos++;
	memcpy(x86.opcode, pos, sizeof(x86.opcode));
	x86.modrm = pos[*pos == 0x0f ? 2 : 1];
	return x86;
}

static bool modrm_is_memory(uint8_t modrm)
{
	return modrm < 0xc0;
}

static unsigned int modrm_reg(uint8_t modrm)
{
	return modrm >> 3 & 7;
}

/* Complete the flow that the class implies. */
static struct instruction_kind with_flow(struct instruction_kind kind)
{
	static const enum flow implied[MIX_CLASSES] = {
		[MIX_CALL] = FLOW_CALL, [MIX_RETURN] = FLOW_RETURN, [MIX_INDIRECT] = FLOW_JUMP,
		[MIX_BRANCH] = FLOW_JUMP, [MIX_JUMP] = FLOW_JUMP,
	};

	if (kind.flow == FLOW_NEXT)
		kind.flow = implied[kind.class];
	return kind;
}

/* An opcode that alone determines the instruction */
struct x86_opcode {
	uint8_t opcode;
	struct instruction_kind kind;
};

static const struct x86_opcode x86_one_byte[] = {
	{ 0x9c, { MIX_SYSTEM, .irq = MIX_IRQ_SAVE, .name = "pushf" } },
	{ 0x9d, { MIX_SYSTEM, .irq = MIX_IRQ_RESTORE, .name = "popf" } },
	{ 0xc2, { .class = MIX_RETURN } }, { 0xc3, { .class = MIX_RETURN } },
	{ 0xca, { .class = MIX_RETURN } }, { 0xcb, { .class = MIX_RETURN } },
	{ 0xcc, { MIX_SYSTEM, .name = "int3" } }, { 0xcd, { MIX_SYSTEM, .name = "int" } },
	{ 0xcf, { MIX_SYSTEM, .name = "iret", .flow = FLOW_EXCEPTION_RETURN } },
	{ 0xe4, { MIX_SYSTEM, .name = "in" } }, { 0xe5, { MIX_SYSTEM, .name = "in" } },
	{ 0xec, { MIX_SYSTEM, .name = "in" } }, { 0xed, { MIX_SYSTEM, .name = "in" } },
	{ 0xe6, { MIX_SYSTEM, .name = "out" } }, { 0xe7, { MIX_SYSTEM, .name = "out" } },
	{ 0xee, { MIX_SYSTEM, .name = "out" } }, { 0xef, { MIX_SYSTEM, .name = "out" } },
	{ 0xe8, { .class = MIX_CALL } }, { 0xe9, { .class = MIX_JUMP } },
	{ 0xeb, { .class = MIX_JUMP } },
	{ 0xf4, { MIX_SYSTEM, .name = "hlt", .flow = FLOW_IDLE } },
	{ 0xfa, { MIX_SYSTEM, .irq = MIX_IRQ_DISABLE, .name = "cli" } },
	{ 0xfb, { MIX_SYSTEM, .irq = MIX_IRQ_ENABLE, .name = "sti" } },
};

static const struct x86_opcode x86_0f[] = {
	{ 0x05, { MIX_SYSTEM, .name = "syscall" } }, { 0x06, { MIX_SYSTEM, .name = "clts" } },
	{ 0x07, { MIX_SYSTEM, .name = "sysret" } }, { 0x08, { MIX_SYSTEM, .name = "invd" } },
	{ 0x09, { MIX_SYSTEM, .name = "wbinvd" } }, { 0x0b, { MIX_SYSTEM, .name = "ud2" } },
	{ 0x20, { MIX_SYSTEM, .name = "mov from cr" } },
	{ 0x21, { MIX_SYSTEM, .name = "mov from dr" } },
	{ 0x22, { MIX_SYSTEM, .name = "mov to cr" } },
	{ 0x23, { MIX_SYSTEM, .name = "mov to dr" } },
	{ 0x30, { MIX_SYSTEM, .name = "wrmsr" } },
	{ 0x31, { MIX_SYSTEM, .name = "rdtsc", .flow = FLOW_CLOCK } },
	{ 0x32, { MIX_SYSTEM, .name = "rdmsr" } }, { 0x33, { MIX_SYSTEM, .name = "rdpmc" } },
	{ 0xa2, { MIX_SYSTEM, .name = "cpuid" } },
};

/* Opcode 0f 01 with a register form of ModRM */
static const struct x86_opcode x86_0f01[] = {
	{ 0xca, { MIX_SYSTEM, .name = "clac" } }, { 0xcb, { MIX_SYSTEM, .name = "stac" } },
	{ 0xd0, { MIX_SYSTEM, .name = "xgetbv" } }, { 0xd1, { MIX_SYSTEM, .name = "xsetbv" } },
	{ 0xe8, { MIX_BARRIER, .name = "serialize" } },
	{ 0xee, { MIX_SYSTEM, .name = "rdpkru" } }, { 0xef, { MIX_SYSTEM, .name = "wrpkru" } },
	{ 0xf8, { MIX_SYSTEM, .name = "swapgs" } },
	{ 0xf9, { MIX_SYSTEM, .name = "rdtscp", .flow = FLOW_CLOCK } },
};

static bool x86_find(const struct x86_opcode *list, size_t count, uint8_t opcode,
		     struct instruction_kind *kind)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].opcode != opcode)
			continue;
		*kind = list[i].kind;
		return true;
	}
	return false;
}

static struct instruction_kind x86_0f01_kind(uint8_t modrm)
{
	static const char *const memory_names[8] = {
		"sgdt", "sidt", "lgdt", "lidt", "smsw", NULL, "lmsw", "invlpg"
	};
	struct instruction_kind kind = { MIX_SYSTEM, .name = "0f 01" };

	if (modrm_is_memory(modrm) && memory_names[modrm_reg(modrm)])
		kind.name = memory_names[modrm_reg(modrm)];
	else
		x86_find(x86_0f01, ARRAY_SIZE(x86_0f01), modrm, &kind);
	return kind;
}

static struct instruction_kind x86_0fae_kind(const struct x86_code *code)
{
	static const char *const memory_names[8] = {
		"fxsave", "fxrstor", "ldmxcsr", "stmxcsr", "xsave", "xrstor", "xsaveopt", "clflush"
	};
	static const char *const base_names[4] = { "rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase" };
	unsigned int reg = modrm_reg(code->modrm);

	if (modrm_is_memory(code->modrm)) {
		if (code->operand_size && reg >= 6)
			return (struct instruction_kind) { MIX_SYSTEM, .name = reg == 6 ? "clwb" :
						   "clflushopt" };
		return (struct instruction_kind) { MIX_SYSTEM, .name = memory_names[reg] };
	}
	if (code->rep && reg < 4)
		return (struct instruction_kind) { MIX_SYSTEM, .name = base_names[reg] };
	return (struct instruction_kind) { MIX_BARRIER, .name = reg == 5 ? "lfence" :
				   reg == 6 ? "mfence" : "sfence" };
}

static struct instruction_kind x86_0f_kind(const struct x86_code *code)
{
	struct instruction_kind kind = { .class = MIX_REGISTER };
	unsigned int reg = modrm_reg(code->modrm);
	uint8_t opcode = code->opcode[1];

	if ((opcode & 0xf0) == 0x80)
		kind.class = MIX_BRANCH;
	else if (opcode == 0x00)
		kind = (struct instruction_kind) { MIX_SYSTEM, .name = reg == 5 ? "verw" : "0f 00" };
	else if (opcode == 0x01)
		kind = x86_0f01_kind(code->modrm);
	else if (opcode == 0xae)
		kind = x86_0fae_kind(code);
	else if (opcode == 0xc7 && modrm_is_memory(code->modrm) && reg >= 3 && reg <= 5)
		kind = (struct instruction_kind) { MIX_SYSTEM, .name = reg == 4 ? "xsavec" :
					   reg == 5 ? "xsaves" : "xrstors" };
	else if (opcode == 0x38 && code->opcode[2] == 0x82)
		kind = (struct instruction_kind) { MIX_SYSTEM, .name = "invpcid" };
	else
		x86_find(x86_0f, ARRAY_SIZE(x86_0f), opcode, &kind);
	return kind;
}

/* Return true if the instruction changes memory and takes a lock prefix. */
static bool x86_is_lockable(const struct x86_code *code)
{
	uint8_t opcode = code->opcode[0], reg = modrm_reg(code->modrm);

	if (!modrm_is_memory(code->modrm))
		return false;
	if (opcode == 0x0f)
		return memchr("\xab\xb0\xb1\xb3\xba\xbb\xc0\xc1\xc7", code->opcode[1], 9);
	if (opcode >= 0xf6 && opcode <= 0xf7)
		return reg == 2 || reg == 3;	/* not, neg */
	if (opcode >= 0xfe)
		return reg < 2;			/* inc, dec */
	if (opcode >= 0x80 && opcode <= 0x83)
		return reg != 7 && opcode != 0x82;	/* all but cmp */
	return (opcode < 0x38 && (opcode & 7) < 2) || (opcode & 0xfe) == 0x86;
}

static const char *x86_locked_name(const struct x86_code *code)
{
	static const char *const arithmetic[8] = {
		"lock add", "lock or", "lock adc", "lock sbb", "lock and", "lock sub", "lock xor"
	};
	static const char *const unary[8] = { "lock inc", "lock dec", "lock not", "lock neg" };
	uint8_t opcode = code->opcode[0], reg = modrm_reg(code->modrm);
	const char *name = NULL;

	if (opcode < 0x40 && opcode != 0x0f)
		name = arithmetic[opcode >> 3];
	else if (opcode >= 0x80 && opcode <= 0x83)
		name = arithmetic[reg];
	else if ((opcode & 0xfe) == 0x86)
		name = "xchg";
	else if (opcode >= 0xf6)
		name = unary[opcode >= 0xfe ? reg & 1 : reg & 3];
	else if (opcode == 0x0f && (code->opcode[1] & 0xfe) == 0xb0)
		name = "lock cmpxchg";
	else if (opcode == 0x0f && (code->opcode[1] & 0xfe) == 0xc0)
		name = "lock xadd";
	else if (opcode == 0x0f && code->opcode[1] == 0xc7)
		name = code->rex & 8 ? "lock cmpxchg16b" : "lock cmpxchg8b";
	else if (opcode == 0x0f)
		name = "lock bts/btr/btc";
	return name ?: "lock";
}

static const char *x86_string_name(uint8_t opcode)
{
	switch (opcode & 0xfe) {
	case 0x6c:
		return "rep ins";
	case 0x6e:
		return "rep outs";
	case 0xa4:
		return "rep movs";
	case 0xa6:
		return "rep cmps";
	case 0xaa:
		return "rep stos";
	case 0xac:
		return "rep lods";
	case 0xae:
		return "rep scas";
	}
	return NULL;
}

static struct instruction_kind kind_x86_64(const uint8_t *bytes, size_t size)
{
	struct x86_code code = x86_split(bytes, size);
	struct instruction_kind kind = { .class = MIX_REGISTER };
	uint8_t opcode = code.opcode[0];
	unsigned int reg = modrm_reg(code.modrm);
	bool memory = modrm_is_memory(code.modrm);

	if ((code.lock && x86_is_lockable(&code)) || ((opcode & 0xfe) == 0x86 && memory))
		return (struct instruction_kind) { MIX_ATOMIC, .name = x86_locked_name(&code) };
	if (code.rep && x86_string_name(opcode))
		return (struct instruction_kind) { MIX_STRING, .name = x86_string_name(opcode) };
	if (opcode == 0x0f)
		return with_flow(x86_0f_kind(&code));
	if (opcode == 0x90 && code.rep)
		return (struct instruction_kind) { MIX_SYSTEM, .name = "pause" };
	if ((opcode & 0xf0) == 0x70 || (opcode >= 0xe0 && opcode <= 0xe3))
		kind.class = MIX_BRANCH;
	else if (opcode == 0xff && reg >= 2 && reg <= 5)
		kind = (struct instruction_kind) { MIX_INDIRECT, .flow = reg < 4 ? FLOW_CALL :
						   FLOW_JUMP };
	else if (opcode == 0x8e)
		kind = (struct instruction_kind) { MIX_SYSTEM, .name = "mov to segment register" };
	else
		x86_find(x86_one_byte, ARRAY_SIZE(x86_one_byte), opcode, &kind);
	return with_flow(kind);
}

/* Fixed bits of an encoding of 4 bytes; the first match counts. */
struct encoding {
	uint32_t mask, value;
	struct instruction_kind kind;
};

static struct instruction_kind match_encoding(const struct encoding *list, size_t count,
				  const uint8_t *code, size_t size)
{
	uint32_t word;

	if (size != 4)
		return (struct instruction_kind) { .class = MIX_REGISTER };
	word = code[0] | code[1] << 8 | code[2] << 16 | (uint32_t)code[3] << 24;
	for (size_t i = 0; i < count; i++)
		if ((word & list[i].mask) == list[i].value)
			return with_flow(list[i].kind);
	return (struct instruction_kind) { .class = MIX_REGISTER };
}

static const struct encoding encodings_aarch64[] = {
	{ 0x3fa00000, 0x08a00000, { MIX_ATOMIC, .name = "cas" } },
	{ 0xbfa00000, 0x08200000, { MIX_ATOMIC, .name = "casp" } },
	{ 0x3fc00000, 0x08400000, { MIX_ATOMIC, .name = "ldxr" } },	/* ldaxr, ldxp ... */
	{ 0x3fc00000, 0x08000000, { MIX_ATOMIC, .name = "stxr" } },	/* stlxr, stxp ... */
	{ 0x3f20fc00, 0x38208000, { MIX_ATOMIC, .name = "swp" } },
	{ 0x3f20fc00, 0x38200000, { MIX_ATOMIC, .name = "ldadd" } },
	{ 0x3f20fc00, 0x38201000, { MIX_ATOMIC, .name = "ldclr" } },
	{ 0x3f20fc00, 0x38202000, { MIX_ATOMIC, .name = "ldeor" } },
	{ 0x3f20fc00, 0x38203000, { MIX_ATOMIC, .name = "ldset" } },
	{ 0x3f208c00, 0x38200000, { MIX_ATOMIC, .name = "ldmax/ldmin" } },
	{ 0x3fe00000, 0x08c00000, { MIX_BARRIER, .name = "ldar" } },
	{ 0x3ffffc00, 0x38bfc000, { MIX_BARRIER, .name = "ldapr" } },
	{ 0x3fe00000, 0x08800000, { MIX_BARRIER, .name = "stlr" } },
	{ 0xfffff0ff, 0xd503309f, { MIX_BARRIER, .name = "dsb" } },
	{ 0xfffff0ff, 0xd50330bf, { MIX_BARRIER, .name = "dmb" } },
	{ 0xfffff0ff, 0xd50330df, { MIX_BARRIER, .name = "isb" } },
	{ 0xfffff0ff, 0xd50330ff, { MIX_BARRIER, .name = "sb" } },
	{ 0xffffffff, 0xd503201f, { .class = MIX_REGISTER } },		/* nop */
	{ 0xffffffff, 0xd50320ff, { .class = MIX_REGISTER } },		/* xpaclri */
	{ 0xffffffff, 0xd503207f, { MIX_SYSTEM, .name = "wfi", .flow = FLOW_IDLE } },
	{ 0xffffff1f, 0xd503201f, { MIX_SYSTEM, .name = "wfe/sev/yield" } },
	{ 0xfffff2ff, 0xd50342df, { MIX_SYSTEM, .irq = MIX_IRQ_DISABLE, .name = "msr daifset" } },
	{ 0xfffff2ff, 0xd50342ff, { MIX_SYSTEM, .irq = MIX_IRQ_ENABLE, .name = "msr daifclr" } },
	{ 0xffffffe0, 0xd53b4220, { MIX_SYSTEM, .irq = MIX_IRQ_SAVE, .name = "mrs daif" } },
	{ 0xffffffe0, 0xd51b4220, { MIX_SYSTEM, .irq = MIX_IRQ_RESTORE, .name = "msr daif" } },
	{ 0xffffffe0, 0xd50b7420, { MIX_STRING, .name = "dc zva" } },
	{ 0xfff8e000, 0xd5088000, { MIX_SYSTEM, .name = "tlbi" } },
	{ 0xfff8f000, 0xd5087000, { MIX_SYSTEM, .name = "dc/ic/at" } },
	{ 0xffffffe0, 0xd5384100, { MIX_SYSTEM, .name = "mrs sp_el0" } },	/* current */
	{ 0xffffffe0, 0xd538d080, { MIX_SYSTEM, .name = "mrs tpidr_el1" } },	/* per-CPU */
	{ 0xffffffe0, 0xd53be040, { MIX_SYSTEM, .name = "mrs cntvct_el0", .flow = FLOW_CLOCK } },
	{ 0xfff00000, 0xd5300000, { MIX_SYSTEM, .name = "mrs" } },
	{ 0xfff00000, 0xd5100000, { MIX_SYSTEM, .name = "msr" } },
	{ 0xfff8f01f, 0xd500401f, { MIX_SYSTEM, .name = "msr immediate" } },
	{ 0xff000000, 0xd4000000, { MIX_SYSTEM, .name = "svc/hvc/brk" } },
	{ 0xfffffbff, 0xd69f03e0, { MIX_SYSTEM, .name = "eret", .flow = FLOW_EXCEPTION_RETURN } },
	{ 0xfc000000, 0x94000000, { .class = MIX_CALL } },
	{ 0xfefff000, 0xd63f0000, { MIX_INDIRECT, .flow = FLOW_CALL } },	/* blr, blraa ... */
	{ 0xfefff000, 0xd61f0000, { .class = MIX_INDIRECT } },	/* br, braa ... */
	{ 0xfefff000, 0xd65f0000, { .class = MIX_RETURN } },	/* ret, retaa, retab */
	{ 0xff000000, 0x54000000, { .class = MIX_BRANCH } },
	{ 0x7c000000, 0x34000000, { .class = MIX_BRANCH } },	/* cbz, cbnz, tbz, tbnz */
	{ 0xfc000000, 0x14000000, { .class = MIX_JUMP } },
};

static struct instruction_kind kind_aarch64(const uint8_t *code, size_t size)
{
	return match_encoding(encodings_aarch64, ARRAY_SIZE(encodings_aarch64), code, size);
}

static const struct encoding encodings_arm[] = {
	{ 0xfffffff0, 0xf57ff010, { MIX_SYSTEM, .name = "clrex" } },
	{ 0xfffffff0, 0xf57ff040, { MIX_BARRIER, .name = "dsb" } },
	{ 0xfffffff0, 0xf57ff050, { MIX_BARRIER, .name = "dmb" } },
	{ 0xfffffff0, 0xf57ff060, { MIX_BARRIER, .name = "isb" } },
	{ 0xfffdfe80, 0xf10c0080, { MIX_SYSTEM, .irq = MIX_IRQ_DISABLE, .name = "cpsid i" } },
	{ 0xfffdfe80, 0xf1080080, { MIX_SYSTEM, .irq = MIX_IRQ_ENABLE, .name = "cpsie i" } },
	{ 0xfff1fe20, 0xf1000000, { MIX_SYSTEM, .name = "cps" } },
	{ 0xfd300000, 0xf5100000, { .class = MIX_REGISTER } },			/* pld, pldw */
	{ 0xfe000000, 0xf8000000, { MIX_SYSTEM, .name = "rfe/srs", .flow = FLOW_EXCEPTION_RETURN } },
	{ 0xfe000000, 0xfa000000, { .class = MIX_CALL } },			/* blx */
	{ 0x0f9000f0, 0x01900090, { MIX_ATOMIC, .name = "ldrex" } },
	{ 0x0f9000f0, 0x01800090, { MIX_ATOMIC, .name = "strex" } },
	{ 0x0fb000f0, 0x01000090, { MIX_ATOMIC, .name = "swp" } },
	{ 0x0fff0fff, 0x010f0000, { MIX_SYSTEM, .irq = MIX_IRQ_SAVE, .name = "mrs cpsr" } },
	{ 0x0ff1fff0, 0x0121f000, { MIX_SYSTEM, .irq = MIX_IRQ_RESTORE, .name = "msr cpsr_c" } },
	{ 0x0fbf0fff, 0x010f0000, { MIX_SYSTEM, .name = "mrs" } },
	{ 0x0fb0fff0, 0x0120f000, { MIX_SYSTEM, .name = "msr" } },
	{ 0x0fffffff, 0x0320f000, { .class = MIX_REGISTER } },			/* nop */
	{ 0x0fffffff, 0x0320f003, { MIX_SYSTEM, .name = "wfi", .flow = FLOW_IDLE } },
	{ 0x0fffff00, 0x0320f000, { MIX_SYSTEM, .name = "hint" } },	/* yield, wfe, wfi, sev */
	{ 0x0fb0f000, 0x0320f000, { MIX_SYSTEM, .name = "msr" } },
	{ 0x0f000000, 0x0f000000, { MIX_SYSTEM, .name = "svc" } },
	{ 0x0ff00fff, 0x0c500f1e, { MIX_SYSTEM, .name = "mrrc cntvct", .flow = FLOW_CLOCK } },
	{ 0x0ff00000, 0x0c500000, { MIX_SYSTEM, .name = "mrrc" } },
	{ 0x0ff00000, 0x0c400000, { MIX_SYSTEM, .name = "mcrr" } },
	{ 0x0f100f10, 0x0e100f10, { MIX_SYSTEM, .name = "mrc" } },
	{ 0x0f100f10, 0x0e000f10, { MIX_SYSTEM, .name = "mcr" } },
	{ 0x0ffff000, 0x01b0f000, { MIX_SYSTEM, .name = "movs pc", .flow = FLOW_EXCEPTION_RETURN } },
	{ 0x0ffff000, 0x025ef000, { MIX_SYSTEM, .name = "subs pc", .flow = FLOW_JUMP } },
	{ 0x0e508000, 0x08508000, { MIX_SYSTEM, .name = "ldm {pc}^", .flow = FLOW_EXCEPTION_RETURN } },
	{ 0x0ffffff0, 0x012fff30, { MIX_INDIRECT, .flow = FLOW_CALL } },			/* blx register */
	{ 0x0fffffff, 0x012fff1e, { .class = MIX_RETURN } },			/* bx lr */
	{ 0x0ffffff0, 0x012fff10, { .class = MIX_INDIRECT } },			/* bx register */
	{ 0x0fffffff, 0x01a0f00e, { .class = MIX_RETURN } },			/* mov pc, lr */
	{ 0x0e108000, 0x08108000, { .class = MIX_RETURN } },			/* ldm {pc} */
	{ 0x0fffffff, 0x049df004, { .class = MIX_RETURN } },			/* pop {pc} */
	{ 0x0c50f000, 0x0410f000, { .class = MIX_INDIRECT } },			/* ldr pc */
	{ 0x0f000000, 0x0b000000, { .class = MIX_CALL } },
	{ 0xff000000, 0xea000000, { .class = MIX_JUMP } },
	{ 0x0f000000, 0x0a000000, { .class = MIX_BRANCH } },
	{ 0x0c00f000, 0x0000f000, { .class = MIX_INDIRECT } },	/* mov, add ... pc */
};

static struct instruction_kind kind_arm(const uint8_t *code, size_t size)
{
	return match_encoding(encodings_arm, ARRAY_SIZE(encodings_arm), code, size);
}

static const char *const faults_x86[] = { "asm_exc_", NULL };
static const char *const interrupts_x86[] = {
	"asm_sysvec_", "asm_common_interrupt", "asm_spurious_interrupt", "irq_entries_start",
	"spurious_entries_start", NULL };
static const char *const stubs_x86[] = { "irq_entries_start", "spurious_entries_start", NULL };
static const char *const thunks_x86[] = { "__x86_indirect_", "__x86_retpoline_", "__x86_return_",
					  "srso_", "retbleed_", "its_return_thunk", NULL };
/* Both use one vector table; faults of the kernel itself are rare. */
static const char *const faults_aarch64[] = { "el1h_64_sync", "el1_sync", NULL };
static const char *const interrupts_aarch64[] = { "vectors", "__bp_harden_el1_vectors",
						  "el1h_64_irq", "el1_irq", NULL };
static const char *const stubs_aarch64[] = { "vectors", "__bp_harden_el1_vectors", NULL };
static const char *const faults_arm[] = { "vector_dabt", "vector_pabt", "vector_und", "__dabt_svc",
					  "__pabt_svc", "__und_svc", NULL };
static const char *const interrupts_arm[] = { "vector_irq", "__irq_svc", NULL };
static const char *const none[] = { NULL };
/* The CPU enters through a jump in the first page to a stub in the second. */
static const struct fixed_code fixed_arm[] = {
	{ 0xffff0000, "vector_rst" }, { 0xffff0004, "vector_und" }, { 0xffff0008, "vector_swi" },
	{ 0xffff000c, "vector_pabt" }, { 0xffff0010, "vector_dabt" },
	{ 0xffff0014, "vector_addrexcptn" }, { 0xffff0018, "vector_irq" },
	{ 0xffff001c, "vector_fiq" }, { 0xffff0020, "(vectors)" }, { 0xffff1000, "vector_stubs" },
	{ 0 } };

static bool repeats_x86_64(const uint8_t *code, size_t size)
{
	return string_op_decode(code, size).kind != STRING_OP_NONE;
}

static const struct machine machines[] = {
	{ "x86_64", kind_x86_64, repeats_x86_64, 3, 1, faults_x86, interrupts_x86, stubs_x86,
	  thunks_x86, "__switch_to_asm", NULL },
	{ "aarch64", kind_aarch64, NULL, 2, 1, faults_aarch64, interrupts_aarch64, stubs_aarch64,
	  none, "cpu_switch_to", NULL },
	{ "arm", kind_arm, NULL, 3, 1, faults_arm, interrupts_arm, none, none,
	  "__switch_to", fixed_arm },
};

const struct machine *machine_find(const char *target)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
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
