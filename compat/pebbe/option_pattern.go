package zmq4

// SetRouterMandatory sets whether a ROUTER says EHOSTUNREACH for a peer that is not there: 1 or 0. (ZMQ_ROUTER_MANDATORY)
func (soc *Socket) SetRouterMandatory(value int) error {
	return soc.setOption("ROUTER_MANDATORY", value)
}

// SetRouterHandover sets whether a peer takes over an identity that is in use. (ZMQ_ROUTER_HANDOVER)
func (soc *Socket) SetRouterHandover(value bool) error {
	return soc.setOption("ROUTER_HANDOVER", value)
}

// SetProbeRouter sets whether each new peer is sent an empty message: 1 or 0. (ZMQ_PROBE_ROUTER)
func (soc *Socket) SetProbeRouter(value int) error { return soc.setOption("PROBE_ROUTER", value) }

// SetConnectRid sets what the peer of the next Connect is called. (ZMQ_CONNECT_ROUTING_ID)
func (soc *Socket) SetConnectRid(value string) error {
	return soc.setOption("CONNECT_ROUTING_ID", value)
}

// SetReqCorrelate sets whether requests are numbered, and late replies told apart: 1 or 0. (ZMQ_REQ_CORRELATE)
func (soc *Socket) SetReqCorrelate(value int) error { return soc.setOption("REQ_CORRELATE", value) }

// SetXpubVerbose sets whether every subscription is received: 1 or 0. (ZMQ_XPUB_VERBOSE)
func (soc *Socket) SetXpubVerbose(value int) error { return soc.setOption("XPUB_VERBOSE", value) }

// SetXpubVerboser sets whether every subscription and cancellation is received: 1 or 0. (ZMQ_XPUB_VERBOSER)
func (soc *Socket) SetXpubVerboser(value int) error { return soc.setOption("XPUB_VERBOSER", value) }

// SetXpubManual sets whether the program says what a peer is subscribed to: 1 or 0. (ZMQ_XPUB_MANUAL)
func (soc *Socket) SetXpubManual(value int) error { return soc.setOption("XPUB_MANUAL", value) }

// SetXpubNodrop sets whether a full subscriber is waited for. (ZMQ_XPUB_NODROP)
func (soc *Socket) SetXpubNodrop(value bool) error { return soc.setOption("XPUB_NODROP", value) }

// SetXpubWelcomeMsg sets what each new subscriber is sent; empty: nothing. (ZMQ_XPUB_WELCOME_MSG)
func (soc *Socket) SetXpubWelcomeMsg(value string) error {
	return soc.setOption("XPUB_WELCOME_MSG", value)
}

// GetInvertMatching returns whether messages go where they do not match: 1 or 0.
func (soc *Socket) GetInvertMatching() (int, error) { return option[int](soc, "INVERT_MATCHING") }

// SetInvertMatching sets whether messages go where they do not match: 1 or 0. (ZMQ_INVERT_MATCHING)
func (soc *Socket) SetInvertMatching(value int) error { return soc.setOption("INVERT_MATCHING", value) }

// SetStreamNotify sets whether an empty part says that a connection has come or gone: 1 or 0. (ZMQ_STREAM_NOTIFY)
func (soc *Socket) SetStreamNotify(value int) error { return soc.setOption("STREAM_NOTIFY", value) }
