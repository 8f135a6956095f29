/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of guest architectures. */
#ifndef KMEMLAB_VM_ARCH_H
#define KMEMLAB_VM_ARCH_H

#include <stdbool.h>

struct arch {
	const char *name;		/* value of --arch */
	const char *aliases;		/* other names, ":x86_64:x86-64:", or NULL */
	const char *debian;		/* Debian's name of the architecture */
	const char *flavour;		/* suffix of the kernel packages */
	const char *since;		/* oldest kernel series, or NULL: all */
	const char *triplet;		/* prefix of the cross compiler */
	unsigned int elf_machine;
	const char *kbuild;		/* value of the kernel's ARCH= */
	const char *image;		/* kernel image in a build tree */
	const char *config;		/* kernel option that selects the architecture */
	const char *variant;		/* option that its variants differ in, or NULL */
	bool variant_set;		/* value of that option */
	const char *qemu;		/* emulator program */
	const char *qemu_package;
	const char *guest;		/* suffix of the guest-init program */
	bool kvm;			/* same architecture as this host */
};

/* Return the architecture with that name or alias, or NULL. */
const struct arch *arch_find(const char *name);

/* Return the architecture at a table index, or NULL after the last. */
const struct arch *arch_at(unsigned int index);

/* Return the names of all architectures, separated by ", ". */
const char *arch_names(void);

/* Return the message for an unknown name, which the caller frees. */
char *arch_unknown(const char *name);

/* Debian's name of this program's own architecture */
extern const char arch_of_host[];

#endif
