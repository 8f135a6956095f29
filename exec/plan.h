/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: the list of experiments that one boot (or one host run) carries out.
 *
 * As text, one directive a line, "#" starts a comment:
 *
 *   clock instructions
 *   experiment facility=kmalloc workload=pair object_size=32 objects=2000 gfp=kernel ...
 *
 * "clock" is what one tick of the module's clock means: "instructions", "tsc"
 * or "ns". Fields of an experiment that are absent have the defaults of
 * experiment_spec_init(). The same text is what --plan FILE takes, what lies in
 * the guest's initramfs, and what a results file is repeated from.
 */
#ifndef KMEMLAB_PLAN_H
#define KMEMLAB_PLAN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/kmemlab.h>

#define PLAN_CPUS_MAX 256

struct experiment_spec {
	char facility[KMEMLAB_NAME_MAX];
	char workload[KMEMLAB_NAME_MAX];
	char gfp[KMEMLAB_NAME_MAX];
	char condition[KMEMLAB_NAME_MAX];
	char free_order[KMEMLAB_NAME_MAX];
	uint64_t object_size;	/* bytes */
	uint64_t objects;
	uint64_t align;		/* bytes, 0: the facility's own */
	uint64_t seed;
	uint64_t bulk;		/* objects a call, 0: the workload's own */
	uint32_t repeats;
	uint32_t tails;		/* 1: a pass more that says which slow paths are taken */
	int32_t node;		/* -1: any */
	int32_t free_cpu;	/* -1: the allocating one */
	uint32_t cpu_count;
	uint32_t cpus[PLAN_CPUS_MAX];
};

struct plan {
	char clock[KMEMLAB_NAME_MAX];
	struct experiment_spec *experiments;
	size_t count;
};

/* 2,000 objects of 32 bytes, gfp kernel, CPU 0, seed 1; no facility, no workload. */
void experiment_spec_init(struct experiment_spec *spec);

void plan_init(struct plan *plan);
void plan_release(struct plan *plan);

/* Appends a copy. 0 or -ENOMEM. */
int plan_add(struct plan *plan, const struct experiment_spec *spec);

/*
 * Reads a plan's text. On a fault returns -EINVAL and writes one line that
 * names the plan's line and what would be right into error.
 */
int plan_read(struct plan *plan, FILE *in, char *error, size_t error_size);

/* Writes what plan_read() reads. 0 or a negative errno. */
int plan_write(const struct plan *plan, FILE *out);

#endif
