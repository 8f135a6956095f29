// SPDX-License-Identifier: GPL-2.0-or-later
#include "suites.h"

#include <stddef.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"

static const struct arch arches[] = {
	{
		.name = "amd64",
		.flavour = "amd64",
		.qemu = "qemu-system-x86_64",
		.qemu_package = "qemu-system-x86",
		.machine = "pc-i440fx-7.2",
		.cpu = "qemu64",
		/* Self-tests of cryptography are a good part of an emulated boot. */
		.kernel_args = "console=ttyS0 earlyprintk=ttyS0 no_timer_check "
			       "cryptomgr.notests",
		/* Calibrating it spins on the clock for 100 ms: 3 s where each read is counted. */
		.counting_args = " nolapic_timer",
#ifdef __x86_64__
		.kvm = true,
#endif
	},
};

static const struct suite suites[] = {
	{ "bullseye", "5.10", true },
	{ "bookworm", "6.1", true },
	{ "trixie", "6.12", true },
	{ "forky", NULL, false },
	{ "sid", NULL, false },
};

const struct arch *arch_find(const char *name)
{
	for (size_t i = 0; i < sizeof(arches) / sizeof(*arches); i++)
		if (!strcmp(arches[i].name, name))
			return &arches[i];
	return NULL;
}

const struct suite *suite_at(unsigned int index)
{
	return index < sizeof(suites) / sizeof(*suites) ? &suites[index] : NULL;
}

const struct suite *suite_find(const char *name)
{
	const struct suite *suite;

	for (unsigned int i = 0; (suite = suite_at(i)); i++)
		if (!strcmp(suite->name, name) || (suite->series && !strcmp(suite->series, name)))
			return suite;
	return NULL;
}

const struct suite *suite_default(void)
{
	cleanup_free char *text = file_read("/etc/os-release", NULL);
	const char *codename = text ? strstr(text, "VERSION_CODENAME=") : NULL;
	const struct suite *suite;

	for (unsigned int i = 0; codename && (suite = suite_at(i)); i++) {
		const char *value = codename + strlen("VERSION_CODENAME=");
		size_t length = strlen(suite->name);

		if (!strncmp(value, suite->name, length) && strchr("\n\r", value[length]))
			return suite;
	}
	return suite_find("bookworm");
}
