/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds traces for tests with the plugin's recorder, instruction by instruction. */
#ifndef KMEMLAB_TEST_RECORDING_H
#define KMEMLAB_TEST_RECORDING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "explain/call_tree.h"
#include "plugin/recorder.h"

#include <linux/kmemlab.h>

/* Symbols of a small kernel: one function per 256 bytes, starting at 0x1000. */
static const char kallsyms[] =
	"ffffffff00001000 t module_alloc_n\n"
	"ffffffff00001100 T outer\n"
	"ffffffff00001200 T inner\n"
	"ffffffff00001300 t tail\n"
	"ffffffff00001400 T __x86_indirect_thunk_rax\n"
	"ffffffff00001500 T __x86_return_thunk\n"
	"ffffffff00001600 T asm_exc_page_fault\n"
	"ffffffff00001700 T asm_sysvec_apic_timer_interrupt\n"
	"ffffffff00001800 t outer.cold\n"
	"ffffffff00001900 T handler\n"
	"ffffffff00001900 W alias\n"
	"ffffffff00001a00 T schedule\n"
	"ffffffff00001b00 T __switch_to_asm\n"
	"ffffffff00001c00 T __switch_to\n"
	"ffffffff00001d00 T user_entry\n"
	"ffffffff00001e00 T irq_entries_start\n"
	"ffffffff00001f00 T asm_common_interrupt\n"
	"ffffffff00002000 T common_interrupt\n"
	"ffffffff00002100 T asm_sysvec_apic_timer_interrupt_handler\n";

#define BASE 0xffffffff00000000ULL

/* An executed instruction. */
struct line {
	uint32_t address;
	const char *code;
	size_t size;
	int times;		/* consecutive executions */
	uint32_t stores, loads;	/* address of an access, or 0 */
};

#define CODE(address, bytes) { address, bytes, sizeof(bytes) - 1, 1, 0, 0 }
#define NOP(address) CODE(address, "\x90")
#define NOPS(address, times) { address, "\x90", 1, times, 0, 0 }
#define STORE(address, where) { address, "\x90", 1, 1, where, 0 }
#define LOAD(address, where) { address, "\x90", 1, 1, 0, where }
#define CALL(address) CODE(address, "\xe8\0\0\0\0")
#define RET(address) CODE(address, "\xc3")
#define JMP(address) CODE(address, "\xeb\0")
#define IRET(address) CODE(address, "\x48\xcf")
#define REP_STOSQ(address, times) { address, "\xf3\x48\xab", 3, times, 0, 0 }
#define RDTSC(address) CODE(address, "\x0f\x31")
#define LFENCE(address) CODE(address, "\x0f\xae\xe8")

/* The two clock reads of the module. */
#define CLOCK_BEGIN LFENCE(0x1010), RDTSC(0x1013), CODE(0x1015, "\x89\x04\x24"), \
	CODE(0x1018, "\x89\x54\x24\x04"), LFENCE(0x101c)
#define CLOCK_END LFENCE(0x1080), RDTSC(0x1083), NOP(0x1085)

struct recording {
	struct recorder recorder;
	char path[32];
	struct translation_block **blocks;
	size_t block_count;
	char *data;
	size_t size;
};

static inline void recording_open(struct recording *r)
{
	*r = (struct recording) { 0 };
	strcpy(r->path, "/tmp/kmemlab-test-XXXXXX");
	close(mkstemp(r->path));
	assert_int_equal(recorder_open(&r->recorder, r->path, 1 << 20, "x86_64"), 0);
	recorder_restart(&r->recorder);
}

static inline void record_lines(struct recording *r, const struct line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct translation_block *block = recorder_block(1);

		*array_add(&r->blocks, &r->block_count) = block;
		block->instructions[0] = (struct instruction) {
			.block = block,
			.address = BASE + lines[i].address,
			.size = lines[i].size,
		};
		memcpy(block->instructions[0].code, lines[i].code, lines[i].size);
		for (int n = 0; n < lines[i].times; n++) {
			recorder_executed(&r->recorder, 0, &block->instructions[0]);
			/* Each instruction at 0x12.. stores eight bytes to consecutive addresses. */
			if (lines[i].address >> 8 == 0x12)
				recorder_accessed(&r->recorder, 0, true, 3, 0x5000 + 8 * n);
			if (lines[i].stores)
				recorder_accessed(&r->recorder, 0, true, 3, lines[i].stores);
			if (lines[i].loads)
				recorder_accessed(&r->recorder, 0, false, 3, lines[i].loads);
		}
	}
}

static inline void record(struct recording *r, const struct line *lines, size_t count)
{
	recorder_begin(&r->recorder, 0, KMEMLAB_MARK_ALLOC);
	record_lines(r, lines, count);
	recorder_done(&r->recorder, 0);
}

static inline void recording_close(struct recording *r)
{
	FILE *in;

	recorder_finish(&r->recorder, TRACE_COMPLETE);
	fclose(r->recorder.out);
	in = fopen(r->path, "r");
	r->data = calloc(1, 1 << 20);
	r->size = fread(r->data, 1, 1 << 20, in);
	fclose(in);
	unlink(r->path);
	while (r->block_count)
		free(r->blocks[--r->block_count]);
	free(r->blocks);
}

/* Return the call tree of one operation. */
static inline struct call_tree tree_of(const struct line *lines, size_t count, struct symbols *symbols)
{
	struct recording r;
	struct trace trace;
	struct operation operation = { 0 };
	struct attribution *attributions = calloc(count, sizeof(*attributions));
	struct call_tree tree;
	char *error;

	recording_open(&r);
	record(&r, lines, count);
	recording_close(&r);
	assert_null(symbols_add_kernel(symbols, kallsyms));
	assert_null(trace_begin(&trace, r.data, r.size));
	assert_true(trace_next(&trace, &operation, &error));
	assert_null(call_tree_build(&tree, &trace, &operation, symbols, attributions));
	free(attributions);
	operation_release(&operation);
	trace_end(&trace);
	free(r.data);
	return tree;
}

#define TREE_OF(lines, symbols) tree_of(lines, ARRAY_SIZE(lines), symbols)

#endif
