// SPDX-License-Identifier: GPL-2.0
/* da9619a30e73 (6.4) links a DMA pool's free blocks across its pages; no header shows it. */
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#error each free looks through the pages
#endif
