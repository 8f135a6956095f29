// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "lib/array_size.h"
#include "runner/environment.h"
#include "runner/record_fields.h"
#include "runner/record_writer.h"

/* Write the value of a setting: a number, or a word. */
static void write_setting(struct record_writer *w, const char *name, const char *value)
{
	if (*value && !value[strspn(value, "0123456789")] && strlen(value) < 16)
		writer_unsigned(w, name, strtoull(value, NULL, 10));
	else
		writer_string(w, name, value);
}

static void write_config(struct record_writer *w, const struct field *field, const void *value)
{
	const struct environment *environment = value;

	writer_open(w, field->name, '{');
	for (__u32 i = 0; i < environment->info.settings; i++)
		write_setting(w, environment->config[i].name, environment->config[i].value);
	writer_close(w, '}');
}

static void write_mitigations(struct record_writer *w, const struct field *field,
			      const void *value)
{
	const struct environment *environment = value;

	writer_open(w, field->name, '{');
	for (size_t i = 0; i < environment->mitigation_count; i++) {
		const struct mitigation *mitigation = &environment->mitigations[i];

		writer_string(w, mitigation->name, *mitigation->state ? mitigation->state : NULL);
	}
	writer_close(w, '}');
}

static void write_capabilities(struct record_writer *w, const struct field *field,
			       const void *value)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} names[] = {
		{ KMEMLAB_CAP_CONTIGUOUS, "contiguous" },
		{ KMEMLAB_CAP_SET_CONTIGUOUS, "set_contiguous" },
		{ KMEMLAB_CAP_ATOMIC, "atomic" },
		{ KMEMLAB_CAP_BULK, "bulk" },
		{ KMEMLAB_CAP_DMA, "dma" },
		{ KMEMLAB_CAP_MAPPABLE, "mappable" },
		{ KMEMLAB_CAP_CALIBRATION, "calibration" },
		{ KMEMLAB_CAP_SHARED_FRAMES, "shared_frames" },
		{ KMEMLAB_CAP_OPERATION, "operation" },
	};

	writer_open(w, field->name, '[');
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (*(const __u64 *)value & names[i].bit)
			writer_string(w, NULL, names[i].name);
	writer_close(w, ']');
}

static void write_facilities(struct record_writer *w, const struct field *field,
			     const void *value)
{
	const struct environment *environment = value;

	write_groups(w, field, environment->facilities, environment->info.facilities,
		     sizeof(*environment->facilities));
}

static void write_nodes(struct record_writer *w, const struct field *field, const void *value)
{
	const struct environment *environment = value;

	if (environment->node_count == NO_COUNT)
		writer_null(w, field->name);
	else
		write_groups(w, field, environment->nodes, environment->node_count,
			     sizeof(*environment->nodes));
}

static void write_free_by_order(struct record_writer *w, const struct field *field,
				const void *value)
{
	const struct environment *environment = value;

	write_counts(w, field, environment->free_by_order, environment->orders);
}

#define ENVIRONMENT(member, name, kind) FIELD_OF(environment, member, name, kind)

static const struct field kernel_fields[] = {
	{ ENVIRONMENT(uts.release, "release", FIELD_TEXT), .doc = "as `uname -r`" },
	{ ENVIRONMENT(uts.machine, "arch", FIELD_TEXT), .doc = "as `uname -m`" },
	{ ENVIRONMENT(cmdline, "cmdline", FIELD_TEXT), .null_if = "unreadable",
	  .doc = "command line of the kernel" },
	{ .name = "config", .type = FIELD_FREE, .write = write_config,
	  .doc = "settings that affect the results: each name with `on`, `off`, a number or a "
		 "word. A setting that the kernel was built with, but that is switched off, is `off`. "
		 "`slub_debug` lists the flags in force; `slub_cpu_partial` is a number of objects; "
		 "`memcg` is `nokmem` if it does not account kernel memory. `preempt` is the model that the kernel was built for; `dynamic:voluntary` "
		 "was built for all models and runs as voluntary" },
	{ 0 }
};

