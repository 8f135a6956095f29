/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsers of human-readable numbers. */
#ifndef KMEMLAB_LIB_PARSE_NUMBER_H
#define KMEMLAB_LIB_PARSE_NUMBER_H

#include <stdint.h>

/*
 * Parse a decimal number with an optional binary suffix K, M or G at the start of text, and
 * set *end after it. Return: 0, -EINVAL without a number, or -ERANGE above 2^63 - 1 (numbers
 * are stored as JSON integers).
 */
int parse_number(const char *text, const char **end, uint64_t *value);

/*
 * Parse text as an address: decimal, or hexadecimal with 0x, up to 2^64 - 1.
 * Return: 0, -EINVAL or -ERANGE.
 */
int parse_address(const char *text, uint64_t *address);

#endif
