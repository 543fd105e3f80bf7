package zmq

import (
	"time"
)

// Which types have an option, where not all do.
var (
	publishers  = []Type{Pub, XPub}
	noticed     = []Type{XPub}
	subscribers = []Type{Sub, XSub}
	filtering   = []Type{Pub, XPub, Sub, XSub}
	named       = []Type{Req, Dealer, Router}
	routers     = []Type{Router}
	requesters  = []Type{Req}
	conflating  = []Type{Push, Pull, Pub, Sub, Dealer}
	greeters    = []Type{Router, Dealer, Client, Server, Peer}
	bidders     = []Type{Router, Server, Peer} // hear of accepted peers that leave
	missers     = []Type{Dealer, Client, Peer} // hear of connected peers that are lost
)

// optionTable is the list of options, one line each: libzmq's name, the Go function
// that sets it, its field, default, rule, types, when it is felt, what it is for.
// docs/options.md is made from it.
var optionTable = []optionRow{
	// Queues.
	field("SNDHWM", "WithSendHWM", func(o *options) *int { return &o.sndHWM }, 1000, count, nil, atOnce, "messages that may wait for one peer; 0: any number, and as many bytes unless SNDBYTES is set"),
	field("RCVHWM", "WithRecvHWM", func(o *options) *int { return &o.rcvHWM }, 1000, count, nil, atOnce, "messages of one peer that may wait to be received; 0: any number, and as many bytes unless RCVBYTES is set"),
	chosen(field("SNDBYTES", "WithSendBytes", func(o *options) *int64 { return &o.sndBytes }, defaultPipeBytes, sizeLimit, nil, atNext, "bytes that may wait for one peer; unless it is set, SNDHWM = 0 lifts it (ours)"), func(o *options) *bool { return &o.sndBytesSet }),
	chosen(field("RCVBYTES", "WithRecvBytes", func(o *options) *int64 { return &o.rcvBytes }, defaultPipeBytes, sizeLimit, nil, atNext, "bytes of one peer that may wait to be received; unless it is set, RCVHWM = 0 lifts it (ours)"), func(o *options) *bool { return &o.rcvBytesSet }),
	field("CONFLATE", "WithConflate", func(o *options) *bool { return &o.conflate }, false, onOff, conflating, atNext, "only the last message is kept, in each direction"),
	field("SWAP_DIR", "WithSwap", func(o *options) *string { return &o.swapDir }, "", anyText, nil, atNext, "where messages over the high-water mark wait on disk; empty: nowhere (ours)"),
	field("SWAP", "WithSwap", func(o *options) *int64 { return &o.swapBytes }, int64(0), sizeLimit, nil, atNext, "bytes that may wait on disk for one peer"),
	field("SWAP_SYNC", "WithSwapSync", func(o *options) *bool { return &o.swapSync }, false, onOff, nil, atNext, "Send returns when the message is on disk (ours)"),
	field("REQUEUE", "WithRequeue", func(o *options) *bool { return &o.requeue }, false, onOff, []Type{Push, Pull}, atNext, "what a lost peer may not have goes to another one (ours)"),
	field("PEER_PRIORITY", "WithPeerPriority", func(o *options) *int { return &o.peerPriority }, 0, anyNumber, []Type{Push, Dealer, Req}, atNext, "peers of a lower one get messages only when those of a higher are full or gone (ours)"),
	field("LINGER", "WithLinger", func(o *options) *time.Duration { return &o.linger }, defaultLinger, anyTime, nil, atOnce, "how long Close waits for messages to be sent; negative: without end. SUB, XSUB: 0"),
	field("SNDTIMEO", "WithSendTimeout", func(o *options) *time.Duration { return &o.sndTimeout }, -1, anyTime, nil, atOnce, "how long a Send waits; negative: without end"),
	field("RCVTIMEO", "WithRecvTimeout", func(o *options) *time.Duration { return &o.rcvTimeout }, -1, anyTime, nil, atOnce, "how long a Recv waits; negative: without end"),
	field("IMMEDIATE", "WithImmediate", func(o *options) *bool { return &o.immediate }, false, onOff, nil, atNext, "messages wait only for peers that are connected"),

	// Limits on what peers send.
	field("MAXMSGSIZE", "WithMaxMsgSize", func(o *options) *int64 { return &o.maxMsgSize }, defaultMaxMsgSize, sizeLimit, nil, atNext, "bytes of a received message"),
	field("MAXPARTS", "WithMaxParts", func(o *options) *int { return &o.maxParts }, defaultMaxParts, count, nil, atNext, "frames of a received message (ours)"),
	field("MAXTOPIC", "WithMaxTopic", func(o *options) *int { return &o.maxTopic }, defaultMaxTopic, count, publishers, atOnce, "bytes of a peer's subscription (ours)"),

	// Connecting, handshake, heartbeat.
	field("RECONNECT_IVL", "WithReconnectInterval", func(o *options) *time.Duration { return &o.reconnectMin }, 100*time.Millisecond, anyTime, nil, atNext, "time between attempts to connect; 0 or less: there is one"),
	field("RECONNECT_IVL_MAX", "WithReconnectInterval", func(o *options) *time.Duration { return &o.reconnectMax }, 0, forward, nil, atNext, "up to which that time doubles; 0: see WithReconnectInterval"),
	field("RECONNECT_STOP", "WithReconnectStop", func(o *options) *int { return &o.reconnectStop }, 0, mask(15), nil, atNext, "what ends the attempts: 1 refused, 2 handshake failed, 4 after a disconnect, 8 the connection was lost (ours)"),
	field("CONNECT_TIMEOUT", "WithConnectTimeout", func(o *options) *time.Duration { return &o.net.ConnectTimeout }, 0, forward, nil, atNext, "how long one attempt to connect may take; 0: as the system has it"),
	field("HANDSHAKE_IVL", "WithHandshakeInterval", func(o *options) *time.Duration { return &o.handshake }, defaultHandshake, forward, nil, atNext, "how long a handshake may take; 0: without end"),
	field("HEARTBEAT_IVL", "WithHeartbeat", func(o *options) *time.Duration { return &o.heartbeat }, 0, forward, nil, atNext, "time between PINGs; 0: none"),
	field("HEARTBEAT_TIMEOUT", "WithHeartbeat", func(o *options) *time.Duration { return &o.heartbeatTimeout }, 0, forward, nil, atNext, "how long a PING may be without an answer; 0: HEARTBEAT_IVL"),
	field("HEARTBEAT_TTL", "WithHeartbeat", func(o *options) *time.Duration { return &o.heartbeatTTL }, 0, ttl, nil, atNext, "how long the peer may wait for our next PING, in tenths of a second; 0: it is told nothing"),
	metadataRow,
	streamID(rawField("ROUTING_ID", "WithRoutingID", func(o *options) *[]byte { return &o.routingID }, routingID, named, atNext, "the name by which a ROUTER will know this socket; STREAM: what the last connected endpoint is called")),

	// Messages at the beginning and the end of a connection.
	rawField("HELLO_MSG", "WithHelloMsg", func(o *options) *[]byte { return &o.hello }, anyBytes, greeters, atNext, "the first message on each new connection; empty: none"),
	rawField("DISCONNECT_MSG", "WithDisconnectMsg", func(o *options) *[]byte { return &o.goodbye }, anyBytes, bidders, atNext, "received when a peer that was accepted is gone; empty: nothing"),
	rawField("HICCUP_MSG", "WithHiccupMsg", func(o *options) *[]byte { return &o.hiccup }, anyBytes, missers, atNext, "received when a peer that was connected to is lost; empty: nothing"),

	// ROUTER, REQ.
	field("ROUTER_MANDATORY", "WithRouterMandatory", func(o *options) *bool { return &o.routerMandatory }, false, onOff, routers, atOnce, "an unknown peer is an error, a full one is waited for"),
	field("ROUTER_HANDOVER", "WithRouterHandover", func(o *options) *bool { return &o.routerHandover }, false, onOff, routers, atOnce, "a new peer takes over a routing id that is in use"),
	field("ROUTER_NOTIFY", "WithRouterNotify", func(o *options) *int { return &o.routerNotify }, 0, mask(NotifyConnect|NotifyDisconnect), routers, atNext, "an empty message from each peer that comes (1) and that goes (2)"),
	rawField("CONNECT_ROUTING_ID", "WithConnectRoutingID", func(o *options) *[]byte { return &o.connectID }, connectID, []Type{Router, Stream}, atNext, "what the peer of the next Connect is called"),
	field("STREAM_NOTIFY", "WithStreamNotify", func(o *options) *bool { return &o.streamNotify }, true, onOff, []Type{Stream}, atNext, "an empty message when a connection comes and when it goes"),
	field("PROBE_ROUTER", "WithProbeRouter", func(o *options) *bool { return &o.probeRouter }, false, onOff, named, atNext, "an empty message to each new peer"),
	refused("ROUTER_RAW", errRouterRaw),
	field("REQ_RELAXED", "WithReqRelaxed", func(o *options) *bool { return &o.reqRelaxed }, false, onOff, requesters, atOnce, "a request may follow a request"),
	field("REQ_FAIL_FAST", "WithReqFailFast", func(o *options) *bool { return &o.reqFailFast }, false, onOff, requesters, atOnce, "Recv fails when the peer that has the request is gone (ours)"),
	field("REQ_CORRELATE", "WithReqCorrelate", func(o *options) *bool { return &o.reqCorrelate }, false, onOff, requesters, atOnce, "requests are numbered, and replies told apart"),

	// Publishers and subscribers.
	{name: "SUBSCRIBE", with: "Socket.Subscribe", form: "bytes", types: []Type{Sub, XSub, XPub}, effect: atOnce, says: "XPUB: only with XPUB_MANUAL"},
	{name: "UNSUBSCRIBE", with: "Socket.Unsubscribe", form: "bytes", types: []Type{Sub, XSub, XPub}, effect: atOnce, says: "XPUB: only with XPUB_MANUAL"},
	verbose("XPUB_VERBOSE", "WithXPubVerbose", func(o *options) *bool { return &o.xpubVerbose }, setVerbose, "every subscription is reported"),
	verbose("XPUB_VERBOSER", "WithXPubVerboser", func(o *options) *bool { return &o.xpubVerboser }, setVerboser, "every subscription and cancellation is reported"),
	verbose("XPUB_MANUAL", "WithXPubManual", func(o *options) *bool { return &o.xpubManual }, setManual, "subscriptions are what the program makes of them"),
	verbose("XPUB_MANUAL_LAST_VALUE", "WithXPubManualLastValue", func(o *options) *bool { return &o.xpubLast }, setManualLast, "the same; and the next message is only for the last one to subscribe"),
	field("XPUB_NODROP", "WithXPubNoDrop", func(o *options) *bool { return &o.xpubNoDrop }, false, onOff, []Type{Pub, XPub, Radio}, atOnce, "a full subscriber is waited for"),
	rawField("XPUB_WELCOME_MSG", "WithXPubWelcomeMsg", func(o *options) *[]byte { return &o.welcome }, anyBytes, noticed, atOnce, "sent to each new subscriber; empty: nothing"),
	field("ONLY_FIRST_SUBSCRIBE", "WithOnlyFirstSubscribe", func(o *options) *bool { return &o.onlyFirst }, false, onOff, []Type{XPub, XSub}, atOnce, "behind a subscription, the other frames of a multipart message are none"),
	field("XSUB_VERBOSE_UNSUBSCRIBE", "WithXSubVerboseUnsubscribe", func(o *options) *bool { return &o.xsubVerbose }, false, onOff, []Type{XSub}, atOnce, "every cancellation is told, not only the last"),
	field("INVERT_MATCHING", "WithInvertMatching", func(o *options) *bool { return &o.invert }, false, onOff, filtering, atOnce, "messages go where they do not match; both sides must have it"),
	field("DURABLE", "WithDurable", func(o *options) *string { return &o.durable }, "", atMost(maxDurable), subscribers, atNext, "a name under which the publisher keeps what is missed; empty: none (ours)"),
	field("DURABLE_MSGS", "WithDurableBounds", func(o *options) *int { return &o.durableMsgs }, 0, natural, publishers, atNext, "messages kept for each durable subscriber; 0: none (ours)"),
	field("DURABLE_BYTES", "WithDurableBounds", func(o *options) *int64 { return &o.durableBytes }, int64(0), sizeLimit, publishers, atNext, "bytes kept for each durable subscriber (ours)"),
	field("DURABLE_AWAY", "WithDurableBounds", func(o *options) *time.Duration { return &o.durableAway }, 0, forward, publishers, atNext, "how long a durable subscriber may be away; 0: any time (ours)"),
	field("GAP_NOTICES", "WithGapNotices", func(o *options) *bool { return &o.gapNotices }, false, onOff, subscribers, atNext, "the publisher tells how many messages it dropped for us (ours)"),
	state("TOPICS_COUNT", "int", filtering, "different topics subscribed to", func(s *Socket, _ *options) any { return s.topicsCount() }),

	// The network.
	field("BACKLOG", "WithBacklog", func(o *options) *int { return &o.net.Backlog }, 100, natural, nil, atNext, "connections that may wait to be accepted"),
	field("SNDBUF", "WithSendBuffer", func(o *options) *int { return &o.net.SndBuf }, -1, orSystem, nil, atNext, "the kernel's send buffer in bytes"),
	field("RCVBUF", "WithRecvBuffer", func(o *options) *int { return &o.net.RcvBuf }, -1, orSystem, nil, atNext, "the kernel's receive buffer in bytes"),
	field("IPV6", "WithIPv6", func(o *options) *bool { return &o.net.IPv6 }, false, onOff, nil, atNext, "\"*\" binds both families, and names resolve to both"),
	inverse("IPV4ONLY", "WithIPv6", func(o *options) *bool { return &o.net.IPv6 }, "the contrary of IPV6"),
	field("TOS", "WithTOS", func(o *options) *int { return &o.net.TOS }, 0, natural, nil, atNext, "type of service, or traffic class, of packets"),
	field("PRIORITY", "WithPriority", func(o *options) *int { return &o.net.Priority }, 0, natural, nil, atNext, "SO_PRIORITY of packets; Linux"),
	field("BUSY_POLL", "WithBusyPoll", func(o *options) *int { return &o.net.BusyPoll }, 0, natural, nil, atNext, "SO_BUSY_POLL in microseconds; Linux"),
	field("BINDTODEVICE", "WithBindToDevice", func(o *options) *string { return &o.net.BindToDevice }, "", atMost(maxDevice), nil, atNext, "the network interface of all connections; Linux"),
	field("TCP_KEEPALIVE", "WithTCPKeepAlive", func(o *options) *int { return &o.net.KeepAlive }, -1, tristate, nil, atNext, "SO_KEEPALIVE"),
	field("TCP_KEEPALIVE_CNT", "WithTCPKeepAlive", func(o *options) *int { return &o.net.KeepAliveCnt }, -1, orSystem, nil, atNext, "probes until a connection counts as dead"),
	field("TCP_KEEPALIVE_IDLE", "WithTCPKeepAlive", func(o *options) *int { return &o.net.KeepAliveIdle }, -1, orSystem, nil, atNext, "seconds of silence before the first probe"),
	field("TCP_KEEPALIVE_INTVL", "WithTCPKeepAlive", func(o *options) *int { return &o.net.KeepAliveIntvl }, -1, orSystem, nil, atNext, "seconds between probes"),
	field("TCP_MAXRT", "WithMaxRetransmit", func(o *options) *time.Duration { return &o.net.MaxRT }, 0, forward, nil, atNext, "how long bytes may be without acknowledgement; 0: as the system has it; Linux"),
	acceptFilterRow,
	ipcFilter("IPC_FILTER_PID", "WithIPCFilterPID", func(f *ipcFilters) *[]int { return &f.pid }, "processes that may connect over ipc"),
	ipcFilter("IPC_FILTER_UID", "WithIPCFilterUID", func(f *ipcFilters) *[]int { return &f.uid }, "users who may connect over ipc"),
	ipcFilter("IPC_FILTER_GID", "WithIPCFilterGID", func(f *ipcFilters) *[]int { return &f.gid }, "groups whose members may connect over ipc"),
	field("SOCKS_PROXY", "WithSocksProxy", func(o *options) *string { return &o.net.SocksProxy }, "", proxyAddress, nil, atNext, "host:port of a SOCKS5 proxy for tcp; empty: none"),
	field("SOCKS_USERNAME", "WithSocksLogin", func(o *options) *string { return &o.net.SocksUser }, "", atMost(maxSocksText), nil, atNext, "user name for the proxy; empty: none is asked for"),
	hidden(field("SOCKS_PASSWORD", "WithSocksLogin", func(o *options) *string { return &o.net.SocksPassword }, "", atMost(maxSocksText), nil, atNext, "password for the proxy")),
	field("USE_FD", "WithUseFD", func(o *options) *int { return &o.net.FD }, -1, descriptor, nil, atNext, "a listening descriptor that the next Bind adopts; -1: none"),
	listenerRow,
	field("RATE", "WithMulticastRate", func(o *options) *int { return &o.rate }, 100, positive, nil, atNext, "multicast: kilobits a second"),
	field("RECOVERY_IVL", "WithMulticastRecovery", func(o *options) *time.Duration { return &o.recovery }, 10*time.Second, forward, nil, atNext, "multicast: how long lost packets can be had again"),
	field("MULTICAST_HOPS", "WithMulticastHops", func(o *options) *int { return &o.multicastHops }, 1, positive, nil, atNext, "multicast: how many routers may pass it on"),
	field("MULTICAST_MAXTPDU", "WithMulticastMaxTPDU", func(o *options) *int { return &o.multicastTPDU }, 1500, positive, nil, atNext, "multicast: bytes of a packet"),
	field("MULTICAST_LOOP", "WithMulticastLoop", func(o *options) *bool { return &o.multicastLoop }, true, onOff, nil, atNext, "multicast: this machine gets it as well"),

	// Security.
	state("MECHANISM", "int", nil, "0 NULL, 1 PLAIN, 2 CURVE: what the last of the options below has chosen", func(_ *Socket, o *options) any { return o.sec.number() }),
	secured("PLAIN_SERVER", "WithPlainServer", "bool", "asks the authenticator about passwords", func(p *protection) any { return p.name == "PLAIN" && p.server }),
	secured("PLAIN_USERNAME", "WithPlainClient", "string", "a PLAIN client's user name", func(p *protection) any { return p.user }),
	hidden(secured("PLAIN_PASSWORD", "WithPlainClient", "string", "a PLAIN client's password", nil)),
	secured("CURVE_SERVER", "WithCurveServer", "bool", "encrypts, and asks the authenticator about keys", func(p *protection) any { return p.name == "CURVE" && p.server }),
	secured("CURVE_PUBLICKEY", "WithCurveClient", "string", "the own public key, in Z85", func(p *protection) any { return p.publicKey }),
	hidden(secured("CURVE_SECRETKEY", "WithCurveClient", "string", "the own secret key", nil)),
	secured("CURVE_SERVERKEY", "WithCurveClient", "string", "the server's public key, in Z85", func(p *protection) any { return p.serverKey }),
	field("ZAP_DOMAIN", "WithZAPDomain", func(o *options) *string { return &o.sec.domain }, "", domain, nil, atNext, "what the authenticator is told of this server; with one NULL asks, too"),
	field("ZAP_ENFORCE_DOMAIN", "", func(o *options) *bool { return &o.zapEnforce }, false, onOff, nil, isKept, "always so here: who asks the authenticator obeys it"),
	field("ALLOW_ANY_KEY", "WithAllowAnyKey", func(o *options) *bool { return &o.sec.anyKey }, false, onOff, nil, atNext, "without an authenticator everybody gets in (ours)"),
	field("RESERVED_NAME", "WithReservedName", func(o *options) *bool { return &o.reserved }, false, onOff, nil, atNext, "may bind the authenticator's name (ours)"),
	hidden(field("WSS_KEY_PEM", "WithWSSKey", func(o *options) *string { return &o.wss.key }, "", anyText, nil, atNext, "wss: the server's private key")),
	field("WSS_CERT_PEM", "WithWSSCert", func(o *options) *string { return &o.wss.cert }, "", anyText, nil, atNext, "wss: the server's certificate"),
	field("WSS_TRUST_PEM", "WithWSSTrust", func(o *options) *string { return &o.wss.trust }, "", anyText, nil, atNext, "wss: whom a client trusts; empty: the system's authorities"),
	field("WSS_HOSTNAME", "WithWSSHostname", func(o *options) *string { return &o.wss.hostname }, "", anyText, nil, atNext, "wss: the name in the server's certificate"),
	field("WSS_TRUST_SYSTEM", "WithWSSTrustSystem", func(o *options) *bool { return &o.wss.system }, false, onOff, nil, atNext, "wss: the system's authorities are trusted, too"),
	tlsConfigRow,
	originsRow,
	refused("GSSAPI_SERVER", errNoKerberos), refused("GSSAPI_PRINCIPAL", errNoKerberos), refused("GSSAPI_SERVICE_PRINCIPAL", errNoKerberos), refused("GSSAPI_PLAINTEXT", errNoKerberos),
	refused("GSSAPI_PRINCIPAL_NAMETYPE", errNoKerberos), refused("GSSAPI_SERVICE_PRINCIPAL_NAMETYPE", errNoKerberos),

	// The socket itself.
	loggerRow,
	state("TYPE", "int", nil, "libzmq's number of the socket type", func(s *Socket, _ *options) any { return int(s.typ) }),
	state("LAST_ENDPOINT", "string", nil, "the real form of the last endpoint bound or connected", func(s *Socket, _ *options) any { return s.ends.lastEndpoint() }),
	state("EVENTS", "PollEvents", nil, "what would not block now", func(s *Socket, _ *options) any { return s.Poll() }),
	state("RCVMORE", "bool", nil, "whether frames follow: messages are whole here, so none do", func(*Socket, *options) any { return false }),
	state("THREAD_SAFE", "bool", nil, "whether many goroutines may use the socket: always", func(*Socket, *options) any { return true }),

	// What tunes the insides of libzmq. It is accepted, and changes nothing.
	field("AFFINITY", "", func(o *options) *uint64 { return &o.affinity }, 0, anyMask, nil, isKept, "which I/O threads: the Go scheduler decides"),
	keptNumber("IN_BATCH_SIZE", 8192, positive, "bytes of one read: they follow the load"),
	keptNumber("OUT_BATCH_SIZE", 8192, positive, "bytes of one write: they follow the load"),
	keptNumber("LOOPBACK_FASTPATH", 0, tristate, "Windows: no longer needed"),
	keptNumber("VMCI_BUFFER_SIZE", 0, natural, "no VMCI"), keptNumber("VMCI_BUFFER_MIN_SIZE", 0, natural, "no VMCI"),
	keptNumber("VMCI_BUFFER_MAX_SIZE", 0, natural, "no VMCI"), keptNumber("VMCI_CONNECT_TIMEOUT", -1, orSystem, "no VMCI"),
	keptNumber("NORM_MODE", 0, natural, "no NORM"), keptNumber("NORM_UNICAST_NACK", 0, natural, "no NORM"),
	keptNumber("NORM_BUFFER_SIZE", 2048, natural, "no NORM"), keptNumber("NORM_SEGMENT_SIZE", 1400, natural, "no NORM"),
	keptNumber("NORM_BLOCK_SIZE", 16, natural, "no NORM"), keptNumber("NORM_NUM_PARITY", 4, natural, "no NORM"),
	keptNumber("NORM_NUM_AUTOPARITY", 0, natural, "no NORM"), keptNumber("NORM_PUSH", 0, natural, "no NORM"),
}
