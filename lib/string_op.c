// SPDX-License-Identifier: GPL-2.0-or-later
#include "string_op.h"

#include <stdbool.h>
#include <string.h>

static bool is_prefix(uint8_t byte)
{
	return memchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3", byte, 11);
}

struct string_op string_op_decode(const uint8_t *code, size_t size)
{
	static const uint8_t kinds[256] = {
		[0xa4] = STRING_OP_COPY, [0xa6] = STRING_OP_COMPARE, [0xaa] = STRING_OP_STORE,
		[0xac] = STRING_OP_LOAD, [0xae] = STRING_OP_COMPARE,
	};
	struct string_op op = { .bytes = 4 };
	bool repeated = false;
	size_t pos = 0;

	for (; pos < size && is_prefix(code[pos]); pos++) {
		repeated |= code[pos] >= 0xf2;
		if (code[pos] == 0x66)
			op.bytes = 2;
	}
	if (pos < size && (code[pos] & 0xf0) == 0x40 && code[pos++] & 8)
		op.bytes = 8;
	if (!repeated || pos + 1 != size)
		return (struct string_op) { 0 };
	if (!(code[pos] & 1))
		op.bytes = 1;
	op.kind = kinds[code[pos] & ~1];
	return op;
}
