// SPDX-License-Identifier: GPL-2.0-or-later
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int ret_or_errno(int ret)
{
	return ret < 0 ? -errno : ret;
}

int kmemlab_open(void)
{
	return ret_or_errno(open(KMEMLAB_DEVICE_PATH, O_RDWR | O_CLOEXEC));
}

void kmemlab_close(int device)
{
	close(device);
}

int kmemlab_get_info(int device, struct kmemlab_info *info)
{
	*info = (struct kmemlab_info){ .size = sizeof(*info) };
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_INFO, info));
}

int kmemlab_get_facility(int device, __u32 index, struct kmemlab_facility *facility)
{
	*facility = (struct kmemlab_facility){ .size = sizeof(*facility), .index = index };
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_FACILITY, facility));
}

static int get_name(int device, unsigned long number, __u32 index, struct kmemlab_name *name)
{
	*name = (struct kmemlab_name){ .size = sizeof(*name), .index = index };
	return ret_or_errno(ioctl(device, number, name));
}

int kmemlab_get_workload(int device, __u32 index, struct kmemlab_name *workload)
{
	return get_name(device, KMEMLAB_IOC_WORKLOAD, index, workload);
}

int kmemlab_get_gfp(int device, __u32 index, struct kmemlab_name *gfp)
{
	return get_name(device, KMEMLAB_IOC_GFP, index, gfp);
}

int kmemlab_get_kernel_config(int device, __u32 index, struct kmemlab_kernel_config *config)
{
	*config = (struct kmemlab_kernel_config){ .size = sizeof(*config), .index = index };
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_KERNEL_CONFIG, config));
}

int kmemlab_get_interference(int device, struct kmemlab_interference *interference)
{
	interference->size = sizeof(*interference);
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_INTERFERENCE, interference));
}

int kmemlab_run_experiment(int device, struct kmemlab_experiment *experiment)
{
	struct kmemlab_result *result = (void *)(uintptr_t)experiment->result;

	experiment->size = sizeof(*experiment);
	result->size = sizeof(*result);
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_EXPERIMENT, experiment));
}

int kmemlab_translate(int file, struct kmemlab_translate *args)
{
	args->size = sizeof(*args);
	args->lookup_size = sizeof(struct kmemlab_lookup);
	return ret_or_errno(ioctl(file, KMEMLAB_IOC_TRANSLATE, args));
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
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_MAP, map));
}

int kmemlab_mappings(int device, struct kmemlab_mappings *mappings)
{
	mappings->size = sizeof(*mappings);
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_MAPPINGS, mappings));
}

int kmemlab_get_cpu_offset(int device, __u32 index, struct kmemlab_cpu_offset *cpu)
{
	*cpu = (struct kmemlab_cpu_offset){ .size = sizeof(*cpu), .index = index };
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_CPU_OFFSET, cpu));
}

int kmemlab_hold(int device, struct kmemlab_hold *hold)
{
	hold->size = sizeof(*hold);
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_HOLD, hold));
}

int kmemlab_condition(int device, struct kmemlab_hold *hold)
{
	hold->size = sizeof(*hold);
	return ret_or_errno(ioctl(device, KMEMLAB_IOC_CONDITION, hold));
}

void *kmemlab_map_set(int set, __u64 offset, __u64 bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, set, offset);

	return memory == MAP_FAILED ? NULL : memory;
}

int kmemlab_pattern(int set, struct kmemlab_pattern *pattern)
{
	pattern->size = sizeof(*pattern);
	return ret_or_errno(ioctl(set, KMEMLAB_IOC_PATTERN, pattern));
}

const struct kmemlab_string_counters *kmemlab_map_string_counters(int device)
{
	static const struct kmemlab_string_counters none;
	void *counters = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, device, 0);

	return counters == MAP_FAILED ? &none : counters;
}

void kmemlab_unmap_string_counters(const struct kmemlab_string_counters *counters)
{
	if (counters->magic == KMEMLAB_COUNTERS_MAGIC)
		munmap((void *)counters, sysconf(_SC_PAGESIZE));
}
