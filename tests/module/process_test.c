// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Helper process for tests in a guest. "process_test pages" has pages of several kinds,
 * prints "KIND ADDRESS" for each and waits to be killed; "process_test without
 * root|sys_admin COMMAND..." runs a command without that privilege.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/capability.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define PAGE_BYTES 4096
#define HUGE_BYTES (2UL << 20)

static char *map_memory(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

static void print_address(const char *kind, const void *address)
{
	printf("%s 0x%llx\n", kind, (unsigned long long)(uintptr_t)address);
}

static void __attribute__((noreturn)) run_with_pages(void)
{
	char *huge = map_memory(2 * HUGE_BYTES), *plain = map_memory(PAGE_BYTES);
	char *closed = map_memory(PAGE_BYTES);
	char *paged = map_memory(PAGE_BYTES);

	huge += HUGE_BYTES - (uintptr_t)huge % HUGE_BYTES;
	madvise(huge, HUGE_BYTES, MADV_HUGEPAGE);
	memset(huge, 1, HUGE_BYTES);
	*plain = 1;
	*closed = 1;
	mprotect(closed, PAGE_BYTES, PROT_NONE);
	*paged = 1;
	madvise(paged, PAGE_BYTES, MADV_PAGEOUT);
	print_address("paged", paged);
	print_address("huge", huge + 5 * PAGE_BYTES);
	print_address("plain", plain);
	print_address("closed", closed);
	print_address("untouched", map_memory(PAGE_BYTES));
	fflush(stdout);
	for (;;)
		pause();
}

static int run_without(const char *privilege, char **command)
{
	/* Drop it from the bounding set: a program of root regains all others by execve(). */
	if (strcmp(privilege, "root") ? prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) : setuid(1000)) {
		perror(privilege);
		return 1;
	}
	execvp(*command, command);
	perror(*command);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "pages"))
		run_with_pages();
	if (argc > 3 && !strcmp(argv[1], "without"))
		return run_without(argv[2], argv + 3);
	fputs("process_test pages, or process_test without root|sys_admin COMMAND...\n", stderr);
	return 2;
}
