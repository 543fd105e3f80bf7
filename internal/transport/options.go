package transport

import "time"

// Options say how sockets of the operating system are made. Start from
// Defaults: of the zero value, KeepAlive means "off" and SndBuf and RcvBuf the
// least that there is, not "as the system has it".
type Options struct {
	// Backlog is the length of the queue of connections not yet accepted.
	// Zero or less asks for the system's maximum.
	Backlog int

	// SndBuf and RcvBuf are the kernel's buffers in bytes; zero is the least that the
	// system allows. Less leaves the system's own, which on Linux grow as needed.
	SndBuf, RcvBuf int

	// KeepAlive is 1 for on, 0 for off, -1 for the system's default. The other
	// three, a count and two times in seconds, count when it is on; zero or
	// less leaves the system's.
	KeepAlive, KeepAliveCnt, KeepAliveIdle, KeepAliveIntvl int

	// TOS is the IP type of service, or traffic class; zero leaves it.
	TOS int

	// Priority is SO_PRIORITY, and BusyPoll SO_BUSY_POLL in microseconds; zero
	// leaves them. Linux only; ignored elsewhere.
	Priority, BusyPoll int

	// FD is a listening descriptor that Listen adopts instead of making one; zero
	// or less is none. Listen owns it from then on, also when it fails.
	FD int

	// IPv6 lets tcp use IPv6 beside IPv4. Without it an IPv6 address is
	// ErrIPv6Off, and names resolve to IPv4 only.
	IPv6 bool

	// ConnectTimeout bounds one Dial, with name and proxy; zero does not.
	ConnectTimeout time.Duration

	// MaxRT bounds how long sent bytes may stay unacknowledged before the
	// connection is given up (TCP_USER_TIMEOUT). Linux only; ignored elsewhere.
	MaxRT time.Duration

	// BindToDevice ties tcp sockets to a network interface. Linux only; an
	// error elsewhere, since traffic would leave where it must not.
	BindToDevice string

	// SocksProxy is the host:port of a SOCKS5 proxy for tcp Dial, empty for
	// none. Names are passed to it unresolved. With an empty SocksUser it is
	// greeted without authentication.
	SocksProxy, SocksUser, SocksPassword string
}

// Defaults are libzmq's, but for the backlog: a listener that has no place for more
// handshakes leaves newcomers there, and one that is full makes them wait for a second
// and more.
func Defaults() Options {
	return Options{
		Backlog:        4096,
		FD:             -1,
		SndBuf:         -1,
		RcvBuf:         -1,
		KeepAlive:      -1,
		KeepAliveCnt:   -1,
		KeepAliveIdle:  -1,
		KeepAliveIntvl: -1,
	}
}