static const struct field clock_fields[] = {
	{ ENVIRONMENT(clock_unit, "unit", FIELD_TEXT),
	  .doc = "unit of all costs: `instructions`, `tsc` (ticks of `clock.source`, which are not "
		 "core cycles), or `ns` if `clock.source` is `ktime`" },
	{ ENVIRONMENT(info.clock, "source", FIELD_TEXT),
	  .doc = "counter that is read: `tsc`, `cntvct`, `ktime`" },
	{ ENVIRONMENT(info.clock_overhead, "overhead", FIELD_COUNT), .unit = "clock units",
	  .doc = "cost of two reads of the clock; already subtracted from every cost" },
	{ ENVIRONMENT(clock_counts, "counts", FIELD_TEXT),
	  .null_if = "the clock is not corrected: another architecture, time, or version 0.1",
	  .doc = "`retired`: a repeated x86 string instruction (`rep stosq`) counts once, as on a "
		 "CPU; null on amd64 with instructions: each repetition counts" },
	{ 0 }
};

static const struct field module_fields[] = {
	{ ENVIRONMENT(module_version, "version", FIELD_TEXT),
	  .doc = "version of `kernel_memory.ko`" },
	{ ENVIRONMENT(module_srcversion, "srcversion", FIELD_TEXT),
	  .null_if = "the kernel was built without it",
	  .doc = "hash of the module's sources, by modpost" },
	{ 0 }
};

static const struct field self_check_fields[] = {
	{ ENVIRONMENT(self_check.null, "null", FIELD_COUNT), .unit = "clock units",
	  .doc = "cost of facility `null`, which does nothing; correct: 0, or "
		 "less than a tenth of `delay` if the clock measures time" },
	{ ENVIRONMENT(self_check.delay_expected, "delay_expected", FIELD_COUNT),
	  .unit = "instructions", .doc = "instructions that facility `delay` executes" },
	{ ENVIRONMENT(self_check.delay_measured, "delay_measured", FIELD_COUNT),
	  .unit = "clock units",
	  .doc = "cost of facility `delay`; correct, if the clock counts instructions: the same" },
	{ ENVIRONMENT(self_check.ok, "ok", FIELD_FLAG),
	  .doc = "whether both were correct, before and after the plan" },
	{ 0 }
};

#define FACILITY(member, kind) FIELD_OF(kmemlab_facility, member, #member, kind)

static const struct field facility_fields[] = {
	{ FACILITY(name, FIELD_TEXT) },
	{ FACILITY(available, FIELD_FLAG) },
	{ FACILITY(reason, FIELD_TEXT), .null_if = "available" },
	{ FACILITY(alignment, FIELD_COUNT) },
	{ FACILITY(object_size_min, FIELD_COUNT), .max = INT64_MAX },
	{ FACILITY(object_size_max, FIELD_COUNT), .max = INT64_MAX,
	  .null_if = "unlimited" },
	{ FACILITY(capabilities, FIELD_TEXTS), .write = write_capabilities },
	{ 0 }
};

static const struct field node_fields[] = {
	{ FIELD_OF(memory_node, number, "node", FIELD_COUNT) },
	{ FIELD_OF(memory_node, cpus, "cpus", FIELD_TEXT) },
	{ FIELD_OF(memory_node, memory_bytes, "memory_bytes", FIELD_COUNT) },
	{ 0 }
};

