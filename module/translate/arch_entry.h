/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the walk has to know of an architecture's entries:
 *
 * kmemlab_arch_entry() takes an entry apart.
 *
 * kmemlab_arch_kernel_root() is the root of tables that have all that is mapped for
 * the kernel. On x86 it is that of the process that runs here, or one borrowed from a
 * process that ends: it is good until preemption is enabled.
 */
#ifndef KMEMLAB_ARCH_ENTRY_H
#define KMEMLAB_ARCH_ENTRY_H

#if defined(CONFIG_X86_64)
#include "translate/entry_x86_64.h"
#elif defined(CONFIG_ARM64)
#include "translate/entry_arm64.h"
#elif defined(CONFIG_ARM)
#include "translate/entry_arm.h"
#endif

#endif
