// SPDX-License-Identifier: GPL-2.0-or-later
/* Classes of instructions, and the mix of an operation. */
#include "recording.h"

#include "explain/mix.h"

static void assert_kind(const char *target, const char *code, size_t size, enum mix_class class,
			const char *name)
{
	struct instruction_kind kind = machine_find(target)->kind((const uint8_t *)code, size);

	assert_int_equal(kind.class, class);
	assert_string_equal(kind.name ?: "", name);
}

#define X86(code, class, name) assert_kind("x86_64", code, sizeof(code) - 1, class, name)
#define ARM64(code, class, name) assert_kind("aarch64", code, sizeof(code) - 1, class, name)
#define ARM(code, class, name) assert_kind("arm", code, sizeof(code) - 1, class, name)

static void test_x86_64(void **state)
{
	(void)state;
	X86("\xf0\x48\x0f\xc7\x0f", MIX_ATOMIC, "lock cmpxchg16b");
	X86("\xf0\xff\x00", MIX_ATOMIC, "lock inc");
	X86("\xf0\x48\x83\x00\x01", MIX_ATOMIC, "lock add");
	X86("\x3e\xff\x4f\x34", MIX_ATOMIC, "lock dec");	/* lock prefix patched out */
	X86("\x3e\xff\x24\xc5\0\0\0\0", MIX_INDIRECT, "");	/* notrack jmp *table(,%rax,8) */
	X86("\x87\x07", MIX_ATOMIC, "xchg");
	X86("\x87\xc7", MIX_REGISTER, "");			/* xchg of registers */
	X86("\x65\x48\x0f\xc7\x0e", MIX_REGISTER, "");		/* cmpxchg16b %gs: is not locked */
	X86("\x3e\x74\x05", MIX_BRANCH, "");			/* branch hint */
	X86("\xf3\x48\xab", MIX_STRING, "rep stos");
	X86("\xf3\xa4", MIX_STRING, "rep movs");
	X86("\xaa", MIX_REGISTER, "");				/* stos without rep */
	X86("\x9c", MIX_SYSTEM, "pushf");
	X86("\xfa", MIX_SYSTEM, "cli");
	X86("\x0f\x01\x38", MIX_SYSTEM, "invlpg");
	X86("\x0f\x01\xf8", MIX_SYSTEM, "swapgs");
	X86("\x0f\xae\xf0", MIX_BARRIER, "mfence");
	X86("\x66\x0f\xae\x38", MIX_SYSTEM, "clflushopt");
	X86("\x41\x0f\x22\xd8", MIX_SYSTEM, "mov to cr");
	X86("\xff\xd0", MIX_INDIRECT, "");
	X86("\xff\x30", MIX_REGISTER, "");			/* push (%rax) */
	X86("\xe8\0\0\0\0", MIX_CALL, "");
	X86("\x0f\x84\0\0\0\0", MIX_BRANCH, "");
	X86("\xf3\xc3", MIX_RETURN, "");
	X86("\xf3\x0f\x1e\xfa", MIX_REGISTER, "");		/* endbr64 */
	X86("", MIX_REGISTER, "");
}

static void test_arm64(void **state)
{
	(void)state;
	ARM64("\x20\x7c\x5f\xc8", MIX_ATOMIC, "ldxr");
	ARM64("\x20\x7c\x02\xc8", MIX_ATOMIC, "stxr");
	ARM64("\x41\x7c\xa0\xc8", MIX_ATOMIC, "cas");
	ARM64("\x20\x00\xe1\xf8", MIX_ATOMIC, "ldadd");
	ARM64("\x20\x80\xa1\xf8", MIX_ATOMIC, "swp");
	ARM64("\x20\xfc\xdf\xc8", MIX_BARRIER, "ldar");
	ARM64("\xbf\x3b\x03\xd5", MIX_BARRIER, "dmb");
	ARM64("\xdf\x43\x03\xd5", MIX_SYSTEM, "msr daifset");
	ARM64("\x20\x42\x3b\xd5", MIX_SYSTEM, "mrs daif");
	ARM64("\x20\x83\x08\xd5", MIX_SYSTEM, "tlbi");
	ARM64("\x20\x74\x0b\xd5", MIX_STRING, "dc zva");
	ARM64("\x00\x41\x38\xd5", MIX_SYSTEM, "mrs sp_el0");
	ARM64("\x1f\x20\x03\xd5", MIX_REGISTER, "");		/* nop */
	ARM64("\x3f\x23\x03\xd5", MIX_REGISTER, "");		/* paciasp */
	ARM64("\x00\x01\x3f\xd6", MIX_INDIRECT, "");		/* blr x8 */
	ARM64("\xff\x0b\x5f\xd6", MIX_RETURN, "");		/* retaa */
	ARM64("\x41\x00\x00\x54", MIX_BRANCH, "");
	ARM64("\x20\x00\x40\xf9", MIX_REGISTER, "");		/* ldr: the access decides */
}