static const struct field system_fields[] = {
	{ ENVIRONMENT(cpu_model, "cpu_model", FIELD_TEXT), .null_if = "unknown",
	  .doc = "model name by the kernel, or else implementer and part number" },
	{ ENVIRONMENT(cpu_features, "cpu_features", FIELD_TEXT),
	  .null_if = "none, or measured by an older kmemlab",
	  .doc = "features of the CPU for which kernels patch the code of allocators, as "
		 "/proc/cpuinfo names them: `rep_good`, `erms`, `fsrm` and `fsrs` (clearing and "
		 "copying), `smap` (user access), `cx16` (slab), `pcid`, `invpcid` and `pti` (TLB), "
		 "`atomics`, `mops`, `paca` and so on" },
	{ ENVIRONMENT(node_count, "nodes", FIELD_COUNT),
	  .null_if = "unknown", .doc = "number of memory nodes" },
	{ .name = "node_layout", .type = FIELD_GROUPS, .members = node_fields,
	  .write = write_nodes, .null_if = "unknown",
	  .doc = "`node` (its number), `cpus` (a list) and `memory_bytes` of each memory node" },
	{ ENVIRONMENT(thp, "thp", FIELD_TEXT), .null_if = "not in this kernel",
	  .doc = "transparent huge pages: `always`, `madvise` or `never`" },
	{ ENVIRONMENT(page_shuffle, "page_shuffle", FIELD_TEXT),
	  .null_if = "not in this kernel, or readable by root only",
	  .doc = "`Y` if the free lists of the page allocator were shuffled, else `N`" },
	{ ENVIRONMENT(kfence_sample_interval, "kfence_sample_interval", FIELD_COUNT),
	  .unit = "ms", .null_if = "no KFENCE in this kernel",
	  .doc = "interval between two allocations guarded by KFENCE; 0: off" },
	{ .name = "mitigations", .type = FIELD_FREE, .write = write_mitigations,
	  .doc = "CPU vulnerabilities: each name with the state of its mitigation" },
	{ ENVIRONMENT(watermark_min, "watermark_min_pages", FIELD_COUNT), .unit = "pages",
	  .doc = "sum of all zones" },
	{ ENVIRONMENT(watermark_low, "watermark_low_pages", FIELD_COUNT), .unit = "pages",
	  .doc = "sum of all zones" },
	{ ENVIRONMENT(watermark_high, "watermark_high_pages", FIELD_COUNT), .unit = "pages",
	  .doc = "sum of all zones" },
	{ .name = "free_by_order", .type = FIELD_COUNTS, .write = write_free_by_order,
	  .unit = "blocks",
	  .doc = "free memory before the first experiment; element n: blocks of 2^n pages in all "
		 "zones" },
	{ 0 }
};

static const struct field verified_fields[] = {
	{ .name = "kernel_sha256", .type = FIELD_TEXT,
	  .doc = "kernel that QEMU booted, unpacked unless the image boots as it is" },
	{ .name = "module_sha256", .type = FIELD_TEXT, .doc = "`kernel_memory.ko`" },
	{ .name = "guest_program_sha256", .type = FIELD_TEXT,
	  .doc = "the guest's init, which runs the plan. The bytes of all three were checked "
		 "before the start of this run" },
	{ 0 }
};

static const struct field machine_fields[] = {
	{ .name = "arch", .type = FIELD_TEXT, .doc = "`--arch`" },
	{ .name = "board", .type = FIELD_TEXT, .null_if = "the architecture's default board",
	  .doc = "`--board`" },
	{ .name = "cpu", .type = FIELD_TEXT,
	  .null_if = "the board's CPU is fixed, or measured by an older kmemlab",
	  .doc = "`--cpu`: `minimal`, `server` or a model of QEMU; `host` with KVM" },
	{ .name = "qemu_cpu", .type = FIELD_TEXT,
	  .null_if = "the board's CPU is fixed, or measured by an older kmemlab",
	  .doc = "model and features that QEMU was given" },
	{ .name = "memory_mib", .type = FIELD_COUNT, .unit = "MiB",
	  .doc = "`--memory`, or the board's fixed memory size" },
	{ .name = "append", .type = FIELD_TEXT, .null_if = "not given", .doc = "`--append`" },
	{ .name = "layout", .type = FIELD_COUNT,
	  .doc = "memory layout and history of this boot: 0 is the default one, see `--layouts`" },
	{ 0 }
};

