package zmq4

// GetType returns the socket's type.
func (soc *Socket) GetType() (Type, error) {
	core, err := soc.use()
	if err != nil {
		return 0, err
	}
	return Type(core.Type()), nil
}

// GetEvents returns what the socket is ready for now.
func (soc *Socket) GetEvents() (State, error) {
	if _, err := soc.use(); err != nil {
		return 0, err
	}
	return soc.ready(), nil
}

// GetRcvmore reports whether more parts of the message under way can be received.
func (soc *Socket) GetRcvmore() (bool, error) {
	if _, err := soc.use(); err != nil {
		return false, err
	}
	soc.mu.Lock()
	defer soc.mu.Unlock()
	return len(soc.rest) > 0, nil
}

// GetLastEndpoint returns the last endpoint that was bound, in its real form, or
// connected.
func (soc *Socket) GetLastEndpoint() (string, error) { return option[string](soc, "LAST_ENDPOINT") }

// GetIdentity returns the name by which a ROUTER will know the socket.
func (soc *Socket) GetIdentity() (string, error) { return option[string](soc, "ROUTING_ID") }

// SetIdentity sets the name by which a ROUTER will know the socket, 1 to 255 bytes.
// (ZMQ_ROUTING_ID)
func (soc *Socket) SetIdentity(value string) error { return soc.setOption("ROUTING_ID", value) }

// GetThreadSafe reports whether the socket may be used by many goroutines: it may.
func (soc *Socket) GetThreadSafe() (bool, error) { return option[bool](soc, "THREAD_SAFE") }

// GetFd returns ENOTSUP: a socket has no descriptor here that stands for it. Wait with
// a Poller or a Reactor.
func (soc *Socket) GetFd() (int, error) { return -1, ENOTSUP }

// Getusefd returns the descriptor that the next Bind adopts; -1: none.
func (soc *Socket) Getusefd() (int, error) { return option[int](soc, "USE_FD") }

// SetSubscribe asks for messages that begin with filter; "": for all.
func (soc *Socket) SetSubscribe(filter string) error {
	core, err := soc.use()
	if err != nil {
		return err
	}
	return errnoOf(core.Subscribe(filter))
}

// SetUnsubscribe takes one SetSubscribe back.
func (soc *Socket) SetUnsubscribe(filter string) error {
	core, err := soc.use()
	if err != nil {
		return err
	}
	return errnoOf(core.Unsubscribe(filter))
}

// SetReqRelaxed sets whether a REQ may send again before the reply has come: 1 or 0.
// Where libzmq then goes on waiting for a peer that is gone, Recv returns EHOSTUNREACH.
// (ZMQ_REQ_RELAXED)
func (soc *Socket) SetReqRelaxed(value int) error { return soc.setOption("REQ_RELAXED", value) }

// SetRouterRaw returns EINVAL: use a STREAM.
func (soc *Socket) SetRouterRaw(value int) error { return soc.setOption("ROUTER_RAW", value) }
