/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locations of files: in the source tree if the program was built there, otherwise
 * where "make install" copied them.
 */
#ifndef KMEMLAB_PATHS_H
#define KMEMLAB_PATHS_H

/* Return the directory that contains module/ and include/uapi/. */
const char *path_sources(void);

/* Return the init program of guests of an architecture ("amd64"); the caller frees it. */
char *path_guest_init(const char *arch);

/* Return the QEMU plugin that traces instructions. */
const char *path_plugin(void);

/* Return ${XDG_CACHE_HOME:-~/.cache}/kmemlab. */
const char *path_cache(void);

/* Return ${XDG_DATA_HOME:-~/.local/share}/kmemlab. */
const char *path_data(void);

/* Return ${XDG_CONFIG_HOME:-~/.config}/kmemlab/config, the user's defaults of options. */
const char *path_config(void);

#endif
