/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The results document, schema "kmemlab.results/2" (docs/results.md), built from the records of
 * one run and from facts that only the host knows.
 */
#ifndef KMEMLAB_REPORT_DOCUMENT_H
#define KMEMLAB_REPORT_DOCUMENT_H

#include <stddef.h>

#include <jansson.h>

#include "runner/record_fields.h"

#define RESULTS_SCHEMA "kmemlab.results/2"

/* Facts that the guest does not know; NULL and 0 where they do not apply. */
struct run_facts {
	const char *target;		/* "vm" or "host" */
	const char *accelerator;	/* "tcg", "kvm" */
	const char *input_sha256;
	/* files that were checked before the start; kernel_sha256 is NULL or "" on the host */
	const char *kernel_sha256, *module_sha256, *guest_sha256;
	/* configuration of the virtual machine; arch is NULL on the host */
	const char *arch;
	const char *board;	/* NULL: the architecture's default */
	long long memory_mib;
	const char *append;
	const char *cpu;	/* as in --cpu, or NULL: fixed by the board */
	const char *qemu_cpu;	/* value of QEMU's -cpu, or NULL: fixed by the board */
	unsigned int layout;
	/* environment.run: may differ between runs that are equal otherwise */
	const char *command;		/* command line that repeats the run */
	const char *date;		/* ISO 8601, UTC */
	const char *kmemlab_version;
	const char *accelerator_reason;
	const char *qemu_version;
	const char *kernel_package_version;
	double boot_s;
	double total_s;
};

/*
 * Build the document of one run. All records are checked against the schema, and their fields are
 * put in its order. Return NULL on an error: *error is one line, which the caller frees.
 */
json_t *document_build(const char *records, size_t bytes, const struct run_facts *facts,
		       char **error);

/* A kind of record, and the fields that it must have; a NULL name ends an array. */
struct record_kind {
	const char *name;
	const struct field *fields;
};

extern const struct field skipped_fields[];

/* The whole document, for json_schema(). */
extern const struct field results_document_fields[];

/*
 * Sort the records of one run by kind. Return an object with the complete "environment" and an
 * array for each kind.
 */
json_t *document_collect(const char *records, size_t bytes, const struct run_facts *facts,
			 const struct record_kind *kinds, char **error);

/*
 * Read and check a document of any origin: unknown fields are errors, and missing fields that may
 * be null become null. name is used in messages. Return NULL on an error: *error is one line,
 * which the caller frees.
 */
json_t *document_read(const char *name, const char *text, size_t bytes, char **error);

/* Append the runs of other. */
void document_join(json_t *document, const json_t *other);

size_t document_runs(const json_t *document);

/* Return a new document with one of the runs, which both documents share. */
json_t *document_run(const json_t *document, size_t index);

/* Return a part of the first run, borrowed. */
json_t *document_environment(const json_t *document);
json_t *document_results(const json_t *document);

#endif
