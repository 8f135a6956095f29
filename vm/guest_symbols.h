/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of a kernel's functions, as listed by the kernel itself. */
#ifndef KMEMLAB_VM_GUEST_SYMBOLS_H
#define KMEMLAB_VM_GUEST_SYMBOLS_H

#include "base/error.h"
#include "request.h"

/*
 * Return the functions in /proc/kallsyms of the request's kernel, which the caller
 * frees, or NULL. The first call boots the kernel and stores the list in the cache.
 * kernel_file is the kernel that a run of the request booted.
 */
char *guest_symbols(const struct vm_request *request, const char *kernel_file,
		    struct error *error);

#endif
