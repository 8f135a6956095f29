/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conditions of memory: name and one-line description. Also included by user space.
 * A name that ends in a colon takes a number of at least 2.
 *
 * CONDITION(name, description)
 */
CONDITION("fresh", "unchanged: the best case on a freshly booted machine")
CONDITION("fragmented:", "filled with single pages, every K-th one freed: fragmented:K")
CONDITION("low", "filled except for what the experiment may take above the watermarks")
