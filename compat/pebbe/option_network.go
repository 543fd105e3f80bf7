package zmq4

import "time"

// GetSndbuf returns the kernel's send buffer in bytes.
func (soc *Socket) GetSndbuf() (int, error) { return option[int](soc, "SNDBUF") }

// SetSndbuf sets the kernel's send buffer in bytes. (ZMQ_SNDBUF)
func (soc *Socket) SetSndbuf(value int) error { return soc.setOption("SNDBUF", value) }

// GetRcvbuf returns the kernel's receive buffer in bytes.
func (soc *Socket) GetRcvbuf() (int, error) { return option[int](soc, "RCVBUF") }

// SetRcvbuf sets the kernel's receive buffer in bytes. (ZMQ_RCVBUF)
func (soc *Socket) SetRcvbuf(value int) error { return soc.setOption("RCVBUF", value) }

// GetIpv6 returns whether the socket uses IPv6, too.
func (soc *Socket) GetIpv6() (bool, error) { return option[bool](soc, "IPV6") }

// SetIpv6 sets whether the socket uses IPv6, too. (ZMQ_IPV6)
func (soc *Socket) SetIpv6(value bool) error { return soc.setOption("IPV6", value) }

// GetTos returns the type of service of packets.
func (soc *Socket) GetTos() (int, error) { return option[int](soc, "TOS") }

// SetTos sets the type of service of packets. (ZMQ_TOS)
func (soc *Socket) SetTos(value int) error { return soc.setOption("TOS", value) }

// GetTcpKeepalive returns TCP keep-alive: 1, 0, or -1 for the system's default.
func (soc *Socket) GetTcpKeepalive() (int, error) { return option[int](soc, "TCP_KEEPALIVE") }

// SetTcpKeepalive sets TCP keep-alive: 1, 0, or -1 for the system's default. (ZMQ_TCP_KEEPALIVE)
func (soc *Socket) SetTcpKeepalive(value int) error { return soc.setOption("TCP_KEEPALIVE", value) }

// GetTcpKeepaliveCnt returns after how many probes a connection is dead.
func (soc *Socket) GetTcpKeepaliveCnt() (int, error) { return option[int](soc, "TCP_KEEPALIVE_CNT") }

// SetTcpKeepaliveCnt sets after how many probes a connection is dead. (ZMQ_TCP_KEEPALIVE_CNT)
func (soc *Socket) SetTcpKeepaliveCnt(value int) error {
	return soc.setOption("TCP_KEEPALIVE_CNT", value)
}

// GetTcpKeepaliveIdle returns after how many seconds of silence probes begin.
func (soc *Socket) GetTcpKeepaliveIdle() (int, error) { return option[int](soc, "TCP_KEEPALIVE_IDLE") }

// SetTcpKeepaliveIdle sets after how many seconds of silence probes begin. (ZMQ_TCP_KEEPALIVE_IDLE)
func (soc *Socket) SetTcpKeepaliveIdle(value int) error {
	return soc.setOption("TCP_KEEPALIVE_IDLE", value)
}

// GetTcpKeepaliveIntvl returns the seconds between probes.
func (soc *Socket) GetTcpKeepaliveIntvl() (int, error) {
	return option[int](soc, "TCP_KEEPALIVE_INTVL")
}

// SetTcpKeepaliveIntvl sets the seconds between probes. (ZMQ_TCP_KEEPALIVE_INTVL)
func (soc *Socket) SetTcpKeepaliveIntvl(value int) error {
	return soc.setOption("TCP_KEEPALIVE_INTVL", value)
}

// GetTcpMaxrt returns how long bytes may be without acknowledgement.
func (soc *Socket) GetTcpMaxrt() (time.Duration, error) {
	return option[time.Duration](soc, "TCP_MAXRT")
}

// SetTcpMaxrt sets how long bytes may be without acknowledgement. (ZMQ_TCP_MAXRT)
func (soc *Socket) SetTcpMaxrt(value time.Duration) error { return soc.setOption("TCP_MAXRT", value) }

