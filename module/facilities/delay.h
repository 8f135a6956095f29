/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KMEMLAB_DELAY_H
#define KMEMLAB_DELAY_H

/* What one operation of facility delay executes: a set-up and pairs of two. */
#define KMEMLAB_DELAY_PAIRS		500
#define KMEMLAB_DELAY_INSTRUCTIONS	(1 + 2 * KMEMLAB_DELAY_PAIRS)

#endif
