// SPDX-License-Identifier: GPL-2.0
#include "workloads/workload.h"

#include <linux/kernel.h>
#include <linux/string.h>

static const struct kmemlab_workload_ops *const workloads[] = {
#define WORKLOAD(name, description)	&kmemlab_workload_##name,
#include "workloads/list.h"
#undef WORKLOAD
};

unsigned int kmemlab_workload_count(void)
{
	return ARRAY_SIZE(workloads);
}

const struct kmemlab_workload_ops *kmemlab_workload_at(unsigned int index)
{
	return index < ARRAY_SIZE(workloads) ? workloads[index] : NULL;
}

const struct kmemlab_workload_ops *kmemlab_workload_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(workloads); i++) {
		if (!strcmp(workloads[i]->name, name))
			return workloads[i];
	}
	return NULL;
}
