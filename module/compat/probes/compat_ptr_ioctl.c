// SPDX-License-Identifier: GPL-2.0
/* 2952db0fd51b (5.5) */
#include <linux/fs.h>

const void *probe(void);
const void *probe(void)
{
	return compat_ptr_ioctl;
}
