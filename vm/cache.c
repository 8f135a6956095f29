// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/process.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/paths.h"
#include "lib/hash.h"

char *cache_path(const char *format, ...)
{
	cleanup_free char *name = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&name, format, args) < 0)
		name = NULL;
	va_end(args);
	return xasprintf("%s/%s", path_cache(), name ?: "");
}

int build_path_check(const char *name, const char *path, const char *hint, struct error *error)
{
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c < 0x80 && !isalnum((unsigned char)*c) &&
		    !strchr("/._+-@~", *c))
			return error_set(error, EXIT_HOST_ERROR,
					 "cannot build the module: %s '%s' contains '%c' (allowed: "
					 "letters, digits and . _ + - @ ~%s)", name, path, *c,
					 hint);
	return 0;
}

int cache_check_path(struct error *error)
{
	return build_path_check("the cache path", path_cache(), "; set XDG_CACHE_HOME", error);
}

static int fail_write(int err, struct error *error)
{
	return error_set(error, EXIT_HOST_ERROR, "cannot write to the cache %s: %s", path_cache(),
			 strerror(-err));
}

int cache_lock(struct error *error)
{
	cleanup_free char *path = cache_path("lock");
	cleanup_free char *partial = cache_path("partial");
	bool notified = false;
	int lock, err;

	if (cache_check_path(error))
		return -1;
	err = directory_create(path_cache());
	if (err)
		return fail_write(err, error);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (lock < 0)
		return fail_write(-errno, error);
	/* A blocking flock() would miss a signal that arrives just before the call. */
	while (flock(lock, LOCK_EX | LOCK_NB)) {
		if (interrupted()) {
			close(lock);
			return error_interrupted(error);
		}
		if (!notified)
			log_notice("waiting for another kmemlab process to fill the cache ...");
		notified = true;
		usleep(100000);
	}
	directory_remove(partial);
	return lock;
}

void cache_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}

int cache_create(const char *entry, cache_fill_fn *fill, void *context, struct error *error)
{
	cleanup_free char *parent = strndup(entry, strrchr(entry, '/') - entry);
	cleanup_free char *partial = cache_path("partial");
	cleanup_free char *directory = xasprintf("%s/XXXXXX", partial);
	int err = directory_create(partial) ?: directory_create(parent);

	if (!err && !mkdtemp(directory))
		err = -errno;
	if (err)
		return fail_write(err, error);
	err = fill(context, directory, error);
	if (!err && rename(directory, entry))
		err = fail_write(-errno, error);
	if (err)
		directory_remove(directory);
	return err;
}

int cache_ensure(const char *entry, cache_fill_fn *fill, void *context, struct error *error)
{
	int lock, err = 0;

	if (file_exists(entry))
		return 0;
	lock = cache_lock(error);
	if (lock < 0)
		return -1;
	if (!file_exists(entry))
		err = cache_create(entry, fill, context, error);
	cache_unlock(lock);
	return err;
}

static void finish_sha256(struct sha256_ctx *context, char hex[SHA256_HEX_SIZE])
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(context, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
}

void sha256_bytes(const void *data, size_t size, char hex[SHA256_HEX_SIZE])
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, size, data);
	finish_sha256(&context, hex);
}

#define BLOCK_BYTES	(1 << 18)	/* fits in the CPU's cache: faster than mapping the file */

/*
 * A hash at the speed of memory, in four lanes. It detects damage, not forgery, which the user's
 * own cache does not need.
 */
struct fast_hash {
	uint64_t a, b, c, d;
	uint64_t size;
};

/* Add data. The size must be a multiple of 32, except that of the last part. */
static void fast_hash_add(struct fast_hash *hash, const char *data, size_t size)
{
	struct fast_hash h = *hash;
	uint64_t words[4] = { 0 };

	h.size += size;
	for (; size; data += sizeof(words), size -= sizeof(words)) {
		if (size < sizeof(words)) {
			memset(words, 0, sizeof(words));
			memcpy(words, data, size);
			size = sizeof(words);
		} else {
			memcpy(words, data, sizeof(words));
		}
		h.a = hash_add(h.a, words[0]);
		h.b = hash_add(h.b, words[1]);
		h.c = hash_add(h.c, words[2]);
		h.d = hash_add(h.d, words[3]);
	}
	*hash = h;
}

