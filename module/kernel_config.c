// SPDX-License-Identifier: GPL-2.0-only
/* Settings of the running kernel that affect the results of its allocators */
#include <linux/gfp.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/kmemlab.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "internal.h"

#define ON_OFF(on)	((on) ? "on" : "off")

static const char *config_init_on_alloc(void)
{
	return ON_OFF(want_init_on_alloc(0));
}

static const char *config_init_on_free(void)
{
	return ON_OFF(want_init_on_free());
}

static const char *config_preempt(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return "rt";
	if (IS_ENABLED(CONFIG_PREEMPT_DYNAMIC))
		return compat_dynamic_preempt_model();
	if (IS_ENABLED(CONFIG_PREEMPT))
		return "full";
	return IS_ENABLED(CONFIG_PREEMPT_VOLUNTARY) ? "voluntary" : "none";
}

static const char *config_slab(void)
{
	return IS_ENABLED(CONFIG_SLAB) ? "slab" : IS_ENABLED(CONFIG_SLOB) ? "slob" : "slub";
}

static const char *config_hz(void)
{
	return __stringify(CONFIG_HZ);
}

static const char *config_memcg(void)
{
	return ON_OFF(!mem_cgroup_disabled());
}

static const char *config_page_poison(void)
{
	return ON_OFF(page_poisoning_enabled());
}

static const char *config_debug_pagealloc(void)
{
	return ON_OFF(debug_pagealloc_enabled());
}

/*
 * Read from the running kernel if there is a function, else from its configuration. The
 * runner reads the state of some of the latter, which only files show.
 */
static const struct {
	const char *name;
	const char *(*read)(void);
	bool enabled;
} config_settings[] = {
	{ "init_on_alloc", config_init_on_alloc },
	{ "init_on_free", config_init_on_free },
	{ "slab", config_slab },
	{ "preempt", config_preempt },
	{ "hz", config_hz },
	{ "memcg", config_memcg },
	{ "page_poison", config_page_poison },
	{ "debug_pagealloc", config_debug_pagealloc },
#define BUILT_WITH(name, option) { name, NULL, IS_ENABLED(CONFIG_##option) }
#define BUILT_WITH_EITHER(name, option, renamed) \
	{ name, NULL, IS_ENABLED(CONFIG_##option) || IS_ENABLED(CONFIG_##renamed) }
	/* Allocators */
	BUILT_WITH("numa", NUMA),
	BUILT_WITH("thp", TRANSPARENT_HUGEPAGE),
	BUILT_WITH("cma", CMA),
	BUILT_WITH("page_shuffle", SHUFFLE_PAGE_ALLOCATOR),
	BUILT_WITH("slub_debug", SLUB_DEBUG),
	BUILT_WITH("slub_tiny", SLUB_TINY),
	BUILT_WITH("slub_stats", SLUB_STATS),
	BUILT_WITH("slub_cpu_partial", SLUB_CPU_PARTIAL),
	BUILT_WITH("freelist_random", SLAB_FREELIST_RANDOM),
	BUILT_WITH("freelist_hardened", SLAB_FREELIST_HARDENED),
	BUILT_WITH("random_kmalloc", RANDOM_KMALLOC_CACHES),
	BUILT_WITH("slab_buckets", SLAB_BUCKETS),
	BUILT_WITH("mem_profiling", MEM_ALLOC_PROFILING),
	BUILT_WITH("percpu_stats", PERCPU_STATS),
	BUILT_WITH("dma_api_debug", DMA_API_DEBUG),
	/* Checks */
	BUILT_WITH("debug_vm", DEBUG_VM),
	BUILT_WITH("page_owner", PAGE_OWNER),
	BUILT_WITH("page_table_check", PAGE_TABLE_CHECK),
	BUILT_WITH("kfence", KFENCE),
	BUILT_WITH("kasan", KASAN),
	BUILT_WITH("kcsan", KCSAN),
	BUILT_WITH("kmsan", KMSAN),
	BUILT_WITH("kmemleak", DEBUG_KMEMLEAK),
	BUILT_WITH("ubsan", UBSAN),
	BUILT_WITH("kcov", KCOV),
	BUILT_WITH("lockdep", LOCKDEP),
	BUILT_WITH("debug_spinlock", DEBUG_SPINLOCK),
	BUILT_WITH("debug_preempt", DEBUG_PREEMPT),
	BUILT_WITH("debug_objects", DEBUG_OBJECTS),
	BUILT_WITH("debug_list", DEBUG_LIST),
	BUILT_WITH("list_hardened", LIST_HARDENED),
	BUILT_WITH("hardened_usercopy", HARDENED_USERCOPY),
	BUILT_WITH("fault_injection", FAULT_INJECTION),
	/* Code that the compiler or the linker adds to every function */
	BUILT_WITH("optimize_for_size", CC_OPTIMIZE_FOR_SIZE),
	BUILT_WITH_EITHER("lto", LTO_CLANG, LTO_GCC),
	BUILT_WITH_EITHER("cfi", CFI_CLANG, CFI),
	BUILT_WITH("function_tracer", FUNCTION_TRACER),
	BUILT_WITH("stack_protector", STACKPROTECTOR),
	BUILT_WITH("init_stack", INIT_STACK_ALL_ZERO),
	BUILT_WITH("zero_call_used_regs", ZERO_CALL_USED_REGS),
	BUILT_WITH("frame_pointer", FRAME_POINTER),
	BUILT_WITH("kstack_offset", RANDOMIZE_KSTACK_OFFSET_DEFAULT),
	BUILT_WITH_EITHER("rethunk", RETHUNK, MITIGATION_RETHUNK),
	BUILT_WITH("call_padding", CALL_PADDING),
	BUILT_WITH("ibt", X86_KERNEL_IBT),
	BUILT_WITH("pointer_authentication", ARM64_PTR_AUTH_KERNEL),
	BUILT_WITH("bti", ARM64_BTI_KERNEL),
	BUILT_WITH("shadow_call_stack", SHADOW_CALL_STACK),
#undef BUILT_WITH_EITHER
#undef BUILT_WITH
};

/**
 * kmemlab_kernel_config_count() - count the settings
 *
 * Return: number of settings.
 */
unsigned int kmemlab_kernel_config_count(void)
{
	return ARRAY_SIZE(config_settings);
}

/**
 * kmemlab_kernel_config_read() - read a setting
 * @setting: index of the setting; name and value are filled in
 *
 * Return: 0, or -ENOENT past the last setting.
 */
int kmemlab_kernel_config_read(struct kmemlab_kernel_config *setting)
{
	unsigned int i = setting->index;
	const char *value;

	if (i >= ARRAY_SIZE(config_settings))
		return -ENOENT;
	value = config_settings[i].read ? config_settings[i].read() :
					  ON_OFF(config_settings[i].enabled);
	strscpy(setting->name, config_settings[i].name, sizeof(setting->name));
	strscpy(setting->value, value, sizeof(setting->value));
	return 0;
}
