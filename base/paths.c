// SPDX-License-Identifier: GPL-2.0-or-later
#include "paths.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "memory.h"

/* Return the directory of this program; the caller frees it. */
static char *program_directory(void)
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

/* Find module/ up to three directories above the program, or in ../share/kmemlab. */
static char *find_sources(void)
{
	cleanup_free char *program = program_directory();
	cleanup_free char *module = NULL;
	cleanup_free char *directory = xstrdup(program);

	for (int level = 0; level < 3; level++) {
		char *slash = strrchr(directory, '/');

		if (!slash)
			break;
		*slash = '\0';
		free(module);
		module = xasprintf("%s/module/Kbuild", directory);
		if (file_exists(module))
			return xstrdup(directory);
	}
	return xasprintf("%s/../share/kmemlab", program);
}

const char *path_sources(void)
{
	static char *sources;

	if (!sources)
		sources = find_sources();
	return sources;
}

/* Return a build product: next to the program, or installed with the sources. */
static char *find_product(const char *name)
{
	cleanup_free char *program = program_directory();
	char *path = xasprintf("%s/%s", program, name);

	if (file_exists(path))
		return path;
	free(path);
	return xasprintf("%s/%s", path_sources(), name);
}

char *path_guest_init(const char *arch)
{
	cleanup_free char *name = xasprintf("guest-init-%s", arch);

	return find_product(name);
}

const char *path_plugin(void)
{
	static char *plugin;

	if (!plugin)
		plugin = find_product("kmemlab-plugin.so");
	return plugin;
}

/* Return our directory below that of an environment variable, or below a default in $HOME. */
static char *user_directory(const char *variable, const char *fallback)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	struct passwd *user;

	if (base && *base == '/')
		return xasprintf("%s/kmemlab", base);
	user = home && *home ? NULL : getpwuid(getuid());
	return xasprintf("%s/%s/kmemlab", user ? user->pw_dir : home ?: "/", fallback);
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

const char *path_config(void)
{
	static char *config;

	if (!config) {
		cleanup_free char *directory = user_directory("XDG_CONFIG_HOME", ".config");

		config = xasprintf("%s/config", directory);
	}
	return config;
}
