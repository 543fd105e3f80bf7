package zmq4

import "time"

// GetReconnectIvl returns the time between attempts to connect.
func (soc *Socket) GetReconnectIvl() (time.Duration, error) {
	return option[time.Duration](soc, "RECONNECT_IVL")
}

// SetReconnectIvl sets the time between attempts to connect. (ZMQ_RECONNECT_IVL)
func (soc *Socket) SetReconnectIvl(value time.Duration) error {
	return soc.setOption("RECONNECT_IVL", value)
}

// GetReconnectIvlMax returns up to which time that doubles; 0: it does not.
func (soc *Socket) GetReconnectIvlMax() (time.Duration, error) {
	return option[time.Duration](soc, "RECONNECT_IVL_MAX")
}

// SetReconnectIvlMax sets up to which time that doubles; 0: it does not. (ZMQ_RECONNECT_IVL_MAX)
func (soc *Socket) SetReconnectIvlMax(value time.Duration) error {
	return soc.setOption("RECONNECT_IVL_MAX", value)
}

// GetConnectTimeout returns how long one attempt to connect may take; 0: as the system has it.
func (soc *Socket) GetConnectTimeout() (time.Duration, error) {
	return option[time.Duration](soc, "CONNECT_TIMEOUT")
}

// SetConnectTimeout sets how long one attempt to connect may take; 0: as the system has it. (ZMQ_CONNECT_TIMEOUT)
func (soc *Socket) SetConnectTimeout(value time.Duration) error {
	return soc.setOption("CONNECT_TIMEOUT", value)
}

// GetHandshakeIvl returns how long a handshake may take; 0: without end.
func (soc *Socket) GetHandshakeIvl() (time.Duration, error) {
	return option[time.Duration](soc, "HANDSHAKE_IVL")
}

// SetHandshakeIvl sets how long a handshake may take; 0: without end. (ZMQ_HANDSHAKE_IVL)
func (soc *Socket) SetHandshakeIvl(value time.Duration) error {
	return soc.setOption("HANDSHAKE_IVL", value)
}

// SetHeartbeatIvl sets the time between heartbeats; 0: there are none. (ZMQ_HEARTBEAT_IVL)
func (soc *Socket) SetHeartbeatIvl(value time.Duration) error {
	return soc.setOption("HEARTBEAT_IVL", value)
}

// SetHeartbeatTimeout sets after which silence a peer is given up. (ZMQ_HEARTBEAT_TIMEOUT)
func (soc *Socket) SetHeartbeatTimeout(value time.Duration) error {
	return soc.setOption("HEARTBEAT_TIMEOUT", value)
}

// SetHeartbeatTtl sets after which silence of ours the peer gives us up. (ZMQ_HEARTBEAT_TTL)
func (soc *Socket) SetHeartbeatTtl(value time.Duration) error {
	return soc.setOption("HEARTBEAT_TTL", value)
}

// GetBacklog returns how many connections may wait to be accepted.
func (soc *Socket) GetBacklog() (int, error) { return option[int](soc, "BACKLOG") }

// SetBacklog sets how many connections may wait to be accepted. (ZMQ_BACKLOG)
func (soc *Socket) SetBacklog(value int) error { return soc.setOption("BACKLOG", value) }

// GetSocksProxy returns the SOCKS5 proxy for tcp, as host:port; empty: none.
func (soc *Socket) GetSocksProxy() (string, error) { return option[string](soc, "SOCKS_PROXY") }

// SetSocksProxy sets the SOCKS5 proxy for tcp, as host:port; empty: none. (ZMQ_SOCKS_PROXY)
func (soc *Socket) SetSocksProxy(value string) error { return soc.setOption("SOCKS_PROXY", value) }

// SetUseFd sets a listening descriptor that the next Bind adopts. (ZMQ_USE_FD)
func (soc *Socket) SetUseFd(value int) error { return soc.setOption("USE_FD", value) }
