/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The workloads: name and one line for people; read by user space too.
 *
 * WORKLOAD(name, description)
 */
WORKLOAD(pair, "allocate one object and free it at once, again and again")
WORKLOAD(batch, "allocate all objects, then free them, first in, first out")
