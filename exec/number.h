/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as people write them: decimal, with a binary suffix K, M or G. */
#ifndef KMEMLAB_NUMBER_H
#define KMEMLAB_NUMBER_H

#include <stdint.h>

/*
 * Reads a number at the start of text and sets end behind it. 0, -EINVAL where
 * no number begins there, -ERANGE beyond 2^63 - 1: results are JSON, and most
 * readers of JSON keep integers in 64 bits with a sign.
 */
int number_parse(const char *text, const char **end, uint64_t *value);

/*
 * An address: decimal or 0x and hexadecimal, all of text, up to 2^64 - 1.
 * 0, -EINVAL or -ERANGE.
 */
int address_parse(const char *text, uint64_t *address);

#endif
