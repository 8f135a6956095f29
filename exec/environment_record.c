// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "first_line.h"
#include "record_writer.h"
#include "lib/device.h"
#include "records.h"

#define MODULE_PARAMETERS	"/sys/module/kernel_memory/"

unsigned long read_taint(void)
{
	char line[32];

	read_first_line("/proc/sys/kernel/tainted", line, sizeof(line));
	return strtoul(line, NULL, 10);
}

static uint64_t memory_bytes(void)
{
	unsigned long long kib = 0;
	FILE *file = fopen("/proc/meminfo", "r");

	if (!file)
		return 0;
	if (fscanf(file, "MemTotal: %llu kB", &kib) != 1)
		kib = 0;
	fclose(file);
	return kib << 10;
}

static int write_settings(struct record_writer *w, int device, __u32 count)
{
	struct kmemlab_setting setting;
	__u32 i;

	for (i = 0; i < count; i++) {
		int error = kmemlab_get_setting(device, i, &setting);

		if (error)
			return error;
		writer_string(w, setting.name, setting.value);
	}
	return 0;
}

static int write_kernel(struct record_writer *w, int device, const struct kmemlab_info *info)
{
	char cmdline[2048];
	struct utsname name;
	int error;

	uname(&name);
	read_first_line("/proc/cmdline", cmdline, sizeof(cmdline));
	writer_open(w, "kernel", '{');
	writer_string(w, "release", name.release);
	writer_string(w, "arch", name.machine);
	writer_string(w, "cmdline", cmdline);
	writer_open(w, "config", '{');
	error = write_settings(w, device, info->settings);
	writer_close(w, '}');
	writer_close(w, '}');
	return error;
}

/* Without a counter of the CPU's the module reads the kernel's own clock, which has ns. */
const char *clock_unit(const char *plan_clock, const char *source)
{
	return strcmp(source, "ktime") ? plan_clock : "ns";
}

static void write_clock(struct record_writer *w, const struct kmemlab_info *info,
			const char *plan_clock)
{
	writer_open(w, "clock", '{');
	writer_string(w, "unit", clock_unit(plan_clock, info->clock));
	writer_string(w, "source", info->clock);
	writer_unsigned(w, "overhead", info->clock_overhead);
	writer_close(w, '}');
}

static void write_module(struct record_writer *w)
{
	char line[64];

	writer_open(w, "module", '{');
	read_first_line(MODULE_PARAMETERS "version", line, sizeof(line));
	writer_string(w, "version", line);
	read_first_line(MODULE_PARAMETERS "srcversion", line, sizeof(line));
	writer_string(w, "srcversion", line);
	writer_close(w, '}');
}

static void write_self_check(struct record_writer *w, const struct self_check *check)
{
	writer_open(w, "self_check", '{');
	writer_unsigned(w, "null", check->null);
	writer_unsigned(w, "delay_asked", check->delay_asked);
	writer_unsigned(w, "delay_read", check->delay_read);
	writer_bool(w, "ok", check->ok);
	writer_close(w, '}');
}

static const struct {
	__u64 capability;
	const char *name;
} capability_names[] = {
	{ KMEMLAB_CAP_CONTIGUOUS, "contiguous" },
	{ KMEMLAB_CAP_SET_CONTIGUOUS, "set_contiguous" },
	{ KMEMLAB_CAP_ATOMIC, "atomic" },
	{ KMEMLAB_CAP_BULK, "bulk" },
	{ KMEMLAB_CAP_DMA, "dma" },
	{ KMEMLAB_CAP_MAPPABLE, "mappable" },
	{ KMEMLAB_CAP_INSTRUMENT, "instrument" },
	{ KMEMLAB_CAP_SHARED_FRAMES, "shared_frames" },
};

static void write_facility(struct record_writer *w, const struct kmemlab_facility *facility)
{
	writer_open(w, NULL, '{');
	writer_string(w, "name", facility->name);
	writer_bool(w, "available", facility->available);
	if (facility->available)
		writer_null(w, "reason");
	else
		writer_string(w, "reason", facility->reason);
	writer_unsigned(w, "alignment", facility->alignment);
	writer_unsigned(w, "object_size_min", facility->object_size_min);
	/* "Any size" is more than JSON's integers hold, and jq makes more of what comes near. */
	if (facility->object_size_max > INT64_MAX)
		writer_null(w, "object_size_max");
	else
		writer_unsigned(w, "object_size_max", facility->object_size_max);
	writer_open(w, "capabilities", '[');
	for (size_t i = 0; i < sizeof(capability_names) / sizeof(*capability_names); i++)
		if (facility->capabilities & capability_names[i].capability)
			writer_string(w, NULL, capability_names[i].name);
	writer_close(w, ']');
	writer_close(w, '}');
}

/* What advice needs to know beside figures: so that a file of results is enough for it. */
static int write_facilities(struct record_writer *w, int device, __u32 count)
{
	struct kmemlab_facility facility;
	int error = 0;

	writer_open(w, "facilities", '[');
	for (__u32 i = 0; i < count && !error; i++) {
		error = kmemlab_get_facility(device, i, &facility);
		if (!error)
			write_facility(w, &facility);
	}
	writer_close(w, ']');
	return error;
}

int write_environment_record(FILE *out, int device, const char *plan_clock,
			     const struct system_state *state, const struct self_check *check,
			     unsigned long taint_delta)
{
	struct record_writer w = { .out = out };
	struct kmemlab_info info;
	int error = kmemlab_get_info(device, &info);

	if (error)
		return error;
	writer_open(&w, NULL, '{');
	writer_string(&w, "record", "environment");
	error = write_kernel(&w, device, &info);
	writer_unsigned(&w, "page_size", info.page_size);
	writer_unsigned(&w, "page_table_levels", info.page_table_levels);
	writer_unsigned(&w, "cpus", info.cpus_online);
	writer_unsigned(&w, "memory_bytes", memory_bytes());
	write_clock(&w, &info, plan_clock);
	write_module(&w);
	writer_unsigned(&w, "taint_delta", taint_delta);
	write_self_check(&w, check);
	if (!error)
		error = write_facilities(&w, device, info.facilities);
	system_state_write(state, &w);
	writer_close(&w, '}');
	writer_end_line(&w);
	return error;
}
