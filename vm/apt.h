/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packages of one suite, by apt with a state of its own in the cache: the
 * host's package state is neither used nor touched, signatures are checked as
 * ever. The mirror is the host's, or KMEMLAB_MIRROR.
 */
#ifndef KMEMLAB_VM_APT_H
#define KMEMLAB_VM_APT_H

#include <stdbool.h>

#include "base/failure.h"
#include "suites.h"

struct apt {
	const struct suite *suite;
	char *config;		/* apt's configuration file */
	char *temporary;	/* where its temporary files go: it leaves them when killed */
	char *environment;	/* that says so */
	bool lacks_files;	/* a download failed: the lists name what the mirror has not */
};

/* From now on lists whose time has run out are taken as well. */
void apt_allow_expired(void);

/* Sets the state up and brings the package lists of arch ("armhf") and of this host's own. */
int apt_open(struct apt *apt, const struct suite *suite, const char *arch,
	     struct failure *failure);
void apt_close(struct apt *apt);

/*
 * Brings the lists anew, without the security archive: the suite's own one has
 * older packages. False where there was none, or no list came.
 */
bool apt_leave_security(struct apt *apt, const char *why);

/* "apt-cache show" of one package, empty where there is none. NULL on failure. */
char *apt_show(struct apt *apt, const char *package, struct failure *failure);

/* All package names that begin so, one a line. NULL on failure. */
char *apt_names(struct apt *apt, const char *prefix, struct failure *failure);

/* Downloads into directory, resuming what lies there; says what and how much. */
int apt_download(struct apt *apt, const char *const *packages, const char *directory,
		 struct failure *failure);

/* Downloads what an installation of them takes where nothing is installed yet. */
int apt_download_installation(struct apt *apt, const char *const *packages, const char *directory,
			      struct failure *failure);

/* Pure: the sources for suite on the host's mirrors ("URI RELEASE COMPONENT" lines). */
char *apt_sources_from_targets(const char *targets, const struct suite *suite);

/* Pure: the bytes of all lines of "apt-get --print-uris". */
unsigned long long apt_uri_bytes(const char *uris);

#endif
