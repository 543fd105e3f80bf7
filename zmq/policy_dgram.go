package zmq

// dgram is the sender of DGRAM: to the address that the first frame is. Its only peer is
// its own udp endpoint.
type dgram struct{ pair }

func newDgram(s *Socket) (sender, receiver) {
	r := &dgram{pair{round: makeRound(s)}}
	r.short = false
	return r, asTheyCome{}
}

func (r *dgram) put(frames [][]byte, copied bool) (flush, error) {
	if err := checkDatagram(frames); err != nil {
		return flush{}, err
	}
	return r.round.put(frames, copied)
}

func (r *dgram) places() int { return 1 }
