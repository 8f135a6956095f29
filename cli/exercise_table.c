// SPDX-License-Identifier: GPL-2.0-or-later
/* The steps of the exercise: tasks, hints and questions. No right answer is in this text. */
#include "cli/exercise.h"

#define CHAIN_QUESTIONS \
	{ "pfn", "number of the page frame that struct page {page} describes", \
	  "Subtract the address of the struct page of frame 0, and divide by sizeof(struct page).", 0 }, \
	{ "physical", "physical address at which the frame begins", \
	  "Shift the frame's number: PFN << PAGE_SHIFT, where 2^PAGE_SHIFT is the page size.", 0 }, \
	{ "virtual", "address at which the kernel reads and writes the page", \
	  "Add PAGE_OFFSET, {offset}, to the physical address.", 0 }

const struct exercise_step exercise_steps[EXERCISE_STEPS] = {
	{ .title = "pages and orders",
	  .task = "The module kernel_memory stores {structs} structs in pages. A struct has 8 elements of\n"
		"4 bytes. No struct crosses the end of a page. The kernel's page allocator,\n"
		"alloc_pages(), returns a block of 2^order pages, which are contiguous.\n"
		"\n"
		"Compute the answers first. Then watch the module do it:\n"
		"  kmemlab shell -c 'insmod /kernel_memory.ko nr_structs=2000; dmesg | tail'",
	  .hints = { "'getconf PAGESIZE' prints the page size of your machine; in the shell of\n"
		     "'kmemlab shell' the module logs that of the guest.",
		     "Divide the page size by 32 bytes, then the number of structs by the result. Round up.",
		     "The order is the smallest n for which 2^n is not less than the number of pages." },
	  .questions = {
		{ "page_size", "bytes in a page", "The module logs it when it is loaded.", 0 },
		{ "structs_per_page", "structs that fit in one page",
		  "Divide the page size by the size of a struct.", 0 },
		{ "pages", "pages that {structs} structs need",
		  "Divide {structs} by the structs per page and round up.", 0 },
		{ "order", "order of the smallest block that has these pages",
		  "Double 1 until the result is not less than the number of pages, and count.", 0 } },
	  .prepare = exercise_prepare_structs,
	  .measure = exercise_measure_structs },
	{ .title = "from struct page to virtual address",
	  .task = "alloc_pages() returns a pointer to a struct page, which only describes the page. This\n"
		"is one of the booted kernel:\n"
		"\n"
		"  struct page of your page       {page}\n"
		"  struct page of frame 0         {first_page} ({array})\n"
		"  sizeof(struct page)            {bytes}\n"
		"  PAGE_OFFSET                    {offset}\n"
		"\n"
		"Struct pages are an array, with one element for each page frame. Compute, by hand, what\n"
		"page_to_pfn(), PFN_PHYS() and __va() return. Addresses may be written with 0x.",
	  .hints = { "In C, page - array of struct pages is the PFN; then PFN << PAGE_SHIFT, + PAGE_OFFSET.",
		     "printf '0x%x\\n' $((A - B)) computes in the shell; its numbers have 64 bits.",
		     "'kmemlab translate --facility page --objects 1' shows the chain of another page." },
	  .questions = { CHAIN_QUESTIONS },
	  .begin = exercise_begin_chain,
	  .measure = exercise_measure_chain },
	{ .title = "the studio: a module of your own",
	  .task = "{folder}/studio has a module, kernel_memory.c, that builds and loads, but holds no\n"
		"structs. Complete it at each TODO: its thread k_memory writes nr_structs structs to\n"
		"pages, checks them when the module is unloaded, and the pages are freed.\n"
		"'kmemlab exercise 3 --check' builds it, loads it in a virtual machine with several values\n"
		"of nr_structs, reads the values in memory, and names what is wrong with its line.\n"
		"It is the same as 'kmemlab check {folder}/studio --exercise studio'.",
	  .hints = { "Begin with TODO 1 and 2: compute the order as in step 1, and call alloc_pages().",
		     "The address of struct j of page i: __va(PFN_PHYS(page_to_pfn(pages + i))), as in\n"
		     "step 2, plus j structs.",
		     "Free with the order of the allocation, and only after the thread has ended." },
	  .begin = exercise_begin_studio,
	  .measure = exercise_measure_studio },
	{ .title = "waste of powers of two",
	  .task = "Both allocators round up. A driver allocates a buffer of {bytes} bytes, once with\n"
		"alloc_pages(), once with alloc_pages_exact(). It also allocates objects of\n"
		"{object_bytes} bytes with kmalloc(), which has a cache of slots for some sizes only.\n"
		"\n"
		"  kmemlab run --facility page,page_exact --size {bytes} --objects 1 --workload batch\n"
		"  kmemlab shell -c 'grep ^kmalloc /proc/slabinfo'      # column 4: bytes of a slot",
	  .hints = { "The column 'bytes per object' is the memory of one buffer; divide it by the page size.",
		     "The slot is that of the smallest cache in slabinfo whose objects are large enough." },
	  .questions = {
		{ "block_pages", "pages that alloc_pages() allocates for the buffer",
		  "It allocates a block of 2^order pages.", 0 },
		{ "exact_pages", "pages that alloc_pages_exact() keeps for it",
		  "Divide the buffer's size by the page size and round up.", 0 },
		{ "unused_pages", "pages that only alloc_pages() takes",
		  "Subtract the second answer from the first.", 0 },
		{ "slot_bytes", "bytes of the slot of an object of {object_bytes} bytes",
		  "kmalloc() uses the smallest cache that is large enough: see /proc/slabinfo.", 0 },
		{ "unused_bytes", "bytes of the slot that the object does not use",
		  "Subtract {object_bytes} from the size of the slot.", 0 } },
	  .prepare = exercise_prepare_waste,
	  .measure = exercise_measure_waste },
	{ .title = "a live change",
	  .task = "A module's parameter is a file. kmemlab's own kernel_memory allocates new structs when it\n"
		"is written. It logs how many elements are right whenever it checks structs, before it\n"
		"frees them. Do this in 'kmemlab shell', and watch dmesg after each command:\n"
		"\n"
		"  insmod /kernel_memory.ko nr_structs={before}\n"
		"  echo {after} >/sys/module/kernel_memory/parameters/nr_structs\n"
		"  echo {too_many} >/sys/module/kernel_memory/parameters/nr_structs    # 12 GiB\n"
		"  cat /sys/module/kernel_memory/parameters/nr_structs\n"
		"  rmmod kernel_memory",
	  .hints = { "A struct has 8 elements.",
		     "The module allocates the new structs first. If it cannot, it keeps the old ones." },
	  .questions = {
		{ "checked_at_change", "elements that are right, logged when {after} is written",
		  "Look at the line 'elements right' in dmesg after the first echo.", 0 },
		{ "value_after_refusal", "what cat prints after {too_many} was written",
		  "Look at what cat prints.", 0 },
		{ "checked_at_unload", "elements that are right, logged by rmmod",
		  "Look at the last line 'elements right' in dmesg, after rmmod.", 0 } },
	  .prepare = exercise_prepare_change,
	  .measure = exercise_measure_change },
	{ .title = "why order 10 fails in fragmented memory",
	  .task = "kmemlab can fragment memory: it takes all of it and frees every {keep}th page. Look at the\n"
		"map, and decide why a block of order 10 can no longer be allocated.\n"
		"\n"
		"  kmemlab map --clock instructions                            # the memory as it boots\n"
		"  kmemlab map --clock instructions --condition fragmented:{keep}\n"
		"\n"
		"The answers are those of the second map, over all zones. Instructions are counted so that\n"
		"the map is the same each time.",
	  .hints = { "The row 'free' of the first table has the free pages, in the column 'total'.",
		     "The rows 'blocks' of the second table have the free blocks of each order.",
		     "The fragmentation index is near 0 if memory is short, and near 1 if it is fragmented." },
	  .questions = {
		{ "free_pages", "free pages, of all zones",
		  "Take the total of the row 'free' of the second map, not of the first, and without "
		  "free_cpu.", 0 },
		{ "enough", "yes or no: are these as many pages as a block of order 10 has?",
		  "A block of order 10 has 2^10 pages.", 0 },
		{ "free_blocks", "free blocks of order 10, of all zones",
		  "Take the last column of the rows 'blocks', of the second map.", 0 },
		{ "largest_order", "order of the largest free block, of all zones",
		  "Find the last column of the rows 'blocks' that is not 0.", 0 },
		{ "reason", "short or fragmented: why does an allocation of order 10 fail?",
		  "Compare the free pages with the pages of the block, and see the fragmentation index.",
		  0 } },
	  .prepare = exercise_prepare_map,
	  .measure = exercise_measure_map },
	{ .title = "cost and memory of page, kmalloc and kmem_cache",
	  .task = "The same {objects} objects of {size} bytes, from three allocators: a page for each\n"
		"(alloc_pages()), kmalloc(), and a cache of their own (kmem_cache_create()).\n"
		"\n"
		"  kmemlab run --facility page,kmalloc,kmem_cache --size {size} --objects {objects} "
		"--workload batch\n"
		"\n"
		"Costs are executed instructions, which are the same in each run. p50 is the cost that\n"
		"half of the allocations do not exceed.",
	  .hints = { "Use the command as it is: other facilities in the same run change the memory's history.",
		     "Costs are in the column p50 below alloc; memory is in the column bytes per object." },
	  .questions = {
		{ "page_p50", "p50 of an allocation with alloc_pages()",
		  "Take the column p50 below alloc, in the row page.", 0 },
		{ "kmalloc_p50", "p50 of an allocation with kmalloc()",
		  "Take the column p50 below alloc, in the row kmalloc.", 0 },
		{ "kmem_cache_p50", "p50 of an allocation with kmem_cache_alloc()",
		  "Take the column p50 below alloc, in the row kmem_cache.", 0 },
		{ "page_bytes", "memory of one object in the row page, in bytes, without decimals",
		  "Take the column 'bytes per object', in the row page.", 1 },
		{ "cheapest", "page, kmalloc or kmem_cache: the lowest p50",
		  "Compare the three costs.", 0 },
		{ "smallest", "page, kmalloc or kmem_cache: the least memory per object",
		  "Compare the column 'bytes per object'.", 0 } },
	  .prepare = exercise_prepare_cost,
	  .measure = exercise_measure_cost },
	{ .title = "the same on a Raspberry Pi",
	  .task = "A Raspberry Pi 2 has an ARM CPU with 32-bit addresses. Its struct page is smaller, and\n"
		"memory is elsewhere. These are of its kernel, on a board that QEMU emulates:\n"
		"\n"
		"  struct page of your page       {page}\n"
		"  struct page of the next page   {next_page}\n"
		"  struct page of frame 0         {first_page} ({array})\n"
		"  PAGE_OFFSET                    {offset}\n"
		"\n"
		"The page size is that of step 1. 'kmemlab translate --board raspi2b --facility page' shows\n"
		"the chain of other pages, 'kmemlab run --board raspi2b' the costs, and\n"
		"'kmemlab check {folder}/studio --exercise studio --board raspi2b' checks your module there.",
	  .hints = { "Struct pages are an array: the next one is sizeof(struct page) bytes further.",
		     "The chain is that of step 2, with other numbers." },
	  .questions = {
		{ "struct_page_bytes", "sizeof(struct page)",
		  "Subtract the address of your struct page from that of the next one.", 0 },
		CHAIN_QUESTIONS },
	  .begin = exercise_begin_chain,
	  .measure = exercise_measure_chain },
};
