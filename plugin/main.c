// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU plugin: makes virtual time exact (halt.h), counts the repetitions of string
 * instructions (string_ops.h), and records the instructions and memory accesses of the
 * operations of a marked experiment (trace_format.h).
 *
 *   -plugin file=...
 *   -plugin file=...,counters=FILE,out=FILE,op=alloc,limit=BYTES
 *   -plugin file=...,counters=FILE,out=FILE,around=FILE,limit=BYTES
 *
 * counters=FILE counts, the other arguments record; around=FILE counts calls of functions
 * (around.h) instead of recording operations. QEMU merges the arguments of several
 * -plugin options with the same file.
 *
 * Until the experiment is armed, only the arming mark is instrumented. Then all
 * translations are dropped, and kernel code is translated again with callbacks. The
 * callbacks stay, and do nothing, after the experiment is disarmed: QEMU 7.2 may call the
 * callback of a memory access after its translation was freed.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kmemlab.h>

#include "lib/array_size.h"
#include "around.h"
#include "halt.h"
#include "marks.h"
#include "qemu_plugin.h"
#include "recorder.h"
#include "string_ops.h"

EXPORTED int qemu_plugin_version = 1;

static struct {
	uint64_t id;
	int api;
	const struct mark_arch *arch;
	struct recorder recorder;
	int op_mark;			/* mark at the start of recorded operations */
	bool paused;			/* current operations have no samples */
} plugin;

/*
 * Find the plugin API version before QEMU reads it: each version is the first to export
 * some function.
 */
__attribute__((constructor)) static void detect_api_version(void)
{
	static const struct {
		const char *function;
		int version;
	} new_functions[] = {
		{ "qemu_plugin_write_register", 5 },
		{ "qemu_plugin_read_memory_vaddr", 4 },
		{ "qemu_plugin_scoreboard_new", 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(new_functions); i++) {
		if (dlsym(RTLD_DEFAULT, new_functions[i].function)) {
			qemu_plugin_version = new_functions[i].version;
			return;
		}
	}
}

static void copy_code(struct qemu_plugin_insn *from, uint8_t *code, size_t size)
{
	uintptr_t data = qemu_plugin_insn_data(from, code, size);

	if (plugin.api < API_COPIES_DATA)
		memcpy(code, (const void *)data, size);
}

static int mark_in(struct qemu_plugin_insn *from)
{
	uint8_t code[16];

	if (qemu_plugin_insn_size(from) != plugin.arch->mark_size)
		return 0;
	copy_code(from, code, plugin.arch->mark_size);
	return plugin.arch->mark_of(code);
}

static void register_translation(void);

static void after_reset(uint64_t unused)
{
	(void)unused;
	register_translation();
}

static void on_armed(unsigned int vcpu, void *unused)
{
	(void)unused;
	if (around_active())
		around_start(vcpu);
	else
		recorder_restart(&plugin.recorder);
	plugin.paused = false;
	if (plugin.recorder.armed)
		return;
	plugin.recorder.armed = true;
	/* Drops all translations and callbacks asynchronously. */
	qemu_plugin_reset(plugin.id, (void *)after_reset, NULL);
}

static void on_disarmed(unsigned int vcpu, void *unused)
{
	(void)vcpu, (void)unused;
	around_finish();
	if (!around_active())
		recorder_finish(&plugin.recorder, TRACE_COMPLETE);
}

static void on_begin(unsigned int vcpu, void *mark)
{
	if (!plugin.paused && (int)(intptr_t)mark == plugin.op_mark)
		recorder_begin(&plugin.recorder, vcpu, (int)(intptr_t)mark);
}

static void on_done(unsigned int vcpu, void *unused)
{
	(void)unused;
	recorder_done(&plugin.recorder, vcpu);
}

static void on_pause(unsigned int vcpu, void *mark)
{
	(void)vcpu;
	plugin.paused = (intptr_t)mark == KMEMLAB_MARK_PAUSE;
}

static void on_executed(unsigned int vcpu, void *instruction)
{
	if (plugin.recorder.recording)
		recorder_executed(&plugin.recorder, vcpu, instruction);
}

static void on_access(unsigned int vcpu, uint32_t info, uint64_t address, void *unused)
{
	(void)unused;
	if (plugin.recorder.recording)
		recorder_accessed(&plugin.recorder, vcpu, qemu_plugin_mem_is_store(info),
				  qemu_plugin_mem_size_shift(info), address);
}

static void instrument_mark(struct qemu_plugin_insn *instruction, int mark)
{
	static const executed_fn callbacks[] = {
		[KMEMLAB_MARK_ARMED] = on_armed,
		[KMEMLAB_MARK_DISARMED] = on_disarmed,
		[KMEMLAB_MARK_ALLOC] = on_begin,
		[KMEMLAB_MARK_FREE] = on_begin,
		[KMEMLAB_MARK_DONE] = on_done,
		[KMEMLAB_MARK_PAUSE] = on_pause,
		[KMEMLAB_MARK_RESUME] = on_pause,
	};

	qemu_plugin_register_vcpu_insn_exec_cb(instruction, callbacks[mark], CB_NO_REGS,
					       (void *)(intptr_t)mark);
}

static void instrument(struct qemu_plugin_insn *from, struct translation_block *block, size_t index)
{
	struct instruction *to = &block->instructions[index];
	int mark = mark_in(from);

	to->block = block;
	to->size = qemu_plugin_insn_size(from);
	to->address = qemu_plugin_insn_vaddr(from);
	copy_code(from, to->code, to->size < TRACE_CODE_BYTES ? to->size : TRACE_CODE_BYTES);
	if (mark && mark != KMEMLAB_MARK_COUNTERS) {
		instrument_mark(from, mark);
		return;
	}
	qemu_plugin_register_vcpu_insn_exec_cb(from, on_executed, CB_NO_REGS, to);
	qemu_plugin_register_vcpu_mem_cb(from, on_access, CB_NO_REGS, MEM_RW, NULL);
}

static bool is_kernel(struct qemu_plugin_tb *tb)
{
	return qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0)) >= plugin.arch->kernel_start;
}

