package pipe

// PutStored queues a message in ZMTP 2.0 framing whose bytes nobody changes any more:
// large ones are shared by reference. Unlike PutEncoded it also takes one that must
// be sealed.
func (p *Pipe) PutStored(enc []byte) (Status, bool) {
	s, kick := p.PutEncoded(enc, len(enc) > refMin)
	if s != Unfit {
		return s, kick
	}
	frames, _ := decode(enc)
	return p.Put(nil, frames, true)
}
