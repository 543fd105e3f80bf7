package main

// felt is when a change of an option is felt.
const (
	atOnce = "atOnce" // also by peers that are there
	atNext = "atNext" // by endpoints that are bound or connected afterwards
	isKept = "isKept" // never: accepted and read back, it has no meaning here
)

// kind is how a row becomes an optionRow of package zmq.
const (
	custom = "custom" // by the Go expression in custom
	bytes  = "bytes"  // a []byte that is read back as text
)

// row is one option of a socket: all that there is to know of it.
type row struct {
	name      string // libzmq's, without ZMQ_
	with      string // WithX sets it, and Settings has it as X
	param     string // of WithX
	value     string // what WithX makes of its parameter; empty: the parameter
	as        string // its name in Settings, where it has no WithX of its own
	kind      string // empty: a field with a rule
	field     string // of the struct options
	typ       string // its Go type
	def       string // its default
	rule      string // what a value must be
	noted     string // a field that says whether it was set
	setter    string // a function that sets it, with others
	types     string // of sockets that have it; empty: all
	felt      string
	secret    bool
	essential bool   // one of the dozen that every program needs
	custom    string // the Go expression of its optionRow, or a function that changes it
	says      string // what it is for, in a few words
	doc       string // of WithX
}

// group is a function that sets several options.
type group struct {
	with, params string
	essential    bool
	says         string
	sets         [][2]string // name and value
	doc          string
}

