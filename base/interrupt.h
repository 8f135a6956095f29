/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ctrl-C: a flag that every wait looks at, so that all is put away before we end. */
#ifndef KMEMLAB_INTERRUPT_H
#define KMEMLAB_INTERRUPT_H

#include <stdbool.h>

/* Catches SIGINT, SIGTERM and their like (no SA_RESTART: waits end with EINTR). */
void interrupt_catch(void);
bool interrupted(void);

#endif
