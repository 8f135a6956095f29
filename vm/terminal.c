// SPDX-License-Identifier: GPL-2.0-or-later
#include "terminal.h"

#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"

static struct termios before;

char *terminal_size(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	const char *type = getenv("TERM");

	ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
	return xasprintf("%u %u %.32s\n", size.ws_row ?: 24, size.ws_col ?: 80,
			 type && *type ? type : "vt100");
}

static void make_raw(struct terminal *terminal)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &before))
		return;
	raw = before;
	cfmakeraw(&raw);
	terminal->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

void terminal_stop(struct terminal *terminal)
{
	if (terminal->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	terminal->raw = false;
}

static void show(const char *data, ssize_t size)
{
	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, data, size);

		if (n <= 0)
			return;
		data += n;
		size -= n;
	}
}

void terminal_relay(struct terminal *terminal, int timeout_ms)
{
	struct pollfd polls[] = {
		{ terminal->guest_spoke ? STDIN_FILENO : -1, POLLIN, 0 },
		{ terminal->guest, POLLIN, 0 },
	};
	char data[4096];
	ssize_t n;

	if (poll(polls, 2, timeout_ms) <= 0)
		return;
	if (polls[1].revents) {
		n = read(terminal->guest, data, sizeof(data));
		if (n > 0 && !terminal->guest_spoke) {
			terminal->guest_spoke = true;
			make_raw(terminal);
		}
		show(data, n);
		if (n <= 0)
			usleep(timeout_ms * 1000);	/* QEMU has ended; the watcher sees it */
	}
	if (polls[0].revents) {
		n = read(STDIN_FILENO, data, sizeof(data));
		if (n <= 0 || memchr(data, TERMINAL_LEAVE, n))
			terminal->left = true;
		else
			send(terminal->guest, data, n, MSG_NOSIGNAL);
	}
}
