package zmq

// HandshakeFailures counts handshakes that failed, by reason.
type HandshakeFailures struct {
	Auth         uint64 // one side has refused the other's credentials
	Protocol     uint64 // the peer does not speak ZMTP, breaks its rules or has another mechanism
	Incompatible uint64 // the socket types do not talk to each other
	Other        uint64 // the connection ended, or it took too long
}

// Total is the sum over all reasons.
func (f HandshakeFailures) Total() uint64 { return f.Auth + f.Protocol + f.Incompatible + f.Other }

// failReason is a reason of HandshakeFailures, in the order of the fields.
type failReason uint8

const (
	failAuth failReason = iota
	failProtocol
	failIncompatible
	failOther
	failReasons
)

func (c *counters) failures() HandshakeFailures {
	return HandshakeFailures{
		Auth: c.failed[failAuth].Load(), Protocol: c.failed[failProtocol].Load(),
		Incompatible: c.failed[failIncompatible].Load(), Other: c.failed[failOther].Load(),
	}
}
