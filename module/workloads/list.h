/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The workloads: name and one line for people; read by user space too.
 *
 * WORKLOAD(name, description)
 */
WORKLOAD(pair, "allocate one object and free it at once, again and again")
WORKLOAD(batch, "allocate all objects, then free them, first in, first out")
WORKLOAD(batch_lifo, "allocate all objects, then free them, last in, first out")
WORKLOAD(batch_random, "allocate all objects, then free them in an order drawn by lot")
WORKLOAD(batch_rcu, "allocate all objects, then free them by kfree_rcu, kvfree_rcu or call_rcu")
WORKLOAD(bulk_1, "batch through the facility's bulk calls, one object a call")
WORKLOAD(bulk_16, "batch through the facility's bulk calls, 16 objects a call")
WORKLOAD(bulk_128, "batch through the facility's bulk calls, 128 objects a call")
WORKLOAD(churn, "a steady population: one drawn by lot is freed and replaced, again and again")
WORKLOAD(remote_free, "allocate all objects on one CPU, then free them on another")
WORKLOAD(ramp, "allocate until the budget or the allocator refuses, then free all")
WORKLOAD(cold, "pair, with per-CPU lists and own caches emptied before each operation")
