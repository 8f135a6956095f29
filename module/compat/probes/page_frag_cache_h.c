// SPDX-License-Identifier: GPL-2.0
/* 65941f10caf2 (6.13) gave page fragments a header of their own. */
#include <linux/page_frag_cache.h>
