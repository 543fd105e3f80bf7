package zmq

import (
	"net"
	"time"
)

// WithTCPAcceptFilter lets only peers connect over tcp whose address is in one of
// the ranges, such as "10.0.0.0/8" or "::1"; others are disconnected at once, with
// EventAcceptFailed. Each use adds to the ranges before it; without any it clears
// them. (ZMQ_TCP_ACCEPT_FILTER)
func WithTCPAcceptFilter(ranges ...string) Option {
	if len(ranges) == 0 {
		return newOption("TCP_ACCEPT_FILTER", "")
	}
	var all several
	for _, r := range ranges {
		all = append(all, newOption("TCP_ACCEPT_FILTER", r))
	}
	return newOption("", all)
}

// What package net does where a net.KeepAliveConfig says 0.
const (
	keepAliveTime   = 15 * time.Second
	keepAliveProbes = 9
)

func keepAliveOn(c net.KeepAliveConfig) int {
	if c.Enable {
		return 1
	}
	return 0
}

func keepAliveCount(c net.KeepAliveConfig) int {
	switch {
	case !c.Enable || c.Count < 0:
		return -1
	case c.Count == 0:
		return keepAliveProbes
	}
	return c.Count
}

// keepAliveSeconds is a time as TCP counts it, rounded up.
func keepAliveSeconds(c net.KeepAliveConfig, d time.Duration) int {
	switch {
	case !c.Enable || d < 0:
		return -1
	case d == 0:
		d = keepAliveTime
	}
	return int((d + time.Second - 1) / time.Second)
}

// microseconds is a time as the kernel's busy polling counts it, rounded up; one that is
// too long stays so, for the rule to refuse.
func microseconds(d time.Duration) int64 {
	if d < 0 {
		return -1
	}
	return int64((d + time.Microsecond - 1) / time.Microsecond)
}
