/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a request in a virtual machine: boots a kernel with the job in its
 * initramfs and returns the records. All temporary files are in a private
 * directory, which vm_run() always removes.
 */
#ifndef KMEMLAB_VM_VM_H
#define KMEMLAB_VM_VM_H

#include "request.h"

/* Find the kernel, build the module, boot, and collect the result, which is always set. */
void vm_run(const struct vm_request *request, struct vm_result *result);
void vm_result_release(struct vm_result *result);

#endif
