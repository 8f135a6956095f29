// SPDX-License-Identifier: GPL-2.0-or-later
/* The module that a student completes. */
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/exercise.h"

static const char makefile[] =
	"# Build for the running kernel with \"make\". kmemlab builds for its own kernels.\n"
	"obj-m := kernel_memory.o\n"
	"KDIR ?= /lib/modules/$(shell uname -r)/build\n"
	"\n"
	"all clean:\n"
	"\t$(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(filter clean,$@),clean,modules)\n";

static const char skeleton[] =
	"// SPDX-License-Identifier: GPL-2.0\n"
	"/*\n"
	" * The thread k_memory keeps nr_structs structs in pages. Element k of struct j of page i\n"
	" * is (i * PER_PAGE + j) * 8 + k. Complete each TODO.\n"
	" */\n"
	"#include <linux/gfp.h>\n"
	"#include <linux/io.h>\n"
	"#include <linux/kthread.h>\n"
	"#include <linux/mm.h>\n"
	"#include <linux/module.h>\n"
	"#include <linux/pfn.h>\n"
	"\n"
	"struct item {\n"
	"\tunsigned int value[8];\n"
	"};\n"
	"\n"
	"#define PER_PAGE (PAGE_SIZE / sizeof(struct item))\n"
	"\n"
	"static unsigned int nr_structs = 2000;\n"
	"module_param(nr_structs, uint, 0444);\n"
	"MODULE_PARM_DESC(nr_structs, \"number of structs\");\n"
	"\n"
	"static struct task_struct *thread;\n"
	"\n"
	"static int k_memory(void *unused)\n"
	"{\n"
	"\t/*\n"
	"\t * TODO 3: write each struct: struct page (pages + i) -> PFN, page_to_pfn() ->\n"
	"\t * physical address, PFN_PHYS() -> virtual address, __va().\n"
	"\t */\n"
	"\twhile (!kthread_should_stop()) {\n"
	"\t\tset_current_state(TASK_INTERRUPTIBLE);\n"
	"\t\tif (!kthread_should_stop())\n"
	"\t\t\tschedule();\n"
	"\t\t__set_current_state(TASK_RUNNING);\n"
	"\t}\n"
	"\t/* TODO 4: read each struct again, and log how many elements are wrong, with pr_info(). */\n"
	"\treturn 0;\n"
	"}\n"
	"\n"
	"static int __init studio_init(void)\n"
	"{\n"
	"\t/* TODO 1: compute the number of pages and the order. nr_structs may be 0, or too large. */\n"
	"\t/* TODO 2: allocate the pages with alloc_pages(), which can fail. */\n"
	"\tthread = kthread_run(k_memory, NULL, \"k_memory\");\n"
	"\t/* TODO 6: free the pages if there is no thread. */\n"
	"\treturn PTR_ERR_OR_ZERO(thread);\n"
	"}\n"
	"\n"
	"static void __exit studio_exit(void)\n"
	"{\n"
	"\tkthread_stop(thread);\n"
	"\t/* TODO 5: free the pages, with the order of the allocation. */\n"
	"}\n"
	"\n"
	"module_init(studio_init);\n"
	"module_exit(studio_exit);\n"
	"MODULE_LICENSE(\"GPL\");\n"
	"MODULE_DESCRIPTION(\"Structs in pages\");\n";

/* Write a file unless it exists, so that the work of a student is never lost. */
static enum exit_code write_new(const char *folder, const char *name, const char *text)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, name);

	return file_exists(path) ? EXIT_OK : exercise_write(path, text);
}

enum exit_code exercise_begin_studio(struct exercise_job *job)
{
	cleanup_free char *folder = xasprintf("%s/studio", job->folder);
	int err = directory_create(folder);

	if (err)
		log_error("cannot create '%s': %s", folder, strerror(-err));
	return err ? EXIT_HOST_ERROR :
	       write_new(folder, "kernel_memory.c", skeleton) ?:
	       write_new(folder, "Makefile", makefile);
}

enum exit_code exercise_measure_studio(struct exercise_job *job)
{
	cleanup_free char *folder = xasprintf("%s/studio", job->folder);
	cleanup_free char *output = NULL;
	enum exit_code code = exercise_run(job, &output, "check", folder, "--exercise", "studio",
					   NULL);

	fputs(output ?: "", stdout);
	/* A source that does not build is wrong, too. */
	return code == EXIT_BUILD_FAILED ? EXIT_CHECK_FAILED : code;
}
