// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest_symbols.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "cache.h"
#include "digest.h"

/* Only functions, and packed: the serial line is slow. */
static const char script[] =
	"echo 0 > /proc/sys/kernel/kptr_restrict\n"
	"grep -i ' [tw] ' /proc/kallsyms | gzip -1\n";

struct packed {
	char *data;
	size_t size;
};

static void take_output(void *context, int stream, const void *data, size_t size)
{
	struct packed *packed = context;

	if (stream != 1)
		return;
	packed->data = xrealloc(packed->data, packed->size + size);
	memcpy(packed->data + packed->size, data, size);
	packed->size += size;
}

/* Text, for the caller to free, or NULL. */
static char *unpack(const struct packed *packed)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	size_t used = 0, room = 1 << 20;
	char *text = xrealloc(NULL, room);
	la_ssize_t n = -1;

	archive_read_support_filter_gzip(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_memory(archive, packed->data, packed->size) == ARCHIVE_OK &&
	    archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		while ((n = archive_read_data(archive, text + used, room - used - 1)) > 0) {
			used += n;
			room *= 2;
			text = xrealloc(text, room);
		}
	archive_read_free(archive);
	text[used] = '\0';
	if (n == 0 && used)
		return text;
	free(text);
	return NULL;
}

static char *ask_guest(const struct vm_job *like, struct failure *failure)
{
	struct packed packed = { 0 };
	struct vm_job job = {
		.kernel = like->kernel,
		.arch = like->arch,
		.clock = VM_CLOCK_NONE,
		.memory_mib = like->memory_mib,
		.cpus = 1,
		.append = like->append,
		.timeout_s = like->timeout_s,
		.script = script,
		.output = take_output,
		.output_context = &packed,
	};
	struct vm_result result;
	char *text = NULL;

	say_progress("asking the kernel for its symbols, once ...");
	vm_run(&job, &result);
	if (result.code != EXIT_FINE)
		fail_with(failure, result.code, "%s", result.message);
	else if (!(text = unpack(&packed)))
		fail_with(failure, EXIT_TROUBLE, "the guest's kernel gives no symbols: /proc/kallsyms is "
		     "empty (CONFIG_KALLSYMS)");
	vm_result_release(&result);
	free(packed.data);
	return text;
}

char *guest_symbols(const struct vm_job *job, const char *kernel_file, struct failure *failure)
{
	cleanup_free char *parent = cache_path("symbols");
	cleanup_free char *list = NULL, *path = NULL;
	char kernel[DIGEST_HEX_SIZE], key[DIGEST_HEX_SIZE];
	char *text;

	if (digest_file(kernel_file, kernel, failure))
		return NULL;
	list = xasprintf("%s %s", kernel, job->append ?: "");
	digest_bytes(list, strlen(list), key);
	path = cache_path("symbols/%.16s", key);
	text = file_read(path, NULL);
	if (text && *text)
		return text;
	free(text);
	text = ask_guest(job, failure);
	/* Without a cache it is only slower the next time. */
	if (text && directory_make(parent) == 0)
		file_write(path, text, strlen(text));
	return text;
}
