/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The facilities: name and one line for people. No kernel types here: user
 * space compiles its names from the same list. Order is the order of reports.
 *
 * FACILITY(name, description)
 */
FACILITY(null, "does nothing: tests that the instrument reads 0")
FACILITY(delay, "burns a known number of instructions: tests what the instrument reads")
FACILITY(page, "alloc_pages: a block of pages for each object")
FACILITY(page_packed, "alloc_pages: objects packed into the largest blocks")
FACILITY(kmalloc, "kmalloc: size known at run time")
