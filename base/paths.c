// SPDX-License-Identifier: GPL-2.0-or-later
#include "paths.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "memory.h"

/* The folder of this program. */
static char *own_directory(void)
{
	char *path = xcalloc(1, 4096);
	ssize_t length = readlink("/proc/self/exe", path, 4095);
	char *slash;

	path[length > 0 ? length : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return path;
}

/* BIN/../module in a source tree (BIN is build/), BIN/../share/kmemlab/module installed. */
static char *find_sources(void)
{
	cleanup_free char *own = own_directory();
	cleanup_free char *module = NULL;
	cleanup_free char *place = xstrdup(own);

	for (int up = 0; up < 3; up++) {
		char *slash = strrchr(place, '/');

		if (!slash)
			break;
		*slash = '\0';
		free(module);
		module = xasprintf("%s/module/Kbuild", place);
		if (file_exists(module))
			return xstrdup(place);
	}
	return xasprintf("%s/../share/kmemlab", own);
}

const char *path_sources(void)
{
	static char *sources;

	if (!sources)
		sources = find_sources();
	return sources;
}

/* Beside this program in a source tree, else with the sources. */
static char *find_built(const char *name)
{
	cleanup_free char *own = own_directory();
	char *path = xasprintf("%s/%s", own, name);

	if (file_exists(path))
		return path;
	free(path);
	return xasprintf("%s/%s", path_sources(), name);
}

char *path_guest_init(const char *arch)
{
	cleanup_free char *name = xasprintf("guest-init-%s", arch);

	return find_built(name);
}

const char *path_plugin(void)
{
	static char *plugin;

	if (!plugin)
		plugin = find_built("kmemlab-plugin.so");
	return plugin;
}

/* Our folder below the one that the variable names, or below the usual place at home. */
static char *user_directory(const char *variable, const char *usual)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	struct passwd *user;

	if (base && *base == '/')
		return xasprintf("%s/kmemlab", base);
	user = home && *home ? NULL : getpwuid(getuid());
	return xasprintf("%s/%s/kmemlab", user ? user->pw_dir : home ?: "/", usual);
}

const char *path_cache(void)
{
	static char *cache;

	if (!cache)
		cache = user_directory("XDG_CACHE_HOME", ".cache");
	return cache;
}

const char *path_data(void)
{
	static char *data;

	if (!data)
		data = user_directory("XDG_DATA_HOME", ".local/share");
	return data;
}
