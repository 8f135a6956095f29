// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/check_memory.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/system.h"

#define HEADERS_MAX	64

struct memory {
	int fd;		/* of /proc/kcore, or on ARM of a trace */
#ifdef __arm__
	uint32_t offset;	/* of virtual addresses from physical ones */
	uint64_t end;		/* first physical address without a permanent mapping */
#else
	ElfW(Phdr) headers[HEADERS_MAX];	/* have the physical address of each part */
	unsigned int count;
#endif
};

void memory_close(struct memory *memory)
{
	if (memory && memory->fd >= 0)
		close(memory->fd);
	free(memory);
}

size_t memory_parse(const char *event, uint32_t *words, size_t max)
{
	const char *next = strchr(event, '{');
	size_t count = 0;

	while (next && count < max && !strncmp(next + 1, "0x", 2)) {
		char *end;

		words[count++] = strtoul(next + 1, &end, 16);
		next = *end == ',' ? end : strchr(end, '{');
	}
	return count;
}

#ifdef __arm__
/*
 * ARM has no /proc/kcore. A probe of a system call without arguments reads the memory at the address in
 * the first register, and writes it to a trace of its own. A line of the trace is shorter than a page.
 */
#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCE	TRACEFS "/instances/memory"
#define PROBE		"p:kmemlab/memory sys_getppid +0(%r0):x32[64] +256(%r0):x32[64] " \
			"+512(%r0):x32[64] +768(%r0):x32[64]\n"
#define PROBE_WORDS	256
#define MAPPING_MASK	0xff000000

/* Return the number before a name in a file of lines, in hexadecimal, or 0. */
static uint64_t number_before(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	uint64_t number = 0;
	char line[256];

	while (file && !number && fgets(line, sizeof(line), file))
		if (strstr(line, name))
			number = strtoull(line, NULL, 16);
	if (file)
		fclose(file);
	return number;
}

/* Return the first physical address of high memory. An empty zone has no first page. */
static uint64_t high_memory(void)
{
	FILE *zones = fopen("/proc/zoneinfo", "re");
	uint64_t pfn, start = UINT64_MAX;
	bool high = false;
	char line[256];

	while (zones && fgets(line, sizeof(line), zones)) {
		if (!strncmp(line, "Node", 4))
			high = strstr(line, "HighMem");
		else if (high && sscanf(line, " start_pfn: %" SCNu64, &pfn) == 1)
			start = pfn * sysconf(_SC_PAGESIZE);
	}
	if (zones)
		fclose(zones);
	return start;
}

struct memory *memory_open(void)
{
	struct memory *memory = calloc(1, sizeof(*memory));
	/* The kernel lies at the start of the permanent mapping, and memory starts at whole 16 MiB. */
	uint64_t text = number_before("/proc/kallsyms", " _stext\n") & MAPPING_MASK;
	uint64_t physical = number_before("/proc/iomem", " : Kernel code\n") & MAPPING_MASK;

	if (!memory)
		return NULL;
	/* The second time, the instance and the probe exist. */
	if (!mkdir(INSTANCE, 0700)) {
		system_write(TRACEFS "/kprobe_events", PROBE);
		system_write(INSTANCE "/events/kmemlab/memory/enable", "1");
	}
	memory->offset = text - physical;
	memory->end = high_memory();
	memory->fd = open(INSTANCE "/trace_pipe", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (memory->fd >= 0 && text)
		return memory;
	memory_close(memory);
	return NULL;
}

/* Read as many words as the probe does, at a virtual address. */
static bool read_part(const struct memory *memory, uint32_t address, uint32_t *words)
{
	char event[8192];
	size_t length = 0;
	ssize_t n;

	syscall(SYS_getppid, address);
	while ((n = read(memory->fd, event + length, sizeof(event) - 1 - length)) > 0)
		length += n;
	event[length] = '\0';
	return memory_parse(event, words, PROBE_WORDS) == PROBE_WORDS;
}

bool memory_read(const struct memory *memory, uint64_t physical, uint32_t *words, size_t bytes)
{
	uint32_t part[PROBE_WORDS];

	if (physical + bytes > memory->end)
		return false;
	for (size_t done = 0; done < bytes; done += sizeof(part)) {
		size_t size = bytes - done < sizeof(part) ? bytes - done : sizeof(part);

		if (!read_part(memory, physical + done + memory->offset, part))
			return false;
		memcpy((char *)words + done, part, size);
	}
	return true;
}
#else
struct memory *memory_open(void)
{
	struct memory *memory = calloc(1, sizeof(*memory));
	ElfW(Ehdr) header;

	if (!memory)
		return NULL;
	memory->fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (memory->fd >= 0 && pread(memory->fd, &header, sizeof(header), 0) == sizeof(header)) {
		memory->count = header.e_phnum < HEADERS_MAX ? header.e_phnum : HEADERS_MAX;
		if (pread(memory->fd, memory->headers, memory->count * sizeof(*memory->headers),
			  header.e_phoff) > 0)
			return memory;
	}
	memory_close(memory);
	return NULL;
}

bool memory_read(const struct memory *memory, uint64_t physical, uint32_t *words, size_t bytes)
{
	for (unsigned int i = 0; i < memory->count; i++) {
		const ElfW(Phdr) *header = &memory->headers[i];

		/* vmalloc and the modules have no physical address there. */
		if (header->p_type == PT_LOAD && header->p_paddr != (ElfW(Addr))-1 &&
		    physical >= header->p_paddr && physical < header->p_paddr + header->p_memsz &&
		    pread(memory->fd, words, bytes, header->p_offset +
			  (physical - header->p_paddr)) == (ssize_t)bytes)
			return true;
	}
	return false;
}
#endif
