/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KMEMLAB_FACILITY_REGISTRY_H
#define KMEMLAB_FACILITY_REGISTRY_H

#include "facilities/facility.h"

unsigned int kmemlab_facility_count(void);
/* NULL past the last one. */
const struct kmemlab_facility_ops *kmemlab_facility_at(unsigned int index);
const struct kmemlab_facility_ops *kmemlab_facility_find(const char *name);

/* Checks every table against the rules in facility.h. Return: 0 or -EINVAL, logged. */
int kmemlab_facilities_validate(void);

/* Bytes of the largest object here. */
size_t kmemlab_facility_object_size_max(const struct kmemlab_facility_ops *facility);

/* Why @facility is not available on this kernel, or NULL. */
const char *kmemlab_facility_unavailable(const struct kmemlab_facility_ops *facility);

#endif
