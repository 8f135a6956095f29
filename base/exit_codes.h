/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kmemlab's exit codes mean; the man page and docs/results.md say the same. */
#ifndef KMEMLAB_EXIT_CODES_H
#define KMEMLAB_EXIT_CODES_H

enum exit_code {
	EXIT_FINE = 0,
	EXIT_RECORD_FAILED = 1,	/* a record failed, or a gate tripped */
	EXIT_USAGE = 2,		/* usage, or impossible everywhere */
	EXIT_SKIP = 4,		/* nothing of it can run here */
	EXIT_WATCHDOG = 124,	/* a watchdog or --timeout fired */
	EXIT_TROUBLE = 125,	/* trouble on this side: QEMU, download, build */
	EXIT_GUEST_LOST = 126,
	EXIT_GUEST_PANIC = 127,
	EXIT_INTERRUPTED = 130,	/* Ctrl-C */
};

#endif
