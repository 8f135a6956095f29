// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/ivshmem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/clock_user.h"
#include "runner/system.h"

#define DEVICES		"/sys/bus/pci/devices"
#define IVSHMEM_ID	"0x1af4:0x1110"
#define PVPANIC_ID	"0x1b36:0x0011"	/* used as the doorbell */

static void read_attribute(const char *device, const char *name, char *text, size_t size)
{
	char path[512];

	snprintf(path, sizeof(path), DEVICES "/%s/%s", device, name);
	sysfs_read_line(path, text, size);
}

/* Find the address ("0000:00:04.0") of the first device with this id. Return: 0 or -1. */
static int find_device(const char *id, char *device, size_t size)
{
	DIR *directory = opendir(DEVICES);
	struct dirent *entry;
	int ret = -1;

	while (directory && ret && (entry = readdir(directory))) {
		char vendor[16], number[16], entry_id[40];

		read_attribute(entry->d_name, "vendor", vendor, sizeof(vendor));
		read_attribute(entry->d_name, "device", number, sizeof(number));
		snprintf(entry_id, sizeof(entry_id), "%s:%s", vendor, number);
		if (!strcmp(entry_id, id)) {
			snprintf(device, size, "%s", entry->d_name);
			ret = 0;
		}
	}
	if (directory)
		closedir(directory);
	return ret;
}

/* Map a resource of the device with this id. Return: NULL on errors, with errno set. */
static void *map_resource(const char *id, int resource, size_t size)
{
	char device[256], path[512], line[128];
	unsigned long long start = 0;
	void *memory;
	int fd;

	if (find_device(id, device, sizeof(device))) {
		errno = ENODEV;
		return NULL;
	}
	snprintf(path, sizeof(path), DEVICES "/%s/enable", device);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		return NULL;
	close(fd);
	/* Small resources need not start at a page boundary. */
	read_attribute(device, "resource", line, sizeof(line));
	sscanf(line, "%llx", &start);
	snprintf(path, sizeof(path), DEVICES "/%s/resource%d", device, resource);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return NULL;
	return (char *)memory + (resource ? 0 : start & (sysconf(_SC_PAGESIZE) - 1));
}

/* Pass time between two reads of the clock, which are slow when instructions are counted. */
static void spin(void)
{
	for (unsigned int i = 0; i < 10000; i++)
		asm volatile("" : : : "memory");
}

/* Copy word by word: device memory may allow aligned accesses only. */
static void copy_from_device(void *to, const volatile void *from, size_t size)
{
	const volatile uint64_t *words = from;

	for (size_t pos = 0; pos < size; pos += sizeof(*words)) {
		uint64_t word = words[pos / sizeof(word)];

		memcpy((char *)to + pos, &word,
		       size - pos < sizeof(word) ? size - pos : sizeof(word));
	}
}

char *ivshmem_job_wait(void)
{
	volatile unsigned char *doorbell = map_resource(PVPANIC_ID, 0, 1);
	volatile struct ivshmem_job *job =
		doorbell ? map_resource(IVSHMEM_ID, 2, sizeof(*job)) : NULL;
	char magic[sizeof(job->magic)], *text;
	uint64_t end, bytes;

	if (!job)
		return NULL;
	end = clock_user_end() + IVSHMEM_JOB_WAIT;
	*doorbell = 1;
	while (clock_user_end() < end)
		spin();
	__sync_synchronize();
	job->over = 1;
	copy_from_device(magic, job->magic, sizeof(magic));
	bytes = job->bytes;
	if (memcmp(magic, IVSHMEM_JOB_MAGIC, sizeof(magic)) || bytes > sizeof(job->text)) {
		errno = EPROTO;
		return NULL;
	}
	text = calloc(1, bytes + 1);
	if (text)
		copy_from_device(text, job->text, bytes);
	return text;
}

const volatile struct kmemlab_string_counters *ivshmem_string_counters(void)
{
	char *memory = map_resource(IVSHMEM_ID, 2, IVSHMEM_JOB_BYTES);
	const volatile struct kmemlab_string_counters *counters =
		memory ? (void *)(memory + KMEMLAB_COUNTERS_OFFSET) : NULL;

	return counters && counters->magic == KMEMLAB_COUNTERS_MAGIC ? counters : NULL;
}