/* Hash a file. Set *text to "FAST_HASH SIZE\n", and hex to the SHA-256 unless it is NULL. */
static int hash_file(const char *path, char **text, char *hex)
{
	struct fast_hash hash = { HASH_INIT, HASH_INIT + 1, HASH_INIT + 2, HASH_INIT + 3, 0 };
	cleanup_free char *block = xcalloc(1, BLOCK_BYTES);
	cleanup_fclose FILE *in = fopen(path, "re");
	struct sha256_ctx context;
	uint64_t all;
	size_t size;

	if (!in)
		return -errno;
	setvbuf(in, NULL, _IONBF, 0);
	sha256_init(&context);
	while ((size = fread(block, 1, BLOCK_BYTES, in))) {
		fast_hash_add(&hash, block, size);
		if (hex)
			sha256_update(&context, size, (const uint8_t *)block);
	}
	if (ferror(in))
		return -EIO;
	if (hex)
		finish_sha256(&context, hex);
	all = hash_add(hash_add(hash_add(hash_add(HASH_INIT, hash.a), hash.b), hash.c), hash.d);
	*text = xasprintf("%016" PRIx64 " %" PRIu64 "\n", hash_add(all, hash.size), hash.size);
	return 0;
}

static char *seal_path(const char *path)
{
	return xasprintf("%s.hash", path);
}

int cache_seal(const char *path, char hex[SHA256_HEX_SIZE])
{
	cleanup_free char *seal = seal_path(path);
	cleanup_free char *text = NULL, *line = NULL;
	int err = hash_file(path, &text, hex);

	if (err)
		return err;
	line = xasprintf("%s %s", hex, text);
	return file_write(seal, line, strlen(line));
}

enum cache_state cache_check(const char *path, char hex[SHA256_HEX_SIZE])
{
	cleanup_free char *seal = seal_path(path);
	cleanup_free char *stored = NULL, *text = NULL;

	if (strncmp(path, path_cache(), strlen(path_cache())))
		return CACHE_UNKNOWN;
	stored = file_read(seal, NULL);
	if (!stored)
		return CACHE_UNKNOWN;
	if (hash_file(path, &text, NULL) || strlen(stored) != SHA256_HEX_SIZE + strlen(text) ||
	    strcmp(stored + SHA256_HEX_SIZE, text))
		return CACHE_DAMAGED;
	memcpy(hex, stored, SHA256_HEX_SIZE - 1);
	hex[SHA256_HEX_SIZE - 1] = '\0';
	return CACHE_GOOD;
}

/* An entry with a file to seal. */
struct sealed_entry {
	const char *name;
	cache_fill_fn *fill;
	void *context;
	char *hex;
};

/* Seal the file of a new entry. An entry that needs none has an empty seal. */
static int fill_sealed(void *context, const char *directory, struct error *error)
{
	const struct sealed_entry *entry = context;
	cleanup_free char *path = xasprintf("%s/%s", directory, entry->name);
	cleanup_free char *seal = seal_path(path);
	int err = entry->fill(entry->context, directory, error);

	*entry->hex = '\0';
	if (err)
		return err;
	err = file_exists(path) ? cache_seal(path, entry->hex) : file_write(seal, "", 0);
	return err ? fail_write(err, error) : 0;
}

static bool is_intact(const char *path, char hex[SHA256_HEX_SIZE])
{
	cleanup_free char *seal = seal_path(path);
	struct stat st;

	*hex = '\0';
	if (cache_check(path, hex) == CACHE_GOOD)
		return true;
	return !stat(seal, &st) && !st.st_size && !file_exists(path);
}

int cache_ensure_file(const char *entry, const char *name, cache_fill_fn *fill, void *context,
		      char hex[SHA256_HEX_SIZE], struct error *error)
{
	struct sealed_entry sealed = { name, fill, context, hex };
	cleanup_free char *path = xasprintf("%s/%s", entry, name);
	int lock, err = 0;

	if (is_intact(path, hex))
		return 0;
	lock = cache_lock(error);
	if (lock < 0)
		return -1;
	if (!is_intact(path, hex)) {
		if (file_exists(entry))
			log_detail("'%s' is damaged and is made again", path);
		directory_remove(entry);
		err = cache_create(entry, fill_sealed, &sealed, error);
	}
	cache_unlock(lock);
	return err;
}

int sha256_file(const char *path, char hex[SHA256_HEX_SIZE], struct error *error)
{
	cleanup_free char *text = NULL;
	int err;

	if (cache_check(path, hex) == CACHE_GOOD)
		return 0;
	err = hash_file(path, &text, hex);
	return err ? error_set(error, EXIT_HOST_ERROR, "cannot read %s: %s", path,
			       strerror(-err)) : 0;
}
