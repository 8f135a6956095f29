// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest_symbols.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "cache.h"
#include "request.h"

/* List only functions and variables, compressed, because the serial line is slow. */
static const char script[] =
	"echo 0 > /proc/sys/kernel/kptr_restrict\n"
	"grep -i ' [bdtw] ' /proc/kallsyms | gzip -1\n";

static void collect_output(void *context, int stream, const void *data, size_t size)
{
	if (stream == 1)
		strbuf_add(context, data, size);
}

/* Decompress the output. Return: the text, which the caller frees, or NULL. */
static char *decompress(const struct strbuf *compressed)
{
	struct archive *archive = archive_read_new();
	struct strbuf text = STRBUF_INIT;
	struct archive_entry *entry;
	la_ssize_t n = -1;
	char data[65536];

	archive_read_support_filter_gzip(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_memory(archive, compressed->text, compressed->length) == ARCHIVE_OK &&
	    archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		while ((n = archive_read_data(archive, data, sizeof(data))) > 0)
			strbuf_add(&text, data, n);
	archive_read_free(archive);
	if (n == 0 && text.length)
		return strbuf_detach(&text);
	strbuf_release(&text);
	return NULL;
}

/* Boot the kernel and list its functions and variables. */
static char *read_from_guest(const struct vm_request *request, struct error *error)
{
	cleanup_strbuf struct strbuf compressed = STRBUF_INIT;
	struct vm_request script_request = {
		.kernel = request->kernel,
		.arch = request->arch,
		.clock = VM_CLOCK_NONE,
		.memory_mib = request->memory_mib,
		.cpus = 1,
		.append = request->append,
		.timeout_s = request->timeout_s,
		.script = script,
		.output = collect_output,
		.output_context = &compressed,
	};
	struct vm_result result;
	char *text = NULL;

	log_progress("reading the kernel's symbols (once per kernel) ...");
	vm_run(&script_request, &result);
	if (result.code != EXIT_OK)
		error_set(error, result.code, "%s", result.message);
	else if (!(text = decompress(&compressed)))
		error_set(error, EXIT_HOST_ERROR,
			  "the guest's kernel has no symbols: /proc/kallsyms is empty "
			  "(CONFIG_KALLSYMS)");
	vm_result_release(&result);
	return text;
}

char *guest_symbols(const struct vm_request *request, const char *kernel_file,
		    struct error *error)
{
	cleanup_free char *parent = cache_path("symbols");
	cleanup_free char *inputs = NULL, *path = NULL;
	char kernel[SHA256_HEX_SIZE], key[SHA256_HEX_SIZE];
	char *text;

	if (sha256_file(kernel_file, kernel, error))
		return NULL;
	inputs = xasprintf("variables %s %s", kernel, request->append ?: "");
	sha256_bytes(inputs, strlen(inputs), key);
	path = cache_path("symbols/%.16s", key);
	text = cache_check(path, key) == CACHE_GOOD ? file_read(path, NULL) : NULL;
	if (text)
		return text;
	if (file_exists(path))
		log_detail("'%s' is damaged and is made again", path);
	text = read_from_guest(request, error);
	/* Ignore errors: without the cache, the next call is only slower. */
	if (text && directory_create(parent) == 0 && file_write(path, text, strlen(text)) == 0)
		cache_seal(path, key);
	return text;
}
