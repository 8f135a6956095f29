// SPDX-License-Identifier: GPL-2.0-or-later
/* The shortest life of a guest: switches it off. What a run's time is compared with. */
#include <sys/reboot.h>

int main(void)
{
	return reboot(RB_POWER_OFF);
}
