// SPDX-License-Identifier: GPL-2.0-only
#include "tracepoints.h"

#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#ifdef CONFIG_TRACEPOINTS

struct tracepoint_search {
	struct kmemlab_tracepoint *probes;
	unsigned int count;
};

static void tracepoint_find(struct tracepoint *point, void *context)
{
	struct tracepoint_search *search = context;
	unsigned int i;

	for (i = 0; i < search->count; i++)
		if (!strcmp(point->name, search->probes[i].tracepoint))
			search->probes[i].point = point;
}

/**
 * kmemlab_tracepoints_stop() - unregister probes
 * @probes: registered probes
 * @count: number of probes
 *
 * No probe is running on return.
 */
void kmemlab_tracepoints_stop(struct kmemlab_tracepoint *probes, unsigned int count)
{
	while (count--)
		if (probes[count].point)
			tracepoint_probe_unregister(probes[count].point, probes[count].fn,
						    probes[count].data);
	tracepoint_synchronize_unregister();
}

/**
 * kmemlab_tracepoints_start() - register probes
 * @probes: probes; those whose tracepoint does not exist are ignored
 * @count: number of probes
 *
 * Return: 0, or a negative errno with no probe registered.
 */
int kmemlab_tracepoints_start(struct kmemlab_tracepoint *probes, unsigned int count)
{
	struct tracepoint_search search = { .probes = probes, .count = count };
	unsigned int i;
	int err;

	for_each_kernel_tracepoint(tracepoint_find, &search);
	for (i = 0; i < count; i++) {
		if (!probes[i].point)
			continue;
		err = tracepoint_probe_register(probes[i].point, probes[i].fn, probes[i].data);
		if (!err)
			continue;
		kmemlab_tracepoints_stop(probes, i);
		return err;
	}
	return 0;
}

#else

int kmemlab_tracepoints_start(struct kmemlab_tracepoint *probes, unsigned int count)
{
	return -EOPNOTSUPP;
}

void kmemlab_tracepoints_stop(struct kmemlab_tracepoint *probes, unsigned int count)
{
}

#endif
