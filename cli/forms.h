/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files and the table that a results document is shown in, as options name them. */
#ifndef KMEMLAB_FORMS_H
#define KMEMLAB_FORMS_H

#include <jansson.h>

#include "run_options.h"

/* Whether all of the files can be made, before anything costly is done. */
enum exit_code forms_check(const struct run_options *options);

/* Writes the files; table is whether standard output is still free for it. */
enum exit_code forms_write(const json_t *document, const struct run_options *options, bool *table);

#endif
