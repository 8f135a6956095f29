// SPDX-License-Identifier: GPL-2.0-or-later
#include "distro.h"

#include <string.h>

#include "base/files.h"
#include "base/memory.h"

static const struct distro debian = {
	.name = "Debian",
	.keyring = "/usr/share/keyrings/debian-archive-keyring.gpg",
	.keyring_package = "debian-archive-keyring",
};

static const struct distro ubuntu = {
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
	/* Listed on Ubuntu only: other hosts have no mirror of it configured. */
	{ "noble", "6.8", &ubuntu, { "", "-updates", "-security" } },
};

/* Return the value of "key=value" in os-release, which the caller frees, or NULL. */
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

/* All Ubuntu suites have the same layout: support those missing from the table too. */
static const struct suite *unlisted_ubuntu(const char *name)
{
	static struct suite unlisted = { NULL, NULL, &ubuntu, { "", "-updates", "-security" } };
	cleanup_free char *id = os_release("ID");

	if (!id || strcmp(id, "ubuntu"))
		return NULL;
	if (!unlisted.name)
		unlisted.name = xstrdup(name);
	return &unlisted;
}

const struct suite *suite_of_host(void)
{
	cleanup_free char *name = os_release("VERSION_CODENAME");

	for (size_t i = 0; name && i < ARRAY_SIZE(suites); i++)
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	return name ? unlisted_ubuntu(name) : NULL;
}

const struct suite *suite_at(unsigned int index)
{
	const struct suite *host = suite_of_host();
	bool host_is_listed = !host;

	for (size_t i = 0; i < ARRAY_SIZE(suites); i++) {
		bool is_usable = suites[i].distro == &debian ||
				 (host && host->distro == suites[i].distro);

		if (is_usable && !index--)
			return &suites[i];
		host_is_listed = host_is_listed || host == &suites[i];
	}
	return host_is_listed || index ? NULL : host;
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
	const char *flavour = suite ? suite->distro->flavour : NULL;

	return flavour ?: arch->flavour;
}
