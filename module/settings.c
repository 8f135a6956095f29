// SPDX-License-Identifier: GPL-2.0
#include "settings.h"

#include <linux/gfp.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "compat/compat.h"

#define ON_OFF(on)	((on) ? "on" : "off")

static const char *init_on_alloc_now(void)
{
	return ON_OFF(want_init_on_alloc(0));
}

static const char *init_on_free_now(void)
{
	return ON_OFF(want_init_on_free());
}

static const char *preempt_model(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return "rt";
	if (IS_ENABLED(CONFIG_PREEMPT_DYNAMIC))
		return compat_dynamic_preempt_model();
	if (IS_ENABLED(CONFIG_PREEMPT))
		return "full";
	return IS_ENABLED(CONFIG_PREEMPT_VOLUNTARY) ? "voluntary" : "none";
}

static const char *slab_allocator(void)
{
	return IS_ENABLED(CONFIG_SLAB) ? "slab" : IS_ENABLED(CONFIG_SLOB) ? "slob" : "slub";
}

static const char *timer_frequency(void)
{
	return __stringify(CONFIG_HZ);
}

/* Either read from the running kernel, or from the configuration it was built with. */
static const struct {
	const char *name;
	const char *(*read)(void);
	bool enabled;
} settings[] = {
	{ "init_on_alloc", init_on_alloc_now },
	{ "init_on_free", init_on_free_now },
	{ "slab", slab_allocator },
	{ "preempt", preempt_model },
	{ "hz", timer_frequency },
#define BUILT_WITH(name, option) { name, NULL, IS_ENABLED(CONFIG_##option) }
	BUILT_WITH("memcg", MEMCG),
	BUILT_WITH("numa", NUMA),
	BUILT_WITH("thp", TRANSPARENT_HUGEPAGE),
	BUILT_WITH("freelist_random", SLAB_FREELIST_RANDOM),
	BUILT_WITH("freelist_hardened", SLAB_FREELIST_HARDENED),
	BUILT_WITH("random_kmalloc", RANDOM_KMALLOC_CACHES),
	BUILT_WITH("page_shuffle", SHUFFLE_PAGE_ALLOCATOR),
	BUILT_WITH("hardened_usercopy", HARDENED_USERCOPY),
	BUILT_WITH("slub_debug", SLUB_DEBUG),
	BUILT_WITH("slub_debug_on", SLUB_DEBUG_ON),
	BUILT_WITH("kasan", KASAN),
	BUILT_WITH("kfence", KFENCE),
	BUILT_WITH("kmemleak", DEBUG_KMEMLEAK),
	BUILT_WITH("debug_pagealloc", DEBUG_PAGEALLOC),
	BUILT_WITH("debug_vm", DEBUG_VM),
	BUILT_WITH("lockdep", LOCKDEP),
	BUILT_WITH("page_owner", PAGE_OWNER),
	BUILT_WITH("fault_injection", FAULT_INJECTION),
#undef BUILT_WITH
};

unsigned int kmemlab_setting_count(void)
{
	return ARRAY_SIZE(settings);
}

int kmemlab_setting_read(struct kmemlab_setting *setting)
{
	unsigned int i = setting->index;
	const char *value;

	if (i >= ARRAY_SIZE(settings))
		return -ENOENT;
	value = settings[i].read ? settings[i].read() : ON_OFF(settings[i].enabled);
	strscpy(setting->name, settings[i].name, sizeof(setting->name));
	strscpy(setting->value, value, sizeof(setting->value));
	return 0;
}
