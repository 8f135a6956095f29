/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The facilities: name and one line for people. No kernel types here: user
 * space compiles its names from the same list. Order is the order of reports.
 *
 * FACILITY(name, description)
 * EXEC_FACILITY(name, description): not the module's, but exec's own
 */
#ifndef EXEC_FACILITY
#define EXEC_FACILITY(name, description)
#endif

FACILITY(null, "does nothing: tests that the instrument reads 0")
FACILITY(delay, "burns a known number of instructions: tests what the instrument reads")
FACILITY(page, "alloc_pages: a block of pages for each object")
FACILITY(page_packed, "alloc_pages: objects packed into the largest blocks")
FACILITY(page_exact, "alloc_pages_exact: as many pages as each object needs")
FACILITY(folio, "folio_alloc: a compound block of pages for each object")
FACILITY(kmalloc, "kmalloc: size known at run time")
FACILITY(kmalloc_const, "kmalloc: size known at compile time, as most callers have it")
FACILITY(kmem_cache, "kmem_cache_alloc: a cache of its own, for one size")
FACILITY(kvmalloc, "kvmalloc: kmalloc where that works at once, else vmalloc")
FACILITY(vmalloc, "vmalloc: pages from anywhere, mapped side by side")
FACILITY(vmap, "vmap: pages of one's own, mapped side by side")
FACILITY(vmalloc_huge, "vmalloc_huge: as vmalloc, by huge leaves where that is possible")
FACILITY(percpu, "alloc_percpu: a copy for each possible CPU")
FACILITY(mempool, "mempool_alloc: kmalloc with a reserve")
FACILITY(page_frag, "page_frag_alloc: cut from a block of pages, one after the other")
FACILITY(dma_coherent, "dma_alloc_coherent: whole pages that CPU and device see alike")
FACILITY(dma_pool, "dma_pool_alloc: small blocks cut from coherent pages")
FACILITY(gen_pool, "gen_pool_alloc: parts of memory of one's own")
FACILITY(contig, "alloc_contig_range: a run of frames, emptied of what can be moved away")
EXEC_FACILITY(user, "a process's own anonymous pages, faulted in by touching")
#undef EXEC_FACILITY
