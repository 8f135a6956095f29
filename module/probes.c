// SPDX-License-Identifier: GPL-2.0
#include "probes.h"

#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#ifdef CONFIG_TRACEPOINTS

struct search {
	struct kmemlab_probe *probes;
	unsigned int count;
};

static void find_point(struct tracepoint *point, void *context)
{
	struct search *search = context;
	unsigned int i;

	for (i = 0; i < search->count; i++)
		if (!strcmp(point->name, search->probes[i].tracepoint))
			search->probes[i].point = point;
}

void kmemlab_probes_stop(struct kmemlab_probe *probes, unsigned int count)
{
	while (count--)
		if (probes[count].point)
			tracepoint_probe_unregister(probes[count].point, probes[count].fn,
						    probes[count].data);
	tracepoint_synchronize_unregister();
}

int kmemlab_probes_start(struct kmemlab_probe *probes, unsigned int count)
{
	struct search search = { .probes = probes, .count = count };
	unsigned int i;
	int error;

	for_each_kernel_tracepoint(find_point, &search);
	for (i = 0; i < count; i++) {
		if (!probes[i].point)
			continue;
		error = tracepoint_probe_register(probes[i].point, probes[i].fn, probes[i].data);
		if (!error)
			continue;
		kmemlab_probes_stop(probes, i);
		return error;
	}
	return 0;
}

#else

int kmemlab_probes_start(struct kmemlab_probe *probes, unsigned int count)
{
	return -EOPNOTSUPP;
}

void kmemlab_probes_stop(struct kmemlab_probe *probes, unsigned int count)
{
}

#endif
