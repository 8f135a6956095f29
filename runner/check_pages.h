/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of the studio's exercise, read at their frames: element k of object j on page i is
 * (i * objects per page + j) * 8 + k, so that each 32-bit word contains its own index.
 */
#ifndef KMEMLAB_RUNNER_CHECK_PAGES_H
#define KMEMLAB_RUNNER_CHECK_PAGES_H

#include "runner/check_output.h"
#include "runner/check_pairs.h"
#include "runner/check_sections.h"

/* Report the pages that the module has allocated, before it may damage memory. */
void studio_report_pages(struct check_output *output, const struct sections *sections,
			 struct pairs *pairs, const char *parameters);

/* Report the values as well. */
void studio_report(struct check_output *output, const struct sections *sections,
		   struct pairs *pairs, const char *parameters);

#endif
