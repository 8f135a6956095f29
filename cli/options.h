/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of options, checked; what is wrong is said in one line. */
#ifndef KMEMLAB_CLI_OPTIONS_H
#define KMEMLAB_CLI_OPTIONS_H

#include <stdbool.h>

bool option_number(const char *option, const char *text, unsigned int min, unsigned int max,
		   unsigned int *value);

#endif
