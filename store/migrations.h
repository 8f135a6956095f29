/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the store's schema grew: element n leads from schema n to n + 1. */
#ifndef KMEMLAB_STORE_MIGRATIONS_H
#define KMEMLAB_STORE_MIGRATIONS_H

#include "store.h"

extern const char *const store_migrations[STORE_SCHEMA];

#endif
