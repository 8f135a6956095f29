// SPDX-License-Identifier: GPL-2.0-or-later
#include "suites.h"

#include <stddef.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"

static const struct arch arches[] = {
	{
		.name = "amd64",
		.debian = "amd64",
		.flavour = "amd64",
		.triplet = "x86_64-linux-gnu",
		.kbuild = "x86",
		.qemu = "qemu-system-x86_64",
		.qemu_package = "qemu-system-x86",
		.guest = "amd64",
#ifdef __x86_64__
		.kvm = true,
#endif
	},
	{
		.name = "arm64",
		.debian = "arm64",
		.flavour = "arm64",
		.triplet = "aarch64-linux-gnu",
		.kbuild = "arm64",
		.qemu = "qemu-system-aarch64",
		.qemu_package = "qemu-system-arm",
		.guest = "arm64",
	},
	{
		/* Pages of 16 KiB. */
		.name = "arm64-16k",
		.debian = "arm64",
		.flavour = "arm64-16k",
		.since = "6.12",
		.triplet = "aarch64-linux-gnu",
		.kbuild = "arm64",
		.qemu = "qemu-system-aarch64",
		.qemu_package = "qemu-system-arm",
		.guest = "arm64",
	},
	{
		.name = "armhf",
		.debian = "armhf",
		.flavour = "armmp",
		.triplet = "arm-linux-gnueabihf",
		.kbuild = "arm",
		.qemu = "qemu-system-arm",
		.qemu_package = "qemu-system-arm",
		.guest = "armhf",
	},
	{
		.name = "armhf-lpae",
		.debian = "armhf",
		.flavour = "armmp-lpae",
		.triplet = "arm-linux-gnueabihf",
		.kbuild = "arm",
		.qemu = "qemu-system-arm",
		.qemu_package = "qemu-system-arm",
		.guest = "armhf",
	},
};

/* Self-tests of cryptography are a good part of an emulated boot. */
#define QUICKLY " cryptomgr.notests"

/* The console is a PL011; further ports are 8250s, which the device tree may number. */
#define VIRT_ARGS "console=ttyAMA0" QUICKLY " KMEMLAB_CHANNEL=ttyS0 KMEMLAB_TERMINAL=ttyS1"
#define RASPI_ARGS "console=ttyAMA0" QUICKLY " KMEMLAB_CHANNEL=ttyS1"

/* One tick of the counter an instruction, on boards that make their CPUs themselves. */
static const char *const raspi2b_settings[] = {
	"-global", "cortex-a7-arm-cpu.cntfrq=1000000000", NULL };
static const char *const raspi3b_settings[] = {
	"-global", "cortex-a53-arm-cpu.cntfrq=1000000000", NULL };

static const struct board boards[] = {
	{
		.name = "pc",
		.archs = ":amd64:",
		.machine = "pc-i440fx-7.2",
		.cpu = "qemu64",
		.kernel_args = "console=ttyS0 earlyprintk=ttyS0 no_timer_check" QUICKLY,
		/* Calibrating it spins on the clock for 100 ms: 3 s where each read is counted. */
		.counting_args = " nolapic_timer",
		.port_count = 3,
		.cpus_possible = 8,
	},
	{
		.name = "virt",
		.archs = ":arm64:",
		.machine = "virt-7.2,dtb-randomness=off",
		.cpu = "cortex-a57,cntfrq=1000000000",
		.kernel_args = VIRT_ARGS,
		.ports = BOARD_PORTS_PCI,
		.port_count = 3,
		.counts_on_several_cpus = true,
	},
	{
		.name = "virt",
		.archs = ":arm64-16k:",
		.machine = "virt-7.2,dtb-randomness=off",
		/* A Cortex-A57 has no pages of 16 KiB. */
		.cpu = "cortex-a76,cntfrq=1000000000",
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
		/* With all four counted the boot takes minutes. */
		.counting_args = " nr_cpus=1",
		.device_tree = "bcm2836-rpi-2-b.dtb",
		.enable = "brcm,bcm2835-aux-uart",
		.port_count = 2,
		.cpus = 4,
		.memory_mib = 1024,
	},
	{
		.name = "raspi3b",
		/* Its CPUs start in 64-bit mode only: QEMU boots no 32-bit kernel on them. */
		.archs = ":arm64:",
		.machine = "raspi3b",
		.settings = raspi3b_settings,
		.kernel_args = RASPI_ARGS,
		/* With all four counted the boot takes minutes. */
		.counting_args = " nr_cpus=1",
		.device_tree = "bcm2837-rpi-3-b.dtb",
		.enable = "brcm,bcm2835-aux-uart",
		.port_count = 2,
		.cpus = 4,
		.memory_mib = 1024,
	},
};

static const struct distribution debian = {
	.name = "Debian",
	.keyring = "/usr/share/keyrings/debian-archive-keyring.gpg",
	.keyring_package = "debian-archive-keyring",
};

static const struct distribution ubuntu = {
	.name = "Ubuntu",
	.keyring = "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
	.keyring_package = "ubuntu-keyring",
	.flavour = "generic",
};

