/* SPDX-License-Identifier: GPL-2.0-only */
/* Probes on the kernel's tracepoints. */
#ifndef KMEMLAB_TRACEPOINTS_H
#define KMEMLAB_TRACEPOINTS_H

#include <linux/build_bug.h>

struct tracepoint;

/**
 * KMEMLAB_PROBE() - members of a struct with a probe
 * @name: tracepoint, whose header in trace/events/ is included
 * @function: probe
 *
 * Does not compile unless @function has the type that the tracepoint calls. With another
 * type, a kernel with control flow integrity (CONFIG_CFI_CLANG) panics at the call.
 */
#define KMEMLAB_PROBE(name, function)							\
	.tracepoint = #name,								\
	.fn = (void *)(function) + BUILD_BUG_ON_ZERO(!__builtin_types_compatible_p(	\
		typeof(check_trace_callback_type_##name), void (typeof(function) *)))

/**
 * struct kmemlab_tracepoint - a probe on a tracepoint, from KMEMLAB_PROBE()
 * @tracepoint: name of the tracepoint
 * @fn: called with @data and all arguments of the tracepoint
 * @data: first argument of @fn
 * @point: filled in; NULL if the kernel does not have the tracepoint
 */
struct kmemlab_tracepoint {
	const char *tracepoint;
	void *fn;
	void *data;
	struct tracepoint *point;
};

int kmemlab_tracepoints_start(struct kmemlab_tracepoint *probes, unsigned int count);
void kmemlab_tracepoints_stop(struct kmemlab_tracepoint *probes, unsigned int count);

#endif
