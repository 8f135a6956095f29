/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, translated: carries out the plan's translate lines. */
#ifndef KMEMLAB_TRANSLATION_H
#define KMEMLAB_TRANSLATION_H

#include <stdio.h>

#include "plan.h"

/* More pages than this in one question are a mistake. */
#define TRANSLATE_PAGES_MAX 65536

/* 0, or a negative errno with one line on standard error. */
int translate(int device, const struct translate_spec *spec, FILE *records);

#endif
