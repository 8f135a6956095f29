// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The QEMU plugin: writes down which instructions the operations of a marked
 * experiment execute, and which memory they touch (trace_format.h).
 *
 *   -plugin file=...,out=FILE,op=alloc,limit=BYTES
 *
 * Until the experiment is armed nothing is instrumented but that one mark. Then
 * all translations are dropped, and kernel code is translated again with
 * callbacks. These stay, and do nothing, when it is disarmed: QEMU 7.2 can call
 * one for an access to memory after its translation, and with it what it
 * belongs to, was freed.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kmemlab.h>

#include "marks.h"
#include "qemu_plugin.h"
#include "recorder.h"

EXPORTED int qemu_plugin_version = 1;

static struct {
	uint64_t id;
	int api;
	const struct target *target;
	struct recorder recorder;
	int wanted_mark;		/* of the operations to record */
	bool aside;			/* what is done now is in no sample */
} plugin;

/*
 * Which interface this QEMU speaks must be known before it asks: each version
 * is the first one to export some function.
 */
__attribute__((constructor)) static void find_version(void)
{
	static const struct {
		const char *function;
		int version;
	} firsts[] = {
		{ "qemu_plugin_write_register", 5 },
		{ "qemu_plugin_read_memory_vaddr", 4 },
		{ "qemu_plugin_scoreboard_new", 2 },
	};

	for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
		if (dlsym(RTLD_DEFAULT, firsts[i].function)) {
			qemu_plugin_version = firsts[i].version;
			return;
		}
	}
}

static void copy_code(struct qemu_plugin_insn *from, uint8_t *code, size_t size)
{
	uintptr_t answer = qemu_plugin_insn_data(from, code, size);

	if (plugin.api < API_COPIES_DATA)
		memcpy(code, (const void *)answer, size);
}

static int mark_of(struct qemu_plugin_insn *from)
{
	uint8_t code[16];

	if (qemu_plugin_insn_size(from) != plugin.target->mark_size)
		return 0;
	copy_code(from, code, plugin.target->mark_size);
	return plugin.target->mark(code);
}

static void watch_translations(void);

static void after_reset(uint64_t unused)
{
	(void)unused;
	watch_translations();
}

static void on_armed(unsigned int vcpu, void *unused)
{
	(void)vcpu, (void)unused;
	recorder_restart(&plugin.recorder);
	plugin.aside = false;
	if (plugin.recorder.armed)
		return;
	plugin.recorder.armed = true;
	/* Drops all translations and callbacks, soon. */
	qemu_plugin_reset(plugin.id, (void *)after_reset, NULL);
}

static void on_disarmed(unsigned int vcpu, void *unused)
{
	(void)vcpu, (void)unused;
	recorder_finish(&plugin.recorder, TRACE_COMPLETE);
}

static void on_begin(unsigned int vcpu, void *mark)
{
	if (!plugin.aside && (int)(intptr_t)mark == plugin.wanted_mark)
		recorder_begin(&plugin.recorder, vcpu, (int)(intptr_t)mark);
}

static void on_done(unsigned int vcpu, void *unused)
{
	(void)unused;
	recorder_done(&plugin.recorder, vcpu);
}

static void on_aside(unsigned int vcpu, void *mark)
{
	(void)vcpu;
	plugin.aside = (intptr_t)mark == KMEMLAB_MARK_ASIDE;
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

static void watch_mark(struct qemu_plugin_insn *instruction, int mark)
{
	static const executed_fn callbacks[] = {
		[KMEMLAB_MARK_ARMED] = on_armed,
		[KMEMLAB_MARK_DISARMED] = on_disarmed,
		[KMEMLAB_MARK_ALLOC] = on_begin,
		[KMEMLAB_MARK_FREE] = on_begin,
		[KMEMLAB_MARK_DONE] = on_done,
		[KMEMLAB_MARK_ASIDE] = on_aside,
		[KMEMLAB_MARK_BACK] = on_aside,
	};

	qemu_plugin_register_vcpu_insn_exec_cb(instruction, callbacks[mark], CB_NO_REGS,
					       (void *)(intptr_t)mark);
}

static void watch_instruction(struct qemu_plugin_insn *from, struct block *block, size_t index)
{
	struct instruction *to = &block->instructions[index];
	int mark = mark_of(from);

	to->block = block;
	to->size = qemu_plugin_insn_size(from);
	to->address = qemu_plugin_insn_vaddr(from);
	copy_code(from, to->code, to->size < TRACE_CODE_BYTES ? to->size : TRACE_CODE_BYTES);
	if (mark) {
		watch_mark(from, mark);
		return;
	}
	qemu_plugin_register_vcpu_insn_exec_cb(from, on_executed, CB_NO_REGS, to);
	qemu_plugin_register_vcpu_mem_cb(from, on_access, CB_NO_REGS, MEM_RW, NULL);
}

/* Since it was armed: all kernel code, and of users' as much as shows that there were some. */
static void translated_armed(struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	struct block *block;

	if (qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0)) < plugin.target->kernel_start)
		count = 1;
	block = recorder_block(&plugin.recorder, count);
	for (size_t i = 0; block && i < count; i++)
		watch_instruction(qemu_plugin_tb_get_insn(tb, i), block, i);
}

/* Else: the one mark. */
static void translated_waiting(struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);

		if (mark_of(instruction) == KMEMLAB_MARK_ARMED)
			watch_mark(instruction, KMEMLAB_MARK_ARMED);
	}
}

static void translated(struct qemu_plugin_tb *tb)
{
	if (plugin.recorder.armed)
		translated_armed(tb);
	else
		translated_waiting(tb);
}

static void translated_old(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	translated(tb);
}

static void translated_new(struct qemu_plugin_tb *tb, void *unused)
{
	(void)unused;
	translated(tb);
}

static void watch_translations(void)
{
	if (plugin.api >= API_HAS_CONTEXT)
		qemu_plugin_register_vcpu_tb_trans_cb(plugin.id, (void *)translated_new, NULL);
	else
		qemu_plugin_register_vcpu_tb_trans_cb(plugin.id, (void *)translated_old, NULL);
}

static const char *argument(int argc, char **argv, const char *name)
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
	const char *out = argument(argc, argv, "out");
	const char *op = argument(argc, argv, "op");
	const char *limit = argument(argc, argv, "limit");

	plugin.id = id;
	plugin.api = info->version.cur;
	plugin.target = target_find(info->target_name);
	if (!plugin.target || !out || !op || !limit) {
		fprintf(stderr, "kmemlab-plugin: %s\n", plugin.target ?
			"out=FILE, op=alloc or free, and limit=BYTES are wanted" :
			"the module has no marks on this architecture");
		return -1;
	}
	plugin.wanted_mark = strcmp(op, "free") ? KMEMLAB_MARK_ALLOC : KMEMLAB_MARK_FREE;
	if (recorder_open(&plugin.recorder, out, strtoull(limit, NULL, 0), info->target_name)) {
		perror("kmemlab-plugin: the trace cannot be written");
		return -1;
	}
	watch_translations();
	return 0;
}
