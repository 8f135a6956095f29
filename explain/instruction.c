// SPDX-License-Identifier: GPL-2.0-or-later
#include "instruction.h"

#include <string.h>

#include "lib/array_size.h"
#include "lib/string_op.h"

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
