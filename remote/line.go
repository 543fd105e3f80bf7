package remote

import (
	"context"
	"slices"

	"github.com/go-zactor/zactor/internal/budget"
)

// line is what one peer has with one actor here: what waits for it, in order, and
// what it has and has not answered. Each peer has a line of its own and a quota for it,
// and the actor takes from the lines in turn: who fills its line holds up nobody else.
// All of it is guarded by the space's mu.
type line struct {
	from    *peer
	first   *request // a list
	last    *request
	waiting int
	open    int // questions that the actor has
}

// request is a message of a peer, from when it has come until the actor has it, or has
// answered it.
type request struct {
	packet
	from *peer
	of   *served
	line *line
	cost int           // what it counts in from.bytes; 0 when it does not any more
	held budget.Amount // and in its share

	// Of a question.
	ctx    context.Context // ends when the asker waits no longer
	cancel context.CancelFunc
	unlink func() bool // ends the watch of ctx

	prev, next *request // in line, while it waits
	waits      bool
}

// admit puts r into the line of its peer, and reports whether there was room.
func (v *served) admit(r *request) bool {
	l := v.lines[r.from]
	if l == nil {
		l = &line{from: r.from}
	}
	if l.waiting+l.open >= v.space.options.messages || !v.space.charge(r) {
		return false
	}
	v.lines[r.from] = l
	r.of, r.line = v, l
	v.push(l, r)
	return true
}

func (v *served) push(l *line, r *request) {
	r.waits, r.line = true, l
	r.prev, r.next = l.last, nil
	if l.last == nil {
		l.first = r
		v.turn = append(v.turn, l)
	} else {
		l.last.next = r
	}
	l.last = r
	l.waiting++
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// unlist takes r out of its line.
func (v *served) unlist(r *request) {
	l := r.line
	if r.prev != nil {
		r.prev.next = r.next
	} else {
		l.first = r.next
	}
	if r.next != nil {
		r.next.prev = r.prev
	} else {
		l.last = r.prev
	}
	r.prev, r.next, r.waits = nil, nil, false
	l.waiting--
	if l.first == nil {
		if i := slices.Index(v.turn, l); i >= 0 {
			v.turn = slices.Delete(v.turn, i, i+1)
		}
	}
}

// next takes the next request: one of each line in turn. A question counts as open
// from now on.
func (v *served) next() *request {
	v.space.mu.Lock()
	defer v.space.mu.Unlock()
	if len(v.turn) == 0 {
		return nil
	}
	l := v.turn[0]
	r := l.first
	v.unlist(r)
	if l.first != nil { // it is still the first of turn
		v.turn = append(v.turn[1:], l)
	}
	if r.asks() {
		l.open++
	}
	return r
}

// done gives back what r has counted, when the actor has it, or has answered it.
func (v *served) done(r *request) {
	v.space.mu.Lock()
	defer v.space.mu.Unlock()
	v.doneLocked(r)
}

func (v *served) doneLocked(r *request) {
	l := r.line
	v.space.uncharge(r)
	if r.asks() {
		l.open--
		v.space.close(r)
	}
	v.prune(l)
}

// prune forgets a line that has nothing.
func (v *served) prune(l *line) {
	if l.waiting+l.open == 0 && v.lines[l.from] == l {
		delete(v.lines, l.from)
	}
}

// close ends what a question has besides its line.
func (s *Space) close(r *request) {
	if r.from.asks[r.id] == r {
		delete(r.from.asks, r.id)
	}
	if r.unlink != nil {
		r.unlink()
	}
	if r.cancel != nil {
		r.cancel()
	}
}

// lapsed is called when the asker of r waits no longer. If the actor does not have it
// yet it is forgotten, and its place is free.
func (s *Space) lapsed(r *request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !r.waits {
		return
	}
	r.of.unlist(r)
	s.uncharge(r)
	s.close(r)
	r.of.prune(r.line)
	s.stats.Expired++
}

// depart moves what a peer has sent, and which still waits, to the line of all that
// have gone: it is delivered as it would have been, but all of them together have one
// quota, or who comes again and again would have many.
func (v *served) depart(p *peer) {
	l := v.lines[p]
	if l == nil {
		return
	}
	gone := &v.space.gone
	for r := l.first; r != nil; {
		next := r.next
		v.unlist(r)
		v.space.uncharge(r)
		if r.asks() {
			v.space.close(r)
		} else {
			r.from = gone
			if !v.admit(r) {
				v.space.stats.Dropped++
			}
		}
		r = next
	}
	v.prune(l)
}