static const struct field run_fields[] = {
	{ .name = "command", .type = FIELD_TEXT, .null_if = "unknown",
	  .doc = "command line that repeats the run" },
	{ .name = "date", .type = FIELD_TEXT, .null_if = "unknown",
	  .doc = "time when the results were written: ISO 8601, UTC" },
	{ .name = "kmemlab_version", .type = FIELD_TEXT, .null_if = "unknown",
	  .doc = "version of kmemlab" },
	{ .name = "accelerator_reason", .type = FIELD_TEXT,
	  .null_if = "KVM was used or not requested",
	  .doc = "why KVM was not used for `--clock time`" },
	{ .name = "qemu_version", .type = FIELD_TEXT, .null_if = "on the host",
	  .doc = "version of QEMU" },
	{ .name = "kernel_package_version", .type = FIELD_TEXT, .null_if = "on the host",
	  .doc = "version of the kernel's package, or the identity of a local kernel" },
	{ .name = "boot_s", .type = FIELD_REAL, .unit = "seconds", .null_if = "on the host",
	  .doc = "host time from the start to the guest's first record" },
	{ .name = "total_s", .type = FIELD_REAL, .unit = "seconds", .null_if = "on the host",
	  .doc = "host time of the entire boot" },
	{ 0 }
};

#define HOST(field_name, kind) .name = field_name, .type = kind, .from_host = true

const struct field environment_fields[] = {
	{ .name = "kernel", .type = FIELD_GROUP, .members = kernel_fields },
	{ ENVIRONMENT(info.page_size, "page_size", FIELD_COUNT), .unit = "bytes",
	  .min = 1, .max = 1 << 20,
	  .doc = "page size" },
	{ ENVIRONMENT(info.page_table_levels, "page_table_levels", FIELD_COUNT),
	  .null_if = "unknown",
	  .doc = "page-table levels of kernel addresses that are in use" },
	{ ENVIRONMENT(info.cpus_online, "cpus", FIELD_COUNT), .doc = "online CPUs" },
	{ ENVIRONMENT(info.cpus_possible, "cpus_possible", FIELD_COUNT),
	  .null_if = "measured by an older kmemlab",
	  .doc = "CPUs for which the kernel allocates per-CPU memory" },
	{ ENVIRONMENT(memory_bytes, "memory_bytes", FIELD_COUNT),
	  .unit = "bytes", .null_if = "unknown", .doc = "memory managed by the kernel" },
	{ HOST("target", FIELD_TEXT), .doc = "`vm` or `host`" },
	{ HOST("accelerator", FIELD_TEXT), .null_if = "on the host",
	  .doc = "of the virtual machine: `tcg` (emulation) or `kvm`" },
	{ .name = "clock", .type = FIELD_GROUP, .members = clock_fields },
	{ .name = "module", .type = FIELD_GROUP, .members = module_fields },
	{ HOST("input_sha256", FIELD_TEXT), .null_if = "on the host",
	  .doc = "hash of everything that the virtual machine was started from" },
	{ HOST("verified", FIELD_GROUP), .members = verified_fields,
	  .null_if = "on the host, or measured by an older kmemlab" },
	{ HOST("machine", FIELD_GROUP), .members = machine_fields, .null_if = "on the host" },
	{ ENVIRONMENT(taint_delta, "taint_delta", FIELD_COUNT),
	  .doc = "bits of the kernel's taint mask that were set during the run" },
	{ .name = "self_check", .type = FIELD_GROUP, .members = self_check_fields },
	{ .name = "facilities", .type = FIELD_GROUPS, .members = facility_fields,
	  .write = write_facilities, .null_if = "unknown",
	  .doc = "facilities of the module: `name`, `available`, and `reason` if not available; "
		 "`alignment`, `object_size_min` and `object_size_max` in bytes (null: unlimited); "
		 "`capabilities`: `contiguous`, `set_contiguous`, `atomic`, `bulk`, `dma`, "
		 "`mappable`, `calibration`, `shared_frames`, `operation`" },
	{ .name = "system", .type = FIELD_GROUP, .members = system_fields, .null_if = "unknown" },
	{ HOST("run", FIELD_GROUP), .members = run_fields,
	  .doc = "facts that may differ between equal runs, see below" },
	{ 0 }
};
