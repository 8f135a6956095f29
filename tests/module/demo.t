#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The module parameter nr_structs and its thread, in one boot; KMEMLAB_TEST_KERNEL selects a kernel.
. tests/kmemlab.sh
guest_shell ${KMEMLAB_TEST_KERNEL:+--kernel "$KMEMLAB_TEST_KERNEL"} \
	--add tests/guest/slope.sh --add tests/guest/demo.sh -c '. /guest.sh; . /demo.sh; done_testing'
