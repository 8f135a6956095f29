/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KMEMLAB_LIB_ARRAY_SIZE_H
#define KMEMLAB_LIB_ARRAY_SIZE_H

/* Number of elements of an array, not of a pointer. */
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#endif
