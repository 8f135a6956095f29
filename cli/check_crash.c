// SPDX-License-Identifier: GPL-2.0-or-later
/* The cause of a panic, in words that a beginner understands. */
#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "cli/check_verdict.h"
#include "lib/array_size.h"
#include "vm/module_lines.h"

#define NULL_PAGE	4096	/* addresses below are members of a structure at NULL */

char *check_line_with(const char *text, const char *word)
{
	const char *found = strstr(text, word), *start = found;

	if (!found)
		return NULL;
	while (start > text && start[-1] != '\n')
		start--;
	return xstrndup(start, strcspn(start, "\n"));
}

/* Return whether the instruction that failed is the module's own, not one of a function it called. */
static bool fails_in_module(const struct check_verdict *verdict, const char *text)
{
	static const char *const marks[] = { "RIP: ", "pc : ", "PC is at " };

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		cleanup_free char *line = check_line_with(text, marks[i]);
		cleanup_free char *place = line ? module_place(verdict->name, line) : NULL;

		if (line)
			return place;
	}
	return false;
}

static bool is_null_pointer(const char *text)
{
	cleanup_free char *line = check_line_with(text, "nable to handle");
	const char *address = line ? strstr(line, "address: ") ?: strstr(line, "address ") : NULL;

	if (strstr(text, "kernel NULL pointer dereference"))
		return true;
	return address && strtoull(strchr(address, ' ') + 1, NULL, 16) < NULL_PAGE;
}

static unsigned long long module_address(const struct check_verdict *verdict, const char *key)
{
	return strtoull(json_str(verdict->module, key, "0"), NULL, 16);
}

/* Return the first place of the module among addresses of the CPU, or NULL. */
static char *sampled_place(const struct check_verdict *verdict, const char *text)
{
	const unsigned long long core = module_address(verdict, "text");
	const unsigned long long init = module_address(verdict, "init");

	while ((text = strstr(text, " 0x"))) {
		unsigned long long address = strtoull(++text, NULL, 16);

		if (address >= init && address < module_address(verdict, "init_end"))
			return xasprintf(".init.text+0x%llx", address - init);
		if (address >= core && address < module_address(verdict, "text_end"))
			return xasprintf(".text+0x%llx", address - core);
	}
	return NULL;
}

static void check_loop(struct check_verdict *verdict, const char *phase, const char *place,
		       const char *text)
{
	cleanup_free char *line = check_line_with(text, "soft lockup");
	bool in_thread = line ? !strstr(line, "[init:") : verdict->loaded && !strcmp(phase, "load");

	if (in_thread)
		check_finding(verdict, "busy loop", place, false,
			      "A thread computes without a pause, and no other task gets the CPU. "
			      "Sleep in the loop: set_current_state(TASK_INTERRUPTIBLE), then schedule().");
	else
		check_finding(verdict, !strcmp(phase, "load") ? "loading never ends" :
			      "unloading never ends", place, false,
			      "The %s function is in a loop that does not end, and no other task gets "
			      "the CPU.", !strcmp(phase, "load") ? "init" : "exit");
}

/* Return whether the CPU executed at an address that no symbol has: code that is gone. */
static bool runs_nowhere(const char *text)
{
	return strstr(text, "RIP: 0010:0x") || strstr(text, "pc : 0x") || strstr(text, "PC is at 0x");
}

static bool is_out_of_memory(const char *text)
{
	return strstr(text, "Out of memory: Killed process ") ||
	       strstr(text, "Out of memory and no killable processes") ||
	       strstr(text, "System is deadlocked on memory");
}

/* The kernel fails in a function that the module has called, or after the module is gone. */
static void check_kernel_fault(struct check_verdict *verdict, const char *place, const char *text)
{
	cleanup_free char *line = check_line_with(text, "BUG: ") ?:
				  check_line_with(text, "nable to handle") ?:
				  check_line_with(text, "Oops");
	const char *message = line ? line + strspn(line, " ") : "panic";

	if (strstr(text, "kthread_stop+"))
		check_finding(verdict, "thread has ended already", place, true,
			      "kthread_stop() is called for a thread whose function has returned, so "
			      "the thread no longer exists. The function must wait until "
			      "kthread_should_stop() is true.");
	else if (is_out_of_memory(text))
		check_finding(verdict, "takes all memory", place, true,
			      "The module takes memory until the kernel has none left. Use "
			      "__GFP_NORETRY, and free all if an allocation fails.");
	else
		check_finding(verdict, "kernel crash", place, true,
			      "The kernel crashes in a function that the module calls, or uses memory "
			      "that the module has damaged: %s", message);
}

bool check_crash(struct check_verdict *verdict, const char *phase, const char *text)
{
	bool panicked = !strncmp(text, "the guest's kernel panicked", 27);
	bool silent = !strncmp(text, "watchdog 'no output'", 20);
	cleanup_free char *place = silent ? sampled_place(verdict, text) :
				   module_place(verdict->name, text);

	/* A timeout of the host says nothing about the module. */
	if (!panicked && !(silent && place))
		return false;
	if (strstr(text, "soft lockup") || (silent && place))
		check_loop(verdict, phase, place, text);
	else if (check_must_refuse(verdict) && is_out_of_memory(text))
		check_note(verdict, "with more structs than there is memory, it takes all of it and the "
			   "kernel gives up: use __GFP_NORETRY");
	else if (place && check_must_refuse(verdict) && !strstr(text, "kthread_stop+"))
		check_finding(verdict, "no NULL check", place, !fails_in_module(verdict, text),
			      "There is not enough memory for this value, so an allocation may have "
			      "returned NULL, which the module uses. Test the result of each allocation, "
			      "and return -ENOMEM.");
	else if (fails_in_module(verdict, text) && is_null_pointer(text))
		check_finding(verdict, "NULL pointer", place, false,
			      "A NULL pointer is used: it may not have been set yet, or be the result of "
			      "an allocation that failed. Set pointers before their first use, and test "
			      "the result of each allocation.");
	else if (fails_in_module(verdict, text))
		check_finding(verdict, "invalid address", place, false,
			      "The module uses an address where no memory is.");
	else if (!strcmp(phase, "unload") && !place && runs_nowhere(text))
		check_finding(verdict, "thread never stopped", NULL, false,
			      "The kernel crashes after the module was unloaded: something still "
			      "executes its code. Stop all threads and timers in the exit function.");
	else
		check_kernel_fault(verdict, place, text);
	return true;
}
