/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The GFP profiles: name and one line for people; read by user space too.
 *
 * GFP_PROFILE(name, description)
 */
GFP_PROFILE(kernel, "GFP_KERNEL: as most callers")
GFP_PROFILE(zeroed, "GFP_KERNEL | __GFP_ZERO")
GFP_PROFILE(nowait, "GFP_NOWAIT: never sleeps")
GFP_PROFILE(atomic, "GFP_ATOMIC: never sleeps, may use reserves")
GFP_PROFILE(accounted, "GFP_KERNEL_ACCOUNT: charged to the caller's memory cgroup")
GFP_PROFILE(dma, "GFP_KERNEL | GFP_DMA: from the lowest zone")
GFP_PROFILE(dma32, "GFP_KERNEL | GFP_DMA32: below 4 GiB")
GFP_PROFILE(movable, "GFP_USER | __GFP_MOVABLE: where movable pages lie; virtual machine only")
GFP_PROFILE(huge_fallback, "as for transparent huge pages: compound, no reclaim, no reserves")
