// SPDX-License-Identifier: GPL-2.0-or-later
#include "board.h"

#include <errno.h>
#include <glob.h>
#include <libfdt.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "kernel.h"

/* The crypto self-tests take a large part of an emulated boot. */
#define FAST_BOOT " cryptomgr.notests"

/* The console is a PL011. The other ports are 8250s; the device tree may number them. */
#define VIRT_ARGS "console=ttyAMA0" FAST_BOOT " KMEMLAB_CHANNEL=ttyS0 KMEMLAB_TERMINAL=ttyS1"
#define RASPI_ARGS "console=ttyAMA0" FAST_BOOT " KMEMLAB_CHANNEL=ttyS1"

/*
 * Set the counter to 1 GHz, so that it ticks once per instruction. These boards
 * create their CPUs themselves, hence -global.
 */
static const char *const raspi2b_settings[] = {
	"-global", "cortex-a7-arm-cpu.cntfrq=1000000000", NULL };
static const char *const raspi3b_settings[] = {
	"-global", "cortex-a53-arm-cpu.cntfrq=1000000000", NULL };

/* Boards of the same name are adjacent. */
static const struct board boards[] = {
	{
		.name = "pc",
		.archs = ":amd64:",
		.machine = "pc-i440fx-7.2",
		.cpu = "qemu64",
		.kernel_args = "console=ttyS0 earlyprintk=ttyS0 no_timer_check" FAST_BOOT,
		/* The APIC timer's calibration polls for 100 ms, which takes 3 s when counted. */
		.counting_args = " nolapic_timer",
		.port_count = 3,
	},
	{
		.name = "virt",
		.archs = ":arm64:",
		.machine = "virt-7.2,dtb-randomness=off",
		.cpu = "cortex-a57,cntfrq=1000000000",
		.server_cpu = "neoverse-n1,cntfrq=1000000000",
		.kernel_args = VIRT_ARGS,
		.ports = BOARD_PORTS_PCI,
		.port_count = 3,
		.counts_on_several_cpus = true,
	},
	{
		.name = "virt",
		.archs = ":arm64-16k:",
		.machine = "virt-7.2,dtb-randomness=off",
		/* A Cortex-A57 does not support 16 KiB pages. */
		.cpu = "cortex-a76,cntfrq=1000000000",
		.server_cpu = "neoverse-n1,cntfrq=1000000000",
		.kernel_args = VIRT_ARGS,
		.ports = BOARD_PORTS_PCI,
		.port_count = 3,
		.counts_on_several_cpus = true,
	},
	{
		.name = "virt",
		.archs = ":armhf:armhf-lpae:",
		.machine = "virt-7.2,dtb-randomness=off,highmem=off",
		.cpu = "cortex-a15,cntfrq=1000000000",
		.kernel_args = VIRT_ARGS,
		.ports = BOARD_PORTS_PCI,
		.port_count = 3,
	},
	{
		.name = "raspi2b",
		.archs = ":armhf:armhf-lpae:",
		.machine = "raspi2b",
		.settings = raspi2b_settings,
		.kernel_args = RASPI_ARGS,
		.device_tree = "bcm2836-rpi-2-b.dtb",
		.enable = "brcm,bcm2835-aux-uart",
		.port_count = 2,
		.cpus = 4,
		.memory_mib = 1024,
	},
	{
		.name = "raspi3b",
		/* QEMU starts its CPUs in 64-bit mode, so 32-bit kernels do not boot. */
		.archs = ":arm64:",
		.machine = "raspi3b",
		.settings = raspi3b_settings,
		.kernel_args = RASPI_ARGS,
		.device_tree = "bcm2837-rpi-3-b.dtb",
		.enable = "brcm,bcm2835-aux-uart",
		.port_count = 2,
		.cpus = 4,
		.memory_mib = 1024,
	},
};

static bool board_supports(const struct board *board, const struct arch *arch)
{
	cleanup_free char *entry = xasprintf(":%s:", arch->name);

	return strstr(board->archs, entry) != NULL;
}

const struct board *board_find(const struct arch *arch, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(boards); i++)
		if (board_supports(&boards[i], arch) && (!name || !strcmp(boards[i].name, name)))
			return &boards[i];
	return NULL;
}

const struct arch *board_arch(const char *name)
{
	const struct arch *arch;

	for (unsigned int i = 0; (arch = arch_at(i)); i++)
		if (board_find(arch, name))
			return arch;
	return NULL;
}

unsigned int board_memory_mib(const struct board *board, unsigned int requested_mib)
{
	return board->memory_mib ?: requested_mib;
}

char *board_names(const struct arch *arch)
{
	struct strbuf names = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(boards); i++) {
		if (arch ? !board_supports(&boards[i], arch) :
			   i && !strcmp(boards[i].name, boards[i - 1].name))
			continue;
		strbuf_separate(&names, ", ");
		strbuf_addstr(&names, boards[i].name);
	}
	return strbuf_detach(&names);
}

/* Enable a node by its "status": "okay" is shorter than "disabled", so pad it with zeros. */
static void enable_node(void *tree, int node)
{
	int bytes;
	char *status = fdt_getprop_w(tree, node, "status", &bytes);

	if (!status || bytes < (int)sizeof("okay"))
		return;
	memset(status, 0, bytes);
	memcpy(status, "okay", strlen("okay"));
}

int device_tree_enable(void *tree, size_t size, const char *compatible)
{
	int count = 0, node = -1;

	if (fdt_check_full(tree, size))
		return -1;
	while ((node = fdt_node_offset_by_compatible(tree, node, compatible)) >= 0) {
		enable_node(tree, node);
		count++;
	}
	return count;
}

/* Find a device tree in the kernel's packages; its location differs between suites. */
static char *find_device_tree(const struct kernel *kernel, const char *name)
{
	static const char *const places[] = { "usr/lib", "usr/lib/*", "usr/lib/*/broadcom",
					      "usr/lib/*/*/broadcom",
					      "usr/lib/modules/*/dtb*/broadcom",
					      "usr/lib/modules/*/dtb*",
					      "arch/arm/boot/dts", "arch/arm/boot/dts/broadcom",
					      "arch/arm64/boot/dts/broadcom" };
	char *path = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(places) && !path; i++) {
		cleanup_free char *pattern =
			xasprintf("%s/%s/%s", kernel->directory, places[i], name);
		glob_t found = { 0 };

		if (glob(pattern, 0, NULL, &found) == 0)
			path = xstrdup(found.gl_pathv[0]);
		globfree(&found);
	}
	return path;
}

int device_tree_write(const struct kernel *kernel, const struct board *board, const char *path,
		      char hex[SHA256_HEX_SIZE], struct error *error)
{
	cleanup_free char *source = find_device_tree(kernel, board->device_tree);
	cleanup_free char *tree = NULL;
	size_t size;
	int err;

	if (!source)
		return error_set(error, EXIT_SKIP, "kernel %s has no device tree %s for %s",
				 kernel->release, board->device_tree, board->name);
	tree = file_read(source, &size);
	if (!tree)
		return error_set(error, EXIT_HOST_ERROR, "cannot read %s: %s", source,
				 strerror(errno));
	if (board->enable && device_tree_enable(tree, size, board->enable) < 1)
		return error_set(error, EXIT_HOST_ERROR, "damaged device tree %s: no node '%s'",
				 source, board->enable);
	sha256_bytes(tree, size, hex);
	err = file_write(path, tree, size);
	return err ? error_set(error, EXIT_HOST_ERROR, "cannot write %s: %s", path,
			       strerror(-err)) : 0;
}