static const struct suite suites[] = {
	{ "bullseye", "5.10", &debian, { "", "-security" } },
	{ "bookworm", "6.1", &debian, { "", "-security" } },
	{ "trixie", "6.12", &debian, { "", "-security" } },
	{ "forky", NULL, &debian, { "" } },
	{ "sid", NULL, &debian, { "" } },
	/* Only on a host that is of the same distribution: others know no mirror of it. */
	{ "noble", "6.8", &ubuntu, { "", "-updates", "-security" } },
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
	return index < sizeof(arches) / sizeof(*arches) ? &arches[index] : NULL;
}

const struct arch *arch_find(const char *name)
{
	const struct arch *arch;

	for (unsigned int i = 0; (arch = arch_at(i)); i++)
		if (!strcmp(arch->name, name))
			return arch;
	return NULL;
}

static bool board_has(const struct board *board, const struct arch *arch)
{
	cleanup_free char *mark = xasprintf(":%s:", arch->name);

	return strstr(board->archs, mark) != NULL;
}

const struct board *board_find(const struct arch *arch, const char *name)
{
	for (size_t i = 0; i < sizeof(boards) / sizeof(*boards); i++)
		if (board_has(&boards[i], arch) && (!name || !strcmp(boards[i].name, name)))
			return &boards[i];
	return NULL;
}

unsigned int board_memory_mib(const struct board *board, unsigned int given_mib)
{
	return board->memory_mib ?: given_mib;
}

char *board_names(const struct arch *arch)
{
	char *names = xstrdup("");

	for (size_t i = 0; i < sizeof(boards) / sizeof(*boards); i++) {
		cleanup_free char *before = names;

		names = board_has(&boards[i], arch) ?
			xasprintf("%s%s%s", before, *before ? ", " : "", boards[i].name) :
			xstrdup(before);
	}
	return names;
}

static char *arch_names(void)
{
	const struct arch *arch;
	char *names = xstrdup("");

	for (unsigned int i = 0; (arch = arch_at(i)); i++) {
		cleanup_free char *before = names;

		names = xasprintf("%s%s%s", before, i ? ", " : "", arch->name);
	}
	return names;
}

/* By what the kernel calls its machine ("x86_64"), as compilers do. */
static const struct arch *arch_of_machine(const char *name)
{
	const struct arch *arch;

	for (unsigned int i = 0; (arch = arch_at(i)); i++)
		if (strlen(name) == strcspn(arch->triplet, "-") &&
		    !strncmp(arch->triplet, name, strlen(name)))
			return arch;
	return NULL;
}

char *arch_unknown(const char *name)
{
	const struct arch *meant = arch_of_machine(name);
	cleanup_free char *names = arch_names();

	if (meant)
		return xasprintf("unknown architecture '%s': here it is called '%s'", name,
				 meant->name);
	return xasprintf("unknown architecture '%s': these can be had: %s", name, names);
}

/* The value of the line "key=value" of os-release, to be freed, or NULL. */
static char *os_release(const char *key)
{
	cleanup_free char *text = file_read("/etc/os-release", NULL);
	char *rest = text, *line;

	while ((line = strsep(&rest, "\r\n"))) {
		char *name = strsep(&line, "=");

		if (line && !strcmp(name, key))
			return xstrdup(line);
	}
	return NULL;
}

/* The suites of Ubuntu are alike: one that the table does not know yet is had as well. */
static const struct suite *other_ubuntu(const char *name)
{
	static struct suite other = { NULL, NULL, &ubuntu, { "", "-updates", "-security" } };
	cleanup_free char *id = os_release("ID");

	if (!id || strcmp(id, "ubuntu"))
		return NULL;
	if (!other.name)
		other.name = xstrdup(name);
	return &other;
}

const struct suite *suite_of_host(void)
{
	cleanup_free char *name = os_release("VERSION_CODENAME");

	for (size_t i = 0; name && i < sizeof(suites) / sizeof(*suites); i++)
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	return name ? other_ubuntu(name) : NULL;
}

const struct suite *suite_at(unsigned int index)
{
	const struct suite *own = suite_of_host();
	bool is_listed = !own;

	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++) {
		bool is_known = suites[i].distribution == &debian ||
				(own && own->distribution == suites[i].distribution);

		if (is_known && !index--)
			return &suites[i];
		is_listed = is_listed || own == &suites[i];
	}
	return is_listed || index ? NULL : own;
}

const struct suite *suite_find(const char *name)
{
	const struct suite *suite;

	if (!strcmp(name, "latest"))
		name = "sid";
	for (unsigned int i = 0; (suite = suite_at(i)); i++)
		if (!strcmp(suite->name, name) || (suite->series && !strcmp(suite->series, name)))
			return suite;
	return NULL;
}

const struct suite *suite_default(void)
{
	return suite_of_host() ?: suite_find("bookworm");
}

const char *suite_flavour(const struct suite *suite, const struct arch *arch)
{
	const char *flavour = suite ? suite->distribution->flavour : NULL;

	return flavour ?: arch->flavour;
}
