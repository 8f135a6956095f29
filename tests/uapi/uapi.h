/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations shared by the tests of the interface */
#ifndef KMEMLAB_TESTS_UAPI_H
#define KMEMLAB_TESTS_UAPI_H

#include "tests/tap.h"

extern int device;

/* Call an ioctl of the device. Return its errno, or 0. */
int ioctl_errno(unsigned long number, void *argument);

/* Test the ioctls for addresses, page frames and held objects. */
void test_queries(void);

#endif
