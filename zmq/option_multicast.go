package zmq

import "time"

// WithMulticastRate is how fast multicast transports send, in kilobits a second.
// Default 100. (ZMQ_RATE)
func WithMulticastRate(kbits int) Option { return Option{"RATE", kbits} }

// WithMulticastRecovery is how long a lost packet can be had again. Default 10 s.
// (ZMQ_RECOVERY_IVL)
func WithMulticastRecovery(d time.Duration) Option { return Option{"RECOVERY_IVL", d} }

// WithMulticastHops is how many routers may pass a multicast packet on. Default 1,
// the local network. (ZMQ_MULTICAST_HOPS)
func WithMulticastHops(n int) Option { return Option{"MULTICAST_HOPS", n} }

// WithMulticastMaxTPDU bounds a multicast packet, in bytes. Default 1500.
// (ZMQ_MULTICAST_MAXTPDU)
func WithMulticastMaxTPDU(n int) Option { return Option{"MULTICAST_MAXTPDU", n} }

// WithMulticastLoop lets this machine receive its own multicast, which is the
// default. (ZMQ_MULTICAST_LOOP)
func WithMulticastLoop(on bool) Option { return Option{"MULTICAST_LOOP", on} }
