/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What routes of translation are called in records. */
#ifndef KMEMLAB_ROUTE_NAMES_H
#define KMEMLAB_ROUTE_NAMES_H

/* Of bit number bit of KMEMLAB_ROUTE_*; NULL past the last one. */
const char *route_name(unsigned int bit);

#endif
