// SPDX-License-Identifier: GPL-2.0-only
/* A user's facilities. A build with --facility-file replaces this file. */
