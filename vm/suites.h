/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between architectures and between distribution suites: two tables. */
#ifndef KMEMLAB_VM_SUITES_H
#define KMEMLAB_VM_SUITES_H

#include <stdbool.h>

struct arch {
	const char *name;		/* as --arch calls it */
	const char *debian;		/* as Debian's packages call it */
	const char *flavour;		/* of its kernel packages */
	const char *triplet;		/* in the names of its compilers */
	const char *kbuild;		/* as the kernel's ARCH= calls it */
	const char *qemu;		/* the emulator */
	const char *qemu_package;
	const char *machine;		/* versioned: it must not change under a result */
	const char *cpu;		/* deterministic */
	const char *kernel_args;
	const char *counting_args;	/* more, where instructions are counted */
	bool counts_on_several_cpus;	/* -icount works with -smp above 1 */
	bool kvm;			/* the host's own architecture */
};

struct suite {
	const char *name;
	const char *series;	/* of its kernel; NULL where it moves */
	bool security;		/* has a security archive */
};

const struct arch *arch_find(const char *name);

/* By position, NULL after the last. */
const struct arch *arch_at(unsigned int index);

/* "amd64, arm64, ...", to be freed. */
char *arch_names(void);

/* As Debian calls the architecture of this program. */
extern const char arch_of_host[];

/* By name ("bookworm", "latest") or kernel series ("6.1"); NULL if there is none. */
const struct suite *suite_find(const char *name);

/* By position, NULL after the last. */
const struct suite *suite_at(unsigned int index);

/* The host's own, NULL where it has none. */
const struct suite *suite_of_host(void);

/* The host's own, else the one that this program was tested with most. */
const struct suite *suite_default(void);

#endif
