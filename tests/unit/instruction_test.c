// SPDX-License-Identifier: GPL-2.0-or-later
/* Classification of instructions, and recognition of marks and string instructions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "explain/instruction.h"
#include "lib/string_op.h"
#include "plugin/marks.h"

#include <linux/kmemlab.h>

static enum flow flow_of(const char *target, const char *code, size_t size)
{
	return machine_find(target)->kind((const uint8_t *)code, size).flow;
}

/* Encodings from the manuals of the architectures. */
static void test_instructions(void **state)
{
	(void)state;
	assert_int_equal(flow_of("x86_64", "\xff\xd0", 2), FLOW_CALL);			/* call *%rax */
	assert_int_equal(flow_of("x86_64", "\x41\xff\xd4", 3), FLOW_CALL);		/* call *%r12 */
	assert_int_equal(flow_of("x86_64", "\x2e\xff\xe0", 3), FLOW_JUMP);		/* cs jmp *%rax */
	assert_int_equal(flow_of("x86_64", "\xff\x30", 2), FLOW_NEXT);			/* push (%rax) */
	assert_int_equal(flow_of("x86_64", "\xf3\xc3", 2), FLOW_RETURN);		/* repz ret */
	assert_int_equal(flow_of("x86_64", "\x0f\x84\0\0\0\0", 6), FLOW_JUMP);		/* je */
	assert_int_equal(flow_of("x86_64", "\x0f\x01\xf9", 3), FLOW_CLOCK);		/* rdtscp */
	assert_int_equal(flow_of("x86_64", "\x48\xcf", 2), FLOW_EXCEPTION_RETURN);	/* iretq */
	assert_int_equal(flow_of("x86_64", "\xf4", 1), FLOW_IDLE);				/* hlt */
	assert_int_equal(flow_of("aarch64", "\x00\x01\x3f\xd6", 4), FLOW_CALL);		/* blr x8 */
	assert_int_equal(flow_of("aarch64", "\xc0\x03\x5f\xd6", 4), FLOW_RETURN);	/* ret */
	assert_int_equal(flow_of("aarch64", "\xff\x0b\x5f\xd6", 4), FLOW_RETURN);	/* retaa */
	assert_int_equal(flow_of("aarch64", "\x40\xe0\x3b\xd5", 4), FLOW_CLOCK);	/* mrs x0 */
	assert_int_equal(flow_of("aarch64", "\xe0\x03\x9f\xd6", 4), FLOW_EXCEPTION_RETURN);
	assert_int_equal(flow_of("aarch64", "\x1f\x20\x03\xd5", 4), FLOW_NEXT);		/* nop */
	assert_int_equal(flow_of("aarch64", "\x7f\x20\x03\xd5", 4), FLOW_IDLE);		/* wfi */
	assert_int_equal(flow_of("aarch64", "\x9f\x20\x03\xd5", 4), FLOW_NEXT);		/* sev */
	assert_int_equal(flow_of("aarch64", "\x41\x00\x00\x54", 4), FLOW_JUMP);		/* b.ne */
	assert_int_equal(flow_of("arm", "\x01\x00\x00\xeb", 4), FLOW_CALL);		/* bl */
	assert_int_equal(flow_of("arm", "\x33\xff\x2f\xe1", 4), FLOW_CALL);		/* blx r3 */
	assert_int_equal(flow_of("arm", "\x1e\xff\x2f\xe1", 4), FLOW_RETURN);		/* bx lr */
	assert_int_equal(flow_of("arm", "\xf0\x80\xbd\xe8", 4), FLOW_RETURN);		/* pop {r4-r7, pc} */
	assert_int_equal(flow_of("arm", "\x00\xa8\x9d\xe8", 4), FLOW_RETURN);		/* ldm sp, {fp, sp, pc} */
	assert_int_equal(flow_of("arm", "\x1e\x0f\x51\xec", 4), FLOW_CLOCK);		/* mrrc p15, 1, r0, r1, c14 */
	assert_int_equal(flow_of("arm", "\x00\xf0\x20\xe3", 4), FLOW_NEXT);		/* nop */
	assert_int_equal(flow_of("arm", "\x03\xf0\x20\xe3", 4), FLOW_IDLE);		/* wfi */
	assert_int_equal(flow_of("arm", "\x04\xf0\x20\xe3", 4), FLOW_NEXT);		/* sev */
	assert_int_equal(flow_of("arm", "\x00\x00\x93\xe5", 4), FLOW_NEXT);		/* ldr r0, [r3] */
	assert_int_equal(flow_of("arm", "\x00\xf0\x93\xf5", 4), FLOW_NEXT);		/* pldw */
	assert_null(machine_find("sparc"));
}

