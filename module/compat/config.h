/* Made by compat/probe.sh. */
#define HAVE_KMAP_LOCAL 1
#define HAVE_NODE_COUNTS_TABLES 1
/* HAVE_X86_IRQ_STAT_COUNTS is not set */
#define HAVE_ZONE_PER_CPU_PAGESET 1
#define HAVE_EXPORT_PFN_TO_ONLINE_PAGE 1
