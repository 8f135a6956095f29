/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of list.h for a user's facilities. A build with --facility-file replaces this file. */
