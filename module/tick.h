/* SPDX-License-Identifier: GPL-2.0-only */
/* Timer ticks: begin no operation that the next one would interrupt. */
#ifndef KMEMLAB_TICK_H
#define KMEMLAB_TICK_H

#include <linux/types.h>

struct kmemlab_facility_ctx;

void kmemlab_tick_avoid(const struct kmemlab_facility_ctx *ctx, u64 longest);

#endif
