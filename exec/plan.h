/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: the experiments, translations and maps that one boot (or one host run)
 * carries out, in this order.
 *
 * As text, one directive a line, "#" starts a comment:
 *
 *   clock instructions
 *   experiment facility=kmalloc workload=pair object_size=32 objects=2000 gfp=kernel ...
 *   translate space=kernel address=0xffffffff81000000 pages=2
 *   translate space=process pid=1 address=0x400000
 *   translate space=phys address=0x100000
 *   translate space=objects facility=kmalloc object_size=64 objects=3 mapped=0
 *   map
 *   map facility=page objects=1000 object_size=4096 condition=fragmented:2
 *
 * "clock" is what the module's clock is to count: "instructions", or "tsc", the
 * ticks of whatever it reads. Fields that are absent have the defaults of the spec_init() functions;
 * pid=0 is the process that carries the plan out. The same text is what --plan FILE takes, what lies in
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
	uint32_t pmu;		/* 1: a pass more with the CPU's own counters */
	int32_t node;		/* -1: any */
	int32_t free_cpu;	/* -1: the allocating one */
	uint32_t mark;		/* 1: for an instruction tracer */
	uint32_t cpu_count;
	uint32_t cpus[PLAN_CPUS_MAX];
};

/* What is to be translated. */
struct translate_spec {
	char space[KMEMLAB_NAME_MAX];	/* "kernel", "process", "phys", "pfn", "objects" */
	uint64_t address;	/* of space pfn: a page frame number */
	uint64_t pages;		/* from address on; of objects: all they have */
	uint32_t routes;	/* 0: the walk alone, which costs less */
	uint32_t pid;		/* of space process; 0: the one that carries the plan out */
	/* of space objects */
	char facility[KMEMLAB_NAME_MAX];
	char gfp[KMEMLAB_NAME_MAX];
	uint64_t object_size;	/* bytes */
	uint64_t objects;
	uint32_t mapped;	/* 1: shown to the process too, as proof */
};

/* A map of physical memory; with a facility: before, with its objects held, and after. */
struct map_spec {
	char facility[KMEMLAB_NAME_MAX];	/* empty: one map as it is */
	char gfp[KMEMLAB_NAME_MAX];
	char condition[KMEMLAB_NAME_MAX];	/* of memory, before all maps */
	uint64_t object_size;	/* bytes */
	uint64_t objects;
};

struct plan {
	char clock[KMEMLAB_NAME_MAX];
	struct experiment_spec *experiments;
	size_t count;
	struct translate_spec *translations;
	size_t translation_count;
	struct map_spec *maps;
	size_t map_count;
};

/* 2,000 objects of 32 bytes, gfp kernel, CPU 0, seed 1; no facility, no workload. */
void experiment_spec_init(struct experiment_spec *spec);

/* Space kernel, one page, all routes; 2,000 objects of 32 bytes, gfp kernel. */
void translate_spec_init(struct translate_spec *spec);
void map_spec_init(struct map_spec *spec);

void plan_init(struct plan *plan);
void plan_release(struct plan *plan);

/* Appends a copy. 0 or -ENOMEM. */
int plan_add(struct plan *plan, const struct experiment_spec *spec);
int plan_add_translation(struct plan *plan, const struct translate_spec *spec);
int plan_add_map(struct plan *plan, const struct map_spec *spec);

/*
 * Reads a plan's text. On a fault returns -EINVAL and writes one line that
 * names the plan's line and what would be right into error.
 */
int plan_read(struct plan *plan, FILE *in, char *error, size_t error_size);

/* Writes what plan_read() reads. 0 or a negative errno. */
int plan_write(const struct plan *plan, FILE *out);

#endif
