// Package zmq4 has the application programming interface of
// github.com/go-zeromq/zmq4 v0.17 on the sockets of package zmq. A program moves
// over by changing one import line:
//
//	import "github.com/go-zactor/zactor/compat/zmq4"
//
//	req := zmq4.NewReq(ctx, zmq4.WithDialerRetry(time.Second))
//	defer req.Close()
//	err := req.Dial("tcp://localhost:5555")
//	err = req.Send(zmq4.NewMsgString("Hello"))
//	m, err := req.Recv()
//
// and then step by step, if it likes: Core gives the socket behind a socket, and
// WithCore takes the options of package zmq, such as CURVE and heartbeats.
//
// # What is different
//
//	What                        go-zeromq v0.17                         here
//	PUSH, DEALER, several peers every peer gets every message           each message goes to one, in turn
//	PAIR, several peers         both get every message                  one peer; others wait
//	Dial, nobody there          waits 2.5 s, then fails                 returns, and connects when one is;
//	                                                                    WithDialerMaxRetries(n) waits and fails, or with -1 waits
//	Dial, a peer is there       returns after the handshake             the same, so that a ROUTER may send at once
//	Dial, wrong type, refused   an error                                the same
//	Peer lost                   gone, unless WithAutomaticReconnect;    dialled again, and what was queued is kept;
//	                            Recv returns io.EOF                     WithAutomaticReconnect(false): as the original
//	Send without a peer         fails or loses the message              waits, or queues for the endpoint dialled
//	Sent, then Close            what is queued is lost                  goes out first, for up to 5 s (WithCore(zmq.WithLinger(d)))
//	PLAIN, listening            lets everybody in                       lets in who has the socket's own user and password
//	CURVE                       none                                    WithCore(zmq.WithCurveServer(key)), WithCurveClient
//	REQ, two Sends in a row     taken                                   zmq.ErrState
//	REQ, a peer dies            may panic; Recv returns io.EOF          io.EOF; the next Send asks the next peer
//	REP, request with an        cut at its last empty frame             cut at its first, as RFC 28 says
//	empty frame in it
//	REP, malformed request      Recv fails                              dropped and counted
//	PULL, one of many leaves    Recv may return io.EOF                  nothing to see
//	PULL or DEALER that is slow blocks the sender for all               the others go on
//	ROUTER, same identity twice both get the message                    the second peer is refused
//	Identity not set            a random UUID is told to every peer     none is told: a ROUTER makes one of 5 bytes
//	Identity of SUB, PUSH, ...  told to the peer                        not told: only ROUTERs ask for it
//	PUB, slow subscriber        no bound, unless OptionHWM              64 MiB for each; OptionHWM and zmq.WithXPubNoDrop
//	XPUB, Recv                  never returns subscriptions             does, so that a Proxy of XSUB and XPUB works
//	SUB, Send                   to every publisher, raw                 zmq.ErrNotSupported; XSUB can
//	SetOption                   keeps any name                          the three Option constants; ErrBadProperty for others
//	XSUB, OptionSubscribe       kept and not told to anybody            subscribes
//	Subscribe before Dial       may hang                                told to each publisher that comes
//	Second Listen               takes the place of the first            both serve
//	PING of a peer              returned by Recv                        answered
//	ZMTP                        3.0 only                                3.1, and older peers
//	Length of a message         not bounded; what the peer says is      not bounded (WithCore(zmq.WithMaxMsgSize(n)));
//	                            allocated                               memory grows with what arrives
//	A silent connection         holds all accepts up                    holds up nobody; ends after 10 s
//	Buffer reused after Send    may change what is sent                 never: Send copies
//	inproc, frame above 255 B   garbled                                 whole
//	NewProxy                    runs at once                            runs in Run
//	Proxy.Pause, Resume, Stats  do nothing                              pause, resume, and return the counters
//	Log                         stderr                                  silent, unless WithLogger
//	Two goroutines, one socket  races                                   safe
//	Unknown transport           panics                                  UnknownTransportError
//	WithTimeout                 bounds Send                             the same; context.DeadlineExceeded
//	Recv after Close            context.Canceled                        the same
//	Send, the context has ended an error                                the same
//	WithLogger(nil)             the default, stderr                     the default, silence
//
// # Security of a program's own
//
// A Security with the original's methods Handshake, Encrypt and Decrypt works over tcp and
// ipc, on the wire as the original has it; see Security, and Conn and Open for what it is
// given. Where Encrypt changes the length of a frame, the length on the wire is that of
// what it has made (the original says the old one, and can't read that).
//
// # What is not here
//
// RegisterTransport, and package transport: a transport of a program's own is a
// zmq.Network, given to zmq.NewContext with zmq.WithNetwork, or a net.Listener, with
// zmq.WithListener. "udp" among Transports: the original lists it, and can't listen there.
// Proxy.Stats returns the counters, where the original's returns nothing: a call compiles,
// a value of type func() does not. The C sockets of the build tag czmq4. A program that
// used Conn.Peer of a socket by reflection finds what it needs in msg.Msg.Peer and
// zmq.Socket.Peers.
package zmq4
