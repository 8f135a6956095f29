// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process as tests in a machine want it. "process_test pages" has pages of several
 * kinds, says "KIND ADDRESS" of each and waits to be killed; "process_test without
 * root|sys_admin COMMAND..." carries a command out that lacks that.
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

static char *take(size_t bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

static void say(const char *kind, const void *address)
{
	printf("%s 0x%llx\n", kind, (unsigned long long)(uintptr_t)address);
}

static void __attribute__((noreturn)) pages(void)
{
	char *huge = take(2 * HUGE_BYTES), *plain = take(PAGE_BYTES), *closed = take(PAGE_BYTES);
	char *paged = take(PAGE_BYTES);

	huge += HUGE_BYTES - (uintptr_t)huge % HUGE_BYTES;
	madvise(huge, HUGE_BYTES, MADV_HUGEPAGE);
	memset(huge, 1, HUGE_BYTES);
	*plain = 1;
	*closed = 1;
	mprotect(closed, PAGE_BYTES, PROT_NONE);
	*paged = 1;
	madvise(paged, PAGE_BYTES, MADV_PAGEOUT);
	say("paged", paged);
	say("huge", huge + 5 * PAGE_BYTES);
	say("plain", plain);
	say("closed", closed);
	say("untouched", take(PAGE_BYTES));
	fflush(stdout);
	for (;;)
		pause();
}

static int without(const char *what, char **command)
{
	/* Kept out of the bounding set, so that root's own program starts without it. */
	if (strcmp(what, "root") ? prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) : setuid(1000)) {
		perror(what);
		return 1;
	}
	execvp(*command, command);
	perror(*command);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "pages"))
		pages();
	if (argc > 3 && !strcmp(argv[1], "without"))
		return without(argv[2], argv + 3);
	fputs("process_test pages, or process_test without root|sys_admin COMMAND...\n", stderr);
	return 2;
}
