// SPDX-License-Identifier: GPL-2.0
/* 9740ca4e95b4 (5.8) */
#include <linux/mm.h>

int probe(struct mm_struct *mm);
int probe(struct mm_struct *mm)
{
	return mmap_read_lock_killable(mm);
}
