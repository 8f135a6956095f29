/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of boards: machines that QEMU emulates for an architecture. */
#ifndef KMEMLAB_VM_BOARD_H
#define KMEMLAB_VM_BOARD_H

#include <stdbool.h>

#include <stddef.h>

#include "arch.h"
#include "base/error.h"
#include "cache.h"

struct kernel;

/* Location of the guest's serial ports beyond the first */
enum board_ports {
	BOARD_PORTS_SERIAL,	/* on the board */
	BOARD_PORTS_PCI,	/* on PCI cards */
};

struct board {
	const char *name;		/* value of --board */
	const char *archs;		/* ":armhf:armhf-lpae:" */
	const char *machine;		/* versioned, so that results stay comparable */
	const char *cpu;		/* deterministic model, or NULL: fixed by the board */
	const char *server_cpu;		/* base of --cpu server, or NULL: cpu */
	const char *const *settings;	/* more QEMU arguments, NULL-terminated, or NULL */
	const char *kernel_args;
	const char *counting_args;	/* more of them when instructions are counted */
	const char *device_tree;	/* file in the kernel package, or NULL: made by QEMU */
	const char *enable;		/* "compatible" string of devices to enable in it */
	enum board_ports ports;
	unsigned int port_count;
	unsigned int cpus;		/* fixed number of CPUs, or 0 */
	unsigned int memory_mib;	/* fixed memory size, or 0 */
	bool counts_on_several_cpus;	/* -icount works with more than one CPU */
};

/* Return the board with that name, or the default board for NULL; NULL if there is none. */
const struct board *board_find(const struct arch *arch, const char *name);

/* Return the first architecture that has a board of this name, or NULL. */
const struct arch *board_arch(const char *name);

/* Return the board's fixed memory size, or requested_mib if it has none. */
unsigned int board_memory_mib(const struct board *board, unsigned int requested_mib);

/*
 * Return the names of the architecture's boards, or of all boards for NULL, separated
 * by ", ". The caller frees them.
 */
char *board_names(const struct arch *arch);

/* Write the kernel's device tree for a board to path, and its SHA-256 to hex. Return: 0 or -1. */
int device_tree_write(const struct kernel *kernel, const struct board *board, const char *path,
		      char hex[SHA256_HEX_SIZE], struct error *error);

/*
 * Enable all nodes of a device tree that have a "compatible" string. Return: their
 * number, or -1 if this is not a device tree.
 */
int device_tree_enable(void *tree, size_t size, const char *compatible);

#endif
