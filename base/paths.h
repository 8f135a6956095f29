/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things are: in a source tree beside build/, else where "make install" put them. */
#ifndef KMEMLAB_PATHS_H
#define KMEMLAB_PATHS_H

/* The folder with module/ and include/uapi/. */
const char *path_sources(void);

/* The guest's init for an architecture ("amd64"), to be freed. */
char *path_guest_init(const char *arch);

/* What QEMU loads to trace instructions. */
const char *path_plugin(void);

/* ${XDG_CACHE_HOME:-~/.cache}/kmemlab */
const char *path_cache(void);

/* ${XDG_DATA_HOME:-~/.local/share}/kmemlab */
const char *path_data(void);

#endif
