// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs whose retired instructions Valgrind counts on the host and the guest's clock
 * counts in the guest: the same binary, so the counts must be equal. Without an argument,
 * print "NAME INSTRUCTIONS" for each; with a name, run that program alone.
 *
 * None uses rep-prefixed string instructions, which Valgrind counts by repetition.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PROGRAM	__attribute__((noinline, noipa))

static uint32_t numbers[256];
static uint8_t text[4096];
static volatile uint64_t sink;

PROGRAM void program_sort(void)
{
	for (uint32_t i = 0; i < 256; i++)
		numbers[i] = i * 2654435761u;
	for (int i = 1; i < 256; i++)
		for (int k = i; k && numbers[k - 1] > numbers[k]; k--) {
			uint32_t swap = numbers[k];

			numbers[k] = numbers[k - 1];
			numbers[k - 1] = swap;
		}
}

PROGRAM static uint64_t fibonacci(unsigned int n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

PROGRAM void program_recursion(void)
{
	sink = fibonacci(15);
}

PROGRAM void program_checksum(void)
{
	uint32_t crc = ~0u;

	for (int i = 0; i < 4096; i++) {
		crc ^= text[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	sink = crc;
}

PROGRAM void program_divide(void)
{
	for (uint64_t i = 1; i < 500; i++)
		sink += 0xffffffffffffull / i;
}

PROGRAM void program_empty(void)
{
}

static const struct {
	const char *name;
	void (*run)(void);
} programs[] = {
	{ "program_sort", program_sort },
	{ "program_recursion", program_recursion },
	{ "program_checksum", program_checksum },
	{ "program_divide", program_divide },
	{ "program_empty", program_empty },
};

/* Return the instructions of run() with its return, without the call. */
static uint64_t count(void (*run)(void))
{
	uint32_t low, high, low_end, high_end;

	asm volatile("lfence\n\trdtsc\n\tmovl %%eax, %0\n\tmovl %%edx, %1\n\tlfence\n\t"
		     "call *%4\n\t"
		     "lfence\n\trdtsc"
		     : "=m" (low), "=m" (high), "=&a" (low_end), "=&d" (high_end)
		     : "r" (run)
		     : "rcx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
	return ((uint64_t)high_end << 32 | low_end) - ((uint64_t)high << 32 | low) - 5 - 1;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		uint64_t least = UINT64_MAX;

		if (argc > 1 && !strcmp(argv[1], programs[i].name))
			programs[i].run();
		/* A timer interrupt adds to a run: take the smallest of several. */
		for (int round = 0; argc < 2 && round < 20; round++) {
			uint64_t now = count(programs[i].run);

			least = now < least ? now : least;
		}
		if (argc < 2)
			printf("%s %llu\n", programs[i].name, (unsigned long long)least);
	}
	return 0;
}
