// SPDX-License-Identifier: GPL-2.0-or-later
#include "digest.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/paths.h"

void digest_bytes(const void *data, size_t size, char hex[DIGEST_HEX_SIZE])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, size, data);
	sha256_digest(&context, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
}

/* What tells one state of a file from another without reading it. */
static char *identity(const struct stat *st)
{
	return xasprintf("%llu %lld %lld.%09ld", (unsigned long long)st->st_ino,
			 (long long)st->st_size, (long long)st->st_mtim.tv_sec,
			 st->st_mtim.tv_nsec);
}

int digest_file(const char *path, char hex[DIGEST_HEX_SIZE], struct failure *failure)
{
	cleanup_free char *note = xasprintf("%s.sha256", path);
	cleanup_free char *known = file_read(note, NULL);
	cleanup_free char *data = NULL;
	cleanup_free char *now = NULL;
	cleanup_free char *line = NULL;
	struct stat st;
	size_t size;

	if (stat(path, &st))
		return fail_with(failure, EXIT_TROUBLE, "cannot read %s: %s", path,
				 strerror(errno));
	now = identity(&st);
	if (known && strlen(known) == 65 + strlen(now) && !strcmp(known + 65, now)) {
		memcpy(hex, known, 64);
		hex[64] = '\0';
		return 0;
	}
	data = file_read(path, &size);
	if (!data)
		return fail_with(failure, EXIT_TROUBLE, "cannot read %s: %s", path,
				 strerror(errno));
	digest_bytes(data, size, hex);
	line = xasprintf("%s %s", hex, now);
	/* Only a memory aid: may fail, and is nothing to leave in a folder of the user's. */
	if (!strncmp(path, path_cache(), strlen(path_cache())))
		file_write(note, line, strlen(line));
	return 0;
}
