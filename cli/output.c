// SPDX-License-Identifier: GPL-2.0-or-later
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/message.h"

static enum exit_code say_unwritable(const char *path, int error, enum exit_code code)
{
	say_error("%s cannot be written: %s", path, strerror(error));
	return code;
}

/* Devices and pipes take the text as it comes: nothing can be renamed over them. */
static bool is_stream(const char *path)
{
	struct stat status;

	if (!strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6))
		return true;
	return !stat(path, &status) && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/* The file behind symbolic links, so that the rename replaces it and not the link. */
static char *final_path(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : xstrdup(path);
}

/* A temporary file beside the path; sets its name, to be freed. -1 with errno set. */
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

const char *output_path(const char *text)
{
	return strcmp(text, "/dev/stdout") && strcmp(text, "/dev/fd/1") ? text : "-";
}

enum exit_code output_check_distinct(const char *command, const struct output_option *options,
				     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; options[i].path && j < i; j++) {
			if (!options[j].path || strcmp(options[i].path, options[j].path))
				continue;
			say_error("%s: --%s and --%s name the same file '%s'", command,
				  options[j].name, options[i].name, options[i].path);
			return EXIT_USAGE;
		}
	}
	return EXIT_FINE;
}

enum exit_code output_check(const char *path)
{
	cleanup_free char *final = final_path(path);
	cleanup_free char *temporary = NULL;
	int fd;

	if (!strcmp(path, "-"))
		return EXIT_FINE;
	if (is_stream(path))
		return access(path, W_OK) ? say_unwritable(path, errno, EXIT_USAGE) : EXIT_FINE;
	fd = temporary_open(final, &temporary);
	if (fd < 0)
		return say_unwritable(path, errno, EXIT_USAGE);
	close(fd);
	unlink(temporary);
	return EXIT_FINE;
}

static enum exit_code write_stream(const char *path, const json_t *document,
				   void (*report)(const json_t *document, FILE *out))
{
	FILE *out = fopen(path, "we");
	bool written;

	if (!out)
		return say_unwritable(path, errno, EXIT_TROUBLE);
	report(document, out);
	written = !ferror(out);
	if (fclose(out) || !written)
		return say_unwritable(path, errno, EXIT_TROUBLE);
	return EXIT_FINE;
}

static bool write_whole(int fd, const json_t *document,
			void (*report)(const json_t *document, FILE *out))
{
	FILE *out = fdopen(fd, "w");
	bool written;

	if (!out)
		return false;
	report(document, out);
	written = !fflush(out) && !ferror(out) && !fsync(fd);
	return !fclose(out) && written;
}

enum exit_code output_write(const char *path, const json_t *document,
			    void (*report)(const json_t *document, FILE *out))
{
	cleanup_free char *final = final_path(path);
	cleanup_free char *temporary = NULL;
	int fd, error;

	if (!strcmp(path, "-")) {
		report(document, stdout);
		return EXIT_FINE;
	}
	if (is_stream(path))
		return write_stream(path, document, report);
	fd = temporary_open(final, &temporary);
	if (fd < 0)
		return say_unwritable(path, errno, EXIT_TROUBLE);
	if (write_whole(fd, document, report) && !rename(temporary, final))
		return EXIT_FINE;
	error = errno;
	unlink(temporary);
	return say_unwritable(path, error, EXIT_TROUBLE);
}

enum exit_code output_finish(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_FINE;
	return say_unwritable("standard output", errno, EXIT_TROUBLE);
}
