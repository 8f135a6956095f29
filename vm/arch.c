// SPDX-License-Identifier: GPL-2.0-or-later
#include "arch.h"

#include <elf.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"

/* The variants of an architecture share everything but flavour and configuration. */
#define ARM64_COMMON \
	.debian = "arm64", .triplet = "aarch64-linux-gnu", .elf_machine = EM_AARCH64, \
	.kbuild = "arm64", .image = "arch/arm64/boot/Image", .config = "ARM64", .variant = "ARM64_16K_PAGES", \
	.qemu = "qemu-system-aarch64", .qemu_package = "qemu-system-arm", .guest = "arm64"
#define ARMHF_COMMON \
	.debian = "armhf", .triplet = "arm-linux-gnueabihf", .elf_machine = EM_ARM, \
	.kbuild = "arm", .image = "arch/arm/boot/zImage", .config = "ARM", .variant = "ARM_LPAE", \
	.qemu = "qemu-system-arm", .qemu_package = "qemu-system-arm", .guest = "armhf"

static const struct arch arches[] = {
	{
		.name = "amd64",
		.aliases = ":x86_64:x86-64:",
		.debian = "amd64",
		.flavour = "amd64",
		.triplet = "x86_64-linux-gnu",
		.elf_machine = EM_X86_64,
		.kbuild = "x86",
		.image = "arch/x86/boot/bzImage",
		.config = "X86_64",
		.qemu = "qemu-system-x86_64",
		.qemu_package = "qemu-system-x86",
		.guest = "amd64",
#ifdef __x86_64__
		.kvm = true,
#endif
	},
	{ .name = "arm64", .aliases = ":aarch64:", .flavour = "arm64", ARM64_COMMON },
	{ .name = "arm64-16k", .flavour = "arm64-16k", .since = "6.12", .variant_set = true,
	  ARM64_COMMON },
	{ .name = "armhf", .aliases = ":arm:armv7:armv7l:", .flavour = "armmp", ARMHF_COMMON },
	{ .name = "armhf-lpae", .flavour = "armmp-lpae", .variant_set = true, ARMHF_COMMON },
};

#if defined(__x86_64__)
const char arch_of_host[] = "amd64";
#elif defined(__aarch64__)
const char arch_of_host[] = "arm64";
#else
const char arch_of_host[] = "armhf";
#endif

const struct arch *arch_at(unsigned int index)
{
	return index < ARRAY_SIZE(arches) ? &arches[index] : NULL;
}

const struct arch *arch_find(const char *name)
{
	cleanup_free char *alias = xasprintf(":%s:", name);

	for (size_t i = 0; i < ARRAY_SIZE(arches); i++)
		if (!strcmp(arches[i].name, name) ||
		    (arches[i].aliases && strstr(arches[i].aliases, alias)))
			return &arches[i];
	return NULL;
}

const char *arch_names(void)
{
	static struct strbuf names = STRBUF_INIT;

	if (names.length)
		return names.text;
	for (size_t i = 0; i < ARRAY_SIZE(arches); i++) {
		strbuf_separate(&names, ", ");
		strbuf_addstr(&names, arches[i].name);
	}
	return names.text;
}

char *arch_unknown(const char *name)
{
	return xasprintf("unknown architecture '%s' (known: %s)", name, arch_names());
}
