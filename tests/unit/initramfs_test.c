// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/memory.h"
#include "vm/guest.h"
#include "vm/guest_monitor.h"

static const struct initramfs_entry entries[] = {
	{ .path = "dev", .mode = S_IFDIR | 0755 },
	{ .path = "dev/console", .mode = S_IFCHR | 0600, .device = 0x501 },
	{ .path = "init", .mode = S_IFREG | 0755, .data = "#!/bin/sh\n", .size = 10 },
};

/* Each field of the newc headers is constant. */
static void test_archive_bytes(void **state)
{
	static const char dev[] = "070701" "00000001" "000041ed" "00000000" "00000000" "00000002"
				  "00000000" "00000000" "00000000" "00000000" "00000000" "00000000"
				  "00000004" "00000000" "dev";
	static const char console[] = "070701" "00000002" "00002180" "00000000" "00000000" "00000001"
				      "00000000" "00000000" "00000000" "00000000" "00000005" "00000001"
				      "0000000c" "00000000" "dev/console";
	size_t size;
	char *archive = initramfs_pack(entries, 3, &size);

	(void)state;
	assert_non_null(archive);
	assert_memory_equal(archive, dev, sizeof(dev));
	assert_memory_equal(archive + 116, console, sizeof(console));
	free(archive);
}

static void test_reproducible_archive(void **state)
{
	size_t first_size, second_size;
	char *first = initramfs_pack(entries, 3, &first_size), *second;

	(void)state;
	sleep(1);	/* the archive must not contain a time stamp */
	second = initramfs_pack(entries, 3, &second_size);
	assert_int_equal(first_size, second_size);
	assert_memory_equal(first, second, first_size);
	free(first);
	free(second);
}

static void test_rounded_size(void **state)
{
	size_t size, larger_size;
	char *data = calloc(1, INITRAMFS_STEP_BYTES);
	struct initramfs_entry file = { .path = "x", .mode = S_IFREG | 0644, .data = data };

	(void)state;
	file.size = 1000;
	free(initramfs_pack(&file, 1, &size));
	file.size = 1000000;
	free(initramfs_pack(&file, 1, &larger_size));
	assert_int_equal(size, INITRAMFS_STEP_BYTES);
	assert_int_equal(larger_size, size);
	file.size = INITRAMFS_STEP_BYTES;
	free(initramfs_pack(&file, 1, &larger_size));
	assert_int_equal(larger_size, 2 * size);
	free(data);
}

/* A layout only changes the number of zeros after the archive. */
static void test_layout_steps(void **state)
{
	size_t size, other_size, step = INITRAMFS_STEP_BYTES;
	char *archive = initramfs_pack(entries, 3, &size);
	char *other = initramfs_lay_out(initramfs_pack(entries, 3, &other_size), 2, &other_size);

	(void)state;
	assert_int_equal(other_size, size + 2 * INITRAMFS_LAYOUT_BYTES);
	assert_memory_equal(archive, other, size);
	for (size_t i = step; i < other_size; i++)
		assert_int_equal(other[i], 0);
	archive = initramfs_lay_out(archive, 0, &size);
	assert_int_equal(size, step);
	free(archive);
	free(other);
}

static void test_console_panic(void **state)
{
	static const char oops[] = "[1] fine\n[2] BUG: kernel NULL pointer\n[3] Kernel panic - not "
				   "syncing: x\n";

	(void)state;
	assert_ptr_equal(console_panic(oops), oops + strlen("[1] fine\n"));
	assert_null(console_panic("[1] Linux version\n"));
	assert_null(console_panic(""));
}

/*
 * A report has the messages before the panic, its cause, the instruction and the calls, but no
 * registers, guesses of the unwinder, or repetition.
 */
