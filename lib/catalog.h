/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of facilities and workloads, from the lists that the module is built from. */
#ifndef KMEMLAB_LIB_CATALOG_H
#define KMEMLAB_LIB_CATALOG_H

#include "module/facilities/list.h"
#include "module/workloads/list.h"

/* Return KMEMLAB_FACILITY_* flags; 0 if name is NULL or unknown. */
unsigned int facility_flags(const char *name);

/* Return KMEMLAB_WORKLOAD_* flags; 0 if name is NULL or unknown. */
unsigned int workload_flags(const char *name);

#endif
