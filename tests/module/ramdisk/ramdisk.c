// SPDX-License-Identifier: GPL-2.0
/* A disk in memory to swap to: stock kernels have every block driver as a module. */
#include <linux/blkdev.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define BYTES	(16UL << 20)

static int major;
static struct gendisk *disk;
static char *memory;

static void ramdisk_submit_bio(struct bio *bio)
{
	size_t at = bio->bi_iter.bi_sector << SECTOR_SHIFT;
	struct bvec_iter iter;
	struct bio_vec part;

	bio_for_each_segment(part, bio, iter) {
		char *page = bvec_kmap_local(&part);

		if (op_is_write(bio_op(bio)))
			memcpy(memory + at, page, part.bv_len);
		else
			memcpy(page, memory + at, part.bv_len);
		kunmap_local(page);
		at += part.bv_len;
	}
	bio_endio(bio);
}

static const struct block_device_operations ramdisk_ops = {
	.owner = THIS_MODULE,
	.submit_bio = ramdisk_submit_bio,
};

static int __init ramdisk_init(void)
{
	int error = -ENOMEM;

	memory = vzalloc(BYTES);
	disk = blk_alloc_disk(NUMA_NO_NODE);
	if (!memory || !disk)
		goto free;
	major = register_blkdev(0, "ramdisk");
	disk->major = major;
	disk->minors = 1;
	disk->fops = &ramdisk_ops;
	strscpy(disk->disk_name, "ramdisk", sizeof(disk->disk_name));
	set_capacity(disk, BYTES >> SECTOR_SHIFT);
	error = major < 0 ? major : add_disk(disk);
	if (!error)
		return 0;
	if (major > 0)
		unregister_blkdev(major, "ramdisk");
free:
	if (disk)
		put_disk(disk);
	vfree(memory);
	return error;
}

static void __exit ramdisk_exit(void)
{
	del_gendisk(disk);
	put_disk(disk);
	unregister_blkdev(major, "ramdisk");
	vfree(memory);
}

module_init(ramdisk_init);
module_exit(ramdisk_exit);
MODULE_DESCRIPTION("A disk in memory, for kmemlab's tests");
MODULE_LICENSE("GPL");