// SetTcpAcceptFilter sets a range of addresses that may connect; each call adds one. (ZMQ_TCP_ACCEPT_FILTER)
func (soc *Socket) SetTcpAcceptFilter(filter string) error {
	return soc.setOption("TCP_ACCEPT_FILTER", filter)
}

// GetRate returns the rate of multicast in kilobits a second.
func (soc *Socket) GetRate() (int, error) { return option[int](soc, "RATE") }

// SetRate sets the rate of multicast in kilobits a second. (ZMQ_RATE)
func (soc *Socket) SetRate(value int) error { return soc.setOption("RATE", value) }

// GetRecoveryIvl returns how long a lost packet of multicast can be had again.
func (soc *Socket) GetRecoveryIvl() (time.Duration, error) {
	return option[time.Duration](soc, "RECOVERY_IVL")
}

// SetRecoveryIvl sets how long a lost packet of multicast can be had again. (ZMQ_RECOVERY_IVL)
func (soc *Socket) SetRecoveryIvl(value time.Duration) error {
	return soc.setOption("RECOVERY_IVL", value)
}

// GetMulticastHops returns how many routers may pass a multicast packet on.
func (soc *Socket) GetMulticastHops() (int, error) { return option[int](soc, "MULTICAST_HOPS") }

// SetMulticastHops sets how many routers may pass a multicast packet on. (ZMQ_MULTICAST_HOPS)
func (soc *Socket) SetMulticastHops(value int) error { return soc.setOption("MULTICAST_HOPS", value) }

// GetMulticastMaxtpdu returns the bytes of a multicast packet.
func (soc *Socket) GetMulticastMaxtpdu() (int, error) { return option[int](soc, "MULTICAST_MAXTPDU") }

// SetMulticastMaxtpdu sets the bytes of a multicast packet. (ZMQ_MULTICAST_MAXTPDU)
func (soc *Socket) SetMulticastMaxtpdu(value int) error {
	return soc.setOption("MULTICAST_MAXTPDU", value)
}

// GetVmciBufferSize returns nothing: there is no VMCI.
func (soc *Socket) GetVmciBufferSize() (uint64, error) {
	return option[uint64](soc, "VMCI_BUFFER_SIZE")
}

// SetVmciBufferSize sets nothing: there is no VMCI. (ZMQ_VMCI_BUFFER_SIZE)
func (soc *Socket) SetVmciBufferSize(value uint64) error {
	return soc.setOption("VMCI_BUFFER_SIZE", value)
}

// GetVmciBufferMinSize returns nothing: there is no VMCI.
func (soc *Socket) GetVmciBufferMinSize() (uint64, error) {
	return option[uint64](soc, "VMCI_BUFFER_MIN_SIZE")
}

// SetVmciBufferMinSize sets nothing: there is no VMCI. (ZMQ_VMCI_BUFFER_MIN_SIZE)
func (soc *Socket) SetVmciBufferMinSize(value uint64) error {
	return soc.setOption("VMCI_BUFFER_MIN_SIZE", value)
}

// GetVmciBufferMaxSize returns nothing: there is no VMCI.
func (soc *Socket) GetVmciBufferMaxSize() (uint64, error) {
	return option[uint64](soc, "VMCI_BUFFER_MAX_SIZE")
}

// SetVmciBufferMaxSize sets nothing: there is no VMCI. (ZMQ_VMCI_BUFFER_MAX_SIZE)
func (soc *Socket) SetVmciBufferMaxSize(value uint64) error {
	return soc.setOption("VMCI_BUFFER_MAX_SIZE", value)
}

// GetVmciConnectTimeout returns nothing: there is no VMCI.
func (soc *Socket) GetVmciConnectTimeout() (time.Duration, error) {
	return option[time.Duration](soc, "VMCI_CONNECT_TIMEOUT")
}

// SetVmciConnectTimeout sets nothing: there is no VMCI. (ZMQ_VMCI_CONNECT_TIMEOUT)
func (soc *Socket) SetVmciConnectTimeout(value time.Duration) error {
	return soc.setOption("VMCI_CONNECT_TIMEOUT", int(value/time.Millisecond))
}
