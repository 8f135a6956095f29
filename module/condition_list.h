/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conditions of memory: name and one line for people; read by user space
 * too. One that ends in a colon takes a number from 2 on.
 *
 * CONDITION(name, description)
 */
CONDITION("fresh", "as it is: on a freshly booted machine the best case")
CONDITION("fragmented:", "all filled with single pages and every K-th one freed: fragmented:K")
CONDITION("low", "filled, but for what the experiment may take above the watermarks")
