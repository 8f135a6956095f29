/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Downloads packages of one suite with apt, using a private apt state in the cache.
 * The host's package state is neither read nor changed; signatures are checked. The
 * mirror is the host's, or KMEMLAB_MIRROR.
 */
#ifndef KMEMLAB_VM_APT_H
#define KMEMLAB_VM_APT_H

#include <stdbool.h>

#include "base/error.h"
#include "distro.h"

struct apt {
	const struct suite *suite;
	char *directory;	/* the state, which replaces the host's */
	char *config;		/* path of apt's configuration file */
	char *temporary;	/* directory for apt's temporary files, which it leaves if killed */
	char *environment;	/* "TMPDIR=" with that directory */
	bool lacks_files;	/* the mirror lacks files that its lists contain */
};

/* Accept expired package lists from now on. */
void apt_allow_expired(void);

/* Set up the state and download the package lists for arch ("armhf") and the host's own. */
int apt_open(struct apt *apt, const struct suite *suite, const char *arch, struct error *error);
void apt_close(struct apt *apt);

/*
 * Download the lists again without the security archive; the main archive has older
 * packages. Return: false if there is no security archive, or the download failed.
 */
bool apt_drop_security(struct apt *apt, const char *reason);

/* Return the output of "apt-cache show", empty for an unknown package, or NULL on failure. */
char *apt_show(struct apt *apt, const char *package, struct error *error);

/* Return all package names with a prefix, one per line, or NULL on failure. */
char *apt_names(struct apt *apt, const char *prefix, struct error *error);

/* Download packages into a directory, resuming partial files. Return: 0 or -1. */
int apt_download(struct apt *apt, const char *const *packages, const char *directory,
		 struct error *error);

/* Download packages with all their dependencies. Return: 0 or -1. */
int apt_download_installation(struct apt *apt, const char *const *packages, const char *directory,
			      struct error *error);

/* Run a shell script that unpacks the packages in debs ($1) into a directory. Return: 0 or -1. */
int apt_unpack(const char *script, const char *debs, const char *directory, struct error *error);

/* Return sources.list for a suite, given the host's "URI RELEASE COMPONENT" lines. */
char *apt_sources_from_targets(const char *targets, const struct suite *suite);

/* Return the total size in the output of "apt-get --print-uris", in bytes. */
unsigned long long apt_uri_bytes(const char *uris);

#endif