static void test_arm(void **state)
{
	(void)state;
	ARM("\x9f\x1f\x90\xe1", MIX_ATOMIC, "ldrex");
	ARM("\x91\x2f\x80\xe1", MIX_ATOMIC, "strex");
	ARM("\x5b\xf0\x7f\xf5", MIX_BARRIER, "dmb");
	ARM("\x80\x00\x0c\xf1", MIX_SYSTEM, "cpsid i");
	ARM("\x00\x00\x0f\xe1", MIX_SYSTEM, "mrs cpsr");
	ARM("\x00\xf0\x21\xe1", MIX_SYSTEM, "msr cpsr_c");
	ARM("\x00\xf0\x91\xf5", MIX_REGISTER, "");		/* pldw */
	ARM("\x90\x3f\x1d\xee", MIX_SYSTEM, "mrc");
	ARM("\x33\xff\x2f\xe1", MIX_INDIRECT, "");		/* blx r3 */
	ARM("\xf0\x80\xbd\xe8", MIX_RETURN, "");		/* pop {r4-r7, pc} */
	ARM("\x01\x00\x00\x0a", MIX_BRANCH, "");
	ARM("\x01\x00\x00\xea", MIX_JUMP, "");
	ARM("\x01\x00\x50\xe3", MIX_REGISTER, "");		/* cmp */
}

static struct mix mix_of(const struct line *lines, size_t count)
{
	struct attribution *attributions = xcalloc(count, sizeof(*attributions));
	struct operation operation = { 0 };
	struct symbols symbols = { 0 };
	struct call_tree tree;
	struct trace trace;
	struct recording r;
	char *error = NULL;
	struct mix mix = { 0 };

	recording_open(&r);
	record(&r, lines, count);
	recording_close(&r);
	assert_null(symbols_add_kernel(&symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_true(trace_next(&trace, &operation, &error));
	assert_null(call_tree_build(&tree, &trace, &operation, &symbols, attributions));
	mix_collect(&mix, &trace, &operation, attributions, &symbols);
	call_tree_release(&tree);
	operation_release(&operation);
	trace_end(&trace);
	symbols_release(&symbols);
	free(attributions);
	free(r.data);
	return mix;
}

/* The function at 0x1200 saves the mask twice, and the inner restore must not enable. */
static void test_interrupts(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CALL(0x1020),
		CODE(0x1100, "\x9c"), CODE(0x1101, "\x58"), CODE(0x1102, "\xfa"), CALL(0x1103),
		CODE(0x1300, "\x9c"), CODE(0x1301, "\x58"), CODE(0x1302, "\xfa"),
		CODE(0x1303, "\x9d"), RET(0x1304),
		CODE(0x1108, "\x9c"),	/* read, not saved */
		NOP(0x1109), NOP(0x110a), CODE(0x110b, "\x9d"), LOAD(0x110c, 0x7000), RET(0x110d),
		CLOCK_END,
	};
	struct mix mix = mix_of(lines, ARRAY_SIZE(lines));
	uint64_t sum = 0;

	(void)state;
	for (size_t i = 0; i < MIX_CLASSES; i++)
		sum += mix.classes[i];
	assert_int_equal(sum, 16);
	assert_int_equal(mix.classes[MIX_SYSTEM], 7);
	assert_int_equal(mix.classes[MIX_CALL], 2);
	assert_int_equal(mix.classes[MIX_LOAD], 1);
	assert_int_equal(mix.named_count, 3);
	assert_string_equal(mix.named[1].name, "cli");
	assert_int_equal(mix.named[1].count, 2);
	assert_int_equal(mix.irqs_off_stretches, 1);
	assert_int_equal(mix.irqs_off_instructions, 10);
	assert_int_equal(mix.irqs_off_longest, 10);
	mix_release(&mix);
}

/* An indirect call through a thunk is one retpoline; interrupts that stay off end with the operation. */
static void test_retpoline(void **state)
{
	static const struct line lines[] = {
		CLOCK_BEGIN, CODE(0x1020, "\xfa"), CALL(0x1021), CALL(0x1400), CODE(0x1406, "\x90"),
		RET(0x1407), RET(0x1100), CLOCK_END,
	};
	struct mix mix = mix_of(lines, ARRAY_SIZE(lines));

	(void)state;
	assert_int_equal(mix.retpolines, 1);
	assert_int_equal(mix.irqs_off_stretches, 1);
	mix_release(&mix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x86_64),
		cmocka_unit_test(test_arm64),
		cmocka_unit_test(test_arm),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_retpoline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
