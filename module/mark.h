/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks: instructions that do nothing and that nobody else uses, outside the
 * clock reads. An emulator that looks for them knows where an operation begins
 * and ends (plugin/marks.c recognises the same encodings).
 */
#ifndef KMEMLAB_MODULE_MARK_H
#define KMEMLAB_MODULE_MARK_H

#include <linux/kmemlab.h>
#include <linux/stringify.h>

#if defined(CONFIG_X86_64)
/* nopl DISPLACEMENT(%rax) */
#define kmemlab_mark(number)							\
	asm volatile(".byte 0x0f, 0x1f, 0x80\n\t"				\
		     ".long %c0" : : "i" (KMEMLAB_MARK_MAGIC << 16 | (number)) : "memory")
#elif defined(CONFIG_ARM64)
/* movz xzr, #NUMBER */
#define kmemlab_mark(number)							\
	asm volatile(".inst 0xd280001f | %c0 << 5"				\
		     : : "i" ((KMEMLAB_MARK_MAGIC & 0xfff0) | (number)) : "memory")
#elif defined(CONFIG_ARM)
/* dbg #NUMBER, a hint to debuggers */
#define kmemlab_mark(number)							\
	asm volatile(".inst 0xe320f0f0 | %c0" : : "i" (8 | (number)) : "memory")
#else
#define kmemlab_mark(number)	do { } while (0)
#endif

#endif
