#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the module's first users know, in one boot, of another kernel where one is named.
exec "${KMEMLAB:-build/kmemlab}" shell ${KMEMLAB_TEST_KERNEL:+--kernel "$KMEMLAB_TEST_KERNEL"} \
	--add tests/guest/tap.sh --add tests/guest/slope.sh \
	--add tests/guest/studio.sh -c '. /tap.sh; . /studio.sh; done_testing'