static void check_string_op(const char *code, size_t size, enum string_op_kind kind,
			    unsigned int bytes)
{
	struct string_op op = string_op_decode((const uint8_t *)code, size);

	assert_int_equal(op.kind, kind);
	if (kind != STRING_OP_NONE)
		assert_int_equal(op.bytes, bytes);
	assert_int_equal(machine_find("x86_64")->repeats((const uint8_t *)code, size),
			 kind != STRING_OP_NONE);
}

static void test_string_ops(void **state)
{
	(void)state;
	check_string_op("\xf3\xaa", 2, STRING_OP_STORE, 1);		/* rep stosb */
	check_string_op("\xf3\x66\xab", 3, STRING_OP_STORE, 2);		/* rep stosw */
	check_string_op("\xf3\xab", 2, STRING_OP_STORE, 4);		/* rep stosl */
	check_string_op("\xf3\x48\xab", 3, STRING_OP_STORE, 8);		/* rep stosq */
	check_string_op("\xf3\xa4", 2, STRING_OP_COPY, 1);		/* rep movsb */
	check_string_op("\x65\xf3\x48\xa5", 4, STRING_OP_COPY, 8);	/* rep movsq %gs: */
	check_string_op("\xf3\x48\xad", 3, STRING_OP_LOAD, 8);		/* rep lodsq */
	check_string_op("\xf2\xae", 2, STRING_OP_COMPARE, 1);		/* repne scasb */
	check_string_op("\xf3\xa6", 2, STRING_OP_COMPARE, 1);		/* repe cmpsb */
	check_string_op("\xaa", 1, STRING_OP_NONE, 0);			/* stosb */
	check_string_op("\x48\xab", 2, STRING_OP_NONE, 0);		/* stosq */
	check_string_op("\xf3\x90", 2, STRING_OP_NONE, 0);		/* pause */
	check_string_op("\xf3\xc3", 2, STRING_OP_NONE, 0);		/* repz ret */
	check_string_op("\xf3\x0f\xb8\xc0", 4, STRING_OP_NONE, 0);	/* popcnt */
	check_string_op("\xf3", 1, STRING_OP_NONE, 0);			/* incomplete */
	assert_null(machine_find("aarch64")->repeats);
}

static void test_marks(void **state)
{
	(void)state;
	assert_int_equal(mark_arch_find("x86_64")->mark_of((const uint8_t *)"\x0f\x1f\x80\x03\x00\x6d\x6b"),
			 KMEMLAB_MARK_ALLOC);
	assert_int_equal(mark_arch_find("x86_64")->mark_of((const uint8_t *)"\x0f\x1f\x80\x00\x00\x00\x00"), 0);
	assert_int_equal(mark_arch_find("aarch64")->mark_of((const uint8_t *)"\xbf\x6c\x8d\xd2"),
			 KMEMLAB_MARK_DONE);
	assert_int_equal(mark_arch_find("aarch64")->mark_of((const uint8_t *)"\x1f\x00\x80\xd2"), 0);
	assert_int_equal(mark_arch_find("arm")->mark_of((const uint8_t *)"\xf9\xf0\x20\xe3"),
			 KMEMLAB_MARK_ARMED);
	assert_int_equal(mark_arch_find("arm")->mark_of((const uint8_t *)"\xf0\xf0\x20\xe3"), 0);
	assert_null(mark_arch_find("sparc"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instructions),
		cmocka_unit_test(test_string_ops),
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
