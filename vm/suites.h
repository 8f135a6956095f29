/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between architectures, boards and distribution suites: three tables. */
#ifndef KMEMLAB_VM_SUITES_H
#define KMEMLAB_VM_SUITES_H

#include <stdbool.h>

struct arch {
	const char *name;		/* as --arch calls it */
	const char *debian;		/* as Debian's packages call it */
	const char *flavour;		/* of its kernel packages */
	const char *since;		/* the first series that has it; NULL: all */
	const char *triplet;		/* in the names of its compilers */
	const char *kbuild;		/* as the kernel's ARCH= calls it */
	const char *qemu;		/* the emulator */
	const char *qemu_package;
	const char *guest;		/* whose guest programs it runs: another's name, or its own */
	bool kvm;			/* the host's own architecture */
};

/* How the guest's serial ports beyond the first are had. */
enum board_ports {
	BOARD_PORTS_SERIAL,	/* all on the board */
	BOARD_PORTS_PCI,	/* one on the board, others on PCI cards */
};

/* A machine that an architecture's kernel runs on. */
struct board {
	const char *name;		/* as --board calls it */
	const char *archs;		/* ":armhf:armhf-lpae:" */
	const char *machine;		/* versioned: it must not change under a result */
	const char *cpu;		/* deterministic; NULL: the board has its own */
	const char *const *settings;	/* more arguments of QEMU, ended by NULL, or NULL */
	const char *kernel_args;
	const char *counting_args;	/* more, where instructions are counted */
	const char *device_tree;	/* file in the kernel's package, or NULL: QEMU makes it */
	const char *enable;		/* devices to switch on in it, by what they are compatible with */
	enum board_ports ports;
	unsigned int port_count;
	unsigned int cpus;		/* exactly so many, or 0 */
	unsigned int cpus_possible;	/* may be added later; 0: none */
	unsigned int memory_mib;	/* exactly so much, or 0 */
	bool counts_on_several_cpus;	/* -icount works with -smp above 1 */
};

struct distribution {
	const char *name;	/* as its package lists call their origin */
	const char *keyring;
	const char *keyring_package;
	const char *flavour;	/* of its kernels; NULL: the architecture's */
};

#define POCKETS 3

struct suite {
	const char *name;
	const char *series;	/* of its kernel; NULL where it moves */
	const struct distribution *distribution;
	const char *pockets[POCKETS];	/* its archives: its own ("") first, "-security" ... */
};

const struct arch *arch_find(const char *name);

/* By position, NULL after the last. */
const struct arch *arch_at(unsigned int index);

/* By name; NULL: the architecture's usual one. NULL if it has none of that name. */
const struct board *board_find(const struct arch *arch, const char *name);

/* What a machine of this board has, where so much would be given to one that takes any size. */
unsigned int board_memory_mib(const struct board *board, unsigned int given_mib);

/* "virt, raspi2b", to be freed. */
char *board_names(const struct arch *arch);

/* One line, to be freed, on a name that is no architecture's: which there are, or which is meant. */
char *arch_unknown(const char *name);

/* As Debian calls the architecture of this program. */
extern const char arch_of_host[];

/* By name ("bookworm", "latest") or kernel series ("6.1"); NULL if there is none. */
const struct suite *suite_find(const char *name);

/* Of the kernels of a suite (or of no suite): "amd64". */
const char *suite_flavour(const struct suite *suite, const struct arch *arch);

/* By position, NULL after the last. */
const struct suite *suite_at(unsigned int index);

/* The host's own, NULL where it has none. */
const struct suite *suite_of_host(void);

/* The host's own, else the one that this program was tested with most. */
const struct suite *suite_default(void);

#endif
