// SPDX-License-Identifier: GPL-2.0-or-later
/* CPUs whose cycles are modelled, with a source for each figure. */
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "cycles.h"
#include "lib/spelling.h"

#define FOG		"Agner Fog, Instruction tables, 2021-08-17"
#define BROUER		"Jesper Dangaard Brouer, slub: initial bulk free implementation, 2015: " \
			"local_irq_disable and enable take 7 cycles (on Haswell)"
#define INTEL_STRING	"Intel 64 and IA-32 Optimization Reference Manual, Enhanced REP MOVSB " \
			"and STOSB: startup of about 35 cycles; bytes per cycle by " FOG
#define INTEL_CACHES	"Intel 64 and IA-32 Optimization Reference Manual, cache parameters"
#define AMD_CACHES	"AMD, Software Optimization Guide for the AMD Family 19h Processors"

/* Reciprocal throughput, which for a locked instruction is also its minimal latency. */
#define LOCKED(other, cmpxchg, cmpxchg8b, cmpxchg16b, xchg)				\
	{ "lock add", other, 0, FOG }, { "lock or", other, 0, FOG },			\
	{ "lock and", other, 0, FOG }, { "lock sub", other, 0, FOG },			\
	{ "lock xor", other, 0, FOG }, { "lock adc", other, 0, FOG },			\
	{ "lock sbb", other, 0, FOG }, { "lock inc", other, 0, FOG },			\
	{ "lock dec", other, 0, FOG }, { "lock not", other, 0, FOG },			\
	{ "lock neg", other, 0, FOG }, { "lock xadd", other, 0, FOG },			\
	{ "lock bts/btr/btc", other, 0, FOG },						\
	{ "lock cmpxchg", cmpxchg, 0, FOG },						\
	{ "lock cmpxchg8b", cmpxchg8b, 0, FOG },					\
	{ "lock cmpxchg16b", cmpxchg16b, 0, FOG },					\
	{ "xchg", xchg, 0, FOG }

#define INTERRUPTS	{ "cli", 3.5, 0, BROUER }, { "sti", 3.5, 0, BROUER }

static const struct cycle_weight haswell[] = {
	LOCKED(19, 19, 19, 25, 21), INTERRUPTS,
	{ "pushf", 1, 0, FOG }, { "popf", 18, 0, FOG },
	{ "lfence", 4, 0, FOG }, { "mfence", 33, 0, FOG }, { "sfence", 5, 0, FOG },
	{ "pause", 9, 0, FOG }, { "rdtsc", 24, 0, FOG },
	{ "rep stos", 35, 32, INTEL_STRING }, { "rep movs", 35, 32, INTEL_STRING },
	{ NULL }
};

static const struct cycle_weight broadwell[] = {
	LOCKED(21, 21, 21, 27, 21), INTERRUPTS,
	{ "pushf", 1, 0, FOG }, { "popf", 18, 0, FOG },
	{ "lfence", 4, 0, FOG }, { "mfence", 33, 0, FOG }, { "sfence", 6, 0, FOG },
	{ "pause", 9, 0, FOG }, { "rdtsc", 24, 0, FOG }, { "rdtscp", 30, 0, FOG },
	{ "rep stos", 35, 32, INTEL_STRING }, { "rep movs", 35, 32, INTEL_STRING },
	{ NULL }
};

static const struct cycle_weight skylake_avx512[] = {
	LOCKED(18, 18, 19, 26, 23), INTERRUPTS,
	{ "pushf", 1, 0, FOG }, { "popf", 20, 0, FOG },
	{ "lfence", 4, 0, FOG }, { "mfence", 33, 0, FOG }, { "sfence", 6, 0, FOG },
	{ "rdtsc", 25, 0, FOG }, { "rdtscp", 32, 0, FOG },
	{ "rep stos", 35, 32, INTEL_STRING }, { "rep movs", 35, 32, INTEL_STRING },
	{ NULL }
};

static const struct cycle_weight icelake_server[] = {
	LOCKED(21, 22, 23, 32, 19), INTERRUPTS,
	{ "pushf", 1, 0, FOG }, { "popf", 21, 0, FOG },
	{ "lfence", 5, 0, FOG }, { "mfence", 36, 0, FOG }, { "sfence", 6, 0, FOG },
	{ "pause", 138, 0, FOG }, { "rdtsc", 27, 0, FOG }, { "rdtscp", 36, 0, FOG },
	{ "rep stos", 35, 64, INTEL_STRING }, { "rep movs", 35, 32, INTEL_STRING },
	{ NULL }
};

static const struct cycle_weight znver3[] = {
	LOCKED(8, 9, 10, 15, 8),
	{ "pushf", 4, 0, FOG }, { "popf", 13, 0, FOG },
	{ "lfence", 10, 0, FOG }, { "mfence", 60, 0, FOG }, { "sfence", 1, 0, FOG },
	{ "pause", 65, 0, FOG }, { "rdtsc", 36, 0, FOG }, { "rdtscp", 68, 0, FOG },
	{ "rep stos", 0, 32, FOG }, { "rep movs", 0, 32, FOG },
	{ NULL }
};

/* A miss adds the latency of the next level, minus that of the level before it. */
static const struct cycle_cpu cpus[] = {
	{ "haswell", "amd64", "x86_64", "l1=32k,8 l2=256k,8 dtlb=64,4", { 7, 23, 7 },
	  INTEL_CACHES, haswell },
	{ "broadwell", "amd64", "x86_64", "l1=32k,8 l2=256k,8 dtlb=64,4", { 7, 23, 7 },
	  INTEL_CACHES, broadwell },
	{ "skylake-avx512", "amd64", "x86_64", "l1=32k,8 l2=1m,16 dtlb=64,4", { 10, 46, 7 },
	  INTEL_CACHES, skylake_avx512 },
	{ "icelake-server", "amd64", "x86_64", "l1=48k,12 l2=1280k,20 dtlb=64,4", { 9, 56, 7 },
	  INTEL_CACHES, icelake_server },
	{ "znver3", "amd64", "x86_64", "l1=32k,8 l2=512k,8 dtlb=64,64", { 8, 34, 7 },
	  AMD_CACHES, znver3 },
};

const struct cycle_error *cycle_error_find(const char *cpu)
{
	static const struct cycle_error errors[] = {
#define CYCLE_ERROR(cpu, percent, figures)	{ cpu, percent, figures },
#include "cycle_errors.h"
#undef CYCLE_ERROR
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (!strcmp(errors[i].cpu, cpu))
			return &errors[i];
	return NULL;
}

const struct cycle_cpu *cycle_cpu_find(const char *name, char **error)
{
	cleanup_strbuf struct strbuf known = STRBUF_INIT;
	const char *names[ARRAY_SIZE(cpus)], *suggestion;

	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
		if (!strcmp(cpus[i].name, name))
			return &cpus[i];
		names[i] = cpus[i].name;
		strbuf_separate(&known, ", ");
		strbuf_addstr(&known, names[i]);
	}
	suggestion = closest_name(name, names, ARRAY_SIZE(cpus));
	*error = suggestion ? xasprintf("unknown CPU '%s' (did you mean '%s'?)", name, suggestion) :
			      xasprintf("unknown CPU '%s' (known: %s)", name, known.text);
	return NULL;
}
