package zmq

// A PULL, and a GATHER, only receives: fairly from all peers. (RFC 30, 49)

func newPull(*Socket) (sender, receiver)     { return nil, asTheyCome{} }
func newGather(s *Socket) (sender, receiver) { return nil, onePart{s: s} }

// onePart is the receiver of types whose messages have one frame; others are dropped
// whole, as in libzmq.
type onePart struct {
	baseReceiver
	s *Socket
}

func (r onePart) open(t *taken) bool {
	if len(t.m.Frames) == 1 {
		return true
	}
	r.s.stats.drop(dropMalformed)
	return false
}
