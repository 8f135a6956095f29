// SPDX-License-Identifier: GPL-2.0-only
/* RAM disk for swap: distribution kernels have no built-in block driver. */
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
	size_t pos = bio->bi_iter.bi_sector << SECTOR_SHIFT;
	struct bvec_iter iter;
	struct bio_vec part;

	bio_for_each_segment(part, bio, iter) {
		char *page = bvec_kmap_local(&part);

		if (op_is_write(bio_op(bio)))
			memcpy(memory + pos, page, part.bv_len);
		else
			memcpy(page, memory + pos, part.bv_len);
		kunmap_local(page);
		pos += part.bv_len;
	}
	bio_endio(bio);
}

static const struct block_device_operations ramdisk_ops = {
	.owner = THIS_MODULE,
	.submit_bio = ramdisk_submit_bio,
};

static int __init ramdisk_init(void)
{
	int ret = -ENOMEM;

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
	ret = major < 0 ? major : add_disk(disk);
	if (!ret)
		return 0;
	if (major > 0)
		unregister_blkdev(major, "ramdisk");
free:
	if (disk)
		put_disk(disk);
	vfree(memory);
	return ret;
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
MODULE_DESCRIPTION("RAM disk for tests of kmemlab");
MODULE_LICENSE("GPL");
