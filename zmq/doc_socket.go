// # Sockets
//
// A [Socket] is safe for use by any number of goroutines. Every call that can
// wait takes a context; what is ready beats a context that has ended, so a call
// that need not wait succeeds. A call that returns an error has sent, or taken,
// nothing. [Socket.Close] is idempotent, ends every blocked call with
// [ErrClosed], and waits up to the linger time for what was accepted to arrive.
//
// # Peers
//
// Connect returns at once. Messages sent before there is a peer wait, and go on
// waiting while a lost peer is dialled again. The pipe of an accepted peer lives
// as long as its connection.
//
// # The high-water mark
//
// Each peer has a queue in each direction, bounded in messages (WithSendHWM,
// WithRecvHWM) and in bytes (WithSendBytes, WithRecvBytes). What happens at the
// bound depends on the socket type: PUSH, DEALER, REQ and PAIR wait, PUB, XPUB
// and XSUB drop for the peer that is slow, ROUTER and REP drop (ROUTER waits with
// WithRouterMandatory). Drops are counted in [Socket.Stats].
//
// # A face in another language
//
// What libzmq's functions tell, and a program in Go seldom asks: [Socket.HasRoom] and
// PeerInfo.HasRoom, whether one peer has room; [Socket.Turn], whether a REQ or REP may
// send or receive; msg.Peer's ID, Properties and FD, whom a message is from;
// [EndpointError], of what kind an error is; [Socket.Endpoints], what is bound.
//
// A message is sent whole, so nothing is reserved for its later parts. A face that is
// given part by part (ZMQ_SNDMORE) asks Poll for PollOut before the first part, of a
// ROUTER with WithRouterMandatory HasRoom, and says EAGAIN if there is none; then it
// keeps the parts and calls TrySend with the last. While one thread uses the socket, as
// libzmq demands, nobody else takes that room. Only when the peer leaves in between does
// TrySend say [ErrAgain], where libzmq swallows the parts: the face can do the same, or
// wait.
//
// # Security
//
// WithCurveServer and WithCurveClient encrypt a link and authenticate both ends;
// WithPlainServer and WithPlainClient check a password and protect nothing. A server
// asks the authenticator of its Context about every peer, see package auth, and lets
// nobody in without one. Who a message is from says msg.Peer. A client that is
// refused goes on trying, seldom, and its calls return [ErrAuth] meanwhile.
//
// # Bytes
//
// Send takes ownership of the frames, SendBytes copies, and msg.Alloc lends
// pooled frames. Received frames belong to the receiver; see package msg for
// Release.
package zmq