/* Instrument all kernel code; in user code, one instruction per block is enough. */
static void on_translated_armed(struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	struct translation_block *block;

	if (!is_kernel(tb))
		count = 1;
	block = recorder_block(count);
	for (size_t i = 0; block && i < count; i++)
		instrument(qemu_plugin_tb_get_insn(tb, i), block, i);
}

/* Instrument only the arming mark. */
static void on_translated_idle(struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);

		if (mark_in(instruction) == KMEMLAB_MARK_ARMED)
			instrument_mark(instruction, KMEMLAB_MARK_ARMED);
	}
}

static void instrument_counters(struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);

	string_ops_instrument(tb, copy_code);
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);

		if (mark_in(instruction) == KMEMLAB_MARK_COUNTERS)
			string_ops_instrument_mark(instruction);
	}
}

/* Count calls in place of recording. The only mark is that of the end, in user mode. */
static void on_translated_around(struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);

	around_instrument(tb, !is_kernel(tb), copy_code);
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);

		if (mark_in(instruction) == KMEMLAB_MARK_DISARMED)
			instrument_mark(instruction, KMEMLAB_MARK_DISARMED);
	}
}

/* A halting instruction ends its block. */
static void instrument_halt(struct qemu_plugin_tb *tb)
{
	struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, qemu_plugin_tb_n_insns(tb) - 1);
	size_t size = qemu_plugin_insn_size(last);
	uint8_t code[16];

	if (size > sizeof(code))
		return;
	copy_code(last, code, size);
	if (plugin.arch->is_halt(code, size))
		halt_instrument(last);
}

static void on_translated(struct qemu_plugin_tb *tb)
{
	instrument_halt(tb);
	if (string_ops_active())
		instrument_counters(tb);
	if (plugin.recorder.armed && around_active())
		on_translated_around(tb);
	else if (plugin.recorder.armed)
		on_translated_armed(tb);
	else if (plugin.recorder.out || around_active())
		on_translated_idle(tb);
}

static void on_translated_with_id(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	on_translated(tb);
}

static void on_translated_with_context(struct qemu_plugin_tb *tb, void *unused)
{
	(void)unused;
	on_translated(tb);
}

static void register_translation(void)
{
	if (plugin.api >= API_HAS_CONTEXT)
		qemu_plugin_register_vcpu_tb_trans_cb(plugin.id, (void *)on_translated_with_context,
						      NULL);
	else
		qemu_plugin_register_vcpu_tb_trans_cb(plugin.id, (void *)on_translated_with_id,
						      NULL);
}

static const char *find_argument(int argc, char **argv, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], name, length) && argv[i][length] == '=')
			return argv[i] + length + 1;
	return NULL;
}

EXPORTED int qemu_plugin_install(uint64_t id, const struct qemu_plugin_info *info, int argc,
				 char **argv)
{
	const char *out = find_argument(argc, argv, "out");
	const char *op = find_argument(argc, argv, "op");
	const char *limit = find_argument(argc, argv, "limit");
	const char *around = find_argument(argc, argv, "around");
	const char *counters = find_argument(argc, argv, "counters");

	plugin.id = id;
	plugin.api = info->version.cur;
	plugin.arch = mark_arch_find(info->target_name);
	if (counters && string_ops_open(counters, KMEMLAB_COUNTERS_OFFSET)) {
		perror("kmemlab-plugin: cannot map the counters");
		return -1;
	}
	if (!plugin.arch || (out && (!(op || around) || !limit))) {
		fprintf(stderr, "kmemlab-plugin: %s\n", plugin.arch ?
			"out=FILE requires op=alloc|free or around=FILE, and limit=BYTES" :
			"the module has no marks on this architecture");
		return -1;
	}
	if (!out) {
		register_translation();
		return 0;
	}
	if (around) {
		if (around_open(around, out, strtoull(limit, NULL, 0), info->target_name)) {
			perror("kmemlab-plugin: cannot count calls");
			return -1;
		}
		register_translation();
		return 0;
	}
	plugin.op_mark = strcmp(op, "free") ? KMEMLAB_MARK_ALLOC : KMEMLAB_MARK_FREE;
	if (recorder_open(&plugin.recorder, out, strtoull(limit, NULL, 0), info->target_name)) {
		perror("kmemlab-plugin: cannot write the trace");
		return -1;
	}
	register_translation();
	return 0;
}
