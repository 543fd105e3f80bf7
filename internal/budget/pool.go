package budget

// Rules are the bounds of a Pool. Those that are fractions are of Most.
type Rules struct {
	Most    Amount  // of all together
	Reserve float64 // for one's own alone
	Peer    float64 // of one that has come
	Address float64 // and of all from one address
}

// Figures are what a Pool holds, and has refused.
type Figures struct {
	Held      Amount
	Own       Amount // of it, one's own
	OverShare uint64 // refused: the peer, or its address, has all that it may have
	Full      uint64 // refused: there was no room, and nobody to give way
	Evicted   uint64 // what had to give way
}

// Verdict says whether something has room.
type Verdict uint8

// The verdicts.
const (
	Room      Verdict = iota
	OverShare         // the holder, or its address, has all that it may have
	Full              // and all together
)

// Pool is who may hold how much of one bounded thing. Owner is what the user keeps for
// each share, such as what of it has to give way first.
type Pool[T any] struct {
	rules     Rules
	root      *Share[T]
	own       *Share[T]
	others    *Share[T]
	left      *Share[T]
	addresses map[string]*Share[T]
	figures   Figures
}

// NewPool makes one.
func NewPool[T any](r Rules) *Pool[T] {
	root := New[T](r.Most)
	most := r.Most.Part(1 - r.Reserve)
	p := &Pool[T]{
		rules: r, root: root, own: root.Sub(r.Most, Never), others: root.Sub(most, Fair),
		addresses: map[string]*Share[T]{},
	}
	p.left = p.others.Sub(most, First)
	return p
}

// Own is the share of the program: nobody pushes it out, and a part is its alone.
func (p *Pool[T]) Own() *Share[T] { return p.own }

// Chosen makes the share of a peer that was chosen: it may fill what others leave.
func (p *Pool[T]) Chosen() *Share[T] { return p.others.Sub(p.others.Most(), Fair) }

// Come makes the share of a peer that has come from an address, as Origin has it.
func (p *Pool[T]) Come(origin string) *Share[T] {
	return p.address(origin).Sub(p.rules.Most.Part(p.rules.Peer), Fair)
}

// From is the share of an address, as Origin has it, whose peers are not told apart: it
// holds by itself, and nothing comes below it. Settle is its end.
func (p *Pool[T]) From(origin string) *Share[T] { return p.address(origin) }

// Settle removes what From has made, if it holds nothing now.
func (p *Pool[T]) Settle(s *Share[T]) {
	if s.parent != nil && s.Empty() {
		s.Remove()
		delete(p.addresses, s.origin)
	}
}

func (p *Pool[T]) address(origin string) *Share[T] {
	a := p.addresses[origin]
	if a == nil {
		a = p.others.Sub(p.rules.Most.Part(p.rules.Address), Fair)
		a.origin = origin
		p.addresses[origin] = a
	}
	return a
}

// Leave is for a holder that has gone. What it holds stays until it is given back, and
// goes before all else: see Tidy.
func (p *Pool[T]) Leave(s *Share[T]) {
	above := s.parent
	if s.Empty() {
		s.Remove()
	} else {
		s.Move(p.left)
	}
	if a := p.addresses[above.origin]; a == above && a.Empty() {
		a.Remove()
		delete(p.addresses, above.origin)
	}
}

// HasLeft reports whether a share's holder has gone.
func (p *Pool[T]) HasLeft(s *Share[T]) bool { return s.parent == p.left }

// Tidy removes the share of a holder that has gone, when all is given back.
func (p *Pool[T]) Tidy(s *Share[T]) {
	if s != nil && p.HasLeft(s) && s.Empty() {
		s.Remove()
	}
}

// MakeRoom sees to it that a share may take n more, at the cost of others if that is fair:
// evict is to have the share that it is given give something back; where it can't, there
// is no room. MakeRoom does not take n.
func (p *Pool[T]) MakeRoom(s *Share[T], n Amount, evict func(*Share[T])) Verdict {
	for full := s.Full(n); full != nil; full = s.Full(n) {
		v := s.Victim(n)
		switch {
		case v != nil && gives(v, evict):
			p.figures.Evicted++
		case v == nil && (full == s || full == s.parent && full != p.others):
			p.figures.OverShare++
			return OverShare
		default:
			p.figures.Full++
			return Full
		}
	}
	return Room
}

// gives reports whether a share has given something back.
func gives[T any](s *Share[T], evict func(*Share[T])) bool {
	before := s.used
	evict(s)
	return s.used != before
}

// Figures are the figures now.
func (p *Pool[T]) Figures() Figures {
	f := p.figures
	f.Held, f.Own = p.root.used, p.own.used
	return f
}

// Held is what is held below an address.
func (p *Pool[T]) Held(origin string) Amount {
	if a := p.addresses[origin]; a != nil {
		return a.used
	}
	return Amount{}
}

// Addresses is from how many addresses peers have come that are there.
func (p *Pool[T]) Addresses() int { return len(p.addresses) }
