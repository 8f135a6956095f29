// SPDX-License-Identifier: GPL-2.0-or-later
#include "apt.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/process.h"
#include "cache.h"

#define SOURCE "deb [signed-by=" APT_KEYRING "] "

/* Our own state in place of the host's; proxies and the like stay as the host has them. */
static const char config_format[] =
	"Dir::State \"%1$s/state\";\n"
	"Dir::State::status \"%1$s/status\";\n"
	"Dir::Cache \"%1$s/cache\";\n"
	"Dir::Etc::SourceList \"%1$s/sources.list\";\n"
	"Dir::Etc::SourceParts \"/dev/null\";\n"
	"Dir::Etc::Preferences \"/dev/null\";\n"
	"Dir::Etc::PreferencesParts \"/dev/null\";\n"
	"Dir::Etc::Trusted \"/dev/null\";\n"
	"Dir::Etc::TrustedParts \"/dev/null\";\n"
	"APT::Architecture \"%2$s\";\n"
	"#clear APT::Architectures;\n"
	"APT::Architectures { \"%2$s\"; };\n"
	"#clear APT::Update::Pre-Invoke;\n"
	"#clear APT::Update::Post-Invoke;\n"
	"#clear APT::Update::Post-Invoke-Success;\n"
	"APT::Update::Error-Mode \"any\";\n"
	"Acquire::Languages \"none\";\n"
	"Acquire::Retries \"3\";\n"
	"%3$s";

/* The first line that apt marks as an error, without the mark. */
static char *first_error(const char *text)
{
	const char *line = text;

	while (line && strncmp(line, "E: ", 3)) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return line ? strndup(line + 3, strcspn(line + 3, "\n")) : strdup("no reason given");
}

/* Runs apt; output is captured, errors are for the message only. */
static int apt_run(const char *const *argv, char **output, char **errors, struct failure *failure)
{
	struct process process = { .argv = argv, .output = output, .errors = errors };
	int status = process_run(&process);

	if (status == -EINTR)
		return fail_interrupted(failure);
	if (status < 0)
		return fail_with(failure, EXIT_TROUBLE,
				 "cannot run %s: %s (it is in Debian's package apt)", argv[0],
				 strerror(-status));
	return status;
}

/* Is "bookworm-security" or "stable" one of Debian's? */
static bool is_debian_release(const char *release)
{
	static const char *const aliases[] = { "oldstable", "stable", "testing", "unstable" };
	cleanup_free char *base = strndup(release, strcspn(release, "-/"));
	const struct suite *suite;

	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (!strcmp(base, aliases[i]))
			return true;
	suite = suite_find(base);
	return suite && !strcmp(suite->name, base);
}

char *apt_sources_from_targets(const char *targets, const struct suite *suite)
{
	cleanup_free char *copy = xstrdup(targets);
	char *rest = copy, *line, *sources = xstrdup("");
	bool have_main = false, have_security = false;

	while ((line = strsep(&rest, "\n"))) {
		char *uri = strsep(&line, " "), *release = strsep(&line, " ");
		bool security =
			release && (strstr(release, "-security") || strstr(release, "/updates"));
		bool *have = security ? &have_security : &have_main;
		char *longer;

		if (!release || !line || strcmp(line, "main") || *have ||
		    !is_debian_release(release))
			continue;
		if (security ? !suite->security : strchr(release, '-') != NULL)
			continue;
		*have = true;
		longer = xasprintf("%s" SOURCE "%s %s%s main\n", sources, uri, suite->name,
				   security ? "-security" : "");
		free(sources);
		sources = longer;
	}
	return sources;
}

/*
 * The host's own Debian mirrors. Where the host has package lists, the origin in
 * them is what counts; without any, the names of the releases must do. The
 * signature decides in the end.
 */
static char *host_targets(struct failure *failure)
{
	static const char *const with_lists[] = {
		"apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
		"Created-By: Packages", "Origin: Debian", NULL };
	static const char *const without_lists[] = {
		"apt-get", "indextargets", "--no-release-info", "--format",
		"$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages", NULL };
	cleanup_free char *errors = NULL;
	char *targets = NULL;

	if (apt_run(with_lists, &targets, &errors, failure) == 0 && *targets)
		return targets;
	free(targets);
	free(errors);
	targets = errors = NULL;
	if (apt_run(without_lists, &targets, &errors, failure) == 0 && *targets)
		return targets;
	free(targets);
	fail_with(failure, EXIT_TROUBLE,
		  "this system's apt knows no Debian mirror: set KMEMLAB_MIRROR to one");
	return NULL;
}

static char *find_sources(const struct suite *suite, struct failure *failure)
{
	const char *mirror = getenv("KMEMLAB_MIRROR");
	cleanup_free char *targets = NULL;
	char *sources;

	if (mirror && *mirror)
		return xasprintf(SOURCE "%s %s main\n", mirror, suite->name);
	targets = host_targets(failure);
	if (!targets)
		return NULL;
	sources = apt_sources_from_targets(targets, suite);
	if (*sources)
		return sources;
	free(sources);
	fail_with(failure, EXIT_TROUBLE,
		  "this system's apt has no mirror of Debian's archive: set KMEMLAB_MIRROR to one");
	return NULL;
}

