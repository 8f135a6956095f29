#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: mirror.pl FOLDER PORT LOG. An HTTP server for files, with byte ranges; it logs the
# name and the first byte of each request.
use strict;
use warnings;
use IO::Socket::INET;

my ($folder, $port, $log) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port", Listen => 5, ReuseAddr => 1)
	or die "port $port: $!";
$SIG{PIPE} = $SIG{CHLD} = 'IGNORE';

sub answer {
	my ($out, $path, $range) = @_;
	my ($start, $body) = ($range // 0, "");
	if (open my $in, "<:raw", "$folder/$path") {
		local $/;
		$body = <$in>;
		my $size = length $body;
		open my $lines, ">>", $log;
		print $lines "$path $start\n";
		if ($start >= $size && $size) {
			print $out "HTTP/1.1 416 Range Not Satisfiable\r\n",
				"Content-Range: bytes */$size\r\nContent-Length: 0\r\n\r\n";
			$out->flush;
			return;
		}
		print $out defined $range ?
			"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes $start-" .
			($size - 1) . "/$size\r\n" : "HTTP/1.1 200 OK\r\n";
	} else {
		print $out "HTTP/1.1 404 Not Found\r\n";
	}
	print $out "Content-Length: ", length($body) - $start, "\r\n\r\n", substr($body, $start);
	$out->flush;
}

while (1) {
	my $client = $server->accept or next;
	next if fork;
	my ($path, $range);
	while (<$client>) {
		$path = $1, undef $range if m{^GET /(\S+) };
		$range = $1 if /^Range: bytes=(\d+)-/i;
		answer($client, $path, $range) if /^\r?\n$/;
	}
	exit;
}
