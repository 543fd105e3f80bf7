package zmq

import "time"

// WithSendHWM bounds the messages that wait for one peer; 0 means no bound, in bytes
// either unless WithSendBytes sets one. Default 1000. Takes effect at once. (ZMQ_SNDHWM)
func WithSendHWM(n int) Option { return Option{"SNDHWM", n} }

// WithRecvHWM bounds the messages of one peer that wait to be received; 0 means no
// bound, in bytes either unless WithRecvBytes sets one. Default 1000. Takes effect at
// once. (ZMQ_RCVHWM)
func WithRecvHWM(n int) Option { return Option{"RCVHWM", n} }

// WithSendBytes bounds the bytes that wait for one peer; 0 or -1 means no bound.
// Default 64 MiB, and none with WithSendHWM(0). The message that goes over the bound is
// still taken, and counts by its frames. libzmq has no such bound.
func WithSendBytes(n int64) Option { return Option{"SNDBYTES", n} }

// WithRecvBytes bounds the memory of one peer's messages that wait to be received; 0
// or -1 means no bound. Default 64 MiB, and none with WithRecvHWM(0). What counts are the
// buffers that the messages stand in, which small ones share; one message may go over
// the bound, and another one may stand half read behind it. Over inproc the bound is the
// sum of this and the sender's WithSendBytes, as with the marks in messages. libzmq has no
// such bound.
func WithRecvBytes(n int64) Option { return Option{"RCVBYTES", n} }

// WithConflate keeps only the last message in each direction: one that nobody has
// sent or taken yet gives way to the next one, and high-water marks mean nothing.
// Messages of several frames are kept whole, which libzmq can't do. PUSH, PULL, PUB,
// SUB and DEALER. (ZMQ_CONFLATE)
func WithConflate(on bool) Option { return Option{"CONFLATE", on} }

// WithLinger is how long Close and Disconnect wait for messages to be sent.
// Default 30 s (libzmq: for ever), for SUB and XSUB 0; a negative time waits for
// ever. Takes effect at once. (ZMQ_LINGER)
func WithLinger(d time.Duration) Option { return Option{"LINGER", d} }

// WithSendTimeout bounds each Send: after d it returns ErrAgain. Negative, the
// default: no bound but the context; 0: never wait. Takes effect at once.
// (ZMQ_SNDTIMEO)
func WithSendTimeout(d time.Duration) Option { return Option{"SNDTIMEO", d} }

// WithRecvTimeout bounds each Recv; see WithSendTimeout. (ZMQ_RCVTIMEO)
func WithRecvTimeout(d time.Duration) Option { return Option{"RCVTIMEO", d} }

// WithImmediate queues messages only for peers that are connected. What waits for
// a peer that is lost is dropped. (ZMQ_IMMEDIATE)
func WithImmediate(on bool) Option { return Option{"IMMEDIATE", on} }

// WithMaxMsgSize bounds a received message, all frames together, in bytes; a peer
// that sends more is disconnected. 0 or -1 means no bound. Default 16 MiB (libzmq:
// none, and for each frame). (ZMQ_MAXMSGSIZE)
func WithMaxMsgSize(n int64) Option { return Option{"MAXMSGSIZE", n} }

// WithMaxParts bounds the frames of a received message; a peer that sends more is
// disconnected. 0 means no bound. Default 1024. libzmq has no such bound.
func WithMaxParts(n int) Option { return Option{"MAXPARTS", n} }

// WithMaxTopic bounds a subscription of a peer, in bytes; a peer that sends a longer
// one is disconnected. 0 means no bound. Default 8 KiB. PUB and XPUB. Takes effect
// at once. libzmq has no such bound.
func WithMaxTopic(n int) Option { return Option{"MAXTOPIC", n} }
