// SPDX-License-Identifier: GPL-2.0
/* folio: folio_alloc, a compound block of pages for each object. */
#include <linux/mm.h>

#include "facilities/blocks.h"

#ifdef HAVE_FOLIO
static __always_inline void *kmemlab_folio_alloc(struct kmemlab_run *run)
{
	return folio_alloc(run->gfp, run->order);
}

static __always_inline void kmemlab_folio_free(struct kmemlab_run *run, void *raw)
{
	folio_put(raw);
}

static const char *folio_unavailable(void)
{
	return NULL;
}
#else
static __always_inline void *kmemlab_folio_alloc(struct kmemlab_run *run)
{
	return NULL;
}

static __always_inline void kmemlab_folio_free(struct kmemlab_run *run, void *raw)
{
}

static const char *folio_unavailable(void)
{
	return "this kernel has no folios";
}
#endif

KMEMLAB_FACILITY_PLAIN_HANDLES(kmemlab_folio)
KMEMLAB_FACILITY_LOOPS(kmemlab_folio)

/* A folio begins with its first page. */
const struct kmemlab_facility_ops kmemlab_folio = {
	.name = "folio",
	KMEMLAB_FACILITY_LOOP_HOOKS(kmemlab_folio),
	.capabilities = KMEMLAB_CAP_CONTIGUOUS | KMEMLAB_CAP_ATOMIC,
	KMEMLAB_BLOCK_HOOKS,
	.unavailable = folio_unavailable,
};
