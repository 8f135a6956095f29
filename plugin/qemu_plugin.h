/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of QEMU's plugin API that we use, declared here because no package has the
 * header. The functions are in the emulator that loads the plugin.
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

enum { CB_NO_REGS = 0 };	/* the callback reads no registers */
enum { MEM_RW = 3 };		/* loads and stores */
enum { INLINE_ADD_U64 = 0, INLINE_STORE_U64 = 1 };
enum { COND_NOT_EQUAL = 3 };

typedef void (*executed_fn)(unsigned int vcpu, void *context);
typedef void (*accessed_fn)(unsigned int vcpu, uint32_t info, uint64_t address, void *context);

/* Callbacks get (id, block) and (id); since API 7 (block, context) and (context). */
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void *callback, void *context);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
					    executed_fn callback, int flags, void *context);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction, accessed_fn callback,
				      int flags, int directions, void *context);
/* Removed by API 3 in favor of counters per virtual CPU. */
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int op, void *counter,
					      uint64_t value) __attribute__((weak));
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int op,
						void *counter, uint64_t value)
	__attribute__((weak));
void qemu_plugin_register_vcpu_mem_inline(struct qemu_plugin_insn *instruction, int directions,
					  int op, void *counter, uint64_t value)
	__attribute__((weak));

/* Since API 2; the offset is in bytes from the beginning of a virtual CPU's element. */
struct qemu_plugin_scoreboard;
struct qemu_plugin_u64 {
	struct qemu_plugin_scoreboard *scoreboard;
	size_t offset;
};

struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t element_size)
	__attribute__((weak));
void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *scoreboard, unsigned int vcpu)
	__attribute__((weak));
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *instruction,
							 int op, struct qemu_plugin_u64 entry,
							 uint64_t value) __attribute__((weak));
void qemu_plugin_register_vcpu_insn_exec_cond_cb(struct qemu_plugin_insn *instruction,
						 executed_fn callback, int flags, int condition,
						 struct qemu_plugin_u64 entry, uint64_t value,
						 void *context) __attribute__((weak));
void qemu_plugin_register_vcpu_mem_inline_per_vcpu(struct qemu_plugin_insn *instruction,
						   int directions, int op,
						   struct qemu_plugin_u64 entry, uint64_t value)
	__attribute__((weak));

void qemu_plugin_reset(uint64_t id, void *callback, void *context);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);

unsigned int qemu_plugin_mem_size_shift(uint32_t info);
bool qemu_plugin_mem_is_store(uint32_t info);

/* Copy the code and return its size. Before API 3: return a pointer, ignore the rest. */
uintptr_t qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction, void *to, size_t size);

#endif
