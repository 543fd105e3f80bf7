package zmq

// WithRoutingID is the name by which a ROUTER will know this socket, 1 to 255
// bytes that do not begin with zero. REQ, DEALER and ROUTER. (ZMQ_ROUTING_ID)
func WithRoutingID(id string) Option { return Option{"ROUTING_ID", id} }

// WithRouterMandatory makes Send on a ROUTER return ErrHostUnreachable for an
// unknown peer, and wait for a full one, instead of dropping. Takes effect at
// once. (ZMQ_ROUTER_MANDATORY)
func WithRouterMandatory(on bool) Option { return Option{"ROUTER_MANDATORY", on} }

// WithRouterHandover lets a new peer take over the routing id of one that is
// connected, if it has the same key (CURVE) or is the same authenticated user; the old
// one is disconnected. Peers that are not authenticated are all one user. A name from
// WithConnectRoutingID is never taken over. Takes effect at once.
// (ZMQ_ROUTER_HANDOVER)
func WithRouterHandover(on bool) Option { return Option{"ROUTER_HANDOVER", on} }

// What WithRouterNotify may tell of.
const (
	NotifyConnect    = 1
	NotifyDisconnect = 2
)

// WithRouterNotify lets a ROUTER receive an empty message, of routing id and one
// empty frame, from each peer that has come (NotifyConnect), that has gone
// (NotifyDisconnect), or both. Peers that fail the handshake are not told of.
// libzmq tells of tcp and ipc only, this socket of inproc, too. (ZMQ_ROUTER_NOTIFY)
func WithRouterNotify(when int) Option { return Option{"ROUTER_NOTIFY", when} }

// WithConnectRoutingID names the peer of a Connect, whatever it says its name is.
// Messages to that name wait for it from then on. Given to Connect it holds for that
// call, given to New or Set for the next one. A name that is in use makes Connect
// fail. ROUTER. (ZMQ_CONNECT_ROUTING_ID)
func WithConnectRoutingID(id string) Option { return Option{"CONNECT_ROUTING_ID", id} }

// WithProbeRouter sends an empty message to each new peer, so that a ROUTER hears
// of this socket at once. REQ, DEALER and ROUTER. (ZMQ_PROBE_ROUTER)
func WithProbeRouter(on bool) Option { return Option{"PROBE_ROUTER", on} }

// WithReqRelaxed lets a REQ send again before the reply has come; the reply to
// the earlier request is then dropped. Use it with WithReqCorrelate. It implies
// WithReqFailFast. Takes effect at once. (ZMQ_REQ_RELAXED)
func WithReqRelaxed(on bool) Option { return Option{"REQ_RELAXED", on} }

// WithReqFailFast lets Recv on a REQ return ErrPeerGone when the connection to the
// peer that has the request is lost before the reply has come; the socket may then
// send again, to whom there is. Without it Recv goes on waiting, as libzmq's does. A
// request that was not written yet is no matter of this: it waits for the next
// connection. Takes effect at once. (ours)
func WithReqFailFast(on bool) Option { return Option{"REQ_FAIL_FAST", on} }

// WithReqCorrelate numbers requests, so that a late reply is told apart. Takes
// effect at once. (ZMQ_REQ_CORRELATE)
func WithReqCorrelate(on bool) Option { return Option{"REQ_CORRELATE", on} }

// WithXPubVerbose reports every subscription on an XPUB, not only the first for a
// topic. Takes effect at once. (ZMQ_XPUB_VERBOSE)
func WithXPubVerbose(on bool) Option { return Option{"XPUB_VERBOSE", on} }

// WithXPubVerboser reports every subscription and every cancellation on an XPUB.
// Takes effect at once. (ZMQ_XPUB_VERBOSER)
func WithXPubVerboser(on bool) Option { return Option{"XPUB_VERBOSER", on} }

// WithXPubNoDrop makes Send on a PUB or XPUB wait, having sent nothing, while a
// matching subscriber is at its high-water mark. Takes effect at once.
// (ZMQ_XPUB_NODROP)
func WithXPubNoDrop(on bool) Option { return Option{"XPUB_NODROP", on} }

// WithXPubManual leaves it to the program what a peer is subscribed to: an XPUB only
// reports subscriptions and cancellations, all of them, and Subscribe and
// Unsubscribe then act for the peer whose report was received last. When a peer goes,
// what it had asked for is reported as cancelled. Takes effect at once.
// (ZMQ_XPUB_MANUAL)
func WithXPubManual(on bool) Option { return Option{"XPUB_MANUAL", on} }

// WithXPubManualLastValue is WithXPubManual, and the next message after a report was
// received goes only to the peer of that report, if it is subscribed: so a last
// value cache answers a new subscriber without troubling the others. Takes effect
// at once. (ZMQ_XPUB_MANUAL_LAST_VALUE)
func WithXPubManualLastValue(on bool) Option { return Option{"XPUB_MANUAL_LAST_VALUE", on} }

// WithXPubWelcomeMsg sends b, a message of one frame, to each new subscriber of an
// XPUB. A SUB gets it only if it has subscribed to it. Empty, the default: nothing.
// Takes effect at once. (ZMQ_XPUB_WELCOME_MSG)
func WithXPubWelcomeMsg(b []byte) Option { return Option{"XPUB_WELCOME_MSG", b} }

// WithOnlyFirstSubscribe is about multipart messages whose first frame is a
// subscription: the other frames are then a message of the program's, whatever they
// begin with. Without it each of them that begins with 0x00 or 0x01 is a
// subscription, too. XPUB and XSUB. Takes effect at once.
// (ZMQ_ONLY_FIRST_SUBSCRIBE)
func WithOnlyFirstSubscribe(on bool) Option { return Option{"ONLY_FIRST_SUBSCRIBE", on} }

// WithXSubVerboseUnsubscribe tells publishers every cancellation, not only the one
// after which nothing of a topic is left. XSUB. Takes effect at once.
// (ZMQ_XSUB_VERBOSE_UNSUBSCRIBE)
func WithXSubVerboseUnsubscribe(on bool) Option { return Option{"XSUB_VERBOSE_UNSUBSCRIBE", on} }

// WithInvertMatching sends messages to the peers whose subscriptions do not match,
// and lets a SUB receive what it has not subscribed to. Both sides must have it.
// PUB, XPUB, SUB and XSUB. Takes effect at once. (ZMQ_INVERT_MATCHING)
func WithInvertMatching(on bool) Option { return Option{"INVERT_MATCHING", on} }