// table is the list of options.
var table = []row{
	// Queues.
	{name: "SNDHWM", with: "SendHWM", param: "n int", field: "sndHWM", typ: "int", def: "1000", rule: "count", felt: atOnce, essential: true,
		says: "messages that may wait for one peer; 0: any number, and as many bytes unless SNDBYTES is set",
		doc: `WithSendHWM bounds the messages that wait for one peer; 0 means no bound, in bytes
either unless WithSendBytes sets one. Default 1000. Takes effect at once. (ZMQ_SNDHWM)`},
	{name: "RCVHWM", with: "RecvHWM", param: "n int", field: "rcvHWM", typ: "int", def: "1000", rule: "count", felt: atOnce, essential: true,
		says: "messages of one peer that may wait to be received; 0: any number, and as many bytes unless RCVBYTES is set",
		doc: `WithRecvHWM bounds the messages of one peer that wait to be received; 0 means no
bound, in bytes either unless WithRecvBytes sets one. Default 1000. Takes effect at
once. (ZMQ_RCVHWM)`},
	{name: "SNDBYTES", with: "SendBytes", param: "n int64", field: "sndBytes", noted: "sndBytesSet", typ: "int64", def: "defaultPipeBytes", rule: "sizeLimit", felt: atNext,
		says: "bytes that may wait for one peer; unless it is set, SNDHWM = 0 lifts it (ours)",
		doc: `WithSendBytes bounds the bytes that wait for one peer; 0 or -1 means no bound.
Default 64 MiB, and none with WithSendHWM(0). The message that goes over the bound is
still taken, and counts by its frames. libzmq has no such bound.`},
	{name: "RCVBYTES", with: "RecvBytes", param: "n int64", field: "rcvBytes", noted: "rcvBytesSet", typ: "int64", def: "defaultPipeBytes", rule: "sizeLimit", felt: atNext,
		says: "bytes of one peer that may wait to be received; unless it is set, RCVHWM = 0 lifts it (ours)",
		doc: `WithRecvBytes bounds the memory of one peer's messages that wait to be received; 0
or -1 means no bound. Default 64 MiB, and none with WithRecvHWM(0). What counts are the
buffers that the messages stand in, which small ones share; one message may go over
the bound, and another one may stand half read behind it. Over inproc the bound is the
sum of this and the sender's WithSendBytes, as with the marks in messages. libzmq has no
such bound.`},
	{name: "CONFLATE", with: "Conflate", param: "on bool", field: "conflate", typ: "bool", def: "false", rule: "onOff", types: "PUSH PULL PUB SUB DEALER", felt: atNext,
		says: "only the last message is kept, in each direction",
		doc: `WithConflate keeps only the last message in each direction: one that nobody has
sent or taken yet gives way to the next one, and high-water marks mean nothing.
Messages of several frames are kept whole, which libzmq can't do. PUSH, PULL, PUB,
SUB and DEALER. (ZMQ_CONFLATE)`},
	{name: "SWAP_DIR", as: "SwapDir", field: "swapDir", typ: "string", def: `""`, rule: "anyText", felt: atNext,
		says: "where messages over the high-water mark wait on disk; empty: nowhere (ours)"},
	{name: "SWAP", as: "SwapBytes", field: "swapBytes", typ: "int64", def: "0", rule: "sizeLimit", felt: atNext,
		says: "bytes that may wait on disk for one peer"},
	{name: "SWAP_SYNC", with: "SwapSync", param: "on bool", field: "swapSync", typ: "bool", def: "false", rule: "onOff", felt: atNext,
		says: "Send returns when the message is on disk (ours)",
		doc: `WithSwapSync makes every message for a connected endpoint go through the swap, and
Send return only when it is on the disk: nothing that was accepted is lost when
the program is killed or the machine loses its power. Senders that wait at the
same time share one flush. It needs WithSwap.`},
	{name: "REQUEUE", with: "Requeue", param: "on bool", field: "requeue", typ: "bool", def: "false", rule: "onOff", types: "PUSH PULL", felt: atNext,
		says: "what a lost peer may not have goes to another one (ours)",
		doc: `WithRequeue on a PUSH hands the messages over to another peer that were written to
one whose connection then broke before its kernel had acknowledged them, and those
that waited for it; without another peer they wait for the next one. What a kernel
has acknowledged counts as delivered, though its program may not have read it:
who needs more than that needs replies. Over tcp on Linux the kernel says what was
acknowledged; over ipc there all is sent again that was written since that was last
known; over ws and on other systems the last 16 MiB are, or twice the send buffer of
that peer where this is more, which is all that a kernel may hold. So a message may be
delivered twice, and the second time not in its place among the others.

On a PULL it asks the peers to mark such messages: then Redelivered of a received
message says that another peer may have it, too. Peers that are not ours, libzmq's
too, get and send them like any other message. (ours)`},
	{name: "PEER_PRIORITY", with: "PeerPriority", param: "n int", field: "peerPriority", typ: "int", def: "0", rule: "anyNumber", types: "PUSH DEALER REQ", felt: atNext,
		says: "peers of a lower one get messages only when those of a higher are full or gone (ours)",
		doc: `WithPeerPriority, given to Connect or Bind, gives the peers of that endpoint a
priority: messages of a PUSH, DEALER or REQ go to the peers of the highest priority
that have room, in turn, and to others only when all of those are full or gone. The
default is 0; it may be negative. With any other priority than 0 messages are
queued only while the peer is connected; what waits for a peer that is lost is kept
for its return. (ours; WithPriority is about packets)`},
	{name: "LINGER", with: "Linger", param: "d time.Duration", field: "linger", typ: "time.Duration", def: "defaultLinger", rule: "anyTime", felt: atOnce, essential: true,
		says: "how long Close waits for messages to be sent; negative: without end. SUB, XSUB: 0",
		doc: `WithLinger is how long Close and Disconnect wait for messages to be sent.
Default 30 s (libzmq: for ever), for SUB and XSUB 0; a negative time waits for
ever. Takes effect at once. (ZMQ_LINGER)`},
	{name: "SNDTIMEO", with: "SendTimeout", param: "d time.Duration", field: "sndTimeout", typ: "time.Duration", def: "-1", rule: "anyTime", felt: atOnce, essential: true,
		says: "how long a Send waits; negative: without end",
		doc: `WithSendTimeout bounds each Send: after d it returns ErrAgain. Negative, the
default: no bound but the context; 0: never wait. Takes effect at once.
(ZMQ_SNDTIMEO)`},
	{name: "RCVTIMEO", with: "RecvTimeout", param: "d time.Duration", field: "rcvTimeout", typ: "time.Duration", def: "-1", rule: "anyTime", felt: atOnce, essential: true,
		says: "how long a Recv waits; negative: without end",
		doc:  `WithRecvTimeout bounds each Recv; see WithSendTimeout. (ZMQ_RCVTIMEO)`},
	{name: "IMMEDIATE", with: "Immediate", param: "on bool", field: "immediate", typ: "bool", def: "false", rule: "onOff", felt: atNext,
		says: "messages wait only for peers that are connected",
		doc: `WithImmediate queues messages only for peers that are connected. What waits for
a peer that is lost is dropped. (ZMQ_IMMEDIATE)`},

	// Limits on what peers send.
	{name: "MAXMSGSIZE", with: "MaxMsgSize", param: "n int64", field: "maxMsgSize", typ: "int64", def: "defaultMaxMsgSize", rule: "sizeLimit", felt: atNext, essential: true,
		says: "bytes of a received message",
		doc: `WithMaxMsgSize bounds a received message, all frames together, in bytes; a peer
that sends more is told so and disconnected: Stats.TooLarge counts it, and both
sides' EventDisconnected has ErrMsgTooLarge with the size and the limit. 0 or -1 means no
bound. Default 16 MiB (libzmq: none, and for each frame). (ZMQ_MAXMSGSIZE)`},
	{name: "MAXPARTS", with: "MaxParts", param: "n int", field: "maxParts", typ: "int", def: "defaultMaxParts", rule: "count", felt: atNext,
		says: "frames of a received message (ours)",
		doc: `WithMaxParts bounds the frames of a received message; a peer that sends more is
disconnected. 0 means no bound. Default 1024. libzmq has no such bound.`},
	{name: "MAXTOPIC", with: "MaxTopic", param: "n int", field: "maxTopic", typ: "int", def: "defaultMaxTopic", rule: "count", types: "PUB XPUB", felt: atOnce,
		says: "bytes of a peer's subscription (ours)",
		doc: `WithMaxTopic bounds a subscription of a peer, in bytes; a longer one is not entered,
and both sides are told: see EventTopicRefused. 0 means no bound. Default 8 KiB. PUB and XPUB. Takes effect
at once. libzmq has no such bound.`},

	// Connecting, handshake, heartbeat.
	{name: "RECONNECT_IVL", as: "ReconnectInterval", field: "reconnectMin", typ: "time.Duration", def: "100*time.Millisecond", rule: "anyTime", felt: atNext,
		says: "time between attempts to connect; 0 or less: there is one"},
	{name: "RECONNECT_IVL_MAX", as: "ReconnectIntervalMax", field: "reconnectMax", typ: "time.Duration", def: "0", rule: "forward", felt: atNext,
		says: "up to which that time doubles; 0: see WithReconnectInterval"},
	{name: "RECONNECT_STOP", with: "ReconnectStop", param: "when ReconnectStop", field: "reconnectStop", typ: "ReconnectStop", def: "0", rule: "mask(ReconnectStop(15))", felt: atNext,
		says: "what ends the attempts: 1 refused, 2 handshake failed, 4 after Disconnect, 8 the connection was lost (ours)",
		doc: `WithReconnectStop ends the attempts to connect for good at what is in when, a sum
of the ReconnectStop constants; without it they go on for ever. Connect makes a
new start. (ZMQ_RECONNECT_STOP)`},
	{name: "CONNECT_TIMEOUT", with: "ConnectTimeout", param: "d time.Duration", field: "net.ConnectTimeout", typ: "time.Duration", def: "0", rule: "forward", felt: atNext,
		says: "how long one attempt to connect may take; 0: as the system has it",
		doc: `WithConnectTimeout bounds one attempt to connect; 0, the default, leaves it to
the system. (ZMQ_CONNECT_TIMEOUT)`},
	{name: "HANDSHAKE_IVL", with: "HandshakeInterval", param: "d time.Duration", field: "handshake", typ: "time.Duration", def: "defaultHandshake", rule: "forward", felt: atNext,
		says: "how long a handshake may take; 0: without end",
		doc: `WithHandshakeInterval bounds the handshake with a new peer; 0 means no bound.
Default 10 s (libzmq: 30 s). (ZMQ_HANDSHAKE_IVL)`},
	{name: "HANDSHAKES_MAX", with: "MaxHandshakes", param: "n int", field: "maxHandshakes", typ: "int", def: "defaultHandshakes", rule: "positive", felt: atNext,
		says: "handshakes that a bound endpoint has under way (ours)",
		doc: `WithMaxHandshakes bounds how many handshakes an endpoint that is bound has under way.
Newcomers beyond it wait in the system's queue (WithBacklog), unless a peer that has
been silent can make room: see Stats.Evicted. Default 2048.`},
	{name: "HEARTBEAT_IVL", as: "HeartbeatInterval", field: "heartbeat", typ: "time.Duration", def: "0", rule: "forward", felt: atNext,
		says: "time between PINGs; 0: none"},
	{name: "HEARTBEAT_TIMEOUT", as: "HeartbeatTimeout", field: "heartbeatTimeout", typ: "time.Duration", def: "0", rule: "forward", felt: atNext,
		says: "how long a PING may be without an answer; 0: HEARTBEAT_IVL"},
	{name: "HEARTBEAT_TTL", as: "HeartbeatTTL", field: "heartbeatTTL", typ: "time.Duration", def: "0", rule: "ttl", felt: atNext,
		says: "how long the peer may wait for our next PING, in tenths of a second; 0: it is told nothing"},
	{name: "METADATA", with: "Metadata", param: "name, value string", value: `name + ":" + value`, kind: custom, custom: "metadataRow",
		doc: `WithMetadata tells every peer a property of this socket; name begins with "X-".
The peer reads it with msg.Peer.Property. (ZMQ_METADATA)`},
	{name: "ROUTING_ID", with: "RoutingID", param: "id string", kind: bytes, field: "routingID", typ: "[]byte", rule: "routingID", felt: atNext, essential: true, custom: "streamID",
		says: "the name by which a ROUTER will know this socket; STREAM: what the last connected endpoint is called",
		doc: `WithRoutingID is the name by which a ROUTER will know this socket, 1 to 255
bytes that do not begin with zero. REQ, DEALER and ROUTER tell it; the others keep
it, as in libzmq. (ZMQ_ROUTING_ID)`},

	// Messages at the beginning and the end of a connection.
	{name: "HELLO_MSG", with: "HelloMsg", param: "b []byte", kind: bytes, field: "hello", typ: "[]byte", rule: "anyBytes", types: "ROUTER DEALER CLIENT SERVER PEER", felt: atNext,
		says: "the first message on each new connection; empty: none",
		doc: `WithHelloMsg sends b as the first message, of one frame, on each new connection.
Empty, the default: nothing is sent. ROUTER and DEALER, and the types SERVER,
CLIENT and PEER. (ZMQ_HELLO_MSG)`},
	{name: "DISCONNECT_MSG", with: "DisconnectMsg", param: "b []byte", kind: bytes, field: "goodbye", typ: "[]byte", rule: "anyBytes", types: "ROUTER SERVER PEER", felt: atNext,
		says: "received when a peer that was accepted is gone; empty: nothing",
		doc: `WithDisconnectMsg lets the program receive b, as if the peer had sent it as its
last message, when a peer that connected to this socket is gone. It is not sent.
Empty, the default: nothing is received. ROUTER, SERVER and PEER.
(ZMQ_DISCONNECT_MSG)`},
	{name: "HICCUP_MSG", with: "HiccupMsg", param: "b []byte", kind: bytes, field: "hiccup", typ: "[]byte", rule: "anyBytes", types: "DEALER CLIENT PEER", felt: atNext,
		says: "received when a peer that was connected to is lost; empty: nothing",
		doc: `WithHiccupMsg lets the program receive b when a peer that this socket connected
to is lost; it is dialled again as usual. It is not sent. Empty, the default:
nothing is received. DEALER, CLIENT and PEER. (ZMQ_HICCUP_MSG)`},

	// ROUTER, REQ.
	{name: "ROUTER_MANDATORY", with: "RouterMandatory", param: "on bool", field: "routerMandatory", typ: "bool", def: "false", rule: "onOff", types: "ROUTER", felt: atOnce,
		says: "an unknown peer is an error, a full one is waited for",
		doc: `WithRouterMandatory makes Send on a ROUTER return ErrHostUnreachable for an
unknown peer, and wait for a full one, instead of dropping. Takes effect at
once. (ZMQ_ROUTER_MANDATORY)`},
	{name: "ROUTER_HANDOVER", with: "RouterHandover", param: "on bool", field: "routerHandover", typ: "bool", def: "false", rule: "onOff", types: "ROUTER", felt: atOnce,
		says: "a new peer takes over a routing id that is in use",
		doc: `WithRouterHandover lets a new peer take over the routing id of one that is
connected, if it has the same key (CURVE) or is the same authenticated user; the old
one is disconnected. Peers that are not authenticated are all one user. A name from
WithConnectRoutingID is never taken over. Takes effect at once.
(ZMQ_ROUTER_HANDOVER)`},
	{name: "ROUTER_NOTIFY", with: "RouterNotify", param: "when RouterNotify", field: "routerNotify", typ: "RouterNotify", def: "0", rule: "mask(NotifyConnect|NotifyDisconnect)", types: "ROUTER", felt: atNext,
		says: "an empty message from each peer that comes (1) and that goes (2)",
		doc: `WithRouterNotify lets a ROUTER receive an empty message, of routing id and one
empty frame, from each peer that has come (NotifyConnect), that has gone
(NotifyDisconnect), or both. Peers that fail the handshake are not told of.
libzmq tells of tcp and ipc only, this socket of inproc, too. (ZMQ_ROUTER_NOTIFY)`},
	{name: "CONNECT_ROUTING_ID", with: "ConnectRoutingID", param: "id string", kind: bytes, field: "connectID", typ: "[]byte", rule: "connectID", types: "ROUTER STREAM", felt: atNext,
		says: "what the peer of the next Connect is called",
		doc: `WithConnectRoutingID names the peer of a Connect, whatever it says its name is.
Messages to that name wait for it from then on. Given to Connect it holds for that
call, given to New or Set for the next one. A name that is in use makes Connect
fail. ROUTER. (ZMQ_CONNECT_ROUTING_ID)`},
	{name: "STREAM_NOTIFY", with: "StreamNotify", param: "on bool", field: "streamNotify", typ: "bool", def: "true", rule: "onOff", types: "STREAM", felt: atNext,
		says: "an empty message when a connection comes and when it goes",
		doc: `WithStreamNotify lets a STREAM receive an empty message, of routing id and one
empty frame, when a connection comes and when it goes. It is the default; false
turns it off for endpoints that are bound or connected afterwards.
(ZMQ_STREAM_NOTIFY)`},
	{name: "PROBE_ROUTER", with: "ProbeRouter", param: "on bool", field: "probeRouter", typ: "bool", def: "false", rule: "onOff", types: "REQ DEALER ROUTER", felt: atNext,
		says: "an empty message to each new peer",
		doc: `WithProbeRouter sends an empty message to each new peer, so that a ROUTER hears
of this socket at once. REQ, DEALER and ROUTER. (ZMQ_PROBE_ROUTER)`},
	{name: "ROUTER_RAW", kind: custom, custom: `refused("ROUTER_RAW", errRouterRaw)`},
	{name: "REQ_RELAXED", with: "ReqRelaxed", param: "on bool", field: "reqRelaxed", typ: "bool", def: "false", rule: "onOff", types: "REQ", felt: atOnce,
		says: "a request may follow a request",
		doc: `WithReqRelaxed lets a REQ send again before the reply has come; the reply to
the earlier request is then dropped. Use it with WithReqCorrelate. It implies
WithReqFailFast. Takes effect at once. (ZMQ_REQ_RELAXED)`},
	{name: "REQ_FAIL_FAST", with: "ReqFailFast", param: "on bool", field: "reqFailFast", typ: "bool", def: "false", rule: "onOff", types: "REQ", felt: atOnce,
		says: "Recv fails when the peer that has the request is gone (ours)",
		doc: `WithReqFailFast lets Recv on a REQ return ErrPeerGone when the connection to the
peer that has the request is lost before the reply has come; the socket may then
send again, to whom there is. Without it Recv goes on waiting, as libzmq's does. A
request that was not written yet is no matter of this: it waits for the next
connection. Takes effect at once. (ours)`},
	{name: "REQ_CORRELATE", with: "ReqCorrelate", param: "on bool", field: "reqCorrelate", typ: "bool", def: "false", rule: "onOff", types: "REQ", felt: atOnce,
		says: "requests are numbered, and replies told apart",
		doc: `WithReqCorrelate numbers requests, so that a late reply is told apart. Takes
effect at once. (ZMQ_REQ_CORRELATE)`},

	// Publishers and subscribers.
	{name: "SUBSCRIBE", kind: custom, types: "SUB XSUB XPUB", custom: `optionRow{name: "SUBSCRIBE", with: "Socket.Subscribe", form: "bytes", types: []Type{Sub, XSub, XPub}, effect: atOnce, says: "XPUB: only with XPUB_MANUAL"}`},
	{name: "UNSUBSCRIBE", kind: custom, types: "SUB XSUB XPUB", custom: `optionRow{name: "UNSUBSCRIBE", with: "Socket.Unsubscribe", form: "bytes", types: []Type{Sub, XSub, XPub}, effect: atOnce, says: "XPUB: only with XPUB_MANUAL"}`},
	{name: "XPUB_VERBOSE", with: "XPubVerbose", param: "on bool", field: "xpubVerbose", typ: "bool", def: "false", rule: "onOff", setter: "setVerbose", types: "XPUB", felt: atOnce,
		says: "every subscription is reported",
		doc: `WithXPubVerbose reports every subscription on an XPUB, not only the first for a
topic. Takes effect at once. (ZMQ_XPUB_VERBOSE)`},
	{name: "XPUB_VERBOSER", with: "XPubVerboser", param: "on bool", field: "xpubVerboser", typ: "bool", def: "false", rule: "onOff", setter: "setVerboser", types: "XPUB", felt: atOnce,
		says: "every subscription and cancellation is reported",
		doc: `WithXPubVerboser reports every subscription and every cancellation on an XPUB.
Takes effect at once. (ZMQ_XPUB_VERBOSER)`},
	{name: "XPUB_MANUAL", with: "XPubManual", param: "on bool", field: "xpubManual", typ: "bool", def: "false", rule: "onOff", setter: "setManual", types: "XPUB", felt: atOnce,
		says: "subscriptions are what the program makes of them",
		doc: `WithXPubManual leaves it to the program what a peer is subscribed to: an XPUB only
reports subscriptions and cancellations, all of them, and Subscribe and
Unsubscribe then act for the peer whose report was received last. When a peer goes,
what it had asked for is reported as cancelled. Takes effect at once.
(ZMQ_XPUB_MANUAL)`},
	{name: "XPUB_MANUAL_LAST_VALUE", with: "XPubManualLastValue", param: "on bool", field: "xpubLast", typ: "bool", def: "false", rule: "onOff", setter: "setManualLast", types: "XPUB", felt: atOnce,
		says: "the same; and the next message is only for the last one to subscribe",
		doc: `WithXPubManualLastValue is WithXPubManual, and the next message after a report was
received goes only to the peer of that report, if it is subscribed: so a last
value cache answers a new subscriber without troubling the others. Takes effect
at once. (ZMQ_XPUB_MANUAL_LAST_VALUE)`},
	{name: "XPUB_NODROP", with: "XPubNoDrop", param: "on bool", field: "xpubNoDrop", typ: "bool", def: "false", rule: "onOff", types: "PUB XPUB RADIO", felt: atOnce,
		says: "a full subscriber is waited for",
		doc: `WithXPubNoDrop makes Send on a PUB or XPUB wait, having sent nothing, while a
matching subscriber is at its high-water mark. Takes effect at once.
(ZMQ_XPUB_NODROP)`},
	{name: "XPUB_WELCOME_MSG", with: "XPubWelcomeMsg", param: "b []byte", kind: bytes, field: "welcome", typ: "[]byte", rule: "anyBytes", types: "XPUB", felt: atOnce,
		says: "sent to each new subscriber; empty: nothing",
		doc: `WithXPubWelcomeMsg sends b, a message of one frame, to each new subscriber of an
XPUB. A SUB gets it only if it has subscribed to it. Empty, the default: nothing.
Takes effect at once. (ZMQ_XPUB_WELCOME_MSG)`},
	{name: "ONLY_FIRST_SUBSCRIBE", with: "OnlyFirstSubscribe", param: "on bool", field: "onlyFirst", typ: "bool", def: "false", rule: "onOff", types: "XPUB XSUB", felt: atOnce,
		says: "behind a subscription, the other frames of a multipart message are none",
		doc: `WithOnlyFirstSubscribe is about multipart messages whose first frame is a
subscription: the other frames are then a message of the program's, whatever they
begin with. Without it each of them that begins with 0x00 or 0x01 is a
subscription, too. XPUB and XSUB. Takes effect at once.
(ZMQ_ONLY_FIRST_SUBSCRIBE)`},
	{name: "XSUB_VERBOSE_UNSUBSCRIBE", with: "XSubVerboseUnsubscribe", param: "on bool", field: "xsubVerbose", typ: "bool", def: "false", rule: "onOff", types: "XSUB", felt: atOnce,
		says: "every cancellation is told, not only the last",
		doc: `WithXSubVerboseUnsubscribe tells publishers every cancellation, not only the one
after which nothing of a topic is left. A publisher does not count what one
connection subscribes to, so the first cancellation ends the topic for all behind that
connection: with it a chain of two proxies starves the others when one subscriber
leaves. Use it only where the program counts by itself. XSUB. Takes effect at once.
(ZMQ_XSUB_VERBOSE_UNSUBSCRIBE)`},
	{name: "INVERT_MATCHING", with: "InvertMatching", param: "on bool", field: "invert", typ: "bool", def: "false", rule: "onOff", types: "PUB XPUB SUB XSUB", felt: atOnce,
		says: "messages go where they do not match; both sides must have it",
		doc: `WithInvertMatching sends messages to the peers whose subscriptions do not match,
and lets a SUB receive what it has not subscribed to. Both sides must have it.
PUB, XPUB, SUB and XSUB. Takes effect at once. (ZMQ_INVERT_MATCHING)`},
	{name: "DURABLE", with: "Durable", param: "id string", field: "durable", typ: "string", def: `""`, rule: "atMost(maxDurable)", types: "SUB XSUB", felt: atNext,
		says: "a name under which the publisher keeps what is missed; empty: none (ours)",
		doc: `WithDurable makes a SUB or XSUB a durable subscriber: when its connection breaks,
or its program ends and another one comes with the same id, the publisher sends
first what was missed, in order. id is 1 to 255 bytes. The publisher must be one of
ours and have WithDurableBounds; any other one, libzmq's too, takes no notice.

Subscribe before you Connect: with each new connection the publisher takes the
subscriptions that the socket has then for all that there are.

A socket that comes back gets nothing twice. A new socket with the id of an old one
gets again what that one may have received and its program not yet taken: some
tens of milliseconds' worth. What was published beyond the bounds is missed, and
named: EventGap, with how many messages in Value, and Stats.Missed. So is the
end of a publisher, which has forgotten everything when it begins anew: then Value
is 0.

On inproc, whose connections do not break, it means nothing. Order across
connections needs a subscriber that connects; one that is bound takes the messages
of the old and of the new connection in turn.`},
	{name: "DURABLE_MSGS", as: "DurableMsgs", field: "durableMsgs", typ: "int", def: "0", rule: "natural", types: "PUB XPUB", felt: atNext,
		says: "messages kept for each durable subscriber; 0: none (ours)"},
	{name: "DURABLE_BYTES", as: "DurableBytes", field: "durableBytes", typ: "int64", def: "0", rule: "sizeLimit", types: "PUB XPUB", felt: atNext,
		says: "bytes kept for each durable subscriber (ours)"},
	{name: "DURABLE_AWAY", as: "DurableAway", field: "durableAway", typ: "time.Duration", def: "0", rule: "forward", types: "PUB XPUB", felt: atNext,
		says: "how long a durable subscriber may be away; 0: any time (ours)"},
	{name: "GAP_NOTICES", with: "GapNotices", param: "on bool", field: "gapNotices", typ: "bool", def: "false", rule: "onOff", types: "SUB XSUB", felt: atNext,
		says: "the publisher tells how many messages it dropped for us (ours)",
		doc: `WithGapNotices lets a SUB or XSUB hear how many messages a publisher has dropped
for it because its queue was at the high-water mark: EventGap, with the count in
Value and a *MissedError in Err, and Stats.Missed. The notice comes when the queue
has room again, before the messages that follow the gap. A publisher that is not
one of ours, libzmq's too, says nothing.`},
	{name: "TOPICS_COUNT", kind: custom, types: "PUB XPUB SUB XSUB", custom: `state("TOPICS_COUNT", "int", []Type{Pub, XPub, Sub, XSub}, "different topics subscribed to", func(s *Socket, _ *options) any { return s.topicsCount() })`},

	// The network.
	{name: "BACKLOG", with: "Backlog", param: "n int", field: "net.Backlog", typ: "int", def: "defaultBacklog", rule: "natural", felt: atNext,
		says: "connections that may wait to be accepted; the system has a limit of its own",
		doc: `WithBacklog is the length of the queue of connections that wait to be accepted.
When it is full, a client that connects waits for a second and more, as TCP has it; the
system may have a lower limit of its own (Linux: net.core.somaxconn). 0 is the system's
most. Default 4096 (libzmq: 100). (ZMQ_BACKLOG)`},
	{name: "SNDBUF", with: "SendBuffer", param: "n int", field: "net.SndBuf", typ: "int", def: "-1", rule: "orSystem", felt: atNext,
		says: "the kernel's send buffer in bytes",
		doc: `WithSendBuffer is the size of the kernel's send buffer in bytes; 0 is the
least that the system allows, -1, the default, leaves it to the system. (ZMQ_SNDBUF)`},
	{name: "RCVBUF", with: "RecvBuffer", param: "n int", field: "net.RcvBuf", typ: "int", def: "-1", rule: "orSystem", felt: atNext,
		says: "the kernel's receive buffer in bytes",
		doc: `WithRecvBuffer is the size of the kernel's receive buffer in bytes; 0 is
the least that the system allows, -1, the default, leaves it to the system, which is asked
for 1 MiB over udp, pgm and epgm. (ZMQ_RCVBUF)`},
	{name: "IPV6", with: "IPv6", param: "on bool", field: "net.IPv6", typ: "bool", def: "false", rule: "onOff", felt: atNext,
		says: `"*" binds both families, and names resolve to both`,
		doc:  `WithIPv6 lets "*" bind IPv6 as well, and names resolve to IPv6. (ZMQ_IPV6)`},
	{name: "IPV4ONLY", kind: custom, custom: `inverse("IPV4ONLY", "WithIPv6", func(o *options) *bool { return &o.net.IPv6 }, "the contrary of IPV6")`},
	{name: "TOS", with: "TOS", param: "n int", field: "net.TOS", typ: "int", def: "0", rule: "natural", felt: atNext,
		says: "type of service, or traffic class, of packets",
		doc:  `WithTOS is the type of service of outgoing packets. (ZMQ_TOS)`},
	{name: "PRIORITY", with: "Priority", param: "n int", field: "net.Priority", typ: "int", def: "0", rule: "natural", felt: atNext,
		says: "SO_PRIORITY of packets; Linux",
		doc: `WithPriority is the priority of packets in the system's queues, 0 to 6 without
privileges. Linux; ignored elsewhere. (ZMQ_PRIORITY)`},
	{name: "BUSY_POLL", with: "BusyPoll", param: "d time.Duration", value: "microseconds(d)", field: "net.BusyPoll", typ: "int", def: "0", rule: "natural", felt: atNext,
		says: "SO_BUSY_POLL in microseconds; Linux",
		doc: `WithBusyPoll lets the kernel poll the network device for so long while a read waits,
in whole microseconds; more than the system's own needs a privilege. Linux; ignored
elsewhere. (ZMQ_BUSY_POLL)`},
	{name: "BINDTODEVICE", with: "BindToDevice", param: "name string", field: "net.BindToDevice", typ: "string", def: `""`, rule: "atMost(maxDevice)", felt: atNext,
		says: "the network interface of all connections; Linux",
		doc: `WithBindToDevice ties tcp connections to a network interface or a VRF, of 15 bytes
at most. Empty, the default: any. Linux; elsewhere Bind fails and so does each
attempt to connect, since traffic would leave where it must not.
(ZMQ_BINDTODEVICE)`},
	{name: "TCP_KEEPALIVE", as: "TCPKeepAlive", field: "net.KeepAlive", typ: "int", def: "-1", rule: "tristate", felt: atNext,
		says: "SO_KEEPALIVE"},
	{name: "TCP_KEEPALIVE_CNT", as: "TCPKeepAliveCount", field: "net.KeepAliveCnt", typ: "int", def: "-1", rule: "orSystem", felt: atNext,
		says: "probes until a connection counts as dead"},
	{name: "TCP_KEEPALIVE_IDLE", as: "TCPKeepAliveIdle", field: "net.KeepAliveIdle", typ: "int", def: "-1", rule: "orSystem", felt: atNext,
		says: "seconds of silence before the first probe"},
	{name: "TCP_KEEPALIVE_INTVL", as: "TCPKeepAliveInterval", field: "net.KeepAliveIntvl", typ: "int", def: "-1", rule: "orSystem", felt: atNext,
		says: "seconds between probes"},
	{name: "TCP_MAXRT", with: "MaxRetransmit", param: "d time.Duration", field: "net.MaxRT", typ: "time.Duration", def: "0", rule: "forward", felt: atNext,
		says: "how long bytes may be without acknowledgement; 0: as the system has it; Linux",
		doc: `WithMaxRetransmit bounds how long TCP tries to get data acknowledged; 0, the
default, leaves it to the system. (ZMQ_TCP_MAXRT)`},
	{name: "TCP_ACCEPT_FILTER", kind: custom, custom: "acceptFilterRow"},
	{name: "IPC_FILTER_PID", with: "IPCFilterPID", param: "ids ...int", kind: custom, custom: `ipcFilter("IPC_FILTER_PID", "WithIPCFilterPID", func(f *ipcFilters) *[]int { return &f.pid }, "processes that may connect over ipc")`,
		doc: `WithIPCFilterPID lets peers connect over ipc whose process is one of ids.
With filters of more than one kind a peer must pass one of them. Each use adds to
the ids before it; without any it clears them. Linux; elsewhere nobody passes.
(ZMQ_IPC_FILTER_PID)`},
	{name: "IPC_FILTER_UID", with: "IPCFilterUID", param: "ids ...int", kind: custom, custom: `ipcFilter("IPC_FILTER_UID", "WithIPCFilterUID", func(f *ipcFilters) *[]int { return &f.uid }, "users who may connect over ipc")`,
		doc: `WithIPCFilterUID lets peers connect over ipc whose effective user id is one of ids.
With filters of more than one kind a peer must pass one of them. Each use adds to
the ids before it; without any it clears them. Linux; elsewhere nobody passes.
(ZMQ_IPC_FILTER_UID)`},
	{name: "IPC_FILTER_GID", with: "IPCFilterGID", param: "ids ...int", kind: custom, custom: `ipcFilter("IPC_FILTER_GID", "WithIPCFilterGID", func(f *ipcFilters) *[]int { return &f.gid }, "groups whose members may connect over ipc")`,
		doc: `WithIPCFilterGID lets peers connect over ipc whose user is in a group that is one of ids, as its own or a supplementary one.
With filters of more than one kind a peer must pass one of them. Each use adds to
the ids before it; without any it clears them. Linux; elsewhere nobody passes.
(ZMQ_IPC_FILTER_GID)`},
	{name: "SOCKS_PROXY", with: "SocksProxy", param: "address string", field: "net.SocksProxy", typ: "string", def: `""`, rule: "proxyAddress", felt: atNext,
		says: "host:port of a SOCKS5 proxy for tcp; empty: none",
		doc: `WithSocksProxy connects over tcp through the SOCKS5 proxy at host:port, which also
resolves names. Empty, the default: none. (ZMQ_SOCKS_PROXY, RFC 1928)`},
	{name: "SOCKS_USERNAME", as: "SocksUser", field: "net.SocksUser", typ: "string", def: `""`, rule: "atMost(maxSocksText)", felt: atNext,
		says: "user name for the proxy; empty: none is asked for"},
	{name: "SOCKS_PASSWORD", as: "SocksLogin", field: "net.SocksPassword", typ: "string", def: `""`, rule: "atMost(maxSocksText)", felt: atNext, secret: true,
		says: "password for the proxy"},
	{name: "USE_FD", with: "UseFD", param: "fd int", field: "net.FD", typ: "int", def: "-1", rule: "descriptor", felt: atNext,
		says: "a listening descriptor that the next Bind adopts; -1: none",
		doc: `WithUseFD lets Bind adopt a descriptor that is bound and listening already, as a
service manager hands it over, instead of making one; give it to Bind with the
endpoint it belongs to, of which only the scheme counts. The socket owns the
descriptor from then on. -1, the default: none. (ZMQ_USE_FD)`},
	{name: "LISTENER", with: "Listener", param: "l net.Listener", kind: custom, custom: "listenerRow",
		doc: `WithListener lets Bind take connections from l instead of listening itself: from a
VPN or a test's network that is no part of the operating system, or from an HTTP
server (package wshttp). Give it to Bind with a tcp, ipc, ws or wss endpoint; of tcp,
ws and wss the real form then has l's address. The socket owns l from then on and
closes it; Accept must return net.ErrClosed after Close.`},
	{name: "RATE", with: "MulticastRate", param: "kbits int", field: "rate", typ: "int", def: "100", rule: "positive", felt: atNext,
		says: "multicast: kilobits a second",
		doc: `WithMulticastRate is how fast multicast transports send, in kilobits a second.
Default 100. (ZMQ_RATE)`},
	{name: "RECOVERY_IVL", with: "MulticastRecovery", param: "d time.Duration", field: "recovery", typ: "time.Duration", def: "10*time.Second", rule: "forward", felt: atNext,
		says: "multicast: how long lost packets can be had again",
		doc: `WithMulticastRecovery is how long a lost packet can be had again. Default 10 s.
(ZMQ_RECOVERY_IVL)`},
	{name: "MULTICAST_HOPS", with: "MulticastHops", param: "n int", field: "multicastHops", typ: "int", def: "1", rule: "positive", felt: atNext,
		says: "multicast: how many routers may pass it on",
		doc: `WithMulticastHops is how many routers may pass a multicast packet on. Default 1,
the local network. (ZMQ_MULTICAST_HOPS)`},
	{name: "MULTICAST_MAXTPDU", with: "MulticastMaxTPDU", param: "n int", field: "multicastTPDU", typ: "int", def: "1500", rule: "positive", felt: atNext,
		says: "multicast: bytes of a packet",
		doc: `WithMulticastMaxTPDU bounds a multicast packet, in bytes. Default 1500.
(ZMQ_MULTICAST_MAXTPDU)`},
	{name: "MULTICAST_LOOP", with: "MulticastLoop", param: "on bool", field: "multicastLoop", typ: "bool", def: "true", rule: "onOff", felt: atNext,
		says: "multicast: this machine gets it as well",
		doc: `WithMulticastLoop lets this machine receive its own multicast, which is the
default. (ZMQ_MULTICAST_LOOP)`},

	// Security.
	{name: "MECHANISM", kind: custom, custom: `state("MECHANISM", "int", nil, "0 NULL, 1 PLAIN, 2 CURVE: what the last of the options below has chosen", func(_ *Socket, o *options) any { return o.sec.number() })`},
	{name: "PLAIN_SERVER", kind: custom, custom: `secured("PLAIN_SERVER", "WithPlainServer", "bool", "asks the authenticator about passwords", func(p *protection) any { return p.name == "PLAIN" && p.server })`},
	{name: "PLAIN_USERNAME", kind: custom, custom: `secured("PLAIN_USERNAME", "WithPlainClient", "string", "a PLAIN client's user name", func(p *protection) any { return p.user })`},
	{name: "PLAIN_PASSWORD", kind: custom, custom: `hidden(secured("PLAIN_PASSWORD", "WithPlainClient", "string", "a PLAIN client's password", nil))`},
	{name: "CURVE_SERVER", kind: custom, custom: `secured("CURVE_SERVER", "WithCurveServer", "bool", "encrypts, and asks the authenticator about keys", func(p *protection) any { return p.name == "CURVE" && p.server })`},
	{name: "CURVE_PUBLICKEY", kind: custom, custom: `secured("CURVE_PUBLICKEY", "WithCurveClient", "string", "the own public key, in Z85", func(p *protection) any { return p.publicKey })`},
	{name: "CURVE_SECRETKEY", kind: custom, custom: `hidden(secured("CURVE_SECRETKEY", "WithCurveClient", "string", "the own secret key", nil))`},
	{name: "CURVE_SERVERKEY", kind: custom, custom: `secured("CURVE_SERVERKEY", "WithCurveClient", "string", "the server's public key, in Z85", func(p *protection) any { return p.serverKey })`},
	{name: "ZAP_DOMAIN", with: "ZAPDomain", param: "domain string", field: "sec.domain", typ: "string", def: `""`, rule: "domain", felt: atNext,
		says: "what the authenticator is told of this server; with one NULL asks, too",
		doc: `WithZAPDomain is what the authenticator is told to tell the servers of a Context
apart. With one, a socket without a mechanism asks about its peers, too: about
their addresses, on either side. (ZMQ_ZAP_DOMAIN)`},
	{name: "ZAP_ENFORCE_DOMAIN", as: "ZAPEnforceDomain", field: "zapEnforce", typ: "bool", def: "false", rule: "onOff", felt: isKept,
		says: "always so here: who asks the authenticator obeys it"},
	{name: "ALLOW_ANY_KEY", with: "AllowAnyKey", param: "on bool", field: "sec.anyKey", typ: "bool", def: "false", rule: "onOff", felt: atNext,
		says: "without an authenticator everybody gets in (ours)",
		doc: `WithAllowAnyKey lets every peer of a server in while its Context has no
authenticator; without it, nobody gets in then. An authenticator that is there
still has the last word. (What libzmq does for CURVE by default.)`},
	{name: "RESERVED_NAME", with: "ReservedName", param: "on bool", field: "reserved", typ: "bool", def: "false", rule: "onOff", felt: atNext,
		says: "may bind the authenticator's name (ours)",
		doc: `WithReservedName lets the socket bind inproc://zeromq.zap.01, the name of the
Context's authenticator. Package auth does so; use it for an authenticator of
your own, on a REP or ROUTER that answers the requests of RFC 27.`},
	{name: "WSS_KEY_PEM", with: "WSSKey", param: "pem string", field: "wss.key", typ: "string", def: `""`, rule: "anyText", felt: atNext, secret: true,
		says: "wss: the server's private key",
		doc:  `WithWSSKey is the private key of a wss server, in PEM. (ZMQ_WSS_KEY_PEM)`},
	{name: "WSS_CERT_PEM", with: "WSSCert", param: "pem string", field: "wss.cert", typ: "string", def: `""`, rule: "anyText", felt: atNext,
		says: "wss: the server's certificate",
		doc: `WithWSSCert is the certificate of a wss server, in PEM, with those between it and its
authority behind it. (ZMQ_WSS_CERT_PEM)`},
	{name: "WSS_TRUST_PEM", with: "WSSTrust", param: "pem string", field: "wss.trust", typ: "string", def: `""`, rule: "anyText", felt: atNext,
		says: "wss: whom a client trusts; empty: the system's authorities",
		doc: `WithWSSTrust has the certificates, in PEM, that a wss client trusts; without any it
trusts the system's authorities. (ZMQ_WSS_TRUST_PEM)`},
	{name: "WSS_HOSTNAME", with: "WSSHostname", param: "name string", field: "wss.hostname", typ: "string", def: `""`, rule: "anyText", felt: atNext,
		says: "wss: the name in the server's certificate",
		doc: `WithWSSHostname is the name that a wss server's certificate must have; empty, the
default: that of the endpoint. (ZMQ_WSS_HOSTNAME)`},
	{name: "WSS_TRUST_SYSTEM", with: "WSSTrustSystem", param: "on bool", field: "wss.system", typ: "bool", def: "false", rule: "onOff", felt: atNext,
		says: "wss: the system's authorities are trusted, too",
		doc: `WithWSSTrustSystem lets a wss client trust the system's authorities beside those of
WithWSSTrust. (ZMQ_WSS_TRUST_SYSTEM)`},
	{name: "TLS_CONFIG", with: "TLSConfig", param: "c *tls.Config", kind: custom, custom: "tlsConfigRow",
		doc: `WithTLSConfig says all about TLS for wss at once, in place of the options above: for
certificates that are renewed while a program runs, or for those of clients. A
server's has a certificate, or says where one comes from. A client's with an empty
ServerName expects that of WithWSSHostname, or of the endpoint. The configuration is
copied when an endpoint is bound or connected; nil: there is none.`},
	{name: "WS_ORIGINS", with: "WSOrigins", param: "patterns ...string", kind: custom, custom: "originsRow",
		doc: `WithWSOrigins names further hosts whose web pages may connect to a ws or wss endpoint
that is bound: "app.example.com", "*.example.com", "localhost:8080", or "*" for all.
Pages of the endpoint's own host are welcome, with whatever port, where it goes by an
address, by a name of this machine, or by one of WithWSHosts; and so are programs that
are no browsers: they say no origin. Each call adds; none clears.

A browser connects to whatever a page asks it to, also to what listens on the machine
of the reader only, and so a page of anybody could. That is why others are refused,
with status 403 and an event.`},
	{name: "WS_HOSTS", with: "WSHosts", param: "patterns ...string", kind: custom, custom: "wsHostsRow",
		doc: `WithWSHosts names what else this host is called, so that its web pages may connect to
a ws endpoint that is bound: "app.example.com", "*.example.com", or "*" for all. Known
without it are addresses, localhost, the machine's host name and the name that was
bound; with TLS, wss, every name that the browser has seen a certificate for. Each call
adds; none clears.

A page can have the name that it was loaded by lead to another machine, such as the
reader's own (DNS rebinding), and then comes from the very host that it connects to.
That is why other names are refused, with status 403 and an event.`},
	{name: "GSSAPI_SERVER", kind: custom, custom: `refused("GSSAPI_SERVER", errNoKerberos)`},
	{name: "GSSAPI_PRINCIPAL", kind: custom, custom: `refused("GSSAPI_PRINCIPAL", errNoKerberos)`},
	{name: "GSSAPI_SERVICE_PRINCIPAL", kind: custom, custom: `refused("GSSAPI_SERVICE_PRINCIPAL", errNoKerberos)`},
	{name: "GSSAPI_PLAINTEXT", kind: custom, custom: `refused("GSSAPI_PLAINTEXT", errNoKerberos)`},
	{name: "GSSAPI_PRINCIPAL_NAMETYPE", kind: custom, custom: `refused("GSSAPI_PRINCIPAL_NAMETYPE", errNoKerberos)`},
	{name: "GSSAPI_SERVICE_PRINCIPAL_NAMETYPE", kind: custom, custom: `refused("GSSAPI_SERVICE_PRINCIPAL_NAMETYPE", errNoKerberos)`},

	// The socket itself.
	{name: "NAME", with: "Name", param: "name string", field: "name", typ: "string", def: `""`, rule: "plainName", felt: atOnce,
		says: "what the socket is called in errors, logs and what can be observed (ours)",
		doc: `WithName gives the socket a name for people: it stands in errors, log lines,
UnsentError and metrics, as in REQ "orders". It is not told to peers. At most 64 bytes,
printable, no blanks at the ends; empty, the default: none. Several sockets may share
one; give the same name to those that do the same work, since each is a label in
metrics. Takes effect at once. (ours)`},
	{name: "LOGGER", with: "Logger", param: "l zerolog.Logger", kind: custom, essential: true, custom: "loggerRow",
		doc: `WithLogger logs one line at debug level per connection that ends, and one at error
level per panic that was contained. The default is silent. A writer or a hook of l that
panics loses that line, which Stats.LogPanics counts, and nothing else.`},
	{name: "TYPE", kind: custom, custom: `state("TYPE", "int", nil, "libzmq's number of the socket type", func(s *Socket, _ *options) any { return int(s.typ) })`},
	{name: "LAST_ENDPOINT", kind: custom, custom: `state("LAST_ENDPOINT", "string", nil, "the real form of the last endpoint bound or connected", func(s *Socket, _ *options) any { return s.ends.lastEndpoint() })`},
	{name: "EVENTS", kind: custom, custom: `state("EVENTS", "PollEvents", nil, "what would not block now", func(s *Socket, _ *options) any { return s.Poll() })`},
	{name: "RCVMORE", kind: custom, custom: `state("RCVMORE", "bool", nil, "whether frames follow: messages are whole here, so none do", func(*Socket, *options) any { return false })`},
	{name: "THREAD_SAFE", kind: custom, custom: `state("THREAD_SAFE", "bool", nil, "whether many goroutines may use the socket: always", func(*Socket, *options) any { return true })`},

	// What tunes the insides of libzmq. It is accepted, and changes nothing.
	{name: "AFFINITY", as: "Affinity", field: "affinity", typ: "uint64", def: "0", rule: "anyMask", felt: isKept,
		says: "which I/O threads: the Go scheduler decides"},
	{name: "IN_BATCH_SIZE", kind: custom, custom: `keptNumber("IN_BATCH_SIZE", 8192, positive, "bytes of one read: they follow the load")`},
	{name: "OUT_BATCH_SIZE", kind: custom, custom: `keptNumber("OUT_BATCH_SIZE", 8192, positive, "bytes of one write: they follow the load")`},
	{name: "LOOPBACK_FASTPATH", kind: custom, custom: `keptNumber("LOOPBACK_FASTPATH", 0, tristate, "Windows: no longer needed")`},
	{name: "VMCI_BUFFER_SIZE", kind: custom, custom: `keptNumber("VMCI_BUFFER_SIZE", 0, natural, "no VMCI")`},
	{name: "VMCI_BUFFER_MIN_SIZE", kind: custom, custom: `keptNumber("VMCI_BUFFER_MIN_SIZE", 0, natural, "no VMCI")`},
	{name: "VMCI_BUFFER_MAX_SIZE", kind: custom, custom: `keptNumber("VMCI_BUFFER_MAX_SIZE", 0, natural, "no VMCI")`},
	{name: "VMCI_CONNECT_TIMEOUT", kind: custom, custom: `keptNumber("VMCI_CONNECT_TIMEOUT", -1, orSystem, "no VMCI")`},
	{name: "NORM_MODE", kind: custom, custom: `keptNumber("NORM_MODE", 0, natural, "no NORM")`},
	{name: "NORM_UNICAST_NACK", kind: custom, custom: `keptNumber("NORM_UNICAST_NACK", 0, natural, "no NORM")`},
	{name: "NORM_BUFFER_SIZE", kind: custom, custom: `keptNumber("NORM_BUFFER_SIZE", 2048, natural, "no NORM")`},
	{name: "NORM_SEGMENT_SIZE", kind: custom, custom: `keptNumber("NORM_SEGMENT_SIZE", 1400, natural, "no NORM")`},
	{name: "NORM_BLOCK_SIZE", kind: custom, custom: `keptNumber("NORM_BLOCK_SIZE", 16, natural, "no NORM")`},
	{name: "NORM_NUM_PARITY", kind: custom, custom: `keptNumber("NORM_NUM_PARITY", 4, natural, "no NORM")`},
	{name: "NORM_NUM_AUTOPARITY", kind: custom, custom: `keptNumber("NORM_NUM_AUTOPARITY", 0, natural, "no NORM")`},
	{name: "NORM_PUSH", kind: custom, custom: `keptNumber("NORM_PUSH", 0, natural, "no NORM")`},
}

