// SPDX-License-Identifier: GPL-2.0-or-later
#include "marks.h"

#include <string.h>

#include <linux/kmemlab.h>

#include "lib/array_size.h"

static uint32_t load_le32(const uint8_t *code)
{
	return code[0] | code[1] << 8 | code[2] << 16 | (uint32_t)code[3] << 24;
}

static int valid_mark(uint32_t number)
{
	return number >= KMEMLAB_MARK_ARMED && number <= KMEMLAB_MARK_COUNTERS ? number : 0;
}

/* nopl DISPLACEMENT(%rax) */
static int mark_x86_64(const uint8_t *code)
{
	static const uint8_t nopl[] = { 0x0f, 0x1f, 0x80 };

	if (memcmp(code, nopl, sizeof(nopl)) || load_le32(code + 3) >> 16 != KMEMLAB_MARK_MAGIC)
		return 0;
	return valid_mark(load_le32(code + 3) & 0xffff);
}

/* movz xzr, #NUMBER */
static int mark_aarch64(const uint8_t *code)
{
	uint32_t number = load_le32(code) >> 5 & 0xffff;

	if ((load_le32(code) & 0xffe0001f) != 0xd280001f ||
	    (number & 0xfff0) != (KMEMLAB_MARK_MAGIC & 0xfff0))
		return 0;
	return valid_mark(number & 15);
}

/* dbg #NUMBER */
static int mark_arm(const uint8_t *code)
{
	return (load_le32(code) & 0xfffffff8) == 0xe320f0f8 ? valid_mark(load_le32(code) & 7) : 0;
}

/* hlt */
static bool is_halt_x86_64(const uint8_t *code, size_t size)
{
	return size == 1 && code[0] == 0xf4;
}

/* wfi */
static bool is_halt_aarch64(const uint8_t *code, size_t size)
{
	return size == 4 && load_le32(code) == 0xd503207f;
}

/* wfi in ARM or Thumb code */
static bool is_halt_arm(const uint8_t *code, size_t size)
{
	return size == 4 ? load_le32(code) == 0xe320f003 :
	       size == 2 && code[0] == 0x30 && code[1] == 0xbf;
}

static const struct mark_arch archs[] = {
	{ "x86_64", 1ULL << 63, 7, mark_x86_64, is_halt_x86_64 },
	{ "aarch64", 1ULL << 63, 4, mark_aarch64, is_halt_aarch64 },
	{ "arm", 0xbf000000, 4, mark_arm, is_halt_arm },
};

const struct mark_arch *mark_arch_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (!strcmp(archs[i].name, name))
			return &archs[i];
	return NULL;
}
