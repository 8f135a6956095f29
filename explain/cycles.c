// SPDX-License-Identifier: GPL-2.0-or-later
#include "cycles.h"

#include <errno.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/strbuf.h"

#define ITERATIONS_MAX		100
#define SIMULATED_MAX		200000	/* instructions, so that long operations take seconds */

void cycle_input_add(struct cycle_input *input, const struct cycle_cpu *cpu)
{
	free(cache_model_read(&input->models[input->cpu_count], cpu->caches));
	input->cpus[input->cpu_count++] = cpu;
}

void cycle_input_release(struct cycle_input *input)
{
	for (size_t i = 0; i < input->cpu_count; i++)
		cache_model_release(&input->models[i]);
	free(input->steps.list);
	*input = (struct cycle_input) { 0 };
}

static uint64_t access_bytes(const struct operation *operation, size_t step, size_t *access)
{
	uint64_t stored = 0, loaded = 0;

	while (*access < operation->access_count && operation->accesses[*access].step < step)
		(*access)++;
	for (size_t i = *access; i < operation->access_count &&
				 operation->accesses[i].step == step; i++) {
		const struct access *a = &operation->accesses[i];

		*(a->is_store ? &stored : &loaded) += (uint64_t)a->count << a->size_shift;
	}
	return stored ?: loaded;
}

void cycle_steps_collect(struct cycle_steps *steps, const struct trace *trace,
			 const struct operation *operation,
			 const struct attribution *attributions)
{
	size_t access = 0;

	*steps = (struct cycle_steps) { 0 };
	for (size_t i = 0; i < operation->step_count; i++) {
		const struct trace_code *code = &trace->code[operation->steps[i].code];

		if (!attributions[i].times || node_in_interrupt(attributions[i].node))
			continue;
		*array_add(&steps->list, &steps->count) = (struct cycle_step) {
			.code = *code, .times = attributions[i].times,
			.bytes = code->kind.class == MIX_STRING ?
				 access_bytes(operation, i, &access) : 0,
		};
	}
}

/* llvm-mca knows these only as microcode of unknown length. */
static bool has_weight(const struct cycle_step *step)
{
	return step->code.kind.class <= MIX_STRING && step->code.kind.name;
}

static void add_weight(struct cycle_estimate *estimate, const struct cycle_step *step)
{
	const struct cycle_weight *weight = estimate->cpu->weights;
	struct cycle_named *named = estimate->named;
	double cycles;

	while (weight->name && strcmp(weight->name, step->code.kind.name))
		weight++;
	while (named < estimate->named + estimate->named_count &&
	       strcmp(named->name, step->code.kind.name))
		named++;
	if (named == estimate->named + CYCLE_NAMES_MAX)
		return;
	if (named == estimate->named + estimate->named_count) {
		estimate->named_count++;
		*named = (struct cycle_named) { step->code.kind.name, weight->source, 0, 0 };
	}
	cycles = weight->cycles * step->times;
	if (weight->bytes_per_cycle > 0)
		cycles += step->bytes / weight->bytes_per_cycle;
	named->count += step->times;
	named->cycles += cycles;
	estimate->weights += cycles;
}

/* Return the instructions that llvm-mca simulates as bytes for llvm-mc, one line for each. */
static char *pipeline_bytes(struct cycle_estimate *estimate, const struct cycle_steps *steps)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < steps->count; i++) {
		const struct trace_code *code = &steps->list[i].code;

		if (has_weight(&steps->list[i])) {
			add_weight(estimate, &steps->list[i]);
			continue;
		}
		for (uint32_t n = 0; n < steps->list[i].times; n++) {
			estimate->pipeline_instructions++;
			/* A longer instruction is a padded nop. */
			if (code->size > TRACE_CODE_BYTES)
				strbuf_addstr(&text, "0x90");
			for (size_t j = 0; j < code->size && code->size <= TRACE_CODE_BYTES; j++)
				strbuf_addf(&text, "0x%02x ", code->bytes[j]);
			strbuf_addstr(&text, "\n");
		}
	}
	return strbuf_detach(&text);
}

/* Return true and the rest of the line if it has this instruction. */
static bool is_instruction(const char *line, const char *name, const char **operands)
{
	size_t length = strlen(name);

	line += strspn(line, " \t");
	if (strncmp(line, name, length) || (line[length] && !strchr(" \t*", line[length])))
		return false;
	*operands = line + length + strspn(line + length, " \t");
	return true;
}

/*
 * Append the line. llvm-mca makes each push and pop wait for the stack pointer of the one before it,
 * with the latency of a load; CPUs have a stack engine, so they become a store and a load. A jump
 * that is indirect loads its target or has it in a register.
 */