var groups = []group{
	{with: "ReconnectInterval", essential: true, says: "how often a lost peer is dialled", params: "min, max time.Duration", sets: [][2]string{{"RECONNECT_IVL", "min"}, {"RECONNECT_IVL_MAX", "max"}},
		doc: `WithReconnectInterval spaces attempts to connect. With a max of 0 they come
every min, give or take half of it at random, and after ten seconds in vain
ever more rarely, up to fifty times min; with a max equal to min they come exactly
every min, always; otherwise the time doubles from min to max. A min of 0 or less
never reconnects. Default 100 ms and 0.
(ZMQ_RECONNECT_IVL, ZMQ_RECONNECT_IVL_MAX)`},
	{with: "Heartbeat", essential: true, says: "PINGs, and how long silence may last", params: "interval, timeout, ttl time.Duration", sets: [][2]string{{"HEARTBEAT_IVL", "interval"}, {"HEARTBEAT_TIMEOUT", "timeout"}, {"HEARTBEAT_TTL", "ttl"}},
		doc: `WithHeartbeat sends a PING every interval and gives a peer up that is not heard
within timeout (0: interval). ttl, up to 6553 s, is what the peer is told to
allow us; 0 tells it nothing. An interval of 0, the default, sends none. PINGs
of peers are always answered. (ZMQ_HEARTBEAT_IVL, _TIMEOUT, _TTL)

The time begins when the kernel has taken the PING, and anew while bytes of ours stand
in the kernel: a peer that is slow to take them is not dead, and one whose kernel has
stopped taking any is found by WithTCPKeepAlive and WithMaxRetransmit. So nothing that
was accepted is lost because a link or a receiver needs longer than timeout.`},
	{with: "Swap", params: "dir string, maxBytes int64", sets: [][2]string{{"SWAP_DIR", "dir"}, {"SWAP", "maxBytes"}},
		doc: `WithSwap lets messages wait on disk where a peer's queue is at its high-water
mark, instead of waiting or being dropped: in files below dir, of at most maxBytes
for each peer (0: no bound). When that is full too, the high-water mark's own rule
holds. Order is kept. It is for endpoints of tcp, ipc and ws; not together with
WithImmediate or WithConflate. (ZMQ_SWAP of ZeroMQ 2)

What waits for a connected endpoint outlives the program: the next one that
connects a socket of the same type to the same endpoint with the same dir sends it
first. A directory has one user at a time; Connect returns ErrSwap while another
has it. What waits for a peer that connected to a bound endpoint ends with that
peer, like its queue in memory.

After a crash, or when a connection breaks, messages that were on their way are
sent again: a receiver may see some twice, in order. A damaged file is reported by
EventGap, with the file and the position, and what is behind the damage is sent.
When the disk refuses to work Send returns ErrSwap, and nothing was queued; sends go
on as soon as the disk works or has room again. (Only a message whose flush has failed,
with WithSwapSync, may have been sent before that was known.)

dir must be the user's own or root's, and not open to everybody unless sticky, as /tmp
is; the directories below it belong to this user alone. Otherwise Connect returns
ErrSwap. What a process that was killed has left there of peers that had connected to
it is removed by the next one.`},
	{with: "DurableBounds", params: "messages int, bytes int64, away time.Duration", sets: [][2]string{{"DURABLE_MSGS", "messages"}, {"DURABLE_BYTES", "bytes"}, {"DURABLE_AWAY", "away"}},
		doc: `WithDurableBounds lets a PUB or XPUB keep messages for subscribers with WithDurable:
of each the last so many messages, in so many bytes (0: no bound), from the oldest
that its program has not taken yet; and when it has been away for longer than away
(0: any time), none. 0 messages, the default: nothing is kept, and durable
subscribers are like any other.

For a durable subscriber these bounds take the place of the high-water mark, also
while it is there; WithXPubNoDrop does not wait for it, but for its disk. While it is away its
subscriptions stay, and WaitSubscribers counts it. Each authenticated user (with
CURVE: each key) has names of its own: what another one calls itself does not
matter. Peers that are not authenticated are all one user. A user's second
connection with a name takes over from the first one.

With WithSwap messages are kept on disk instead of in memory, in at most a third more
than they have, or 64 kB, and in no more than its maxBytes; on a disk that is full the
last ones are kept. Send does not wait for the disk: up to 16 MiB of a subscriber, and 64
MiB of all, wait in memory to be written, and while the disk does not keep up with more
the oldest of them are missed (with WithXPubNoDrop, Send waits). What is kept ends with
the socket; Close waits by its linger time until those who are there have got what is
kept for them, and for up to a second until it has left the disk.

Up to 10,000 names are remembered, of one authenticated user up to 1,000. One more
takes the place of the one that is away for longest, of the same user, or of the one
with most names; when all are there the connection is ended, with
EventHandshakeFailedNoDetail. Those that are away have a million subscriptions in all, of
64 MiB; where they would have more, one is forgotten, of the user with most names. Have
an authenticator where strangers may connect. It is not for WithXPubManual and WithInvertMatching: Bind and Connect return
ErrInvalidOption.`},
	{with: "SocksLogin", params: "user, password string", sets: [][2]string{{"SOCKS_USERNAME", "user"}, {"SOCKS_PASSWORD", "password"}},
		doc: `WithSocksLogin is the user name and password for the proxy, 255 bytes at most each.
With an empty name, the default, there is none. (ZMQ_SOCKS_USERNAME,
ZMQ_SOCKS_PASSWORD, RFC 1929)`},
	{with: "TCPKeepAlive", params: "c net.KeepAliveConfig", sets: [][2]string{{"TCP_KEEPALIVE", "keepAliveOn(c)"}, {"TCP_KEEPALIVE_CNT", "keepAliveCount(c)"}, {"TCP_KEEPALIVE_IDLE", "keepAliveSeconds(c, c.Idle)"}, {"TCP_KEEPALIVE_INTVL", "keepAliveSeconds(c, c.Interval)"}},
		doc: `WithTCPKeepAlive sets TCP keep-alive as package net does: with Enable false there are
no probes; of Idle, Interval and Count 0 means 15 s, 15 s and 9, and a negative value
the system's default. Times are rounded up to seconds. Without this option all is as
the system has it. (ZMQ_TCP_KEEPALIVE, _CNT, _IDLE, _INTVL, which have -1 for the
system's default: see WithOption)`},
}

// written are functions that are written by hand, with the types that have them.
var written = []row{
	{with: "CurveServer", essential: true, says: "encrypts; the authenticator decides who gets in"},
	{with: "CurveClient", essential: true, says: "encrypts; no other server can take this one's place"},
	{with: "PlainServer"}, {with: "PlainClient"},
	{with: "TCPAcceptFilter"}, {with: "Slog"}, {with: "Option"},
}
