/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The results document, schema "kmemlab.results/1" (docs/results.md): built
 * from the record lines of one run and what the host knows of it.
 */
#ifndef KMEMLAB_DOCUMENT_H
#define KMEMLAB_DOCUMENT_H

#include <stddef.h>

#include <jansson.h>

#define RESULTS_SCHEMA "kmemlab.results/1"

/* What the running kernel cannot know; NULL and 0 where it does not apply. */
struct run_facts {
	const char *target;		/* "vm" or "host" */
	const char *accelerator;	/* "tcg", "kvm" */
	const char *input_sha256;
	/* what the virtual machine was made with: arch NULL on the host */
	const char *arch;
	const char *board;	/* NULL: the architecture's usual one */
	long long memory_mib;
	const char *append;
	unsigned int layout;
	/* these may differ between equal runs: environment.run */
	const char *command;		/* the command line that repeats the run */
	const char *date;		/* ISO 8601, UTC */
	const char *kmemlab_version;
	const char *accelerator_reason;
	const char *qemu_version;
	const char *kernel_package_version;
	double boot_s;
	double total_s;
};

/*
 * Builds the document of one run. Every record is checked field by field, and
 * fields stand in the schema's order whatever the record's was. On a fault
 * returns NULL and sets error to one line, to be freed.
 */
json_t *document_build(const char *records, size_t bytes, const struct run_facts *facts,
		       char **error);

/*
 * The record lines of one run, sorted: an object with "environment", completed,
 * and a list for each kind of record that is named (the last one is NULL).
 */
json_t *document_collect(const char *records, size_t bytes, const struct run_facts *facts,
			 const char *const *kinds, char **error);

/*
 * Reads a document of any origin: every field is checked, and those that came
 * after it was written are null. On a fault returns NULL and sets error to one
 * line, to be freed.
 */
json_t *document_read(const char *text, size_t bytes, char **error);

/* Appends the other document's runs. */
void document_join(json_t *document, const json_t *other);

/* A document with this one run, which it shares. */
size_t document_runs(const json_t *document);
json_t *document_run(const json_t *document, size_t index);

/* Of the first run (which document_build() makes the only one); borrowed. */
json_t *document_environment(const json_t *document);
json_t *document_results(const json_t *document);

#endif
