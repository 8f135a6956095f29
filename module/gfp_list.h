/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GFP profiles: name and one-line description. Also included by user space.
 *
 * GFP_PROFILE(name, description)
 */
GFP_PROFILE(kernel, "GFP_KERNEL; this and all others but plain add __GFP_NORETRY | __GFP_NOWARN")
GFP_PROFILE(plain, "GFP_KERNEL with no other flag, the default of most callers; only in a VM")
GFP_PROFILE(zeroed, "GFP_KERNEL | __GFP_ZERO")
GFP_PROFILE(nowait, "GFP_NOWAIT: never sleeps")
GFP_PROFILE(atomic, "GFP_ATOMIC: never sleeps, may use reserves")
GFP_PROFILE(accounted, "GFP_KERNEL_ACCOUNT: charged to the caller's memory cgroup")
GFP_PROFILE(dma, "GFP_KERNEL | GFP_DMA: from the lowest zone")
GFP_PROFILE(dma32, "GFP_KERNEL | GFP_DMA32: below 4 GiB")
GFP_PROFILE(movable, "GFP_USER | __GFP_MOVABLE: from movable page blocks, only in a VM")
GFP_PROFILE(huge_fallback, "flags of transparent huge pages: compound, no reclaim, no reserves")
