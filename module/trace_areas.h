/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of kernel data and of objects, for an instruction tracer. */
#ifndef KMEMLAB_TRACE_AREAS_H
#define KMEMLAB_TRACE_AREAS_H

#include "facilities/facility.h"

void kmemlab_trace_kernel_areas(void);
void kmemlab_trace_object(const struct kmemlab_facility_ctx *ctx, unsigned long handle,
			  bool frees);

#endif
