/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this plugin uses of QEMU's plugin interface, declared here because no
 * package has the header. Functions live in the emulator that loads us.
 *
 *   API 1: QEMU 4.2 to 8.2      API 2: 9.0
 *   API 3: 9.1, qemu_plugin_insn_data() copies instead of returning a pointer
 *   API 7: 11.1, the callbacks of translation and reset get a context instead of an id
 */
#ifndef KMEMLAB_PLUGIN_QEMU_PLUGIN_H
#define KMEMLAB_PLUGIN_QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define API_COPIES_DATA		3
#define API_HAS_CONTEXT		7

#define EXPORTED __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;

struct qemu_plugin_info {
	const char *target_name;
	struct {
		int min;
		int cur;
	} version;
	bool system_emulation;
	int smp_vcpus;
	int max_vcpus;
};

enum { CB_NO_REGS = 0 };	/* callbacks that look at no register */
enum { MEM_RW = 3 };		/* loads and stores */

typedef void (*executed_fn)(unsigned int vcpu, void *context);
typedef void (*accessed_fn)(unsigned int vcpu, uint32_t info, uint64_t address, void *context);

/* From API 7 on: (block, context) and (context). */
typedef void (*translated_fn)(uint64_t id, struct qemu_plugin_tb *block);
typedef void (*translated_with_context_fn)(struct qemu_plugin_tb *block, void *context);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void *callback, void *context);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
					    executed_fn callback, int flags, void *context);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction, accessed_fn callback,
				      int flags, int directions, void *context);
void qemu_plugin_reset(uint64_t id, void *callback, void *context);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);

unsigned int qemu_plugin_mem_size_shift(uint32_t info);
bool qemu_plugin_mem_is_store(uint32_t info);

/* Copies and returns how much; before API 3 it returns a pointer and ignores the rest. */
uintptr_t qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction, void *to, size_t size);

#endif
