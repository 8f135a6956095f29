/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Written by "make validation": CPU, mean absolute error in percent, published figures. */
CYCLE_ERROR("broadwell", 36.5, 4)
CYCLE_ERROR("haswell", 64.6, 5)
CYCLE_ERROR("icelake-server", 33.1, 2)