static int write_text(const char *directory, const char *name, const char *text)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);

	return file_write(path, text, strlen(text));
}

/* The files of a private apt state. */
static int write_state(const char *directory, const char *config, const char *sources)
{
	cleanup_free char *lists = xasprintf("%s/state/lists/partial", directory);
	cleanup_free char *archives = xasprintf("%s/cache/archives/partial", directory);

	return directory_make(lists) ?: directory_make(archives) ?:
	       write_text(directory, "status", "") ?:
	       write_text(directory, "sources.list", sources) ?:
	       write_text(directory, "apt.conf", config);
}

static int update(struct apt *apt, struct failure *failure)
{
	const char *const argv[] = { "env", apt->environment, "apt-get", "-c", apt->config,
				     "update", "-qq", NULL };
	cleanup_free char *output = NULL;
	cleanup_free char *errors = NULL;
	cleanup_free char *reason = NULL;
	int status;

	say_note("fetching the package lists of %s ...", apt->suite->name);
	status = apt_run(argv, &output, &errors, failure);
	if (status <= 0)
		return status;
	reason = first_error(errors);
	return fail_with(failure, EXIT_TROUBLE,
			 "no package lists of %s, so no kernel (is there a network?): %s",
			 apt->suite->name, reason);
}

int apt_open(struct apt *apt, const struct suite *suite, const struct arch *arch,
	     struct failure *failure)
{
	cleanup_free char *directory = cache_path("apt/%s-%s", suite->name, arch->name);
	cleanup_free char *config = xasprintf(config_format, directory, arch->name,
					      getuid() ? "" : "APT::Sandbox::User \"root\";\n");
	cleanup_free char *sources = NULL;
	int error;

	*apt = (struct apt) { .suite = suite };
	if (!file_exists(APT_KEYRING))
		return fail_with(failure, EXIT_TROUBLE,
				 "%s is missing: install the package debian-archive-keyring",
				 APT_KEYRING);
	sources = find_sources(suite, failure);
	if (!sources)
		return -1;
	error = write_state(directory, config, sources);
	if (error)
		return fail_with(failure, EXIT_TROUBLE, "cannot write to the cache %s: %s",
				 directory, strerror(-error));
	apt->config = xasprintf("%s/apt.conf", directory);
	apt->temporary = xasprintf("%s/tmp", directory);
	apt->environment = xasprintf("TMPDIR=%s", apt->temporary);
	directory_make(apt->temporary);
	return update(apt, failure);
}

void apt_close(struct apt *apt)
{
	if (apt->temporary)
		directory_remove(apt->temporary);
	free(apt->config);
	free(apt->temporary);
	free(apt->environment);
	*apt = (struct apt) { 0 };
}

char *apt_show(struct apt *apt, const char *package, struct failure *failure)
{
	const char *const argv[] = { "env", apt->environment, "apt-cache", "-c", apt->config,
				     "show", "--no-all-versions", package, NULL };
	cleanup_free char *errors = NULL;
	char *output = NULL;

	if (apt_run(argv, &output, &errors, failure) >= 0)
		return output;
	free(output);
	return NULL;
}

char *apt_names(struct apt *apt, const char *prefix, struct failure *failure)
{
	const char *const argv[] = { "env", apt->environment, "apt-cache", "-c", apt->config,
				     "pkgnames", prefix, NULL };
	cleanup_free char *errors = NULL;
	char *output = NULL;

	if (apt_run(argv, &output, &errors, failure) >= 0)
		return output;
	free(output);
	return NULL;
}

unsigned long long apt_uri_bytes(const char *uris)
{
	unsigned long long sum = 0, bytes;

	for (const char *line = uris; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "'%*[^']' %*s %llu", &bytes) == 1)
			sum += bytes;
	}
	return sum;
}

/* "apt-get ... download PACKAGE..." */
static const char **download_argv(struct apt *apt, const char *option, const char *const *packages)
{
	const char *const start[] = { "env", apt->environment, "apt-get", "-c", apt->config,
				      option, "download" };
	size_t count = 0, used = sizeof(start) / sizeof(*start);
	const char **argv;

	while (packages[count])
		count++;
	argv = xcalloc(used + count + 1, sizeof(*argv));
	memcpy(argv, start, sizeof(start));
	memcpy(argv + used, packages, count * sizeof(*argv));
	return argv;
}

int apt_download(struct apt *apt, const char *const *packages, const char *directory,
		 struct failure *failure)
{
	cleanup_free const char **ask = download_argv(apt, "--print-uris", packages);
	cleanup_free const char **get = download_argv(apt, "-q", packages);
	struct process process = { .argv = get, .directory = directory };
	cleanup_free char *uris = NULL;
	cleanup_free char *errors = NULL;
	int status;

	if (apt_run(ask, &uris, &errors, failure) < 0)
		return -1;
	say_note("downloading %.1f MB ...", apt_uri_bytes(uris) / 1e6);
	if (isatty(STDERR_FILENO))
		get[5] = "--quiet=0";	/* apt's own progress */
	for (int attempt = 0; attempt < 3; attempt++) {
		status = process_run(&process);
		if (status == 0)
			return 0;
		if (status == -EINTR)
			return fail_interrupted(failure);
	}
	return fail_with(failure, EXIT_TROUBLE,
			 "the download failed three times; what came is kept in %s", directory);
}
