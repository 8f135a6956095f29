// SPDX-License-Identifier: GPL-2.0-or-later
#include "forms.h"

#include <string.h>

#include "output.h"
#include "report/report.h"

enum exit_code forms_check(const struct run_options *options)
{
	const char *const paths[] = { options->json, options->csv, options->ktap, options->html };
	enum exit_code code = EXIT_FINE;

	for (size_t i = 0; !code && i < sizeof(paths) / sizeof(*paths); i++)
		if (paths[i])
			code = output_check(paths[i]);
	return code;
}

enum exit_code forms_write(const json_t *document, const struct run_options *options, bool *table)
{
	const struct {
		const char *path;
		void (*report)(const json_t *document, FILE *out);
	} files[] = {
		{ options->json, report_json },
		{ options->csv, report_csv },
		{ options->ktap, report_ktap },
		{ options->html, report_html },
	};
	enum exit_code code = EXIT_FINE;

	*table = true;
	for (size_t i = 0; !code && i < sizeof(files) / sizeof(*files); i++) {
		if (!files[i].path)
			continue;
		code = output_write(files[i].path, document, files[i].report);
		*table = *table && strcmp(files[i].path, "-");
	}
	return code;
}
