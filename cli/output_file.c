// SPDX-License-Identifier: GPL-2.0-or-later
#include "output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/log.h"
#include "base/terminal.h"
#include "report/report.h"

static enum exit_code write_error(const char *path, int err, enum exit_code code)
{
	log_error("cannot write '%s': %s", path, strerror(err));
	return code;
}

/* Return true for devices and pipes, which cannot be replaced by a rename. */
static bool is_stream(const char *path)
{
	struct stat status;

	if (!strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6))
		return true;
	return !stat(path, &status) && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/* Resolve symbolic links, so that the rename replaces the file and not the link. */
static char *final_path(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : xstrdup(path);
}

/*
 * Create a temporary file in the same directory and set its name; the caller frees it.
 * Return a file descriptor, or -1 with errno set.
 */
static int temporary_open(const char *path, char **name)
{
	mode_t mask = umask(0);
	struct stat status;
	int fd;

	umask(mask);
	*name = NULL;
	if (!stat(path, &status) && S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	*name = xasprintf("%s.XXXXXX", path);
	fd = mkostemp(*name, O_CLOEXEC);
	if (fd >= 0)
		fchmod(fd, 0666 & ~mask);
	return fd;
}

const char *output_path(const char *path)
{
	return strcmp(path, "/dev/stdout") && strcmp(path, "/dev/fd/1") ? path : "-";
}

enum exit_code output_check(const char *path)
{
	cleanup_free char *final = final_path(path);
	cleanup_free char *temporary = NULL;
	int fd;

	if (!strcmp(path, "-"))
		return EXIT_OK;
	if (is_stream(path))
		return access(path, W_OK) ? write_error(path, errno, EXIT_USAGE) : EXIT_OK;
	fd = temporary_open(final, &temporary);
	if (fd < 0)
		return write_error(path, errno, EXIT_USAGE);
	close(fd);
	unlink(temporary);
	return EXIT_OK;
}

static enum exit_code write_stream(const char *path, const json_t *document,
				   void (*print)(const json_t *document, FILE *out))
{
	FILE *out = fopen(path, "we");
	bool written;

	if (!out)
		return write_error(path, errno, EXIT_HOST_ERROR);
	print(document, out);
	written = !ferror(out);
	if (fclose(out) || !written)
		return write_error(path, errno, EXIT_HOST_ERROR);
	return EXIT_OK;
}

static bool write_and_sync(int fd, const json_t *document,
			void (*print)(const json_t *document, FILE *out))
{
	FILE *out = fdopen(fd, "w");
	bool written;

	if (!out)
		return false;
	print(document, out);
	written = !fflush(out) && !ferror(out) && !fsync(fd);
	return !fclose(out) && written;
}

enum exit_code output_write(const char *path, const json_t *document,
			    void (*print)(const json_t *document, FILE *out))
{
	cleanup_free char *final = final_path(path);
	cleanup_free char *temporary = NULL;
	int fd, err;

	if (!strcmp(path, "-")) {
		fflush(terminal_out());
		print(document, stdout);
		return EXIT_OK;
	}
	if (is_stream(path))
		return write_stream(path, document, print);
	fd = temporary_open(final, &temporary);
	if (fd < 0)
		return write_error(path, errno, EXIT_HOST_ERROR);
	if (write_and_sync(fd, document, print) && !rename(temporary, final))
		return EXIT_OK;
	err = errno;
	unlink(temporary);
	return write_error(path, err, EXIT_HOST_ERROR);
}

enum exit_code outputs_write(const struct output *outputs, size_t count, const json_t *document,
			     bool *is_stdout_free)
{
	enum exit_code code = EXIT_OK;

	*is_stdout_free = true;
	for (size_t i = 0; !code && i < count; i++) {
		if (!outputs[i].path)
			continue;
		code = output_write(outputs[i].path, document, outputs[i].print);
		*is_stdout_free &= !!strcmp(outputs[i].path, "-");
	}
	return code;
}

enum exit_code output_finish(void)
{
	static enum exit_code code;

	/* Report an error once. */
	if (!code && terminal_flush())
		code = write_error("standard output", errno, EXIT_HOST_ERROR);
	return code;
}

enum exit_code results_files_write(const struct options *options, const json_t *document,
				   size_t *count, bool *is_stdout_free)
{
	const struct output outputs[] = {
		{ options->json, report_json },
		{ options->csv, report_csv },
		{ options->csv_long, report_csv_long },
		{ options->ktap, report_ktap },
		{ options->junit, report_junit },
		{ options->openmetrics, report_openmetrics },
		{ options->benchmark_json, report_benchmark_json },
		{ options->html, report_html },
	};

	*count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++)
		*count += !!outputs[i].path;
	return outputs_write(outputs, ARRAY_SIZE(outputs), document, is_stdout_free);
}
