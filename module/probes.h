/* SPDX-License-Identifier: GPL-2.0 */
/* Functions of ours on the kernel's tracepoints. */
#ifndef KMEMLAB_PROBES_H
#define KMEMLAB_PROBES_H

struct tracepoint;

/**
 * struct kmemlab_probe - a function, and where it is called
 * @tracepoint: name of it
 * @fn: gets @data and then what the tracepoint gives. That differs between kernels at its
 *	end only: in the calling conventions that the kernel has, a function may take
 *	fewer arguments than it is given.
 * @data: the function's own
 * @point: filled in; NULL: not in this kernel
 */
struct kmemlab_probe {
	const char *tracepoint;
	void *fn;
	void *data;
	struct tracepoint *point;
};

/*
 * Those whose tracepoint this kernel does not have are left out. Return: 0, or a
 * negative errno and none is called.
 */
int kmemlab_probes_start(struct kmemlab_probe *probes, unsigned int count);

/* None runs any more when it returns. */
void kmemlab_probes_stop(struct kmemlab_probe *probes, unsigned int count);

#endif
