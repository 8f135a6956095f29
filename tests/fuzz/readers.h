/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The readers of data from outside, each called with bytes of any origin. */
#ifndef KMEMLAB_TESTS_FUZZ_READERS_H
#define KMEMLAB_TESTS_FUZZ_READERS_H

#include <stddef.h>

struct reader {
	const char *name;	/* NULL ends the array */
	void (*read)(const char *data, size_t size);
};

extern const struct reader readers[];

#endif
