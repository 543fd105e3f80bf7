package zmq

import "time"

// WithBacklog is the length of the queue of connections that wait to be accepted.
// Default 100. (ZMQ_BACKLOG)
func WithBacklog(n int) Option { return Option{"BACKLOG", n} }

// WithSendBuffer is the size of the kernel's send buffer; -1, the default, leaves
// it to the system. (ZMQ_SNDBUF)
func WithSendBuffer(n int) Option { return Option{"SNDBUF", n} }

// WithRecvBuffer is the size of the kernel's receive buffer; -1, the default,
// leaves it to the system. (ZMQ_RCVBUF)
func WithRecvBuffer(n int) Option { return Option{"RCVBUF", n} }

// WithIPv6 lets "*" bind IPv6 as well, and names resolve to IPv6. (ZMQ_IPV6)
func WithIPv6(on bool) Option { return Option{"IPV6", on} }

// WithTOS is the type of service of outgoing packets. (ZMQ_TOS)
func WithTOS(n int) Option { return Option{"TOS", n} }

// WithPriority is the priority of packets in the system's queues, 0 to 6 without
// privileges. Linux; ignored elsewhere. (ZMQ_PRIORITY)
func WithPriority(n int) Option { return Option{"PRIORITY", n} }

// WithBusyPoll lets the kernel poll the network device for so many microseconds
// while a read waits; more than the system's own needs a privilege. Linux; ignored
// elsewhere. (ZMQ_BUSY_POLL)
func WithBusyPoll(us int) Option { return Option{"BUSY_POLL", us} }

// WithBindToDevice ties tcp connections to a network interface or a VRF, of 15 bytes
// at most. Empty, the default: any. Linux; elsewhere Bind fails and so does each
// attempt to connect, since traffic would leave where it must not.
// (ZMQ_BINDTODEVICE)
func WithBindToDevice(name string) Option { return Option{"BINDTODEVICE", name} }

// WithTCPKeepAlive sets TCP keep-alive: on is 1, 0, or -1 for the system's
// default, count is in probes, idle and interval are in seconds, each -1 for the
// default. (ZMQ_TCP_KEEPALIVE, _CNT, _IDLE, _INTVL)
func WithTCPKeepAlive(on, count, idle, interval int) Option {
	return Option{"", several{
		{"TCP_KEEPALIVE", on}, {"TCP_KEEPALIVE_CNT", count}, {"TCP_KEEPALIVE_IDLE", idle}, {"TCP_KEEPALIVE_INTVL", interval},
	}}
}

// WithMaxRetransmit bounds how long TCP tries to get data acknowledged; 0, the
// default, leaves it to the system. (ZMQ_TCP_MAXRT)
func WithMaxRetransmit(d time.Duration) Option { return Option{"TCP_MAXRT", d} }

// WithTCPAcceptFilter lets only peers connect over tcp whose address is in one of
// the ranges, such as "10.0.0.0/8" or "::1"; others are disconnected at once, with
// EventAcceptFailed. Each use adds to the ranges before it; without any it clears
// them. (ZMQ_TCP_ACCEPT_FILTER)
func WithTCPAcceptFilter(ranges ...string) Option {
	if len(ranges) == 0 {
		return Option{"TCP_ACCEPT_FILTER", ""}
	}
	var all several
	for _, r := range ranges {
		all = append(all, Option{"TCP_ACCEPT_FILTER", r})
	}
	return Option{"", all}
}

// WithIPCFilterPID lets peers connect over ipc whose process is one of ids.
// With filters of more than one kind a peer must pass one of them. Each use adds to
// the ids before it; without any it clears them. Linux; elsewhere nobody passes.
// (ZMQ_IPC_FILTER_PID)
func WithIPCFilterPID(ids ...int) Option { return Option{"IPC_FILTER_PID", ids} }

// WithIPCFilterUID lets peers connect over ipc whose effective user id is one of ids.
// With filters of more than one kind a peer must pass one of them. Each use adds to
// the ids before it; without any it clears them. Linux; elsewhere nobody passes.
// (ZMQ_IPC_FILTER_UID)
func WithIPCFilterUID(ids ...int) Option { return Option{"IPC_FILTER_UID", ids} }

// WithIPCFilterGID lets peers connect over ipc whose user is in a group that is one of ids, as its own or a supplementary one.
// With filters of more than one kind a peer must pass one of them. Each use adds to
// the ids before it; without any it clears them. Linux; elsewhere nobody passes.
// (ZMQ_IPC_FILTER_GID)
func WithIPCFilterGID(ids ...int) Option { return Option{"IPC_FILTER_GID", ids} }

// WithSocksProxy connects over tcp through the SOCKS5 proxy at host:port, which also
// resolves names. Empty, the default: none. (ZMQ_SOCKS_PROXY, RFC 1928)
func WithSocksProxy(address string) Option { return Option{"SOCKS_PROXY", address} }

// WithSocksLogin is the user name and password for the proxy, 255 bytes at most each.
// With an empty name, the default, there is none. (ZMQ_SOCKS_USERNAME,
// ZMQ_SOCKS_PASSWORD, RFC 1929)
func WithSocksLogin(user, password string) Option {
	return Option{"", several{{"SOCKS_USERNAME", user}, {"SOCKS_PASSWORD", password}}}
}

// WithUseFD lets Bind adopt a descriptor that is bound and listening already, as a
// service manager hands it over, instead of making one; give it to Bind with the
// endpoint it belongs to, of which only the scheme counts. The socket owns the
// descriptor from then on. -1, the default: none. (ZMQ_USE_FD)
func WithUseFD(fd int) Option { return Option{"USE_FD", fd} }
