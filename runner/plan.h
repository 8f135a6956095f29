/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: the experiments, translations and maps of one boot or one host run, in this
 * order. Its text has one directive per line; "#" starts a comment:
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
 * "clock" selects the unit of the module's clock: "instructions", or "tsc" for ticks.
 * --plan FILE, the guest's initramfs and --repeat-of all use this text.
 */
#ifndef KMEMLAB_RUNNER_PLAN_H
#define KMEMLAB_RUNNER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/kmemlab.h>

#define PLAN_CPUS_MAX 256

#define PARAM_MEMBER_NAME(name)	char name[KMEMLAB_NAME_MAX];
#define PARAM_MEMBER_U64(name)	uint64_t name;
#define PARAM_MEMBER_U32(name)	uint32_t name;
#define PARAM_MEMBER_S32(name)	int32_t name;
#define PARAM_MEMBER_CPUS(name)	uint32_t cpu_count; uint32_t name[PLAN_CPUS_MAX];

/* One experiment: a member per line of experiment_params.def. */
struct experiment_spec {
#define PARAM(type, name, ...)	PARAM_MEMBER_##type(name)
#define PARAM_FLAG(name, ...)	uint32_t name;
#include "runner/experiment_params.def"
#undef PARAM
#undef PARAM_FLAG
	bool avoid_ticks;	/* not part of the plan: set if the clock counts instructions */
};

/* Addresses to translate. */
struct translate_spec {
	char space[KMEMLAB_NAME_MAX];	/* "kernel", "process", "phys", "pfn", "objects" */
	uint64_t address;	/* first address, or first PFN of space pfn */
	uint64_t pages;		/* number of pages from address; space objects: unused */
	uint32_t pid;		/* space process; 0: the calling process */
	uint32_t routes;	/* 0: walk the page tables only, which is faster */
	/* space objects only: */
	char facility[KMEMLAB_NAME_MAX];
	uint64_t object_size;	/* bytes */
	uint64_t objects;
	char gfp[KMEMLAB_NAME_MAX];
	uint32_t mapped;	/* 1: also map the objects to this process and verify them */
};

/* A map of physical memory; with a facility, three maps: before, held, after. */
struct map_spec {
	char facility[KMEMLAB_NAME_MAX];	/* empty: one map of memory as it is */
	uint64_t object_size;	/* bytes */
	uint64_t objects;
	char gfp[KMEMLAB_NAME_MAX];
	char condition[KMEMLAB_NAME_MAX];	/* of memory, for all maps */
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

enum plan_field_type {
	PLAN_NAME,
	PLAN_U64,
	PLAN_U32,
	PLAN_S32,
	PLAN_CPUS,
	PLAN_ADDRESS,
	PLAN_FLAG,
};

enum param_place {
	PARAM_NOT_RECORDED,
	PARAM_RESULT,		/* a field of the result */
	PARAM_PARAMETERS,	/* a field of its "parameters" */
};

/* A field of a directive. From place on, members are for fields of "experiment" only. */
struct plan_field {
	const char *name;	/* NULL ends an array */
	enum plan_field_type type;
	size_t offset;		/* in the spec */
	size_t size;		/* bytes */
	int64_t min;		/* smallest valid number */
	int64_t default_number;
	const char *default_name;
	enum param_place place;
	size_t request_offset;	/* in struct kmemlab_experiment */
	uint32_t flag;		/* KMEMLAB_EXPERIMENT_* of a PLAN_FLAG */
	const char *group;	/* group of the result that a PLAN_FLAG adds, or NULL */
	const char *title;	/* printf format for titles, or NULL */
	const char *suffix;	/* printf format for test names, or NULL */
	const char *unit;
	const char *doc;
};

extern const struct plan_field experiment_params[];

/* Set all fields to their defaults. The facility and workload are empty. */
void experiment_spec_init(struct experiment_spec *spec);
void translate_spec_init(struct translate_spec *spec);
void map_spec_init(struct map_spec *spec);

void plan_init(struct plan *plan);
void plan_release(struct plan *plan);

/* Append a copy of *spec. Return: 0 or -ENOMEM. */
int plan_add(struct plan *plan, const struct experiment_spec *spec);
int plan_add_translation(struct plan *plan, const struct translate_spec *spec);
int plan_add_map(struct plan *plan, const struct map_spec *spec);

/*
 * Read a plan's text. Return: 0, -ENOMEM, or -EINVAL with a message of one line in
 * error, which names the line of the plan.
 */
int plan_read(struct plan *plan, FILE *in, char *error, size_t error_size);

/* Write a plan in the format of plan_read(). Return: 0 or a negative errno. */
int plan_write(const struct plan *plan, FILE *out);

#endif
