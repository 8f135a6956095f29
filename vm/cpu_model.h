/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU models of virtual machines: presets, and models with features as QEMU knows them. */
#ifndef KMEMLAB_VM_CPU_MODEL_H
#define KMEMLAB_VM_CPU_MODEL_H

#include <stdbool.h>

#include "base/error.h"
#include "board.h"

#define CPU_MINIMAL "minimal"
#define CPU_SERVER "server"
#define CPU_DEFAULT CPU_SERVER	/* unless KVM passes the host's CPU on */

struct cpu_model {
	char *qemu;		/* value of QEMU's -cpu; the caller frees it */
	bool five_levels;	/* has five-level page tables */
};

/* Features of preset "server" on amd64, separated by commas; QEMU may lack the last ones */
extern const char cpu_server_features[];

/*
 * Find the CPU model of --cpu for a board. QEMU is asked for the models and features that it
 * knows, and its answer is cached. Return: 0 or -1.
 */
int cpu_model_find(const struct board *board, const struct arch *arch, const char *name,
		   const char *qemu_version, bool counted, struct cpu_model *model,
		   struct error *error);

#endif