static void test_panic_report(void **state)
{
	static const char x86[] =
		"[1.0] six\r\n[1.1] five\r\n[1.2] four\r\n[1.3] three\r\n[1.4] two\r\n[1.5] one\r\n"
		"[1.6] BUG: kernel NULL pointer dereference, address: 0000000000000000\r\n"
		"[1.6] #PF: supervisor write access in kernel mode\r\n"
		"[1.6] Oops: 0002 [#1] PREEMPT SMP PTI\r\n"
		"[1.6] CPU: 0 PID: 71 Comm: insmod Tainted: G\r\n"
		"[1.6] RIP: 0010:demo_init+0x16/0x20 [demo]\r\n"
		"[1.6] RSP: 0018:ffffc900001b7e60 EFLAGS: 00010246\r\n"
		"[1.6] Call Trace:\r\n"
		"[1.6]  <TASK>\r\n"
		"[1.6]  ? __die_body.cold+0x1a/0x1f\r\n"
		"[1.6]  do_one_initcall+0x59/0x220\r\n"
		"[1.6]  </TASK>\r\n"
		"[1.6] Modules linked in: demo(OE+)\r\n"
		"[1.6] ---[ end trace 0000000000000000 ]---\r\n"
		"[1.7] RIP: 0010:demo_init+0x16/0x20 [demo]\r\n"
		"[1.8] Kernel panic - not syncing: Fatal exception\r\n";
	static const char arm64[] =
		"[1.5] one\n"
		"[1.6] Unable to handle kernel NULL pointer dereference at virtual address 0\n"
		"[1.6] Mem abort info:\n"
		"[1.6] Internal error: Oops: 96000044 [#1] SMP\n"
		"[1.6] pc : demo_init+0x10/0x20\n"
		"[1.6] lr : do_one_initcall+0x50/0x2f0\n"
		"[1.6] sp : ffff80000a3b3c90\n"
		"[1.6] Call trace:\n"
		"[1.6]  demo_init+0x10/0x20\n"
		"[1.6] Code: 52800000 d65f03c0\n";
	static const char arm[] =
		"[1.6] Internal error: Oops: 805 [#1] SMP ARM\n"
		"[1.6] PC is at demo_init+0x10/0x20\n"
		"[1.6] r10: 00000000\n"
		"[1.6]  demo_init from do_one_initcall+0x50/0x2f0\n";
	cleanup_free char *text = console_panic_report(x86);

	(void)state;
	assert_string_equal(text,
		"\n  [1.1] five\n  [1.2] four\n  [1.3] three\n  [1.4] two\n  [1.5] one"
		"\n  [1.6] BUG: kernel NULL pointer dereference, address: 0000000000000000"
		"\n  [1.6] Oops: 0002 [#1] PREEMPT SMP PTI"
		"\n  [1.6] CPU: 0 PID: 71 Comm: insmod Tainted: G"
		"\n  [1.6] RIP: 0010:demo_init+0x16/0x20 [demo]"
		"\n  [1.6] Call Trace:"
		"\n  [1.6]  do_one_initcall+0x59/0x220"
		"\n  [1.8] Kernel panic - not syncing: Fatal exception");
	free(text);
	text = console_panic_report(arm64);
	assert_string_equal(text,
		"\n  [1.5] one"
		"\n  [1.6] Unable to handle kernel NULL pointer dereference at virtual address 0"
		"\n  [1.6] Internal error: Oops: 96000044 [#1] SMP"
		"\n  [1.6] pc : demo_init+0x10/0x20"
		"\n  [1.6] Call trace:"
		"\n  [1.6]  demo_init+0x10/0x20");
	free(text);
	text = console_panic_report(arm);
	assert_string_equal(text,
		"\n  [1.6] Internal error: Oops: 805 [#1] SMP ARM"
		"\n  [1.6] PC is at demo_init+0x10/0x20"
		"\n  [1.6]  demo_init from do_one_initcall+0x50/0x2f0");
}

