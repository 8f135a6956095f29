// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_model.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json_path.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/strbuf.h"
#include "cache.h"
#include "lib/spelling.h"
#include "qmp.h"

#define QUERY_TIMEOUT_S	20
#define MODELS_MAX	1000
#define FEATURES_MAX	2000

/*
 * Servers of the last ten years have these. TCG also needs them to be deterministic, which
 * excludes rdrand, and cannot emulate pcid, invpcid, xsavec and tsc-deadline.
 */
const char cpu_server_features[] =
	"ssse3,sse4.1,sse4.2,popcnt,movbe,aes,pclmulqdq,xsave,xsaveopt,avx,avx2,f16c,fma,bmi1,bmi2,"
	"adx,abm,rdtscp,pdpe1gb,fsgsbase,erms,smep,smap,umip,pku,clflushopt,clwb,fsrm,rdpid,"
	"fzrm,fsrs";

/* Ask QEMU without a machine. Return: a JSON object that the caller releases, or NULL. */
static json_t *query_qemu(const struct arch *arch, const char *model)
{
	int pair[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	cleanup_free char *chardev = NULL;
	cleanup_free char *expand = xasprintf("{\"execute\":\"query-cpu-model-expansion\","
		"\"arguments\":{\"type\":\"full\",\"model\":{\"name\":\"%s\"}}}", model);
	json_t *models = NULL, *features = NULL, *props = NULL;
	struct qmp qmp = { .fd = -1 };
	pid_t qemu;
	int err;

	if (null < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		close(null);
		return NULL;
	}
	chardev = xasprintf("socket,id=monitor,fd=%d", pair[1]);
	qemu = process_start((const char *const[]) {
		arch->qemu, "-nodefaults", "-no-user-config", "-display", "none", "-machine", "none",
		"-accel", "tcg", "-chardev", chardev, "-mon", "chardev=monitor,mode=control", NULL },
		NULL, null, null, null, pair[1]);
	close(pair[1]);
	close(null);
	if (qemu < 0) {
		close(pair[0]);
		return NULL;
	}
	err = qmp_begin(&qmp, pair[0], seconds_now() + QUERY_TIMEOUT_S * timeout_scale()) ?:
	      qmp_query(&qmp, "{\"execute\":\"query-cpu-definitions\"}", &models) ?:
	      qmp_query(&qmp, "{\"execute\":\"query-cpu-model-expansion\",\"arguments\":"
			"{\"type\":\"full\",\"model\":{\"name\":\"max\"}}}", &features);
	/* QEMU cannot expand an unknown model, nor an ARM model that the machine lacks. */
	if (!err && qmp_query(&qmp, expand, &props))
		props = NULL;
	qmp_end(&qmp);
	process_kill(qemu);
	if (err) {
		json_decref(models);
		json_decref(features);
		return NULL;
	}
	return json_pack("{s:o, s:o, s:o}", "models", models, "features", features,
			 "model", props ?: json_null());
}

static int query_fill(void *context, const char *directory, struct error *error)
{
	const json_t *answer = context;
	cleanup_free char *path = xasprintf("%s/answer", directory);
	cleanup_free char *text = json_dumps(answer, JSON_COMPACT);
	int err = file_write(path, text, strlen(text));

	return err ? error_set(error, EXIT_HOST_ERROR, "cannot write %s: %s", path,
			       strerror(-err)) : 0;
}

/* Like query_qemu(), with a cached answer. */
static json_t *query_cached(const struct arch *arch, const char *model, const char *qemu_version,
			    struct error *error)
{
	cleanup_free char *inputs = xasprintf("%s\n%s\n%s", arch->qemu, qemu_version, model);
	cleanup_free char *entry = NULL;
	cleanup_free char *path = NULL;
	char key[SHA256_HEX_SIZE];
	json_t *answer;

	sha256_bytes(inputs, strlen(inputs), key);
	entry = cache_path("cpus/%.16s", key);
	path = xasprintf("%s/answer", entry);
	answer = cache_check(path, key) == CACHE_GOOD ? json_load_file(path, 0, NULL) : NULL;
	if (answer)
		return answer;
	answer = query_qemu(arch, model);
	if (!answer) {
		error_set(error, EXIT_HOST_ERROR, "%s does not list its CPU models", arch->qemu);
		return NULL;
	}
	if (cache_ensure_file(entry, "answer", query_fill, answer, key, error)) {
		json_decref(answer);
		return NULL;
	}
	return answer;
}

static int unknown(const char *kind, const char *name, const char *const *names, size_t count,
		   const struct arch *arch, struct error *error)
{
	const char *closest = closest_name(name, names, count);

	if (closest)
		return error_set(error, EXIT_USAGE, "unknown CPU %s '%s' (did you mean '%s'?)",
				 kind, name, closest);
	return error_set(error, EXIT_USAGE, "unknown CPU %s '%s' (known: %s)", kind, name,
			 strcmp(kind, "model") ? "those of '-cpu help' of QEMU" :
			 !strcmp(arch->guest, "amd64") ? "minimal, server, and those of "
			 "'qemu-system-x86_64 -cpu help'" : "minimal, server, and those of QEMU's "
			 "'-cpu help'");
}

static int check_model(const json_t *answer, const char *name, const struct arch *arch,
		       struct error *error)
{
	const char *names[MODELS_MAX] = { CPU_MINIMAL, CPU_SERVER };
	json_t *model;
	size_t i, count = 2;

	json_array_foreach(json_at(answer, "models"), i, model) {
		const char *known = json_str(model, "name", "");

		if (!strcmp(known, name) && strcmp(name, "host"))
			return 0;
		if (count < MODELS_MAX && strcmp(known, "host"))
			names[count++] = known;
	}
	return unknown("model", name, names, count, arch, error);
}

/* Return QEMU's name of a feature, which has no '.' or '_' in some versions. */
static const char *feature_name(json_t *props, const char *name, char copy[64])
{
	snprintf(copy, 64, "%s", name);
	if (!json_object_get(props, copy))
		for (char *c = copy; *c; c++)
			*c = *c == '.' || *c == '_' ? '-' : *c;
	return json_object_get(props, copy) ? copy : NULL;
}

/* Check a word such as "+erms", "pmu=off". */
static int check_feature(const json_t *answer, const char *word, const struct arch *arch,
			 struct error *error)
{
	json_t *props = json_at(answer, "features.model.props"), *value;
	const char *names[FEATURES_MAX], *known, *start = word + strspn(word, "+-");
	cleanup_free char *name = xasprintf("%.*s", (int)strcspn(start, "="), start);
	bool requested = *word == '+' || !strcmp(word + strcspn(word, "="), "=on");
	char copy[64];
	size_t count = 0;

	/* The list of ARM features depends on the model: QEMU reports a wrong one when it starts. */
	if (strcmp(arch->guest, "amd64"))
		return 0;
	known = feature_name(props, name, copy);
	if (known && requested && json_is_false(json_object_get(props, known)))
		return error_set(error, EXIT_USAGE, "QEMU cannot emulate CPU feature '%s'", name);
	if (known)
		return 0;
	json_object_foreach(props, known, value)
		if (json_is_boolean(value) && count < FEATURES_MAX)
			names[count++] = known;
	return unknown("feature", name, names, count, arch, error);
}

/* Add the features of "server" that this QEMU emulates. */
static void add_server_features(const json_t *answer, struct strbuf *text)
{
	json_t *props = json_at(answer, "features.model.props");
	cleanup_free char *copy = xstrdup(cpu_server_features);
	char *rest = copy, *word, name[64];

	while ((word = strsep(&rest, ",")))
		if (feature_name(props, word, name) &&
		    json_is_true(json_object_get(props, name)))
			strbuf_addf(text, ",+%s", word);
}

static bool has_feature(const json_t *answer, const char *text, const char *feature)
{
	cleanup_free char *on = xasprintf(",+%s", feature);
	cleanup_free char *off = xasprintf(",-%s", feature);
	cleanup_free char *path = xasprintf("model.model.props.%s", feature);

	return !strstr(text, off) && (strstr(text, on) || json_flag(answer, path));
}

/* Check the words of a specification, and append what counting requires. */
static int complete(const json_t *answer, const char *spec, const struct arch *arch, bool counted,
		    struct strbuf *text, struct error *error)
{
	bool is_amd64 = !strcmp(arch->guest, "amd64");
	cleanup_free char *copy = xstrdup(spec);
	char *rest = copy, *model = strsep(&rest, ","), *word;

	if (check_model(answer, model, arch, error))
		return -1;
	while ((word = strsep(&rest, ",")))
		if (check_feature(answer, word, arch, error))
			return -1;
	if (is_amd64 && !json_flag(answer, "model.model.props.lm"))
		return error_set(error, EXIT_USAGE, "CPU model '%s' has no 64-bit mode, which "
				 "amd64 kernels require", model);
	strbuf_addstr(text, spec);
	/* Random numbers of the host would make runs differ. */
	if (is_amd64 && counted && has_feature(answer, text->text, "rdrand"))
		strbuf_addstr(text, ",-rdrand");
	if (is_amd64 && counted && has_feature(answer, text->text, "rdseed"))
		strbuf_addstr(text, ",-rdseed");
	/* One tick of the counter is one instruction. */
	if (!is_amd64 && !strstr(spec, "cntfrq="))
		strbuf_addstr(text, ",cntfrq=1000000000");
	return 0;
}

int cpu_model_find(const struct board *board, const struct arch *arch, const char *name,
		   const char *qemu_version, bool counted, struct cpu_model *model,
		   struct error *error)
{
	bool is_server = !strcmp(name, CPU_SERVER);
	const char *spec = is_server ? board->server_cpu ?: board->cpu : name;
	cleanup_free char *first = NULL;
	struct strbuf text = STRBUF_INIT;
	json_t *answer;
	int err = 0;

	if (!board->cpu)
		return error_set(error, EXIT_USAGE, "--cpu cannot be used with board %s, whose CPUs "
				 "are fixed", board->name);
	if (!strcmp(name, CPU_MINIMAL)) {
		model->qemu = xstrdup(board->cpu);
		return 0;
	}
	first = xasprintf("%.*s", (int)strcspn(spec, ","), spec);
	answer = query_cached(arch, first, qemu_version, error);
	if (!answer)
		return -1;
	if (is_server) {
		strbuf_addstr(&text, spec);
		if (!strcmp(arch->guest, "amd64"))
			add_server_features(answer, &text);
	} else {
		err = complete(answer, spec, arch, counted, &text, error);
	}
	model->five_levels = !err && has_feature(answer, text.text, "la57");
	json_decref(answer);
	model->qemu = strbuf_detach(&text);
	return err;
}