static void add_line(struct strbuf *text, const char *line)
{
	const char *operands;

	if (is_instruction(line, "pushq", &operands) && *operands == '%')
		strbuf_addf(text, "\tmovq\t%s, -8(%%rsp)\n", operands);
	else if (is_instruction(line, "popq", &operands) && *operands == '%')
		strbuf_addf(text, "\tmovq\t(%%rsp), %s\n", operands);
	else if (is_instruction(line, "callq", &operands))
		strbuf_addf(text, "\tmovq\t%%rsp, -8(%%rsp)\n\tjmp%s\t%s\n",
			    *operands == '*' ? "q" : "", operands);
	else if (is_instruction(line, "retq", &operands))
		strbuf_addstr(text, "\tprefetcht0\t(%rsp)\n\tjmp\t0\n");
	else
		strbuf_addf(text, "%s\n", line);
}

static char *rewrite_stack(char *assembly)
{
	struct strbuf text = STRBUF_INIT;
	char *line;

	while ((line = strsep(&assembly, "\n")))
		if (*line)
			add_line(&text, line);
	return strbuf_detach(&text);
}

/* Run a tool of llvm. Return NULL or an allocated error message. */
static char *run_tool(const char *const *argv, char **output)
{
	cleanup_free char *errors = NULL;
	const struct process process = { .argv = argv, .output = output, .errors = &errors };
	int status = process_run(&process);
	char *line = errors;

	if (status == -EINTR)
		return xasprintf("interrupted");
	if (status)
		return xasprintf("%s failed: %s", argv[0], strsep(&line, "\n") ?: "");
	return NULL;
}

static char *disassemble(const struct cycle_cpu *cpu, const char *path, const char *bytes,
			 char **assembly)
{
	cleanup_free char *triple = xasprintf("-triple=%s", cpu->triple);
	const char *const argv[] = { "llvm-mc", "--disassemble", triple, path, NULL };
	cleanup_free char *output = NULL;
	int err = file_write(path, bytes, strlen(bytes));
	char *error = err ? xasprintf("cannot write '%s': %s", path, strerror(-err)) :
			    run_tool(argv, &output);

	if (!error)
		*assembly = rewrite_stack(output);
	return error;
}

/* Simulate the assembly several times in a row; the first ones fill the pipeline. */
static char *simulate(struct cycle_estimate *estimate, const char *path, const char *assembly)
{
	uint64_t iterations = SIMULATED_MAX / (estimate->pipeline_instructions + 1) + 2;
	cleanup_free char *triple = xasprintf("-mtriple=%s", estimate->cpu->triple);
	cleanup_free char *name = xasprintf("-mcpu=%s", estimate->cpu->name);
	cleanup_free char *count = NULL, *output = NULL;
	const char *const argv[] = {
		"llvm-mca", triple, name, count = xasprintf("-iterations=%d", (int)(
			iterations < ITERATIONS_MAX ? iterations : ITERATIONS_MAX)),
		"-instruction-info=false", "-resource-pressure=false", path, NULL
	};
	int err = file_write(path, assembly, strlen(assembly));
	char *error = err ? xasprintf("cannot write '%s': %s", path, strerror(-err)) :
			    run_tool(argv, &output);
	const char *cycles = error ? NULL : strstr(output, "Total Cycles:");

	if (error)
		return error;
	if (!cycles)
		return xasprintf("llvm-mca printed no cycles");
	estimate->pipeline = strtod(cycles + strlen("Total Cycles:"), NULL) /
			     strtod(strchr(count, '=') + 1, NULL);
	return NULL;
}

static char *simulate_pipeline(struct cycle_estimate *estimate, const char *bytes)
{
	cleanup_free char *directory = directory_temporary(NULL);
	cleanup_free char *path = NULL, *assembly = NULL;
	char *error;

	if (!directory)
		return xasprintf("cannot create a temporary directory: %s", strerror(errno));
	path = xasprintf("%s/operation.s", directory);
	error = disassemble(estimate->cpu, path, bytes, &assembly) ?:
		simulate(estimate, path, assembly);
	directory_remove(directory);
	return error;
}

static void add_misses(struct cycle_estimate *estimate, const uint64_t missed[CACHE_LEVELS])
{
	for (size_t i = 0; i < CACHE_LEVELS; i++) {
		estimate->missed[i] = missed[i];
		estimate->misses += missed[i] * estimate->cpu->miss_cycles[i];
	}
}

char *cycle_estimate(struct cycle_estimate *estimate, const struct cycle_input *input, size_t cpu)
{
	cleanup_free char *bytes = NULL;
	char *error = NULL;

	*estimate = (struct cycle_estimate) { .cpu = input->cpus[cpu] };
	bytes = pipeline_bytes(estimate, &input->steps);
	add_misses(estimate, input->missed[cpu]);
	if (estimate->pipeline_instructions)
		error = simulate_pipeline(estimate, bytes);
	estimate->total = estimate->pipeline + estimate->weights + estimate->misses;
	return error;
}