/* Exceptions such as a division by zero have no line that starts with "BUG: ". */
static void test_panic_report_of_division(void **state)
{
	cleanup_free char *text = console_panic_report(
		"[1.5] random: crng init done\r\n"
		"[1.6] divide error: 0000 [#1] PREEMPT SMP NOPTI\r\n"
		"[1.6] RIP: 0010:demo_write+0x16/0x20 [demo]\r\n"
		"[1.6] RAX: 0000000000000001 RBX: 0000000000000000 RCX: 0000000000000000\r\n"
		"[1.7] Kernel panic - not syncing: Fatal exception\r\n");

	(void)state;
	assert_string_equal(text,
		"\n  [1.5] random: crng init done"
		"\n  [1.6] divide error: 0000 [#1] PREEMPT SMP NOPTI"
		"\n  [1.6] RIP: 0010:demo_write+0x16/0x20 [demo]"
		"\n  [1.7] Kernel panic - not syncing: Fatal exception");
}

/* The calls before an exception are in the report, and its reason even after a long trace. */
static void test_panic_report_of_exception(void **state)
{
	struct strbuf console = STRBUF_INIT;
	char *text;

	(void)state;
	strbuf_addstr(&console,
		      "[1.6] BUG: unable to handle page fault for address: ffffc90000200000\r\n"
		      "[1.6] RIP: 0010:demo_write+0x16/0x20 [demo]\r\n"
		      "[1.6] Call Trace:\r\n"
		      "[1.6]  <IRQ>\r\n"
		      "[1.6]  demo_timer+0x10/0x20 [demo]\r\n"
		      "[1.6]  </IRQ>\r\n"
		      "[1.6]  <TASK>\r\n"
		      "[1.6]  asm_sysvec_apic_timer_interrupt+0x1a/0x20\r\n"
		      "[1.6] RIP: 0010:demo_loop+0x5/0x10 [demo]\r\n"
		      "[1.6] Code: 90 90 90\r\n"
		      "[1.6] RSP: 0018:ffffc900001b7e60 EFLAGS: 00010246\r\n"
		      "[1.6]  demo_call+0x20/0x30 [demo]\r\n"
		      "[1.6]  do_syscall_64+0x5b/0x80\r\n"
		      "[1.6] RIP: 0033:0x7f2a3c0d1b40\r\n"
		      "[1.6]  </TASK>\r\n"
		      "[1.6] RIP: 0033:0x7f2a3c0d1b40\r\n"
		      "[1.6] Modules linked in: demo(OE+)\r\n"
		      "[1.7] Kernel panic - not syncing: Fatal exception in interrupt\r\n");
	text = console_panic_report(console.text);
	assert_string_equal(text,
		"\n  [1.6] BUG: unable to handle page fault for address: ffffc90000200000"
		"\n  [1.6] RIP: 0010:demo_write+0x16/0x20 [demo]"
		"\n  [1.6] Call Trace:"
		"\n  [1.6]  demo_timer+0x10/0x20 [demo]"
		"\n  [1.6]  asm_sysvec_apic_timer_interrupt+0x1a/0x20"
		"\n  [1.6]  demo_call+0x20/0x30 [demo]"
		"\n  [1.6]  do_syscall_64+0x5b/0x80"
		"\n  [1.7] Kernel panic - not syncing: Fatal exception in interrupt");
	free(text);

	strbuf_release(&console);
	strbuf_addstr(&console, "BUG: stack guard page was hit\nCall Trace:\n <TASK>\n");
	for (int i = 0; i < 100; i++)
		strbuf_addstr(&console, " demo_recurse+0x10/0x20\n");
	strbuf_addstr(&console, " </TASK>\n---[ end trace 0000000000000000 ]---\n"
		      "Kernel panic - not syncing: Fatal exception\n");
	text = console_panic_report(console.text);
	assert_non_null(strstr(text, " demo_recurse+0x10/0x20\n"
			       "  Kernel panic - not syncing: Fatal exception"));
	free(text);
	strbuf_release(&console);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_archive_bytes),
		cmocka_unit_test(test_reproducible_archive),
		cmocka_unit_test(test_rounded_size),
		cmocka_unit_test(test_layout_steps),
		cmocka_unit_test(test_console_panic),
		cmocka_unit_test(test_panic_report),
		cmocka_unit_test(test_panic_report_of_exception),
		cmocka_unit_test(test_panic_report_of_division),
	};

	return cmocka_run_group_tests_name("guest", tests, NULL, NULL);
}
