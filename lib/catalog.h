/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of facilities and workloads, from the lists that the module is built from. A
 * name in a list that ends in ":" is followed by a number of at least 2.
 */
#ifndef KMEMLAB_LIB_CATALOG_H
#define KMEMLAB_LIB_CATALOG_H

#include <stdbool.h>

#include "module/facilities/list.h"
#include "module/workloads/list.h"

/* Return KMEMLAB_FACILITY_* flags; 0 if name is NULL or unknown. */
unsigned int facility_flags(const char *name);

/* Return KMEMLAB_WORKLOAD_* flags; 0 if name is NULL or unknown. */
unsigned int workload_flags(const char *name);

/* Return true for the "partial:" of a list. */
bool name_takes_number(const char *name);

/* Return true if name is the listed one, with a number if it takes one. */
bool name_matches(const char *listed, const char *name);

/* Return the number of a name, 32 of "partial:32", or 0. */
unsigned int name_number(const char *name);

#endif
