/* SPDX-License-Identifier: GPL-2.0-or-later */
/* String instructions of x86 that a prefix repeats. */
#ifndef KMEMLAB_LIB_STRING_OP_H
#define KMEMLAB_LIB_STRING_OP_H

#include <stddef.h>
#include <stdint.h>

enum string_op_kind {
	STRING_OP_NONE,
	STRING_OP_STORE,	/* stos */
	STRING_OP_COPY,		/* movs */
	STRING_OP_LOAD,		/* lods */
	STRING_OP_COMPARE,	/* cmps, scas: may end before the count is used up */
};

struct string_op {
	enum string_op_kind kind;
	unsigned int bytes;	/* of one repetition */
};

/* Decode one instruction; STRING_OP_NONE unless it is a string instruction with rep. */
struct string_op string_op_decode(const uint8_t *code, size_t size);

#endif
