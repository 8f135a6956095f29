// SPDX-License-Identifier: GPL-2.0-or-later
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int result_of(int returned)
{
	return returned < 0 ? -errno : returned;
}

int kmemlab_open(void)
{
	return result_of(open(KMEMLAB_DEVICE_PATH, O_RDWR | O_CLOEXEC));
}

void kmemlab_close(int device)
{
	close(device);
}

int kmemlab_get_info(int device, struct kmemlab_info *info)
{
	*info = (struct kmemlab_info){ .size = sizeof(*info) };
	return result_of(ioctl(device, KMEMLAB_IOC_INFO, info));
}

int kmemlab_get_facility(int device, __u32 index, struct kmemlab_facility *facility)
{
	*facility = (struct kmemlab_facility){ .size = sizeof(*facility), .index = index };
	return result_of(ioctl(device, KMEMLAB_IOC_FACILITY, facility));
}

static int get_name(int device, unsigned long number, __u32 index, struct kmemlab_name *name)
{
	*name = (struct kmemlab_name){ .size = sizeof(*name), .index = index };
	return result_of(ioctl(device, number, name));
}

int kmemlab_get_workload(int device, __u32 index, struct kmemlab_name *workload)
{
	return get_name(device, KMEMLAB_IOC_WORKLOAD, index, workload);
}

int kmemlab_get_gfp(int device, __u32 index, struct kmemlab_name *gfp)
{
	return get_name(device, KMEMLAB_IOC_GFP, index, gfp);
}

int kmemlab_get_setting(int device, __u32 index, struct kmemlab_setting *setting)
{
	*setting = (struct kmemlab_setting){ .size = sizeof(*setting), .index = index };
	return result_of(ioctl(device, KMEMLAB_IOC_SETTING, setting));
}

int kmemlab_get_disturbances(int device, struct kmemlab_disturbances *disturbances)
{
	disturbances->size = sizeof(*disturbances);
	return result_of(ioctl(device, KMEMLAB_IOC_DISTURBANCE, disturbances));
}

int kmemlab_run_experiment(int device, struct kmemlab_experiment *experiment)
{
	struct kmemlab_result *result = (void *)(uintptr_t)experiment->result;

	experiment->size = sizeof(*experiment);
	result->size = sizeof(*result);
	return result_of(ioctl(device, KMEMLAB_IOC_EXPERIMENT, experiment));
}

int kmemlab_translate(int file, struct kmemlab_translate *ask)
{
	ask->size = sizeof(*ask);
	ask->answer_size = sizeof(struct kmemlab_answer);
	return result_of(ioctl(file, KMEMLAB_IOC_TRANSLATE, ask));
}

int kmemlab_get_page_flag(int device, __u32 bit, struct kmemlab_name *name)
{
	return get_name(device, KMEMLAB_IOC_PAGE_FLAG, bit, name);
}

int kmemlab_get_zone(int device, __u32 zone, struct kmemlab_name *name)
{
	return get_name(device, KMEMLAB_IOC_ZONE, zone, name);
}

int kmemlab_get_migrate_type(int device, __u32 type, struct kmemlab_name *name)
{
	return get_name(device, KMEMLAB_IOC_MIGRATE_TYPE, type, name);
}

int kmemlab_map(int device, struct kmemlab_map *map)
{
	map->size = sizeof(*map);
	return result_of(ioctl(device, KMEMLAB_IOC_MAP, map));
}

int kmemlab_mappings(int device, struct kmemlab_mappings *mappings)
{
	mappings->size = sizeof(*mappings);
	return result_of(ioctl(device, KMEMLAB_IOC_MAPPINGS, mappings));
}

int kmemlab_get_cpu_offset(int device, __u32 index, struct kmemlab_cpu_offset *cpu)
{
	*cpu = (struct kmemlab_cpu_offset){ .size = sizeof(*cpu), .index = index };
	return result_of(ioctl(device, KMEMLAB_IOC_CPU_OFFSET, cpu));
}

int kmemlab_hold(int device, struct kmemlab_hold *hold)
{
	hold->size = sizeof(*hold);
	return result_of(ioctl(device, KMEMLAB_IOC_HOLD, hold));
}

int kmemlab_condition(int device, struct kmemlab_hold *hold)
{
	hold->size = sizeof(*hold);
	return result_of(ioctl(device, KMEMLAB_IOC_CONDITION, hold));
}

void *kmemlab_map_set(int set, __u64 offset, __u64 bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, set, offset);

	return memory == MAP_FAILED ? NULL : memory;
}

int kmemlab_pattern(int set, struct kmemlab_pattern *pattern)
{
	pattern->size = sizeof(*pattern);
	return result_of(ioctl(set, KMEMLAB_IOC_PATTERN, pattern));
}
