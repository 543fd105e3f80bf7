package queue

// manyPlaces is the answer of Places where no mark bounds the messages.
const manyPlaces = 1 << 20

// Places is how many more messages Put would take now, at least as far as the mark in
// messages goes. Near the bound in bytes it is 1: the next message may reach it.
func (p *Pipe) Places() int {
	if peer := p.peer.Load(); peer != nil {
		return max(0, min(manyPlaces, peer.In.Room()))
	}
	return p.Out.places()
}

func (o *Outbox) places() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.status(); s == Spilled || s == OK && (o.hwm <= 0 || o.conflate) {
		return manyPlaces
	} else if s != OK {
		return 0
	}
	n, size := o.held()
	if o.byteCap > 0 && size >= o.byteCap/2 {
		return 1
	}
	return o.hwm - n
}
