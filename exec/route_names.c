// SPDX-License-Identifier: GPL-2.0-or-later
#include "route_names.h"

#include <stddef.h>

const char *route_name(unsigned int bit)
{
	static const char *const names[] = { "walk", "direct_map", "vmalloc_to_page",
					     "lookup_address", "facility", "pagemap" };

	return bit < sizeof(names) / sizeof(*names) ? names[bit] : NULL;
}
