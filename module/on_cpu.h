/* SPDX-License-Identifier: GPL-2.0 */
/* A function on another CPU, while its caller waits. */
#ifndef KMEMLAB_ON_CPU_H
#define KMEMLAB_ON_CPU_H

/*
 * Calls @fn in a thread of its own on @cpu, where it may sleep, and waits for it.
 * Return: 0, or a negative errno where no thread was to be had and @fn not called.
 */
int kmemlab_on_cpu(unsigned int cpu, void (*fn)(void *context), void *context);

#endif
